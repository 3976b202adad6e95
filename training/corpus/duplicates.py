"""Who says the same: groups of exact and near-duplicate candidates.

Candidates with the same fingerprint are exact duplicates. Near-duplicates are found by MinHash (Broder 1997)
and locality-sensitive hashing: signatures are cut into bands, candidates that agree in a band are compared
by the whole signature, and those whose estimated Jaccard similarity reaches the threshold are joined. What is
joined by a chain is one group.

Memory: 24 bytes a candidate held, and the same again while a band is sorted; signatures (512 bytes) and marks
lie on the disk and are read through a memory map.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np
import numpy.typing as npt
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from training.corpus.shingles import SIGNATURE, Signatures

_SURE_TO_FIND = 0.99  # chance that a pair exactly at the threshold shares a band
_PAIRS_A_BLOCK = 65_536
_ROWS_A_BLOCK = 16_384

Positions = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Groups:
    """Which candidates belong together, by their position in the corpus.

    Attributes:
        keys: (n,) uint64, the fingerprint of the first member of each candidate's group; decides the part.
        kept: (n,) bool, True for one of each group, the newest, and for all who say too little to tell.
        exact: Candidates not kept for an exact duplicate of theirs.
        near: Candidates not kept for a near-duplicate of theirs.
    """

    keys: npt.NDArray[np.uint64]
    kept: npt.NDArray[np.bool_]
    exact: int
    near: int


class Duplicates:
    """Collects candidates, then says who belongs together; a context that closes its file.

    Args:
        folder: Gets the signatures while they are collected; the file is gone when `groups` returns.
        threshold: Estimated Jaccard similarity, 0 to 1, from which two candidates are near-duplicates.
    """

    def __init__(self, folder: Path, threshold: float) -> None:
        self._path = folder / "signatures.u32"
        self._file = self._path.open("wb")
        self._threshold = threshold
        self._prints = array("Q")
        self._dates = array("q")
        self._telling = array("b")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def add(self, fingerprints: bytes, dates: bytes, telling: bytes, signatures: bytes) -> None:
        """Add some candidates.

        Args:
            fingerprints: uint64, what makes exact duplicates.
            dates: int64, the greater the newer.
            telling: int8, 1 where the text is long enough to tell people apart.
            signatures: uint32, `SIGNATURE` a candidate.
        """
        self._prints.frombytes(fingerprints)
        self._dates.frombytes(dates)
        self._telling.frombytes(telling)
        self._file.write(signatures)

    def groups(self) -> Groups:
        """Compare everybody; call once."""
        self._file.close()
        prints = np.frombuffer(self._prints, np.uint64) if self._prints else np.empty(0, np.uint64)
        telling = np.frombuffer(self._telling, np.int8).astype(bool) if self._telling else np.empty(0, bool)
        dates = np.frombuffer(self._dates, np.int64) if self._dates else np.empty(0, np.int64)
        firsts, exact = np.unique(prints, return_index=True, return_inverse=True)[1:]
        if len(prints):
            stored = np.memmap(self._path, np.uint32, mode="r").reshape(-1, SIGNATURE)
            joined = _joined(stored, firsts[telling[firsts]], self._threshold)
            group = _components(firsts[exact], joined, len(prints))
        else:
            group = np.empty(0, np.int64)
        self._path.unlink()
        kept = _newest(group, dates) | ~telling
        unique = _newest(exact, dates) | ~telling
        return Groups(
            keys=prints[group],
            kept=kept,
            exact=int((~unique).sum()),
            near=int((~kept).sum() - (~unique).sum()),
        )


def bands_for(threshold: float) -> tuple[int, int]:
    """(bands, rows a band): the longest bands that still find pairs at the threshold with chance 0.99.

    A pair of similarity s shares one of b bands of r rows with chance 1 - (1 - s^r)^b.
    """
    rows = max(
        (r for r in range(1, 33) if 1 - (1 - threshold**r) ** (SIGNATURE // r) >= _SURE_TO_FIND), default=1
    )
    return SIGNATURE // rows, rows


def pairs(signatures: Signatures, among: Positions, threshold: float) -> Iterator[Positions]:
    """Yield blocks (m, 2) of positions whose signatures agree in the share `threshold` at least.

    Of a crowd that shares a band each is compared with the first and with the one before it, so that a
    million copies of one form letter cost a million comparisons.

    Args:
        signatures: (n, SIGNATURE) uint32.
        among: Ascending positions that are compared.
        threshold: 0 to 1.
    """
    bands, rows = bands_for(threshold)
    for band in range(bands):
        keys = _band_keys(signatures, among, slice(band * rows, (band + 1) * rows))
        order = np.argsort(keys, kind="stable")
        same = keys[order][1:] == keys[order][:-1]
        before, behind = order[:-1][same], order[1:][same]
        starts = np.concatenate(([True], ~same))
        first = order[np.maximum.accumulate(np.where(starts, np.arange(len(order)), 0))][1:][same]
        candidates = np.concatenate([np.column_stack([first, behind]), np.column_stack([before, behind])])
        for start in range(0, len(candidates), _PAIRS_A_BLOCK):
            block = among[candidates[start : start + _PAIRS_A_BLOCK]]
            agree = (signatures[block[:, 0]] == signatures[block[:, 1]]).mean(axis=1)
            yield block[agree >= threshold]


def _band_keys(signatures: Signatures, among: Positions, columns: slice) -> npt.NDArray[np.uint64]:
    keys = np.zeros(len(among), np.uint64)
    for start in range(0, len(among), _ROWS_A_BLOCK):
        block = np.asarray(signatures[among[start : start + _ROWS_A_BLOCK], columns], np.uint64)
        key = keys[start : start + _ROWS_A_BLOCK]
        for column in block.T:
            key *= np.uint64(0x9E3779B97F4A7C15)
            key ^= column + (key >> np.uint64(29))
    return keys


def _joined(signatures: Signatures, among: Positions, threshold: float) -> Positions:
    found = list(pairs(signatures, among, threshold)) if threshold < 1.0 and len(among) > 1 else []
    return np.unique(np.concatenate(found), axis=0) if found else np.empty((0, 2), np.int64)


def _components(first: Positions, joined: Positions, count: int) -> Positions:
    """The first position of each candidate's group, from exact firsts and joined pairs."""
    left = np.concatenate([np.arange(count), joined[:, 0]])
    right = np.concatenate([first, joined[:, 1]])
    graph = coo_array((np.ones(len(left), np.int8), (left, right)), shape=(count, count))
    labels = connected_components(graph, directed=False)[1]
    starts = np.unique(labels, return_index=True)[1]
    return np.asarray(starts[labels], np.int64)


def _newest(group: npt.NDArray[np.integer], dates: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
    """True for the newest of each group; of equally new ones for the last."""
    order = np.lexsort((np.arange(len(group)), dates, group))
    last = np.append(group[order][1:] != group[order][:-1], True) if len(group) else np.empty(0, bool)
    newest = np.zeros(len(group), bool)
    newest[order[last]] = True
    return newest
