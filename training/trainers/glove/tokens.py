"""A corpus as numbers on disk: each word its rank, the most frequent first, and LINE_END after each line."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

import numpy as np
import numpy.typing as npt

from embedsvc.errors import EmptyCorpusError
from training.trainers.glove.sweep import LINE_END, Ids

_CHARACTERS = 1 << 22  # read at a time; their words are held as Python objects
_TOKENS = 1 << 22  # renumbered at a time


@dataclass(frozen=True, slots=True)
class NumberedCorpus:
    """Words and the files as arrays of ranks.

    Attributes:
        words: By rank: more frequent first, ties by the alphabet.
        counts: (words,) occurrences.
        streams: One memory-mapped array a file; words rarer than `min_count` are left out, so that a
            window reaches over them.
    """

    words: list[str]
    counts: npt.NDArray[np.int64]
    streams: list[Ids]


def number_corpus(paths: Sequence[Path], min_count: int, folder: Path) -> NumberedCorpus:
    """Read files of one space-separated token line each, once.

    Memory: the words, and a few million tokens at a time.

    Args:
        paths: The files; their counts are added up.
        min_count: Rarer words are left out.
        folder: Where the arrays are written, 4 bytes a token.

    Raises:
        EmptyCorpusError: No word occurs `min_count` times.
    """
    numbers: defaultdict[str, int] = defaultdict()
    numbers.default_factory = numbers.__len__
    numbers["\n"] = 0
    streams = []
    for position, path in enumerate(paths):
        target = folder / f"tokens-{position}.i32"
        with path.open(encoding="utf-8") as source:
            _write_numbers(source, numbers, target)
        streams.append(_open(target))
    counts = np.zeros(len(numbers), np.int64)
    for stream in streams:
        for part in _parts(stream):
            counts += np.bincount(part, minlength=len(counts))
    words = list(numbers)
    frequent = [number for number in range(1, len(words)) if counts[number] >= min_count]
    if not frequent:
        raise EmptyCorpusError(
            f"No word occurs {min_count} times; give more candidates or lower glove.min_count."
        )
    frequent.sort(key=lambda number: (-counts[number], words[number]))
    ranks = np.full(len(words), LINE_END - 1, np.int32)
    ranks[0] = LINE_END
    ranks[frequent] = np.arange(len(frequent), dtype=np.int32)
    return NumberedCorpus(
        [words[number] for number in frequent],
        counts[frequent],
        [_rank(stream, ranks, folder / f"ranks-{position}.i32") for position, stream in enumerate(streams)],
    )


def _write_numbers(source: TextIO, numbers: defaultdict[str, int], target: Path) -> None:
    """Number words as they come; the end of a line is number 0."""
    rest = ""
    with target.open("wb") as out:
        while block := source.read(_CHARACTERS):
            # The last word may go on in the next block.
            *tokens, rest = (rest + block).replace("\n", " \n ").split(" ")
            np.fromiter(map(numbers.__getitem__, filter(None, tokens)), np.int32).tofile(out)
        if rest:
            np.array([numbers[rest]], np.int32).tofile(out)


def _rank(stream: Ids, ranks: Ids, target: Path) -> Ids:
    with target.open("wb") as out:
        for part in _parts(stream):
            renumbered = ranks[part]
            renumbered[renumbered >= LINE_END].tofile(out)
    return _open(target)


def _parts(stream: Ids) -> list[Ids]:
    return [stream[start : start + _TOKENS] for start in range(0, len(stream), _TOKENS)]


def _open(path: Path) -> Ids:
    if path.stat().st_size:
        return np.asarray(np.memmap(path, np.int32, "r"))
    nothing = np.empty(0, np.int32)  # an empty file cannot be mapped
    nothing.flags.writeable = False  # else compiled code would be compiled once more for it
    return nothing
