"""The stage that trains the classifier of the label field."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from pathlib import Path

from embedsvc.spaces import Space
from training.preparation.prepared_corpus import PreparedCorpus
from training.progress import Meter
from training.recipe import ClassifierSection
from training.trainers.classifier import train_classifier
from training.trainers.linear import LinearKnobs, train_linear
from training.trainers.tfidf import Labelled

_SEVERAL_SHARE = 0.01  # of labelled documents; fewer are slips of the source
_DEV_DOCUMENTS = 20_000  # enough for one temperature
_LINEAR_DOCUMENTS = 200_000  # held in memory, about 3 kB each


def classifier(
    corpus: Path, words: Path, section: ClassifierSection, seed: int, folder: Path, meter: Meter
) -> None:
    """Train the classifier of the label field; nothing is written where there are no labels to learn."""
    if not section.enabled:
        return
    prepared = PreparedCorpus(corpus)
    several = has_several(section, (labels for labels, _ in prepared.labelled("train")))
    if section.kind == "linear":
        labelled = partial(_labelled, prepared, several=several)
        linear = train_linear(labelled, knobs_of(section), seed, multi_label=several, progress=meter.update)
        if linear is not None:
            linear.save(folder)
        return
    dev = list(prepared.labelled("dev", _DEV_DOCUMENTS))
    train = partial(prepared.labelled, "train")
    space = Space.open(words)
    trained = train_classifier(
        train, dev, space, section, seed, scratch=folder, multi_label=several, progress=meter.update
    )
    if trained is not None:
        trained.save(folder)


def has_several(section: ClassifierSection, labels: Iterable[Sequence[str]]) -> bool:
    """Whether a document may have several labels: as the recipe says, or by the documents' own."""
    if section.labels != "auto":
        return section.labels == "several"
    counts = Counter(len(each) > 1 for each in labels)
    return counts[True] > 0 and counts[True] >= _SEVERAL_SHARE * counts.total()


def knobs_of(section: ClassifierSection, excerpts: int = 0) -> LinearKnobs:
    """The recipe's knobs of linear classifiers, and pieces of each text to learn from too."""
    return LinearKnobs(
        min_label_count=section.min_label_count,
        min_candidates=section.min_candidates,
        excerpts=excerpts,
        threshold=section.threshold,
        # One that learned from pieces is as sure of them as it is right.
        doubt=not excerpts,
    )


def _labelled(prepared: PreparedCorpus, *, several: bool) -> Iterator[Labelled]:
    for labels, tokens in prepared.labelled("train", _LINEAR_DOCUMENTS):
        yield Labelled(labels if several else labels[:1], tokens)
