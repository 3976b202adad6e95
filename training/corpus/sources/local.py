"""Files of this machine."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, BinaryIO, cast

from embedsvc.errors import SourceNotFoundError
from training.corpus.origin import Place
from training.corpus.paths import expand, shown, stems


class LocalFile:
    """A file of this machine, or a pipe.

    Args:
        path: Where it is.
        stem: Its name without endings by default.
    """

    def __init__(self, path: Path, stem: str | None = None) -> None:
        self._path = path
        self.name = shown(path)
        self.stem = stem if stem is not None else stems([path])[0]
        self.lasting = not path.exists() or path.is_file()
        self.suffixes = tuple(suffix.lower() for suffix in path.suffixes)

    def size(self) -> int:
        """Bytes on the disk."""
        return self._path.stat().st_size

    def stamp(self) -> Any:
        """Name, size and time of change."""
        status = self._path.stat()
        return [repr(self._path.name), status.st_size, status.st_mtime_ns]

    def open(self) -> BinaryIO:
        """Open it unbuffered."""
        try:
            return cast("BinaryIO", self._path.open("rb", buffering=0))
        except OSError as error:
            raise SourceNotFoundError(
                f"{self.name} cannot be opened ({error.strerror}); check the path and its permissions."
            ) from error


def local_files(paths: Sequence[Path]) -> Iterator[Place]:
    """The files that paths and patterns name, see `paths.expand`."""
    files = expand(paths)
    return map(LocalFile, files, stems(files))
