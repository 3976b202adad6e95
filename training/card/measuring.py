"""Measures what a card shows."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from embedsvc import __version__
from embedsvc.classifiers.base import described, facts_of
from embedsvc.releases import layout
from embedsvc.releases.opening import Release
from embedsvc.spaces.space import UNREADABLE
from training.card.association import bias
from training.card.curve import curve
from training.card.measured import Counts, Loss, Measured, RareLabels
from training.card.similarity import histograms
from training.card.skill_map import skill_map

_SPACES = {
    "words": layout.WORDS,
    "GloVe": layout.GLOVE,
    "fastText": layout.FASTTEXT,
    "sentences": f"{layout.SENTENCES}/tokens",
}
_STEPS = 5

VERSION = 3  # raised when the same release gives something else

Told = Callable[[float, float], None]


def measure(release: Release, folder: Path, seed: int, told: Told | None = None) -> Measured:
    """Measure a release.

    Args:
        release: Open.
        folder: Where its files lie.
        seed: Of all that is drawn by chance.
        told: Told (steps done, steps in all).
    """
    tell = told or (lambda _done, _total: None)
    tell(0, _STEPS)
    found: list[Any] = []
    steps: list[Callable[[], Any]] = [
        lambda: histograms(release, seed),
        lambda: skill_map(release, seed),
        lambda: curve(release, seed),
        lambda: bias(release.words, seed),
        lambda: losses(folder),
    ]
    for step in steps:
        found.append(step())
        tell(len(found), _STEPS)
    return Measured(
        embedsvc=__version__,
        python=platform.python_version(),
        machine=f"{os.cpu_count()} cores, {platform.machine()}",
        counts=counts(release),
        histograms=found[0],
        map=found[1],
        curve=found[2],
        bias=found[3],
        losses=found[4],
    )


def measure_index(release: Release, before: Measured, seed: int) -> Measured:
    """`before`, with what a new index of candidates changes measured again."""
    changed = {
        "counts": counts(release),
        "histograms": histograms(release, seed),
        "curve": curve(release, seed),
    }
    return before.model_copy(update=changed)


def counts(release: Release) -> Counts:
    """How large the parts are."""
    candidates = release.candidates
    return Counts(
        skills=len(release.lexicon),
        aliases=sum(len(release.lexicon.aliases(skill.row)) for skill in release.lexicon),
        words=len(release.words),
        word_dimension=release.words.dimension,
        sentences=release.sentences.kind,
        sentence_dimension=release.sentences.dimension,
        candidates=0 if candidates is None else len(candidates.table),
        labels={name: len(each.labels) for name, each in sorted(release.classifiers.items())},
        rare_labels={
            name: RareLabels(**found)
            for name, each in sorted(release.classifiers.items())
            if (found := each.facts.get("left_out"))
        },
    )


def losses(folder: Path) -> list[Loss]:
    """The curve of each space and classifier that kept one."""
    return [*_space_losses(folder), *_classifier_losses(folder / layout.CLASSIFIERS)]


def _classifier_losses(folder: Path) -> Iterator[Loss]:
    for place in sorted(folder.iterdir()) if folder.is_dir() else ():
        told = described(place)
        points = [(float(at), float(loss)) for at, loss in facts_of(told).get("loss", ())]
        if len(points) > 1:
            unit = "share of training" if told["kind"] == "fasttext" else "passes over the texts"
            yield Loss(space=f"classifier-{place.name}", points=points, unit=unit)


def _space_losses(folder: Path) -> list[Loss]:
    found = []
    for name, place in _SPACES.items():
        try:
            parameters = json.loads((folder / place / "space.json").read_bytes())["parameters"]
            kept = parameters.get("loss") or []
        except UNREADABLE:
            continue
        if len(kept) > 1:
            # fastText tells (share, loss), the others one loss an epoch, word2vec also that before the first.
            pairs = isinstance(kept[0], list)
            first = 0 if name == "words" else 1
            points = [(float(at), float(loss)) for at, loss in (kept if pairs else enumerate(kept, first))]
            found.append(Loss(space=name, points=points, unit="share of training" if pairs else "epoch"))
    return found
