"""Files of object stores and web servers; the only module that imports fsspec."""

from __future__ import annotations

import io
import uuid
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, BinaryIO, cast

from embedsvc.errors import SourceNotFoundError
from training.corpus.origin import Place
from training.corpus.sources.address import masked, without_secrets
from training.corpus.sources.extras import missing

if TYPE_CHECKING:
    from fsspec import AbstractFileSystem

_BLOCK = 4 * 1024 * 1024  # bytes fetched at once; s3fs would take 50 MiB
_EXTRA_OF = {"s3fs": "s3", "aiohttp": "sources"}
_STAMPS = ("etag", "ETag", "md5", "crc32c", "mtime", "LastModified", "last_modified", "updated", "created")


class RemoteFile:
    """A file of a file system of fsspec.

    Args:
        files: The file system.
        path: The file's path there.
        url: The expanded URL that named it, for messages.
        stem: To make ids from.
        pattern: Whether `url` is a pattern, so that messages name the path as well.
    """

    def __init__(
        self, files: AbstractFileSystem, path: str, url: str, stem: str, *, pattern: bool = False
    ) -> None:
        self._files = files
        self._path = path
        self._url = url
        self.name = f"{masked(url)} ({path})" if pattern else masked(url)
        self.stem = stem
        self.lasting = True
        last = path.split("?")[0].rsplit("/", 1)[-1]
        self.suffixes = tuple(f".{part.lower()}" for part in last.split(".")[1:])
        self._info = self._found()

    def size(self) -> int:
        """Bytes, 0 where the server does not say."""
        return int(self._info.get("size") or 0)

    def stamp(self) -> Any:
        """Size and whatever the store says of the version; never the same twice where it says nothing."""
        self._info = self._found()
        versions = [[key, str(self._info[key])] for key in _STAMPS if self._info.get(key) is not None]
        return [self._path, self.size(), versions or uuid.uuid4().hex]

    def open(self) -> BinaryIO:
        """Open it."""
        try:
            file = self._files.open(self._path, "rb", block_size=_BLOCK)
        except Exception as error:  # noqa: BLE001 - every file system raises its own kind
            raise self._failure(error) from None
        return cast("BinaryIO", _Guarded(file, self._url, self.size()))

    def _found(self) -> dict[str, Any]:
        try:
            found: dict[str, Any] = self._files.info(self._path)
        except Exception as error:  # noqa: BLE001 - as above
            raise self._failure(error) from None
        return found

    def _failure(self, error: Exception) -> SourceNotFoundError:
        if isinstance(error, FileNotFoundError):
            return SourceNotFoundError(f"There is no file {self.name}; check the URL.")
        return SourceNotFoundError(
            f"{self.name} cannot be reached ({_reason(error, self._url)}); check the URL and the credentials."
        )


class _Guarded(io.RawIOBase):
    """A remote file whose every failure is an OSError, and whose early end is one too."""

    def __init__(self, file: Any, url: str, size: int) -> None:
        self._file = file
        self._url = url
        self._size = size
        self._place = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return bool(self._file.seekable())

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        self._place = self._file.seek(offset, whence)
        return self._place

    def tell(self) -> int:
        return self._place

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        try:
            data = self._file.read(len(buffer))
        except Exception as error:  # noqa: BLE001 - every file system raises its own kind
            raise OSError(_reason(error, self._url)) from None
        if not data and self._place < self._size:
            raise OSError(f"it ends after {self._place} of {self._size} bytes")
        buffer[: len(data)] = data
        self._place += len(data)
        return len(data)

    def close(self) -> None:
        if not self.closed:
            self._file.close()
        super().close()


def remote_files(url: str) -> Iterator[Place]:
    """The files that an expanded URL names; a pattern is expanded in sorted order, except on web servers.

    Raises:
        OptionalDependencyError: fsspec, or the library of that store, is not installed.
        SourceNotFoundError: No such file, or the store cannot be reached.
    """
    try:
        import fsspec
    except ImportError:
        raise missing(f"from {masked(url)}", "fsspec", "sources") from None
    try:
        files, path = fsspec.url_to_fs(url)
    except ImportError as error:
        package = next((name for name in _EXTRA_OF if name in str(error)), None)
        if package is None:
            raise SourceNotFoundError(
                f"{masked(url)} cannot be reached: {_reason(error, url)}; install that package."
            ) from None
        raise missing(f"from {masked(url)}", package, _EXTRA_OF[package]) from None
    except ValueError as error:
        raise SourceNotFoundError(f"{masked(url)} names no store ({_reason(error, url)}).") from None
    if url.startswith(("http://", "https://")) or not any(mark in path for mark in "*?["):
        yield RemoteFile(files, path, url, _stem(path))
        return
    yield from _matching(files, path, url)


def _matching(files: AbstractFileSystem, pattern: str, url: str) -> Iterator[Place]:
    try:
        found = sorted(path for path in files.glob(pattern) if not files.isdir(path))
    except Exception as error:  # noqa: BLE001 - every file system raises its own kind
        raise SourceNotFoundError(
            f"{masked(url)} cannot be listed ({_reason(error, url)}); check the URL and the credentials."
        ) from None
    if not found:
        raise SourceNotFoundError(f"No file matches {masked(url)}; check the pattern.")
    seen: dict[str, int] = {}
    for path in found:
        stem = _stem(path)
        seen[stem] = seen.get(stem, 0) + 1
        yield RemoteFile(files, path, url, stem if seen[stem] == 1 else f"{stem}.{seen[stem]}", pattern=True)


def _stem(path: str) -> str:
    last = path.split("?")[0].rstrip("/").rsplit("/", 1)[-1]
    return last.split(".")[0] or last


def _reason(error: Exception, url: str) -> str:
    text = without_secrets(str(error), url).split("\n")[0]
    return f"{type(error).__name__}: {text[:200]}"
