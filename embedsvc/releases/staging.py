"""STORE/staging: one folder a draft, with the draft's files and a lock that its writer holds."""

from __future__ import annotations

import secrets
import shutil
from contextlib import suppress
from pathlib import Path

from embedsvc.releases.locks import FileLock

_LOCK = "lock"
_FILES = "files"


class StagingArea:
    """A folder in staging, alive while its lock is held.

    Make, sweep and set aside only while holding the store's lock: then no folder is ever seen
    between its creation and the taking of its lock.

    Args:
        folder: STORE/staging/<name>-<random>; made by `make`.
    """

    def __init__(self, folder: Path, lock: FileLock) -> None:
        self.folder = folder
        self.files = folder / _FILES
        self._lock = lock

    @classmethod
    def make(cls, staging: Path, name: str) -> StagingArea:
        """Make a folder for release `name`, its lock held."""
        folder = staging / f"{name}-{secrets.token_hex(4)}"
        folder.mkdir()
        try:
            lock = FileLock(folder / _LOCK)
            lock.acquire()
            (folder / _FILES).mkdir()
        except OSError:
            shutil.rmtree(folder, ignore_errors=True)
            raise
        return cls(folder, lock)

    def remove(self) -> None:
        """Remove the folder and all in it, then let the lock go; what resists is left to a sweep."""
        shutil.rmtree(self.folder, ignore_errors=True)
        self._lock.release()


def sweep(staging: Path) -> None:
    """Remove what dead writers left in staging; live writers' and other users' folders are left alone."""
    staging.mkdir(exist_ok=True)
    for folder in sorted(staging.iterdir()):
        with suppress(PermissionError):
            _sweep_one(folder)


def _sweep_one(folder: Path) -> None:
    if not folder.is_dir() or folder.is_symlink():
        folder.unlink(missing_ok=True)
        return
    lock = FileLock(folder / _LOCK)
    if lock.acquire():
        shutil.rmtree(folder, ignore_errors=True)
        lock.release()


def set_aside(release: Path, staging: Path) -> None:
    """Move a release out of releases/ in one step, so that a killed removal leaves no half of it."""
    folder = staging / f"{release.name}-{secrets.token_hex(4)}"
    folder.mkdir()
    release.rename(folder / _FILES)
