"""Forests of random hyperplanes by Annoy, saved in Annoy's own file and mapped by it.

Annoy proposes, the exact score of each proposal decides: its file holds the vectors as they are, so they are
read from there and stored only once. Inner products are searched as angles in one dimension more, in which
every vector is lengthened to the longest (Bachrach et al., RecSys 2014).
"""

import errno
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Literal

import numpy as np

from indexes.approximate import ApproximateIndex
from indexes.base import BackendArgs, Progress
from indexes.errors import CorruptIndexError, MissingBackendError
from indexes.manifest import Manifest
from indexes.scan import Scan
from indexes.vectors import Float32, Int64

try:
    import annoy as _annoy
except ImportError as missing:
    raise MissingBackendError("the annoy backend needs Annoy: pip install 'annoy>=1.17,<2'") from missing

FOREST_FILE = "forest.ann"
# Bytes of a node before its vector, in Annoy 1.17: counts and children, under "euclidean" also an offset.
_HEADS = {"angular": 12, "euclidean": 16}
_ERRNO = re.compile(r"\((\d+)\)$")


@dataclass(frozen=True)
class AnnoyArgs(BackendArgs):
    """Arguments of a forest.

    Attributes:
        trees: more find more, and take more space.
        search_nodes: the default effort of a search, Annoy's search_k; at least k.
        seed: of the random hyperplanes; with one thread two builds are alike.
    """

    trees: int = 50
    search_nodes: int = 2_000
    seed: int = 1

    def __post_init__(self) -> None:
        self._within(trees=(1, 10_000), search_nodes=(1, 1 << 30), seed=(0, (1 << 31) - 1))


class AnnoyIndex(ApproximateIndex):
    """Approximate neighbours from a forest, with exact scores.

    `effort` is search_k, the number of nodes looked at; from `size` on every vector is scanned.
    """

    backend: ClassVar[str] = "annoy"
    args_type: ClassVar[type[BackendArgs]] = AnnoyArgs
    effort_arg: ClassVar[str] = "search_nodes"
    search_args: ClassVar[frozenset[str]] = frozenset({"search_nodes"})

    _forest: Any

    def _fill(self, rows: Float32, progress: Progress | None, threads: int | None) -> None:
        self._scan = Scan(rows, self._metric)
        self._forest = self._empty_forest()
        if not len(rows):
            return
        self._forest.set_seed(self._annoy_args.seed)
        planted = _lengthened(rows) if self._metric == "ip" else rows
        step = max(1, len(rows) // 50)
        for start in range(0, len(rows), step):
            if progress is not None:
                progress(start, len(rows))
            for position, row in enumerate(planted[start : start + step].tolist(), start):
                self._forest.add_item(position, row)
        self._forest.build(self._annoy_args.trees, n_jobs=-1 if threads is None else threads)

    def _find(
        self,
        queries: Float32,
        k: int,
        effort: int,
        threads: int | None,  # noqa: ARG002 - Annoy searches with one
    ) -> tuple[Int64, Float32]:
        proposed = np.full((len(queries), k), -1, np.int64)
        for found, query in zip(proposed, self._asked(queries), strict=True):
            nearest = self._forest.get_nns_by_vector(query, k, effort)
            found[: len(nearest)] = nearest
        return self._scan.rank(queries, proposed, k)

    def searched_bytes(self) -> int:  # noqa: D102 - as in ApproximateIndex
        # Vectors, and below each tree's root about a node for every leaf of as many ids as fit into a node.
        node = _HEADS[self._space] + 4 * self._planted_dimension
        leaves = 2 * self._size * self._annoy_args.trees // max(1, node // 4 - 2)
        return node * (self._size + 2 * leaves)

    @property
    def _rows_per_effort(self) -> float:
        return 1.0

    def _effort(self, k: int, asked: int | None) -> int:
        return max(k, self._annoy_args.search_nodes if asked is None else asked)

    def _write(self, folder: Path) -> list[str]:
        with (folder / FOREST_FILE).open("wb") as file:
            if self._size:
                with _as_oserror():
                    self._forest.save(f"/dev/fd/{file.fileno()}")
        return [FOREST_FILE]

    def _open(self, folder: Path, manifest: Manifest, mmap: bool) -> None:
        path = folder / FOREST_FILE
        manifest.require(folder, FOREST_FILE)
        self._forest = self._empty_forest()
        if not self._size:
            self._scan = Scan(np.empty((0, self._dimension), np.float32), self._metric)
            return
        try:
            # By descriptor, since Annoy takes no path that is not UTF-8.
            with path.open("rb") as file:
                self._forest.load(f"/dev/fd/{file.fileno()}", prefault=not mmap)
        except Exception as error:  # Annoy raises nothing more precise
            raise CorruptIndexError(f"{path} cannot be read ({error}): build the index again") from error
        # Annoy knows roots by their counts, from the end of its file; where two threads ended their last
        # trees at the same time it takes those for further trees, and searches them twice.
        if self._forest.get_n_items() != self._size or self._forest.get_n_trees() < self._annoy_args.trees:
            raise CorruptIndexError(f"{path} contradicts index.json (its size or trees differ)")
        self._scan = Scan(self._rows_of(path), self._metric)

    def _rows_of(self, path: Path) -> Float32:
        """The vectors inside Annoy's file, mapped; its first nodes are the vectors by position."""
        head = _HEADS[self._space]
        stride = head + 4 * self._planted_dimension
        if path.stat().st_size < self._size * stride:
            raise CorruptIndexError(f"{path} holds fewer vectors than index.json says: build the index again")
        rows: Float32 = np.ndarray(
            (self._size, self._dimension),
            np.float32,
            buffer=np.memmap(path, np.uint8, mode="r"),
            offset=head,
            strides=(stride, 4),
        )
        for position in (0, self._size - 1):
            if self._forest.get_item_vector(position)[: self._dimension] != rows[position].tolist():
                raise CorruptIndexError(f"{path} is laid out in another way: build the index again")
        return rows

    def _empty_forest(self) -> Any:
        return _annoy.AnnoyIndex(self._planted_dimension, self._space)

    def _asked(self, queries: Float32) -> Iterator[list[float]]:
        spare = [0.0] if self._metric == "ip" else []
        return (query + spare for query in queries.tolist())

    @property
    def _space(self) -> Literal["angular", "euclidean"]:
        return "euclidean" if self._metric == "l2" else "angular"

    @property
    def _planted_dimension(self) -> int:
        return self._dimension + (self._metric == "ip")

    @property
    def _annoy_args(self) -> AnnoyArgs:
        assert isinstance(self._args, AnnoyArgs)  # noqa: S101 - checked by `build` and `load`
        return self._args


def _lengthened(rows: Float32) -> Float32:
    """Rows with one component more, by which each is as long as the longest."""
    squared = np.einsum("ij,ij->i", rows, rows, dtype=np.float64)
    spare = np.sqrt(squared.max() - squared).astype(np.float32)
    return np.concatenate((rows, spare[:, None]), axis=1)


@contextmanager
def _as_oserror() -> Iterator[None]:
    """Give the system's error as such: Annoy raises a bare `Exception` that ends in its number."""
    try:
        yield
    except Exception as error:
        number = _ERRNO.search(str(error))
        code = int(number[1]) if number else errno.EIO
        raise OSError(code, os.strerror(code)) from error
