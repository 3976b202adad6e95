"""Candidates out of origins of any kind."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from embedsvc.errors import BrokenSourceError, InputError
from embedsvc.text.candidate import Candidate
from training.corpus.fields import CandidateBuilder, FieldMapping
from training.corpus.origin import Origin
from training.corpus.report import MAX_LISTED, BadLine, SourceReport

MAX_BAD_SHARE = 0.01
_ENOUGH_LINES = 100


def read_candidates(
    origins: Sequence[Origin],
    mapping: FieldMapping,
    *,
    max_bad_share: float = MAX_BAD_SHARE,
    report: SourceReport,
) -> Iterator[Candidate]:
    """Read candidates; memory does not grow with the corpus.

    A bad line (row, document) holds no candidate: not UTF-8, not JSON, too few cells. It is passed over,
    counted and listed in `report`. A candidate without an id gets one from its origin's name and its number
    there, the same each time as long as the origin keeps its order.

    Args:
        origins: Files, tables and collections, see `sources.open_source`.
        mapping: Which source field feeds which field of a candidate.
        max_bad_share: The share of an origin's lines, 0 to 1, that may be bad.
        report: Receives the counts; pass one and the same for one corpus.

    Raises:
        InputError: `max_bad_share` is not in [0, 1].
        SourceNotFoundError: An origin cannot be opened.
        BrokenSourceError: It is cut short or damaged, or too many of its lines are bad (said at its end, or
            earlier when chance cannot explain so many).
    """
    if not 0.0 <= max_bad_share <= 1.0:
        raise InputError(f"max_bad_share is {max_bad_share}; give a share from 0 to 1.")
    report.bytes_total += sum(origin.size() for origin in origins)
    return _read_all(origins, CandidateBuilder(mapping), max_bad_share, report)


def _read_all(
    origins: Sequence[Origin], builder: CandidateBuilder, max_bad_share: float, report: SourceReport
) -> Iterator[Candidate]:
    for origin in origins:
        yield from _Reader(origin, builder, max_bad_share, report).candidates()
        report.files += 1


@dataclass(slots=True)
class _Reader:
    """Reads one origin and judges it by its share of bad lines."""

    origin: Origin
    builder: CandidateBuilder
    max_bad_share: float
    report: SourceReport
    lines: int = 0
    bad: int = 0
    first_bad: list[BadLine] = field(default_factory=list)

    def candidates(self) -> Iterator[Candidate]:
        before = self.report.bytes_read
        for number, record in self.origin.records(lambda taken: self.report.moved_to(before + taken)):
            self.lines += 1
            self.report.lines += 1
            if isinstance(record, str):
                self._count_bad(number, record)
                continue
            generated = f"{self.origin.stem}-{number}"
            candidate = self.builder.build(record, generated)
            self.report.saw(candidate, generated_id=candidate.id == generated)
            yield candidate
        if self.bad > self.max_bad_share * self.lines:
            self._refuse()

    def _count_bad(self, number: int, reason: str) -> None:
        self.bad += 1
        bad = BadLine(self.origin.name, number, reason)
        self.report.saw_bad(bad)
        if len(self.first_bad) < MAX_LISTED:
            self.first_bad.append(bad)
        if self.lines >= _ENOUGH_LINES and self._surely_too_many():
            self._refuse()

    def _surely_too_many(self) -> bool:
        """Whether chance cannot explain so many: less four standard deviations (Poisson) it still is."""
        return self.bad - 4.0 * math.sqrt(self.bad) > self.max_bad_share * self.lines

    def _refuse(self) -> None:
        raise BrokenSourceError(
            f"{self.origin.name}: {self.bad} of {self.lines} {self.origin.unit} are bad, more than the "
            f"allowed share {self.max_bad_share:g}; mend them or raise max_bad_share. "
            f"The first is {self.first_bad[0]}.",
            details={
                "bad_lines": self.bad,
                "lines": self.lines,
                "first_bad": [str(bad) for bad in self.first_bad],
            },
        )
