"""told.jsonl: what a job tells, a JSON object a line, read while it is written.

The first line says that the process began, `{"pid", "at"}`, each other how far it is: `{"stage", "done",
"total", "eta_seconds", "at"}`. A line is written at once, and one that is not whole is not there yet.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from embedsvc.schemas import JobProgress

_MOST_BYTES = 1024 * 1024
_LINE_BYTES = 1024
"""More than any line has."""


@dataclass(frozen=True, slots=True)
class ToldEvent:
    """A step of progress, and the number of its line from 1."""

    number: int
    progress: JobProgress


class ToldReader:
    """Reads what is added, from the beginning on.

    Args:
        path: The file, which may not be there yet.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._offset = 0
        self.lines = 0
        """How many were read."""

    def read(self) -> list[ToldEvent]:
        """The steps of progress that were added since the last call, if any."""
        try:
            with self._path.open("rb") as file:
                file.seek(self._offset)
                block = file.read(_MOST_BYTES)
        except FileNotFoundError:
            return []
        whole = block[: block.rfind(b"\n") + 1]
        self._offset += len(whole)
        found = []
        for line in whole.splitlines():
            self.lines += 1
            facts = _facts(line)
            if "stage" in facts:
                found.append(ToldEvent(self.lines, JobProgress.model_validate(facts)))
        return found

    def count(self) -> int:
        """Read to the end, and say how many lines there are."""
        while self.read():
            pass
        return self.lines


def add_line(path: Path, facts: Mapping[str, Any]) -> None:
    """Add a line, by one write at the end of the file."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC | os.O_NOFOLLOW
    descriptor = os.open(path, flags, 0o644)
    try:
        os.write(descriptor, orjson.dumps(facts) + b"\n")
    finally:
        os.close(descriptor)


def first_and_last(path: Path) -> tuple[dict[str, Any] | None, dict[str, Any] | None]:
    """The first line and the last; None where there is none yet."""
    try:
        with path.open("rb") as file:
            head = file.read(_LINE_BYTES)
            file.seek(max(0, file.seek(0, os.SEEK_END) - 2 * _LINE_BYTES))
            tail = file.read()
    except FileNotFoundError:
        return None, None
    if b"\n" not in head:
        return None, None
    first = _facts(head[: head.index(b"\n")])
    last = _facts(tail[: tail.rfind(b"\n")].rpartition(b"\n")[2])
    return first or None, last or None


def _facts(line: bytes) -> dict[str, Any]:
    try:
        facts = orjson.loads(line)
    except orjson.JSONDecodeError:
        return {}
    return facts if isinstance(facts, dict) else {}
