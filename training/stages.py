"""Stages that are done once: a stage's folder is named by a hash of all it depends on.

A stage writes into a folder of its own that gets its final name when the stage has ended and all of it is on
the disk, so a killed run resumes at the stage that was cut off and a second run finds everything done. Of
each stage the last few results are kept: a knob turned back costs nothing, and a nightly run does not fill
the disk.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import orjson

from embedsvc.errors import StoreError, StoreFullError
from embedsvc.releases import disk
from embedsvc.releases.locks import FileLock
from training.progress import Meter, Reporter

_KEPT = 3  # results of a stage


class Workspace:
    """Where stages keep what they made.

    Args:
        root: Made where missing.
        progress: Who is told.

    Raises:
        StoreError: It cannot be made.
    """

    def __init__(self, root: Path, progress: Reporter) -> None:
        self.root = root
        self.progress = progress
        try:
            root.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StoreError(
                f"The work folder {disk.shown(root)} cannot be made ({error.strerror}); "
                "make its parent writable, or set another `work`."
            ) from error

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Hold the workspace for one run.

        Raises:
            StoreError: Another run holds it.
        """
        lock = FileLock(self.root / "lock")
        if not lock.acquire():
            raise StoreError(
                "Another run is using this recipe's work folder; wait for it, or set another `work`."
            )
        try:
            yield
        finally:
            lock.release()

    def run(self, name: str, depends_on: Mapping[str, Any], make: Callable[[Path, Meter], None]) -> Path:
        """The folder of stage `name`, made by `make(folder, meter)` unless it is there already.

        Args:
            name: The stage's name.
            depends_on: Everything the result depends on: parameters, fingerprints of sources, folders
                of earlier stages. JSON values or paths.
            make: Writes the result into the folder it is given.

        Raises:
            StoreFullError: No space left; what earlier stages made is kept.
        """
        home = self.root / f"{name}-{self.key(depends_on)}"
        if home.is_dir():
            os.utime(home)  # used last, so collected last
            self.progress.reused(name)
            return home
        self._sweep(name)
        draft = self.root / f".{name}-{uuid.uuid4().hex}"
        draft.mkdir()
        try:
            with self.progress.stage(name) as meter:
                make(draft, meter)
            if disk.is_full(draft):
                # Some libraries (fastText's C++) cut a file short on a full disk without a word.
                raise self._full()
            for found in disk.walk(draft):
                disk.sync(draft / found.relative)
            draft.rename(home)
            disk.sync(self.root)
        except BaseException as error:
            full = disk.means_full(error, draft)
            shutil.rmtree(draft, ignore_errors=True)
            if full:
                raise self._full() from error
            raise
        return home

    def _full(self) -> StoreFullError:
        return StoreFullError(
            f"No space is left in the work folder {disk.shown(self.root)}; free some and run again: "
            "stages that are done are kept."
        )

    def key(self, facts: Mapping[str, Any]) -> str:
        """A short stable hash of JSON-like facts; a stage's folder counts by its name, its own key."""
        document = orjson.dumps(facts, option=orjson.OPT_SORT_KEYS, default=self._plain)
        return hashlib.sha256(document).hexdigest()[:16]

    def _plain(self, value: object) -> object:
        if isinstance(value, Path):
            return value.relative_to(self.root).as_posix()
        raise TypeError(type(value))

    def _sweep(self, name: str) -> None:
        """Remove what killed runs left of a stage, and all but its last results."""
        results = sorted(self.root.glob(f"{name}-*"), key=lambda folder: folder.stat().st_mtime_ns)
        for left in (*self.root.glob(f".{name}-*"), *results[: 1 - _KEPT]):
            shutil.rmtree(left, ignore_errors=True)
