"""Locks between processes: flock, which the kernel drops when its holder dies, however it dies."""

from __future__ import annotations

import errno
import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from embedsvc.errors import StoreError

_TAKEN = {errno.EWOULDBLOCK, errno.EAGAIN, errno.EACCES}
_POLL_SECONDS = 0.02


class FileLock:
    """An exclusive flock on one file, created when missing. Also excludes other threads.

    Args:
        path: The lock file; its folder exists.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._descriptor: int | None = None

    def acquire(self) -> bool:
        """Take the lock if nobody holds it; say whether it was taken.

        Raises:
            OSError: The file cannot be opened, or the file system has no locks.
        """
        flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW
        descriptor = os.open(self._path, flags, 0o666)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            os.close(descriptor)
            if error.errno in _TAKEN:
                return False
            raise
        self._descriptor = descriptor
        return True

    def release(self) -> None:
        """Let the lock go; harmless when it is not held."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None


@contextmanager
def held(path: Path, wait_seconds: float) -> Iterator[None]:
    """Hold the lock at `path` for the body, waiting for it at most `wait_seconds`.

    Raises:
        StoreError: Somebody else held it all that time.
        OSError: The file cannot be opened.
    """
    lock = FileLock(path)
    deadline = time.monotonic() + wait_seconds
    while not lock.acquire():
        if time.monotonic() >= deadline:
            raise StoreError(
                f"Another process has kept this store locked for {wait_seconds:g} s; try again later."
            )
        time.sleep(_POLL_SECONDS)
    try:
        yield
    finally:
        lock.release()
