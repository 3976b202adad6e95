"""Stages that are done once: a stage's folder is named by a hash of all it depends on.

A stage writes into a folder of its own that gets its final name when the stage has ended, so a killed
run resumes at the stage that was cut off and a second run finds everything done.
"""

from __future__ import annotations

import hashlib
import shutil
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import orjson

from embedsvc.errors import StoreError
from embedsvc.releases.locks import FileLock
from training.progress import Meter, Reporter


class Workspace:
    """Where stages keep what they made.

    Args:
        root: Made where missing.
        progress: Who is told.
    """

    def __init__(self, root: Path, progress: Reporter) -> None:
        self.root = root
        self.progress = progress
        root.mkdir(parents=True, exist_ok=True)

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
        """
        home = self.root / f"{name}-{self.key(depends_on)}"
        if home.is_dir():
            self.progress.reused(name)
            return home
        self._sweep(name)
        draft = self.root / f".{name}-{uuid.uuid4().hex}"
        draft.mkdir()
        try:
            with self.progress.stage(name) as meter:
                make(draft, meter)
            draft.rename(home)
        except BaseException:
            shutil.rmtree(draft, ignore_errors=True)
            raise
        return home

    def key(self, facts: Mapping[str, Any]) -> str:
        """A short stable hash of JSON-like facts; a stage's folder counts by its name, its own key."""
        document = orjson.dumps(facts, option=orjson.OPT_SORT_KEYS, default=self._plain)
        return hashlib.sha256(document).hexdigest()[:16]

    def _plain(self, value: object) -> object:
        if isinstance(value, Path):
            return value.relative_to(self.root).as_posix()
        raise TypeError(type(value))

    def _sweep(self, name: str) -> None:
        for left in self.root.glob(f".{name}-*"):
            shutil.rmtree(left, ignore_errors=True)
