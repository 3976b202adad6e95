"""What reading the sources came to: counts for people, progress for bars, refusals for the pipeline."""

from __future__ import annotations

from array import array
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from embedsvc.errors import EmptyCorpusError
from embedsvc.text.candidate import Candidate

MAX_LISTED = 20

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class BadLine:
    """A line that holds no candidate, and why; never its text."""

    file: str
    line: int
    reason: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.reason}"


@dataclass
class SourceReport:
    """Counts over all files read so far.

    `lines` counts lines that are not blank; `bytes_read` and `bytes_total` count bytes on the disk
    (compressed, where the file is). `first_bad` holds the first 20 bad lines. `on_progress` is called
    with (bytes read, bytes in all) every now and then and at the end of each file.
    """

    files: int = 0
    lines: int = 0
    candidates: int = 0
    bad_lines: int = 0
    generated_ids: int = 0
    with_skills: int = 0
    with_label: int = 0
    bytes_read: int = 0
    bytes_total: int = 0
    first_bad: list[BadLine] = field(default_factory=list)
    on_progress: Progress | None = None

    def __post_init__(self) -> None:
        # Eight bytes an id keep the count exact and the memory small.
        self._id_hashes = array("q")

    @property
    def duplicate_ids(self) -> int:
        """Candidates whose id an earlier candidate bears; sorts 8 bytes a candidate."""
        hashes = np.frombuffer(self._id_hashes, dtype=np.int64) if self._id_hashes else np.empty(0, np.int64)
        return int(hashes.size - np.unique(hashes).size)

    def saw(self, candidate: Candidate, *, generated_id: bool) -> None:
        """Count a candidate."""
        self.candidates += 1
        self.generated_ids += generated_id
        self.with_skills += bool(candidate.skills)
        self.with_label += candidate.label is not None
        self._id_hashes.append(hash(candidate.id))

    def saw_bad(self, bad: BadLine) -> None:
        """Count a bad line, and list it while the list is short."""
        self.bad_lines += 1
        if len(self.first_bad) < MAX_LISTED:
            self.first_bad.append(bad)

    def moved_to(self, bytes_read: int) -> None:
        """Note how far reading has come, and tell `on_progress`."""
        self.bytes_read = bytes_read
        if self.on_progress is not None:
            self.on_progress(bytes_read, self.bytes_total)

    def counts(self) -> dict[str, int | list[str]]:
        """All counts, and the first bad lines as text; JSON values."""
        numbers = {
            name: getattr(self, name)
            for name in (
                "files",
                "lines",
                "candidates",
                "bad_lines",
                "generated_ids",
                "duplicate_ids",
                "with_skills",
                "with_label",
                "bytes_read",
            )
        }
        return numbers | {"first_bad": [str(bad) for bad in self.first_bad]}

    def require_candidates(self) -> None:
        """Call when reading is over.

        Raises:
            EmptyCorpusError: There was no candidate at all.
        """
        if not self.candidates:
            raise EmptyCorpusError(
                f"The corpus is empty: no candidate in {self.files} file(s) with {self.lines} line(s); "
                "check the paths of the corpus in the recipe.",
                details={"files": self.files, "lines": self.lines},
            )

    def require_skills(self) -> None:
        """Call when reading is over and skills are needed.

        Raises:
            EmptyCorpusError: No candidate names a skill.
        """
        self.require_candidates()
        if not self.with_skills:
            raise EmptyCorpusError(
                f"None of the {self.candidates} candidates names a skill; "
                "set the field mapping's `skills` to the field that lists them.",
                details={"candidates": self.candidates},
            )
