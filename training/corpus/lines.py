"""The lines of a file, plain, gzip or Zstandard, however large the file is."""

from __future__ import annotations

from collections.abc import Iterator

from embedsvc.errors import BrokenSourceError
from training.corpus.bytestream import MAX_RECORD_BYTES, opened
from training.corpus.origin import Note, Place

MAX_LINE_BYTES = MAX_RECORD_BYTES
_LINES_PER_NOTE = 256

_BOM = b"\xef\xbb\xbf"
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")


def read_lines(place: Place, note: Note) -> Iterator[tuple[int, bytes]]:
    """Yield (line number from 1, bytes with the line end) of every line, blank ones too.

    A byte order mark is dropped. Memory: one line and small buffers.

    Args:
        place: Where the file is.
        note: Called now and then with the number of bytes taken from the disk so far.

    Raises:
        SourceNotFoundError: The file cannot be opened.
        BrokenSourceError: It is cut short, damaged, another format, or one line is over 256 MiB.
    """
    with opened(place, note) as stream:
        number = 0
        while line := stream.file.readline(MAX_LINE_BYTES + 1):
            number += 1
            if number == 1:
                line = _marked(place, line)
            if len(line) > MAX_LINE_BYTES:
                raise BrokenSourceError(
                    f"{place.name}:{number}: the line is longer than {MAX_LINE_BYTES} bytes; "
                    "write one candidate a line (JSON Lines)."
                )
            yield number, line
            if number % _LINES_PER_NOTE == 0:
                note(stream.taken)


def _marked(place: Place, line: bytes) -> bytes:
    if line.startswith(_UTF_16):
        raise BrokenSourceError(f"{place.name} is UTF-16 text; turn it into UTF-8.")
    return line.removeprefix(_BOM)
