"""The lines of a file, plain or gzip, however large the file is."""

from __future__ import annotations

import gzip
import io
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO

from embedsvc.errors import BrokenSourceError, SourceNotFoundError
from training.corpus.paths import shown

MAX_LINE_BYTES = 256 * 1024 * 1024
_BUFFER = 1 << 18
_LINES_PER_NOTE = 256

_GZIP = b"\x1f\x8b"
_BOM = b"\xef\xbb\xbf"
_FOREIGN = {
    b"(\xb5/\xfd": "a Zstandard file",
    b"\xfd7zX": "an xz file",
    b"BZh": "a bzip2 file",
    b"PK\x03\x04": "a zip archive",
    b"PAR1": "a Parquet file",
    b"\xff\xfe": "UTF-16 text",
    b"\xfe\xff": "UTF-16 text",
}


def read_lines(path: Path, note: Callable[[int], None]) -> Iterator[tuple[int, bytes]]:
    """Yield (line number from 1, bytes with the line end) of every line, blank ones too.

    A byte order mark is dropped. Memory: one line and small buffers.

    Args:
        path: A file, or a pipe; gzip is known by its first bytes.
        note: Called now and then with the number of bytes taken from the disk so far.

    Raises:
        SourceNotFoundError: The file cannot be opened.
        BrokenSourceError: It is cut short, damaged, another format, or one line is over 256 MiB.
    """
    try:
        raw = path.open("rb", buffering=0)
    except OSError as error:
        raise SourceNotFoundError(
            f"{shown(path)} cannot be opened ({error.strerror}); check the path and its permissions."
        ) from error
    with raw, _Counting(raw) as counted:
        try:
            yield from _lines(path, counted, note)
        except (EOFError, zlib.error, OSError) as error:
            reason = "it ends too early" if isinstance(error, EOFError) else str(error)
            raise BrokenSourceError(
                f"{shown(path)} cannot be read to its end ({reason}); fetch it again."
            ) from error
        note(counted.taken)


def _lines(path: Path, counted: _Counting, note: Callable[[int], None]) -> Iterator[tuple[int, bytes]]:
    file = _opened(path, counted)
    number = 0
    while line := file.readline(MAX_LINE_BYTES + 1):
        number += 1
        if number == 1:
            line = line.removeprefix(_BOM)
        if len(line) > MAX_LINE_BYTES:
            raise BrokenSourceError(
                f"{shown(path)}:{number}: the line is longer than {MAX_LINE_BYTES} bytes; "
                "write one candidate a line (JSON Lines)."
            )
        yield number, line
        if number % _LINES_PER_NOTE == 0:
            note(counted.taken)


def _opened(path: Path, counted: _Counting) -> BinaryIO:
    plain = io.BufferedReader(counted, _BUFFER)
    head = plain.peek(4)[:4]
    for magic, name in _FOREIGN.items():
        if head.startswith(magic):
            raise BrokenSourceError(f"{shown(path)} is {name}; turn it into JSON Lines, plain UTF-8 or gzip.")
    if head.startswith(_GZIP):
        return io.BufferedReader(gzip.GzipFile(fileobj=plain, mode="rb"), _BUFFER)
    return plain


class _Counting(io.RawIOBase):
    """A raw file that counts the bytes taken from it."""

    def __init__(self, raw: io.FileIO) -> None:
        self._raw = raw
        self.taken = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int | None:  # type: ignore[override]
        got = self._raw.readinto(buffer)
        self.taken += got or 0
        return got
