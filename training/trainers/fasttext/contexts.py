"""The file fastText trains on: sentences and skill lists, mixed, rare words left out.

fastText reads one file with one window. A skill list has no order and may be longer than the window, so it
is written several times, each time in another random order. A word meets window + 1 others on average
(fastText draws the window's width evenly from 1 to `window`, on both sides), so (length - 1) / (window + 1)
times let each pair of a list meet about once a pass; MOST_COPIES keeps long lists from drowning all else.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

MOST_COPIES = 4  # a skill then meets as many others as word2vec's list window of 20 gives it


def frequent_words(paths: list[Path], min_count: int) -> dict[str, int]:
    """Occurrences of the words that have `min_count` of them in all files together."""
    counts: Counter[str] = Counter()
    for path in paths:
        with path.open(encoding="utf-8") as lines:
            for line in lines:
                counts.update(line.split())
    return {word: count for word, count in counts.items() if count >= min_count}


def write_contexts(
    text: Path, lists: Path, words: dict[str, int], window: int, seed: int, target: Path
) -> None:
    """Write the lines of both files into one, the lists spread evenly among the sentences.

    Args:
        text: Sentences, space-separated tokens.
        lists: Skill lists, a list a line.
        words: All others are left out, so that windows reach over them.
        window: Words to each side.
        seed: Of the lists' orders.
        target: The new file.
    """
    generator = random.Random(seed)  # noqa: S311 - order, not secrecy
    sizes = [_lines(text), _lines(lists)]
    with (
        text.open(encoding="utf-8") as sentences,
        lists.open(encoding="utf-8") as skills,
        target.open("w", encoding="utf-8", newline="\n") as out,
    ):
        for line in chain.from_iterable(_spread(sentences, _orders(skills, window, generator), sizes)):
            kept = [word for word in line if word in words]
            if kept:
                out.write(" ".join(kept) + "\n")


def _lines(path: Path) -> int:
    with path.open("rb") as lines:
        return sum(1 for _ in lines)


def _orders(lists: Iterator[str], window: int, generator: random.Random) -> Iterator[list[list[str]]]:
    for line in lists:
        skills = line.split()
        copies = min(MOST_COPIES, max(1, -(-(len(skills) - 1) // (window + 1))))
        yield [generator.sample(skills, len(skills)) for _ in range(copies)]


def _spread(
    sentences: Iterator[str], lists: Iterator[list[list[str]]], sizes: list[int]
) -> Iterator[list[list[str]]]:
    """Yield lists among sentences so that their shares done are equal all the way."""
    due = 0.0
    for sentence in sentences:
        yield [sentence.split()]
        due += sizes[1] / sizes[0]
        while due >= 1 and (orders := next(lists, None)) is not None:
            due -= 1
            yield orders
    yield from lists
