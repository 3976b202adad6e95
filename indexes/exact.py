"""The exact index: the vectors themselves, scanned by blocked matrix products."""

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import numpy as np

from indexes.base import BackendArgs, Index, Progress
from indexes.manifest import Manifest, load_array, save_array
from indexes.scan import Scan
from indexes.vectors import Float32

VECTORS_FILE = "vectors.npy"


@dataclass(frozen=True)
class ExactArgs(BackendArgs):
    """Arguments of the exact index.

    Attributes:
        block: queries compared at once; more is faster for large batches and takes more memory.
    """

    block: int = 512

    def __post_init__(self) -> None:
        self._within(block=(1, 65_536))


class ExactIndex(Index):
    """Finds the true neighbours, equal scores ordered by position; `effort` changes nothing."""

    backend: ClassVar[str] = "exact"
    args_type: ClassVar[type[BackendArgs]] = ExactArgs

    def _fill(self, rows: Float32, progress: Progress | None, threads: int | None) -> None:  # noqa: ARG002
        self._scan = Scan(rows, self._metric, self._block)

    @property
    def _block(self) -> int:
        assert isinstance(self._args, ExactArgs)  # noqa: S101 - checked by `build` and `load`
        return self._args.block

    def _write(self, folder: Path) -> list[str]:
        save_array(folder / VECTORS_FILE, self._scan.rows)
        return [VECTORS_FILE]

    def _open(self, folder: Path, manifest: Manifest, mmap: bool) -> None:
        manifest.require(folder, VECTORS_FILE)
        shape = (manifest.size, manifest.dimension)
        rows = load_array(folder / VECTORS_FILE, np.float32, shape, mmap=mmap)
        self._scan = Scan(rows, self._metric, self._block)
