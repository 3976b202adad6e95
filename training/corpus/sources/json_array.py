"""JSON that is not one object a line: an array of objects, or objects one after the other.

The text is cut into its outermost values, and each is parsed by itself: so one that is damaged costs no more
than itself. (A streaming parser gives up at the first wrong byte, and ijson 3.6 crashes the process on arrays
nested 100,000 deep, where the parser of single values just refuses.)
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from typing import Any

import orjson

from embedsvc.errors import BrokenSourceError
from training.corpus import bytestream
from training.corpus.origin import Note, Record
from training.corpus.sources.file_origin import FileOrigin

_CHUNK = 1 << 18
_BOM = b"\xef\xbb\xbf"
_RECORDS_PER_NOTE = 256

_BETWEEN = re.compile(rb"[\s,]*+")
_STRING = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"', re.DOTALL)
_TO_BRACKET = re.compile(rb'(?:[^"\[\]{}]++|"[^"\\]*+(?:\\.[^"\\]*+)*+")*+[\[\]{}]', re.DOTALL)
_BARE = re.compile(rb'[^\s,"\[\]{}]*+')
_DEEPER = {ord("["): 1, ord("{"): 1, ord("]"): -1, ord("}"): -1}


class JsonArray(FileOrigin):
    """A file that is one JSON array of objects, or holds one or more objects over any number of lines."""

    unit = "documents"

    def records(self, note: Note) -> Iterator[tuple[int, Record | str]]:
        """Yield (number in the file, object) or (number, what is wrong)."""
        with bytestream.opened(self.place, note) as stream:
            for number, value in enumerate(_Values(stream.file, self.name), 1):
                yield number, _parsed(value)
                if number % _RECORDS_PER_NOTE == 0:
                    note(stream.taken)


def _parsed(value: bytes) -> Record | str:
    try:
        record = orjson.loads(value)
    except orjson.JSONDecodeError as error:
        return f"not JSON at character {error.colno} of its line {error.lineno}: {error.msg}"
    return record if isinstance(record, dict) else f"a JSON {type(record).__name__}, not an object"


class _Values:
    """The text of each value of an array, or of values one after the other; reads a chunk at a time."""

    def __init__(self, file: io.BufferedReader[Any], name: str) -> None:
        self._file = file
        self._name = name
        self._text = b""
        self._begin = 0  # of the value that is read now
        self._place = 0
        self._count = 0

    def __iter__(self) -> Iterator[bytes]:
        if self._file.peek(3)[:3] == _BOM:
            self._file.read(3)
        array = self._skip() and self._text.startswith(b"[", self._place)
        self._place += array
        while self._skip():
            if array and self._text.startswith(b"]", self._place):
                self._place += 1
                if self._skip():
                    raise BrokenSourceError(f"{self._name} goes on behind the end of its array; mend it.")
                return
            self._finish_value()
            self._count += 1
            yield self._text[self._begin : self._place]
        if array:
            raise self._cut_short()

    def _skip(self) -> bool:
        """Go to the next value or bracket; False at the end of the file."""
        while True:
            found = _BETWEEN.match(self._text, self._place)
            self._begin = self._place = found.end() if found else self._place
            if self._place < len(self._text):
                return True
            if not self._more():
                return False

    def _finish_value(self) -> None:
        first = self._text[self._place]
        if first in _DEEPER:
            depth = 0
            while True:
                depth += _DEEPER[self._end_of(_TO_BRACKET)]
                if depth <= 0:
                    return
        elif first == ord('"'):
            self._end_of(_STRING)
        else:
            self._finish_bare()

    def _end_of(self, pattern: re.Pattern[bytes]) -> int:
        """Go behind the next match and return its last byte; text read on is scanned anew, twice in all."""
        while (found := pattern.match(self._text, self._place)) is None:
            if not self._more():
                raise self._cut_short()
        self._place = found.end()
        return self._text[self._place - 1]

    def _finish_bare(self) -> None:
        """To the end of a number, a word, or what is no JSON."""
        while True:
            found = _BARE.match(self._text, self._place)
            self._place = found.end() if found else self._place
            if self._place < len(self._text) or not self._more():
                return

    def _more(self) -> bool:
        """Read on, and let go of what is before the present value; False at the end of the file."""
        held = len(self._text) - self._begin
        if held > bytestream.MAX_RECORD_BYTES:
            raise BrokenSourceError(
                f"{self._name} holds a document of more than {bytestream.MAX_RECORD_BYTES} bytes; "
                "write one candidate an object."
            )
        # Twice as much each time, so that a large value is not copied over and over.
        data = self._file.read(max(_CHUNK, held))
        self._text = self._text[self._begin :] + data
        self._place -= self._begin
        self._begin = 0
        return bool(data)

    def _cut_short(self) -> BrokenSourceError:
        return BrokenSourceError(
            f"{self._name} is cut short, or a quote or bracket is not closed, behind document "
            f"{self._count}; fetch it again or mend it."
        )
