"""Gold files that a recipe may name: JSON Lines, plain, gzip or Zstandard, as their authors publish them.

skillspan    Zhang et al. 2022, SkillSpan: `tokens`, and BIO tags in `tags_skill` and `tags_knowledge`
extraction   Decorte et al. 2022: `sentence`, `span` and `label`, a row a span; spans without a label of
             ESCO ("LABEL NOT PRESENT", "UNDERSPECIFIED") are skills all the same
skills       pairs of skills that people relate: `a`, `b`, and perhaps `weight`, how much
words        pairs of words that people have judged: `w1`, `w2`, `score`, higher where more alike
analogies    Mikolov et al. 2013: `a`, `b`, `c`, `d`; a is to b as c is to d
sentences    pairs of sentences that people have judged: `s1`, `s2`, `score`, as the STS benchmark and SICK
"""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import orjson

from embedsvc.errors import BrokenSourceError, SourceNotFoundError
from training.corpus.paths import shown

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Sentence:
    """A text and where it names skills, in characters."""

    text: str
    spans: tuple[Span, ...]


class JudgedPair(NamedTuple):
    """Two words, skills or sentences, and how much they have to do with each other as people say."""

    one: str
    other: str
    score: float


def skill_pairs(path: Path) -> Iterator[JudgedPair]:
    """Yield pairs of skills; without a weight each weighs 1.

    Raises:
        SourceNotFoundError: The file is not there.
        BrokenSourceError: It is not that file.
    """
    for row in _rows(path, ("a", "b")):
        yield _pair(path, row, "a", "b", row.get("weight", 1.0))


def word_pairs(path: Path) -> Iterator[JudgedPair]:
    """Yield pairs of words.

    Raises:
        SourceNotFoundError: The file is not there.
        BrokenSourceError: It is not that file.
    """
    for row in _rows(path, ("w1", "w2", "score")):
        yield _pair(path, row, "w1", "w2", row["score"])


def sentence_pairs(path: Path) -> Iterator[JudgedPair]:
    """Yield pairs of sentences.

    Raises:
        SourceNotFoundError: The file is not there.
        BrokenSourceError: It is not that file.
    """
    for row in _rows(path, ("s1", "s2", "score")):
        yield _pair(path, row, "s1", "s2", row["score"])


def analogies(path: Path) -> Iterator[tuple[str, str, str, str]]:
    """Yield questions: the first is to the second as the third is to the fourth.

    Raises:
        SourceNotFoundError: The file is not there.
        BrokenSourceError: It is not that file.
    """
    for row in _rows(path, tuple("abcd")):
        a, b, c, d = (row[side] for side in "abcd")
        if not all(isinstance(word, str) for word in (a, b, c, d)):
            raise _other_file(path)
        yield a, b, c, d


def _pair(path: Path, row: dict[str, Any], one: str, other: str, score: object) -> JudgedPair:
    texts = isinstance(row[one], str) and isinstance(row[other], str)
    if not texts or isinstance(score, bool) or not isinstance(score, int | float) or not score >= 0:
        raise _other_file(path)
    return JudgedPair(row[one], row[other], float(score))


def _other_file(path: Path) -> BrokenSourceError:
    return BrokenSourceError(
        f"{shown(path)} holds a row whose texts are no texts, or whose number is none or below 0: give the "
        "gold file that `[evaluation]` of the recipe describes."
    )


def skillspan(path: Path) -> Iterator[Sentence]:
    """Yield the sentences of SkillSpan with the spans of both layers.

    Raises:
        SourceNotFoundError: The file is not there.
        BrokenSourceError: It is not that file.
    """
    for row in _rows(path, ("tokens", "tags_skill", "tags_knowledge")):
        layers = (row["tags_knowledge"], row["tags_skill"])
        spans = {span for tags in layers for span in _spans(row["tokens"], tags)}
        yield Sentence(" ".join(row["tokens"]), tuple(sorted(spans)))


def extraction(path: Path) -> Iterator[Sentence]:
    """Yield each sentence of the extraction benchmark once, with its spans.

    Raises:
        SourceNotFoundError: The file is not there.
        BrokenSourceError: It is not that file.
    """
    spans: dict[str, set[Span]] = {}
    for row in _rows(path, ("sentence", "span")):
        found = spans.setdefault(row["sentence"], set())
        start = row["sentence"].find(row["span"])
        if start >= 0 and row["span"]:
            found.add((start, start + len(row["span"])))
    for text, found in spans.items():
        yield Sentence(text, tuple(sorted(found)))


def _rows(path: Path, keys: tuple[str, ...]) -> Iterator[dict[str, Any]]:
    try:
        with gzip.open(path, "rb") if path.suffix == ".gz" else path.open("rb") as lines:
            for number, line in enumerate(lines, start=1):
                row = orjson.loads(line)
                if not isinstance(row, dict) or any(key not in row for key in keys):
                    raise BrokenSourceError(
                        f"Line {number} of {shown(path)} lacks one of {', '.join(keys)}: give the gold file."
                    )
                yield row
    except FileNotFoundError as fault:
        raise SourceNotFoundError(f"{shown(path)} is not there: check the path in the recipe.") from fault
    except (OSError, EOFError, ValueError) as fault:
        raise BrokenSourceError(f"{shown(path)} cannot be read as JSON Lines: {fault}.") from fault


def _spans(tokens: list[str], tags: list[str]) -> Iterator[Span]:
    """Yield the spans that BIO tags mark in the tokens joined by spaces."""
    at, start, end = 0, -1, -1
    for token, tag in zip(tokens, tags, strict=True):
        if start >= 0 and tag[0] != "I":
            yield start, end
            start = -1
        if tag[0] == "B" or (tag[0] == "I" and start < 0):
            start = at
        end = at + len(token)
        at = end + 1
    if start >= 0:
        yield start, end
