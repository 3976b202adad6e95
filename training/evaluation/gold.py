"""Gold files that a recipe may name: JSON Lines, plain, gzip or Zstandard, as their authors publish them.

skillspan    Zhang et al. 2022, SkillSpan: `tokens`, and BIO tags in `tags_skill` and `tags_knowledge`
extraction   Decorte et al. 2022: `sentence`, `span` and `label`, a row a span; spans without a label of
             ESCO ("LABEL NOT PRESENT", "UNDERSPECIFIED") are skills all the same
"""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from embedsvc.errors import BrokenSourceError, SourceNotFoundError
from training.corpus.paths import shown

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Sentence:
    """A text and where it names skills, in characters."""

    text: str
    spans: tuple[Span, ...]


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
