"""Candidates out of JSON Lines files."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson

from embedsvc.errors import BrokenSourceError, InputError
from training.corpus.candidate import Candidate
from training.corpus.fields import CandidateBuilder, FieldMapping
from training.corpus.lines import read_lines
from training.corpus.paths import expand, shown, stems
from training.corpus.report import MAX_LISTED, BadLine, SourceReport

MAX_BAD_SHARE = 0.01
_ENOUGH_LINES = 100


def read_candidates(
    paths: Sequence[Path],
    mapping: FieldMapping,
    *,
    max_bad_share: float = MAX_BAD_SHARE,
    report: SourceReport,
) -> Iterator[Candidate]:
    """Read candidates from JSON Lines files, plain or gzip; memory does not grow with the corpus.

    A bad line (not UTF-8, not JSON, not an object) is passed over, counted and listed in `report`.
    A candidate without an id gets one from its file's name and line number, the same each time.

    Args:
        paths: Files and patterns, see `paths.expand`; looked up before the first candidate is asked for.
        mapping: Which source field feeds which field of a candidate.
        max_bad_share: The share of a file's lines, 0 to 1, that may be bad.
        report: Receives the counts; pass one and the same for one corpus.

    Raises:
        InputError: `max_bad_share` is not in [0, 1].
        SourceNotFoundError: A file is missing or cannot be opened.
        BrokenSourceError: A file is cut short or damaged, or too many of its lines are bad (said at its
            end, or earlier when chance cannot explain so many).
    """
    if not 0.0 <= max_bad_share <= 1.0:
        raise InputError(f"max_bad_share is {max_bad_share}; give a share from 0 to 1.")
    files = expand(paths)
    report.bytes_total += sum(file.stat().st_size for file in files)
    return _read_all(files, CandidateBuilder(mapping), max_bad_share, report)


def _read_all(
    files: Sequence[Path], builder: CandidateBuilder, max_bad_share: float, report: SourceReport
) -> Iterator[Candidate]:
    for file, stem in zip(files, stems(files), strict=True):
        yield from _FileReader(file, stem, builder, max_bad_share, report).candidates()
        report.files += 1


@dataclass(slots=True)
class _FileReader:
    """Reads one file and judges it by its share of bad lines."""

    file: Path
    stem: str
    builder: CandidateBuilder
    max_bad_share: float
    report: SourceReport
    lines: int = 0
    bad: int = 0
    looks_like_array: bool = False
    first_bad: list[BadLine] = field(default_factory=list)

    def candidates(self) -> Iterator[Candidate]:
        before = self.report.bytes_read
        for number, line in read_lines(self.file, lambda taken: self.report.moved_to(before + taken)):
            if line.isspace():
                continue
            self.lines += 1
            self.report.lines += 1
            if (record := self._record(number, line)) is None:
                continue
            generated = f"{self.stem}-{number}"
            candidate = self.builder.build(record, generated)
            self.report.saw(candidate, generated_id=candidate.id == generated)
            yield candidate
        if self.bad > self.max_bad_share * self.lines:
            self._refuse()

    def _record(self, number: int, line: bytes) -> dict[str, Any] | None:
        try:
            record = orjson.loads(line)
        except orjson.JSONDecodeError as error:
            if line.lstrip().startswith(b"{") and not line.endswith(b"\n"):
                raise BrokenSourceError(
                    f"{shown(self.file)} was cut short in the middle of line {number}; fetch it again."
                ) from error
            self._count_bad(number, line, f"not JSON at character {error.colno}: {error.msg}")
            return None
        if isinstance(record, dict):
            return record
        self._count_bad(number, line, f"a JSON {type(record).__name__}, not an object")
        return None

    def _count_bad(self, number: int, line: bytes, reason: str) -> None:
        self.bad += 1
        self.looks_like_array |= self.lines == 1 and line.lstrip().startswith(b"[")
        bad = BadLine(shown(self.file), number, reason)
        self.report.saw_bad(bad)
        if len(self.first_bad) < MAX_LISTED:
            self.first_bad.append(bad)
        if self.lines >= _ENOUGH_LINES and self._surely_too_many():
            self._refuse()

    def _surely_too_many(self) -> bool:
        """Whether chance cannot explain so many: less four standard deviations (Poisson) it still is."""
        return self.bad - 4.0 * math.sqrt(self.bad) > self.max_bad_share * self.lines

    def _refuse(self) -> None:
        hint = (
            " It seems to hold one JSON array: write one object a line instead."
            if self.looks_like_array
            else ""
        )
        raise BrokenSourceError(
            f"{shown(self.file)}: {self.bad} of {self.lines} lines are bad, more than the allowed share "
            f"{self.max_bad_share:g}; mend the file or raise max_bad_share. "
            f"The first is {self.first_bad[0]}.{hint}",
            details={
                "bad_lines": self.bad,
                "lines": self.lines,
                "first_bad": [str(bad) for bad in self.first_bad],
            },
        )
