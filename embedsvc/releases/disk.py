"""What the store asks of the file system: durable writes, whole listings, errors in its own words."""

from __future__ import annotations

import errno
import hashlib
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from embedsvc.errors import StoreError, StoreFullError

_FULL = {errno.ENOSPC, errno.EDQUOT}
_NOT_WRITABLE = {errno.EROFS, errno.EACCES, errno.EPERM}
_ALMOST_NOTHING = 64 * 1024


@dataclass(frozen=True, slots=True)
class Found:
    """One thing that is not a folder, below a folder: its POSIX path relative to it, and its lstat."""

    relative: str
    status: os.stat_result

    @property
    def is_regular(self) -> bool:
        """Whether it is a plain file: neither a link, a socket, a pipe nor a device."""
        return stat.S_ISREG(self.status.st_mode)


def walk(folder: Path) -> Iterator[Found]:
    """Everything below `folder` that is not a folder, sorted by path; links are not followed."""
    pending = [(folder, "")]
    while pending:
        here, prefix = pending.pop()
        with os.scandir(here) as listing:
            entries = sorted(listing, key=lambda entry: os.fsencode(entry.name))
        for entry in entries:
            relative = f"{prefix}{entry.name}"
            if entry.is_dir(follow_symlinks=False):
                pending.append((Path(entry.path), f"{relative}/"))
            else:
                yield Found(relative, entry.stat(follow_symlinks=False))


def sha256_of(path: Path) -> str:
    """The sha256 of a file's bytes, in hex."""
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
    with open(descriptor, "rb", buffering=0) as file:  # noqa: PTH123 - pathlib cannot open without following links
        return hashlib.file_digest(file, "sha256").hexdigest()


def sync(path: Path) -> None:
    """Wait until a file's bytes, or a folder's entries, are on the disk."""
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def write_durably(path: Path, data: bytes) -> None:
    """Write a new file, or replace an old one's bytes, and wait until they are on the disk."""
    with path.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def replace_durably(path: Path, data: bytes) -> None:
    """Replace a file in one step: whoever reads it sees the old bytes or the new, never a mixture.

    The caller holds the store's lock: the file written first has one fixed name.
    """
    aside = path.with_name(f"{path.name}.new")
    try:
        write_durably(aside, data)
        aside.replace(path)
    except OSError:
        aside.unlink(missing_ok=True)
        raise
    sync(path.parent)


def is_full(folder: Path) -> bool:
    """Whether the file system that holds `folder` has no room worth the name."""
    try:
        facts = os.statvfs(folder)
    except OSError:
        return False
    return facts.f_bavail * facts.f_frsize < _ALMOST_NOTHING


def means_full(error: BaseException, folder: Path) -> bool:
    """Whether `error`, raised while writing below `folder`, is a full disk or a spent quota.

    Libraries hide it: numpy raises an OSError without a number, faiss a RuntimeError. For those two
    the file system itself is asked.
    """
    if isinstance(error, OSError) and error.errno is not None:
        return error.errno in _FULL
    return isinstance(error, OSError | RuntimeError) and is_full(folder)


def full_error(folder: Path) -> StoreFullError:
    """The error for a full disk below `folder`."""
    return StoreFullError(
        f"No space is left for the release store at {shown(folder)}: nothing was published and the active "
        "release is untouched; free some space or collect old releases, then try again."
    )


@contextmanager
def translated(folder: Path, doing: str) -> Iterator[None]:
    """Turn OSErrors of the body into StoreErrors; `doing` completes "cannot ...".

    Raises:
        StoreFullError: The disk is full or a quota is spent.
        StoreError: Any other OSError.
    """
    try:
        yield
    except OSError as error:
        _raise_store_error(error, folder, doing)


def _raise_store_error(error: OSError, folder: Path, doing: str) -> NoReturn:
    if means_full(error, folder):
        raise full_error(folder) from error
    reason = error.strerror or str(error)
    advice = (
        "make it writable for this user" if error.errno in _NOT_WRITABLE else "check the disk and the path"
    )
    raise StoreError(
        f"Cannot {doing} in the release store at {shown(folder)} ({reason}); {advice}."
    ) from error


def shown(path: Path | str) -> str:
    """A path as text that can always be printed, also when its bytes are not UTF-8."""
    return os.fsencode(path).decode("utf-8", "backslashreplace")
