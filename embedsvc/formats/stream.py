"""The bytes of a file from front to back; gzip is seen through, what only unpickling reads is refused."""

from __future__ import annotations

import gzip
import re
import zlib
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import IO, Self, cast

from embedsvc.formats.base import BLOCK_BYTES, Progress, fault, silent

GZIP_MAGIC = b"\x1f\x8b"
_HEAD = 64
_MAX_LINE = 16 << 20
# Protocol 2 and later start with an opcode that no text has; 0 and 1 with an opcode and ASCII arguments.
_PICKLE = re.compile(
    rb"\x80[\x02-\x09]|c[A-Za-z_][\w.]*\n[A-Za-z_][\w.]*\n|\((?:dp|lp|i[A-Za-z_])|[\]}]q\x00|\(c[A-Za-z_][\w.]*\n"
)
_PICKLE_ADVICE = (
    "this is a pickle, as gensim's save(), joblib and torch write it; reading one would run what it says, so "
    "it was not read. Write the vectors anew where they were made, with save_word2vec_format for example."
)
_ZIP_ADVICE = (
    "this is a zip archive. Unpack it if vectors are in it; if torch.save or numpy.savez wrote it, write the "
    "vectors anew in a format of docs/formats.md: nothing is ever unpickled."
)


class ByteSource:
    """A file opened for reading once, front to back; a context manager.

    Args:
        path: The file; plain, or gzip whatever its name.
        progress: Told the bytes of the file that have been read.

    Raises:
        FormatError: There is no such file, it is empty, a pickle, or a zip archive.
    """

    def __init__(self, path: Path, progress: Progress = silent) -> None:
        self.path = path
        self._progress = progress
        try:
            self._raw = path.open("rb")
        except OSError as error:
            raise fault(path, f"it cannot be read ({error.strerror}); check the path.") from None
        self.bytes = path.stat().st_size
        packed = self._raw.peek(2)[:2] == GZIP_MAGIC
        self.plain = not packed
        self._stream = cast("IO[bytes]", gzip.GzipFile(fileobj=self._raw) if packed else self._raw)
        try:
            self._ahead = self._read(_HEAD)
            refuse_programs(path, self._ahead)
            if not self._ahead:
                raise fault(path, "the file is empty; check where it came from.")
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the file."""
        self._raw.close()

    @property
    def head(self) -> bytes:
        """The first bytes, as long as nothing else has been read."""
        return self._ahead

    def read(self, size: int) -> bytes:
        """Up to `size` bytes; fewer only at the end."""
        ahead, self._ahead = self._ahead[:size], self._ahead[size:]
        data = ahead + self._read(size - len(ahead)) if len(ahead) < size else ahead
        self._progress(float(self._raw.tell()), float(self.bytes))
        return data

    def line(self) -> bytes:
        """The bytes up to the next line feed, without it.

        Raises:
            FormatError: There is none within 16 MiB.
        """
        held = self.read(_HEAD)
        while b"\n" not in held:
            more = self.read(BLOCK_BYTES)
            if not more:
                return held
            held += more
            self._bound(held)
        line, _, self._ahead = held.partition(b"\n")
        return line

    def lines(self) -> Iterator[list[bytes]]:
        """The rest as lists of whole lines, without their line feeds.

        Raises:
            FormatError: A line is longer than 16 MiB.
        """
        held = b""
        while data := self.read(BLOCK_BYTES):
            *whole, held = (held + data).split(b"\n")
            self._bound(held)
            if whole:
                yield whole
        if held:
            yield [held]

    def _bound(self, line: bytes) -> None:
        if len(line) > _MAX_LINE and b"\n" not in line:
            raise fault(self.path, "a line is longer than 16 MiB; this is no text file of vectors.")

    def _read(self, size: int) -> bytes:
        try:
            return self._stream.read(size)
        except (EOFError, zlib.error, gzip.BadGzipFile):
            raise fault(self.path, "the gzip stream is damaged or cut short; fetch it again.") from None
        except OSError as error:
            raise fault(self.path, f"it cannot be read ({error.strerror}); check the path.") from None


def refuse_programs(path: Path, head: bytes) -> None:
    """Refuse what only unpickling would read, by its first bytes.

    Raises:
        FormatError: They are those of a pickle or of a zip archive.
    """
    if _PICKLE.match(head):
        raise fault(path, _PICKLE_ADVICE)
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        raise fault(path, _ZIP_ADVICE)
