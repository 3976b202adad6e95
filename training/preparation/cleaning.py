"""From a candidate as read to one that may be kept: sections, plain text, no personal data, one language."""

from __future__ import annotations

import re
from array import array
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import Any

import orjson

from embedsvc.text.candidate import Candidate
from embedsvc.text.candidate_cleaning import TEXTS, says_nothing, scrubbed
from embedsvc.text.privacy import Kind
from embedsvc.text.sectioning import sectioned
from training.corpus.shingles import shingles, signatures
from training.corpus.split import fingerprint
from training.preparation.languages import LanguageCheck

Row = tuple[Any, ...]
"""(searchable, the fields of a candidate): quicker to send to another process than a candidate."""

FIELDS = (
    "id", "title", "summary", "skills", "experience", "education", "projects", "label", "updated_at",
    "other_labels", "location", "metadata",
)  # fmt: skip
"""What is kept of a candidate; not the name."""

_ALL_FIELDS = attrgetter(*Candidate.__dataclass_fields__)
_KEPT_FIELDS = attrgetter(*FIELDS)
_DIGITS = re.compile(r"\d+")


def row_of(candidate: Candidate, searchable: bool) -> Row:
    """A candidate as it is sent to a cleaner."""
    return (searchable, *_ALL_FIELDS(candidate))


@dataclass(frozen=True, slots=True)
class CleanBatch:
    """Some candidates, clean; what is about one of them stands at the same place everywhere.

    Attributes:
        lines: JSON, a list of searchable and `FIELDS` a line.
        fingerprints: uint64 each.
        dates: int64 each, the greater the newer.
        telling: int8 each, 1 where there is text enough to tell people apart.
        signatures: MinHash signatures.
        counts: What was done; keys as in `training.preparation.funnel`.
    """

    lines: bytes
    fingerprints: bytes
    dates: bytes
    telling: bytes
    signatures: bytes
    counts: Counter[str]


class Cleaner:
    """Cleans candidates.

    Args:
        languages: ISO 639-1 codes of those wanted; all where empty.

    Raises:
        OptionalDependencyError: The library that tells languages is not installed.
        RecipeError: A language is not known.
    """

    def __init__(self, languages: Sequence[str] = ()) -> None:
        self._languages = LanguageCheck(languages) if languages else None
        self.counts: Counter[str] = Counter()

    def clean(self, candidate: Candidate) -> Candidate | None:
        """`candidate` with clean, scrubbed texts, or None where it is empty or in another language."""
        kinds: Counter[str] = Counter()
        candidate = sectioned(candidate, kinds)
        private: Counter[Kind] = Counter()
        self.counts["characters"] += sum(len(getattr(candidate, field)) for field in TEXTS)
        candidate = scrubbed(candidate, private)
        if says_nothing(candidate):
            self.counts["empty"] += 1
            return None
        texts = (candidate.summary, candidate.experience, candidate.education, candidate.projects)
        if self._languages is not None and (other := self._languages.other(" ".join(texts))):
            self.counts["other_language"] += 1
            self.counts[f"language.{other}"] += 1
            return None
        self.counts.update({f"section.{kind}": count for kind, count in kinds.items()})
        self.counts.update({f"private.{kind}": count for kind, count in private.items()})
        return candidate

    def batch(self, rows: Sequence[Row]) -> CleanBatch:
        """Clean some candidates."""
        self.counts = Counter()
        lines, prints, dates, telling, sets = [], array("Q"), array("q"), array("b"), []
        for searchable, *fields in rows:
            candidate = self.clean(Candidate(*fields))
            if candidate is None:
                continue
            self.counts["with_skills"] += bool(candidate.skills)
            hashes, tells = shingles(candidate)
            lines.append(
                orjson.dumps((searchable, *_KEPT_FIELDS(candidate)), option=orjson.OPT_APPEND_NEWLINE)
            )
            prints.append(fingerprint(candidate))
            dates.append(date_of(candidate.updated_at))
            telling.append(tells)
            sets.append(hashes)
        return CleanBatch(
            lines=b"".join(lines),
            fingerprints=prints.tobytes(),
            dates=dates.tobytes(),
            telling=telling.tobytes(),
            signatures=signatures(sets).tobytes() if sets else b"",
            counts=self.counts,
        )


def cleaning(languages: Sequence[str]) -> Callable[[Sequence[Row]], CleanBatch]:
    """What a process of a crew does."""
    return Cleaner(languages).batch


def date_of(updated_at: str) -> int:
    """A number that is greater for a later date, 0 where the text is no date that begins with its year.

    "2024-03-01T12:00:00Z" gives 20240301120000; seconds or milliseconds since 1970 give themselves.
    """
    groups = _DIGITS.findall(updated_at[:32])
    if not groups:
        return 0
    if len(groups) == 1:
        return int(groups[0][:18])
    if len(groups[0]) != 4:
        return 0
    return int(
        "".join(group[:2].zfill(2) for group in (groups[0][:2], groups[0][2:], *groups[1:6])).ljust(14, "0")
    )
