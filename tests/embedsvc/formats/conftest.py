"""A table that is awkward to keep, a way to read it back, other people's readers on their own."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from embedsvc.formats import Table, import_vectors
from embedsvc.spaces import Space
from tests.embedsvc.formats.awkward import KEYS, awkward


@pytest.fixture
def table() -> Table:
    counts = np.arange(len(KEYS), 0, -1, dtype=np.int64)
    return Table(KEYS, awkward(len(KEYS), 6), None, counts)


@pytest.fixture
def read(tmp_path) -> Callable[..., Space]:
    """Import a file and open the space; the folder must not be left behind by a failure."""
    numbers = iter(range(1000))

    def _read(path: Path, name: str = "auto", **options: Any) -> Space:
        folder = tmp_path / f"imported-{next(numbers)}"
        before = set(tmp_path.iterdir())
        try:
            import_vectors(path, folder, name, **options)
        except BaseException:
            assert set(tmp_path.iterdir()) == before
            raise
        return Space.open(folder)

    return _read


@pytest.fixture
def elsewhere() -> Callable[..., Any]:
    """Run a script in a process of its own and return the JSON it prints last; its warnings are its own."""

    def _run(script: str, *arguments: str | Path) -> Any:
        command = [sys.executable, "-c", script, *map(str, arguments)]
        done = subprocess.run(command, capture_output=True, timeout=120, check=False)
        assert done.returncode == 0, done.stderr.decode()
        return json.loads(done.stdout.decode().splitlines()[-1])

    return _run
