"""Similarities of neighbours beside those of random pairs: what of a score is noise."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from embedsvc.releases.opening import Release
from training.card.measured import Histogram

_BINS = 40
_SKILLS = 2_000
_PAIRS = 20_000
_NEAREST = 10
_TITLES = 40
_CELLS = 10_000_000  # scores held at once

Float64 = npt.NDArray[np.float64]


def histograms(release: Release, seed: int) -> list[Histogram]:
    """One for the skills, one for the candidates, where the release has enough of them."""
    found = [_skills(release, seed), _candidates(release, seed)]
    return [histogram for histogram in found if histogram is not None]


def _skills(release: Release, seed: int) -> Histogram | None:
    """Cosines of the most used skills: of random pairs, and with their nearest."""
    table = release.relations.get("similar")
    known = [(skill.row, release.words.row(skill.token)) for skill in release.lexicon]
    rows = [(row, place) for row, place in known if place is not None][:_SKILLS]
    if table is None or len(rows) < 2 * _NEAREST:
        return None
    vectors = np.asarray(release.words.vectors[[place for _, place in rows]], np.float64)
    vectors /= np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)
    generator = np.random.default_rng(seed)
    one = generator.integers(0, len(vectors), _PAIRS)
    other = (one + generator.integers(1, len(vectors), _PAIRS)) % len(vectors)
    random = np.einsum("nd,nd->n", vectors[one], vectors[other])
    near = np.asarray(table.scores[[row for row, _ in rows], :_NEAREST], np.float64).ravel()
    return _histogram("skills", random, near[np.isfinite(near)])


def _candidates(release: Release, seed: int) -> Histogram | None:
    """Cosines of titles with candidates: with random ones, and with those that search finds first."""
    candidates = release.candidates
    if candidates is None or candidates.index.size < 10 * _NEAREST:
        return None
    size, generator = candidates.index.size, np.random.default_rng(seed)
    queries = titles(release, min(_TITLES, max(4, _CELLS // size)), seed)
    if not len(queries):
        return None
    scores = np.asarray(candidates.index.search(queries, size, effort=size).scores, np.float64)
    # Who bears the title comes first, and is no neighbour of it.
    near = scores[:, 1 : 1 + _NEAREST].ravel()
    each = max(1, _PAIRS // len(scores))
    random = np.take_along_axis(scores, generator.integers(0, size, (len(scores), each)), axis=1).ravel()
    return _histogram("candidates", random, near)


def titles(release: Release, most: int, seed: int) -> npt.NDArray[np.float32]:
    """(n, dimension) the vectors of the titles of randomly drawn candidates; a query as people ask it."""
    assert release.candidates is not None  # noqa: S101 - checked by the callers
    table = release.candidates.table
    drawn = np.random.default_rng(seed).permutation(len(table))[: 4 * most].tolist()
    texts = [release.tokenizer.tokens(table.card(row).title) for row in sorted(drawn)]
    vectors = release.sentences.encode([text for text in texts if text])
    return vectors[vectors.any(axis=1)][:most]


def _histogram(space: str, random: Float64, near: Float64) -> Histogram | None:
    if not len(random) or not len(near):
        return None
    low, high = _edges(min(random.min(), near.min())), 1.0
    shares = [
        np.histogram(np.clip(each, low, high), _BINS, (low, high))[0] / len(each) for each in (random, near)
    ]
    floor = float(np.percentile(random, 95))
    return Histogram(
        space=space,
        low=low,
        high=high,
        random=shares[0].round(5).tolist(),
        near=shares[1].round(5).tolist(),
        floor=round(floor, 4),
        median=round(float(np.median(near)), 4),
        above=round(float((near > floor).mean()), 4),
    )


def _edges(least: float) -> float:
    """The left edge: a multiple of a fifth."""
    return round(max(-1.0, math.floor(least * 5) / 5), 1)
