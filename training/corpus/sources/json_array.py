"""JSON that is not one object a line: an array of objects, or objects one after the other."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

import ijson

from embedsvc.errors import BrokenSourceError
from training.corpus import bytestream
from training.corpus.origin import Note, Record
from training.corpus.sources.file_origin import FileOrigin

_PEEKED = 4096
_BOM = b"\xef\xbb\xbf"
_RECORDS_PER_NOTE = 256


class JsonArray(FileOrigin):
    """A file that is one JSON array of objects, or holds one or more objects over any number of lines."""

    unit = "documents"

    def records(self, note: Note) -> Iterator[tuple[int, Record | str]]:
        """Yield (number in the array, object) or (number, what is wrong).

        Raises:
            BrokenSourceError: Beside what damage to the file brings: it is not JSON, or not UTF-8, from some
                place on. Unlike a line, what follows cannot be found again.
        """
        number = 0
        with bytestream.opened(self.place, note) as stream:
            bounded = _Bounded(stream.file, self.name)
            array = _begins(stream.file) == b"["
            items = ijson.items(bounded, "item" if array else "", use_float=True, multiple_values=not array)
            try:
                for number, item in enumerate(items, 1):
                    bounded.since = 0
                    if number % _RECORDS_PER_NOTE == 0:
                        note(stream.taken)
                    wrong = f"a JSON {type(item).__name__}, not an object"
                    yield number, item if isinstance(item, dict) else wrong
            except (ijson.JSONError, UnicodeDecodeError, RecursionError):
                # The parser's own message quotes the candidate.
                raise BrokenSourceError(self._fault(number, ended=bounded.ended)) from None

    def _fault(self, number: int, *, ended: bool) -> str:
        if ended:
            return f"{self.name} is cut short or ends wrongly after document {number}; fetch it again."
        return f"{self.name} is not JSON in UTF-8 somewhere behind document {number}; mend it."


def _begins(file: io.BufferedReader[Any]) -> bytes:
    """The first byte that is not white space; a byte order mark is taken away."""
    if file.peek(3)[:3] == _BOM:
        file.read(3)
    return file.peek(_PEEKED).lstrip()[:1]


class _Bounded:
    """A file that refuses to hand out more than one record may hold since `since` was set to 0."""

    def __init__(self, file: io.BufferedReader[Any], name: str) -> None:
        self._file = file
        self._name = name
        self.since = 0
        self.ended = False

    def read(self, size: int = -1) -> bytes:
        data = self._file.read1(size)
        self.ended = size != 0 and not data
        self.since += len(data)
        if self.since > bytestream.MAX_RECORD_BYTES:
            raise BrokenSourceError(
                f"{self._name} holds a document of more than {bytestream.MAX_RECORD_BYTES} bytes; "
                "write one candidate an object."
            )
        return data
