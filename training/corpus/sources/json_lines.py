"""JSON Lines: one object a line."""

from __future__ import annotations

from collections.abc import Iterator

import orjson

from embedsvc.errors import BrokenSourceError
from training.corpus.lines import read_lines
from training.corpus.origin import Note, Record
from training.corpus.sources.file_origin import FileOrigin


class JsonLines(FileOrigin):
    """A file with one JSON object a line; blank lines are passed over."""

    unit = "lines"

    def records(self, note: Note) -> Iterator[tuple[int, Record | str]]:
        """Yield (line number, object) or (line number, what is wrong)."""
        for number, line in read_lines(self.place, note):
            if not line.isspace():
                yield number, self._parsed(number, line)

    def _parsed(self, number: int, line: bytes) -> Record | str:
        try:
            record = orjson.loads(line)
        except orjson.JSONDecodeError as error:
            start = line.lstrip()[:1]
            if start == b"{" and not line.endswith(b"\n"):
                raise BrokenSourceError(
                    f"{self.name} was cut short in the middle of line {number}; fetch it again."
                ) from error
            hint = ' (a file that is one JSON array has format = "json")' if start == b"[" else ""
            return f"not JSON at character {error.colno}: {error.msg}{hint}"
        return record if isinstance(record, dict) else f"a JSON {type(record).__name__}, not an object"
