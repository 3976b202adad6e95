"""A space: one vector a key, opened by mmap so that every worker shares the same pages.

A space is a folder:

    space.json    {"kind", "dimension", "size", "parameters"}
    keys.arrow    key: string, count: int64; row i belongs to vector i
    vectors.npy   (size, dimension) float32, input vectors
    output.npy    (size, dimension) float32, output vectors; only where the trainer has them
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from embedsvc.errors import ReleaseCorruptError

Matrix = npt.NDArray[np.float32]
# What json, numpy and pyarrow raise on files that are missing, cut short, hostile or of another kind.
UNREADABLE = (OSError, EOFError, ValueError, KeyError, TypeError, RecursionError)
KEYS_SCHEMA = pa.schema(
    [pa.field("key", pa.string(), nullable=False), pa.field("count", pa.int64(), nullable=False)]
)


class Space:
    """Keys and their vectors.

    Args:
        kind: What trained it, `word2vec` say.
        keys: Unique strings, the most frequent first.
        counts: (size,) occurrences of each key in the training corpus.
        vectors: (size, dimension) float32.
        output: (size, dimension) float32 output vectors, or None.
        parameters: What it was trained with; JSON values.
        alike: A space with these very keys, which shares what it made of them.
    """

    def __init__(
        self,
        kind: str,
        keys: Sequence[str],
        counts: npt.NDArray[np.int64],
        vectors: Matrix,
        output: Matrix | None = None,
        parameters: Mapping[str, Any] | None = None,
        *,
        alike: Space | None = None,
    ) -> None:
        self.kind = kind
        self.keys: list[str] = list(keys) if alike is None else alike.keys
        self.counts = counts
        self.vectors = vectors
        self.output = output
        self.parameters = dict(parameters or {})
        self._rows: dict[str, int] = (
            {key: row for row, key in enumerate(self.keys)} if alike is None else alike._rows
        )
        self._column: pa.ChunkedArray | None = None
        self._check()

    def _check(self) -> None:
        size = len(self.keys)
        if len(self._rows) != size:
            raise ReleaseCorruptError(f"The {self.kind} space holds a key twice; build the release again.")
        if self.vectors.ndim != 2 or len(self.vectors) != size or len(self.counts) != size:
            raise ReleaseCorruptError(
                f"The {self.kind} space has {size} keys, {len(self.counts)} counts and vectors of shape "
                f"{self.vectors.shape}; these must agree. Build the release again."
            )
        if self.output is not None and self.output.shape != self.vectors.shape:
            raise ReleaseCorruptError(
                f"The {self.kind} space's output vectors do not match its input vectors."
            )

    def __len__(self) -> int:
        return len(self.keys)

    @property
    def dimension(self) -> int:
        """Length of a vector."""
        return int(self.vectors.shape[1])

    def row(self, key: str) -> int | None:
        """Row of `key`, or None where the space has not seen it."""
        return self._rows.get(key)

    def rows(self, keys: Sequence[str]) -> list[int]:
        """Rows of those `keys` that the space knows, in their order, unknown ones left out."""
        get = self._rows.get
        return [row for row in map(get, keys) if row is not None]

    def take(self, rows: npt.NDArray[np.int64]) -> Matrix:
        """(rows, dimension) float32 input vectors."""
        return np.asarray(self.vectors[rows])

    def save(self, folder: Path) -> None:
        """Write the space into `folder`, which is made where missing."""
        folder.mkdir(parents=True, exist_ok=True)
        np.save(folder / "vectors.npy", np.ascontiguousarray(self.vectors, dtype=np.float32))
        if self.output is not None:
            np.save(folder / "output.npy", np.ascontiguousarray(self.output, dtype=np.float32))
        table = pa.table({"key": self.keys, "count": self.counts}, schema=KEYS_SCHEMA)
        with (
            pa.OSFile(str(folder / "keys.arrow"), "wb") as sink,
            pa.ipc.new_file(sink, table.schema) as writer,
        ):
            writer.write_table(table)
        description = {
            "kind": self.kind,
            "dimension": self.dimension,
            "size": len(self),
            "parameters": self.parameters,
        }
        (folder / "space.json").write_text(json.dumps(description, indent=2, sort_keys=True) + "\n")

    @classmethod
    def open(cls, folder: Path, beside: Space | None = None) -> Space:
        """Open a saved space; vectors stay on disk until touched.

        Args:
            folder: Where it was saved.
            beside: A space that was opened; where it has the same keys, they are held in memory once.

        Raises:
            ReleaseCorruptError: A file is missing, cut short, or disagrees with another.
        """
        try:
            description = json.loads((folder / "space.json").read_bytes())
            with pa.memory_map(str(folder / "keys.arrow")) as source:
                table = pa.ipc.open_file(source).read_all()
            table.validate(full=True)
            vectors = np.load(folder / "vectors.npy", mmap_mode="r", allow_pickle=False)
            output_file = folder / "output.npy"
            output = np.load(output_file, mmap_mode="r", allow_pickle=False) if output_file.exists() else None
            shape = (description["size"], description["dimension"])
            floats = all(array.dtype == np.float32 for array in (vectors, output) if array is not None)
            if vectors.shape != shape or not floats or table.schema != KEYS_SCHEMA:
                raise ReleaseCorruptError(
                    f"The files of space '{folder.name}' are not what its space.json says; "
                    "verify the release or build it again."
                )
            column = table.column("key")
            alike = beside if beside is not None and column.equals(beside._column) else None
            keys = column.to_pylist() if alike is None else alike.keys
            counts = table.column("count").to_numpy()
            facts = description["kind"], keys, counts, vectors, output, description["parameters"]
            space = cls(*facts, alike=alike)
            space._column = column
            return space
        except UNREADABLE as error:
            raise ReleaseCorruptError(
                f"Space '{folder.name}' cannot be opened ({error}); verify the release or build it again."
            ) from error
