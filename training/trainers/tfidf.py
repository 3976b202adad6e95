"""Labelled texts to TF-IDF rows of hashed features; a feature counts once a candidate, whatever is said.

So no feature enters that fewer candidates have than the privacy floor, however many texts each has.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from operator import itemgetter
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array

from embedsvc.classifiers.base import WORK
from embedsvc.classifiers.features import ZONES, Hashes, features
from embedsvc.classifiers.linear_classifier import Reading
from embedsvc.errors import RecipeError

_OWNERS_A_BLOCK = 2_000
_EXCERPT = (8, 40)  # tokens
_SHORTEST = 4  # tokens of a cut

Truth = npt.NDArray[np.bool_]


class Labelled(NamedTuple):
    """A text to learn from.

    Attributes:
        labels: One, or several, or none.
        tokens: May hold WORK.
        owner: Whose text it is, 0 or more; those of one candidate stand side by side. -1: of nobody else.
    """

    labels: Sequence[str]
    tokens: Sequence[str]
    owner: int = -1


def _owned(texts: Iterable[Labelled]) -> Iterator[tuple[int, Labelled]]:
    """Number the owners in the order of their texts."""
    number, before = -1, -1
    for text in texts:
        number += text.owner < 0 or text.owner != before
        before = text.owner
        yield number, text


def with_excerpts(texts: Iterable[Labelled], excerpts: int, seed: int) -> Iterator[tuple[int, Labelled]]:
    """Each text, then pieces of it, with the number of their owner."""
    generator = random.Random(seed)  # noqa: S311 - pieces, not secrecy
    for number, text in _owned(texts):
        yield number, text
        for _ in range(excerpts if len(text.tokens) > _EXCERPT[0] else 0):
            length = generator.randint(_EXCERPT[0], min(_EXCERPT[1], len(text.tokens)))
            start = generator.randint(0, len(text.tokens) - length)
            yield number, text._replace(tokens=text.tokens[start : start + length])


def cut_short(texts: Iterable[tuple[int, Labelled]], seed: int) -> Iterator[tuple[int, Labelled]]:
    """A piece of each text; its length is log-uniform from a few tokens to all."""
    generator = random.Random(seed)  # noqa: S311 - pieces, not secrecy
    for number, text in texts:
        whole = len(text.tokens)
        length = round(_SHORTEST * (whole / _SHORTEST) ** generator.random()) if whole > _SHORTEST else whole
        start = generator.randint(0, whole - length)
        yield number, text._replace(tokens=text.tokens[start : start + length])


class Rows(NamedTuple):
    """Texts as vectors.

    Attributes:
        vectors: TF-IDF (n, f).
        truth: (n, labels)
        owners: (n,)
        lengths: (n,) tokens.
    """

    vectors: csr_array
    truth: Truth
    owners: npt.NDArray[np.int64]
    lengths: npt.NDArray[np.int64]


def vocabulary(
    texts: Iterable[Labelled], reading: Reading, least: int, most: int
) -> tuple[Hashes, npt.NDArray[np.float32]]:
    """The features that enough owners have, ascending, and ln((1 + n) / (1 + owners)) + 1 of each."""
    known, spread = np.empty(0, np.uint64), np.empty(0, np.int64)
    block: list[Hashes] = []
    documents = 0
    for _, owned in groupby(_owned(texts), key=itemgetter(0)):
        block.append(np.unique(np.concatenate([_read(text.tokens, reading) for _, text in owned])))
        documents += 1
        if documents % _OWNERS_A_BLOCK == 0:
            known, spread = _merged(known, spread, block)
            block = []
    known, spread = _merged(known, spread, block)
    enough = np.flatnonzero(spread >= least)
    chosen = np.sort(enough[np.argsort(-spread[enough], kind="stable")[:most]])
    if len(chosen) == 0:
        raise RecipeError(
            f"No word is in the labelled texts of {least} candidates; lower classifier.min_candidates, "
            "or label more candidates."
        )
    idf = np.log((1 + documents) / (1 + spread[chosen])) + 1
    return known[chosen], idf.astype(np.float32)


def _read(tokens: Sequence[str], reading: Reading) -> Hashes:
    zones = zip(ZONES, features(tokens, reading.pairs), strict=True)
    return np.concatenate([hashes for zone, (hashes, _) in zones if reading.zones.get(zone)])


def _merged(
    known: Hashes, spread: npt.NDArray[np.int64], block: Sequence[Hashes]
) -> tuple[Hashes, npt.NDArray[np.int64]]:
    fresh, counts = np.unique(np.concatenate([*block, np.empty(0, np.uint64)]), return_counts=True)
    both, places = np.unique(np.concatenate([known, fresh]), return_inverse=True)
    return both, np.bincount(places, np.concatenate([spread, counts]), len(both)).astype(np.int64)


def vectors(
    texts: Iterable[tuple[int, Labelled]],
    labels: Sequence[str],
    known: Hashes,
    idf: npt.NDArray[np.float32],
    reading: Reading,
    *,
    multi_label: bool,
) -> Rows:
    """Texts as vectors; of one label, those with a known one only."""
    numbers = {label: number for number, label in enumerate(labels)}
    columns, values, ends, truth, owners, lengths = [], [], [0], [], [], []
    for owner, (given, tokens, _) in texts:
        right = np.zeros(len(labels), bool)
        right[[numbers[label] for label in given if label in numbers]] = True
        if not (right.any() or multi_label):
            continue
        places, shares = reading.row(tokens, known, idf)
        columns.append(places.astype(np.int32))
        values.append(shares.astype(np.float32))
        ends.append(ends[-1] + len(places))
        truth.append(right)
        owners.append(owner)
        lengths.append(len(tokens) - tokens.count(WORK))
    shape = (len(truth), len(known))
    rows = csr_array((np.concatenate(values), np.concatenate(columns), np.array(ends, np.int32)), shape=shape)
    rows.sort_indices()
    return Rows(rows, np.array(truth), np.array(owners, np.int64), np.array(lengths, np.int64))
