"""The bytes of a file, decompressed, however large the file is."""

from __future__ import annotations

import gzip
import io
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, BinaryIO, cast

import pyarrow as pa

from embedsvc.errors import BrokenSourceError
from training.corpus.origin import Note, Place

MAX_RECORD_BYTES = 256 * 1024 * 1024
_BUFFER = 1 << 18

_GZIP = b"\x1f\x8b"
_ZSTD = b"(\xb5/\xfd"
_FOREIGN = {
    b"\xfd7zX": "an xz file",
    b"BZh": "a bzip2 file",
    b"PK\x03\x04": "a zip archive",
    b"PAR1": "a Parquet file",
}


class ByteStream:
    """An open file: `file` gives the decompressed bytes, `taken` counts those taken from the disk."""

    def __init__(self, file: io.BufferedReader[Any], counted: _Counting) -> None:
        self.file = file
        self._counted = counted

    @property
    def taken(self) -> int:
        """Bytes taken so far, compressed where the file is."""
        return self._counted.taken


@contextmanager
def opened(place: Place, note: Note) -> Iterator[ByteStream]:
    """Open a file that is plain, gzip or Zstandard, which its first bytes tell.

    Args:
        place: Where it is.
        note: Called at the end with the number of bytes taken; the reader calls it before.

    Raises:
        SourceNotFoundError: The file cannot be opened.
        BrokenSourceError: It is another format; or, out of the `with` block, it is cut short or damaged.
    """
    raw = place.open()
    with raw, _Counting(raw) as counted:
        try:
            yield ByteStream(_decompressed(place, counted), counted)
        except (EOFError, zlib.error, OSError) as error:
            short = isinstance(error, EOFError) or "Truncated" in str(error)
            reason = "it ends too early" if short else str(error)
            raise BrokenSourceError(
                f"{place.name} cannot be read to its end ({reason}); fetch it again."
            ) from error
        note(counted.taken)


def _decompressed(place: Place, counted: io.RawIOBase) -> io.BufferedReader[Any]:
    plain: io.BufferedReader[Any] = io.BufferedReader(counted, _BUFFER)
    head = plain.peek(4)[:4]
    if head.startswith(_GZIP):
        unzipped = gzip.GzipFile(fileobj=plain, mode="rb")
        return io.BufferedReader(cast("io.RawIOBase", unzipped), _BUFFER)
    if head.startswith(_ZSTD):
        return io.BufferedReader(_Zstandard(plain), _BUFFER)
    for magic, name in _FOREIGN.items():
        if head.startswith(magic):
            raise BrokenSourceError(
                f"{place.name} is {name}; turn it into JSON Lines or CSV, plain, gzip or Zstandard, "
                'or say format = "parquet" where it is that.'
            )
    return plain


class _Counting(io.RawIOBase):
    """A raw file that counts the bytes taken from it."""

    def __init__(self, raw: BinaryIO) -> None:
        self._raw: Any = raw
        self.taken = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int | None:  # type: ignore[override]
        got: int | None = self._raw.readinto(buffer)
        self.taken += got or 0
        return got


class _Zstandard(io.RawIOBase):
    """What a Zstandard stream holds; Arrow refuses windows of more than 128 MiB."""

    def __init__(self, packed: io.BufferedReader[Any]) -> None:
        self._stream = pa.CompressedInputStream(pa.PythonFile(packed, "r"), "zstd")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        data = self._stream.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)
