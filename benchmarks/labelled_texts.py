"""Labelled texts for benchmarks of classifiers: candidates as the pipeline prepares them, and questions."""

from __future__ import annotations

import gzip
import json
import random
import re
import sys
import tempfile
from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal
from zlib import crc32

from embedsvc.text import Tokenizer, clean_text
from embedsvc.text.candidate import Candidate
from training.corpus.duplicates import Duplicates
from training.corpus.fields import CandidateBuilder, FieldMapping
from training.corpus.shingles import shingles, signatures
from training.corpus.split import fingerprint, part_of
from training.lexicon.mining import mine_lists
from training.preparation.cleaning import Cleaner
from training.preparation.preparer import Preparer
from training.trainers.section_texts import section_texts

TEST_SHARE = 0.2
_NEAR = 0.8  # Jaccard similarity of near-duplicates
_SHORTEST_TITLE = 3
_PIECE = (8, 40)  # tokens
_CHOSEN_ON = 3  # one candidate in so many
_TEXTS = ("summary", "experience", "education", "projects")

Titles = Literal["field", "strict"]


@dataclass(frozen=True, slots=True)
class Labelled:
    """A text and its labels.

    Attributes:
        labels: One or several.
        tokens: As our classifiers read it.
        text: As it is, for plain baselines.
        owner: The number of the candidate, where one has several texts; -1 elsewhere.
    """

    labels: tuple[str, ...]
    tokens: Sequence[str]
    text: str
    owner: int = -1


@dataclass(frozen=True, slots=True)
class Split:
    """Labelled texts to learn from and to be judged by; groups of near-duplicates are in one of the two."""

    train: list[Labelled]
    test: list[Labelled]


def records(path: Path) -> Iterator[dict[str, Any]]:
    """Yield the objects of a gzip file of JSON Lines."""
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        yield from map(json.loads, lines)


def labels_of(record: dict[str, Any]) -> tuple[str, ...]:
    """The labels of a record, in `label` or `labels`."""
    found = record.get("labels") or record.get("label") or ()
    return (found,) if isinstance(found, str) else tuple(found)


def candidates(path: Path, titles: Titles | None = None) -> list[tuple[tuple[str, ...], Candidate]]:
    """(labels, clean candidate) of a file; `other` is read as projects.

    Args:
        path: The file.
        titles: `field` leaves the title's field out; `strict` also takes the title out of all texts, as the
            latest job often repeats it; None keeps it.
    """
    builder, cleaner = CandidateBuilder(FieldMapping(projects=("other",), label=())), Cleaner()
    found = []
    for number, record in enumerate(records(path)):
        candidate = builder.build(record, str(number))
        if titles == "strict":
            candidate = without_title(candidate)
        clean = cleaner.clean(candidate)
        if clean is not None:
            found.append((labels_of(record), clean if titles is None else replace(clean, title="")))
    return found


def without_title(candidate: Candidate) -> Candidate:
    """`candidate` without its title, wherever it stands."""
    title = " ".join(candidate.title.split())
    if len(title) < _SHORTEST_TITLE:
        return replace(candidate, title="")
    spaced = r"\s+".join(map(re.escape, title.split()))
    words = re.compile(rf"(?<!\w){spaced}(?!\w)", re.IGNORECASE)
    texts = {name: words.sub(" ", getattr(candidate, name)) for name in _TEXTS}
    skills = tuple(kept for skill in candidate.skills if (kept := words.sub(" ", skill).strip()))
    return replace(candidate, title="", skills=skills, **texts)


def split(path: Path, titles: Titles, seed: int) -> Split:
    """The labelled candidates of a file; the lexicon is mined from the part that is learned from."""
    found = candidates(path, titles)
    parts = _parts([candidate for _, candidate in found], seed)
    lists = [candidate.skills for (_, candidate), part in zip(found, parts, strict=True) if part == "train"]
    preparer = Preparer(mine_lists(lists, min_candidates=5).lexicon)
    result = Split([], [])
    for (labels, candidate), part in zip(found, parts, strict=True):
        document, _, _ = preparer.document(candidate, "train", searchable=False)
        text = "\n".join([*(getattr(candidate, name) for name in _TEXTS), ", ".join(candidate.skills)])
        (result.test if part == "test" else result.train).append(
            Labelled(labels, document.marked_tokens, text)
        )
    return result


def questions(path: Path, seed: int) -> Split:
    """The labelled short texts of a file, one in five to be judged by."""
    tokenizer, result = Tokenizer(), Split([], [])
    for record in records(path):
        labelled = Labelled(labels_of(record), tokenizer.tokens(clean_text(record["text"])), record["text"])
        group = fingerprint(Candidate("", summary=record["text"]))
        is_test = part_of(group, dev_share=0.0, test_share=TEST_SHARE, seed=seed) == "test"
        (result.test if is_test else result.train).append(labelled)
    return result


def _parts(found: Sequence[Candidate], seed: int) -> list[str]:
    with tempfile.TemporaryDirectory() as folder, Duplicates(Path(folder), _NEAR) as duplicates:
        for candidate in found:
            hashes, tells = shingles(candidate)
            duplicates.add(
                array("Q", [fingerprint(candidate)]).tobytes(),
                array("q", [0]).tobytes(),
                array("b", [tells]).tobytes(),
                signatures([hashes]).tobytes(),
            )
        keys = duplicates.groups().keys
    return [part_of(int(key), dev_share=0.0, test_share=TEST_SHARE, seed=seed) for key in keys]


def sections(path: Path, *, headings: bool) -> list[Labelled]:
    """The sections of the candidates of a file, labelled by their kind.

    Args:
        path: The file.
        headings: Whether headings inside fields part them, to learn from. To be judged by, a field is one
            section, fields of mixed content (`other` of these files) are none, and one candidate in three is
            left out: on those it was chosen how to learn.
    """
    tokenizer = Tokenizer()
    found = []
    for owner, (_, candidate) in enumerate(candidates(path)):
        if not headings and crc32(candidate.id.encode()) % _CHOSEN_ON == 0:
            continue
        shown = candidate if headings else replace(candidate, projects="")
        for label, tokens in section_texts(shown, tokenizer, headings=headings):
            # Nothing of these files is marked as a project.
            if label != "project":
                kept = [*map(sys.intern, tokens)]
                found.append(Labelled((label,), kept, " ".join(kept), owner))
    return found


def pieces(texts: Sequence[Labelled], seed: int) -> list[Labelled]:
    """A piece of each text, of 8 to 40 tokens."""
    generator, found = random.Random(seed), []
    for text in texts:
        length = min(len(text.tokens), generator.randint(*_PIECE))
        start = generator.randint(0, len(text.tokens) - length)
        tokens = text.tokens[start : start + length]
        found.append(replace(text, tokens=tokens, text=" ".join(tokens)))
    return found
