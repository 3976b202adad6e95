"""Writing a space block by block: nothing but its keys is held in memory, whatever its size."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from embedsvc.spaces.space import KEYS_SCHEMA, Matrix


class SpaceWriter:
    """Writes the folder that `Space.open` opens; a context manager.

    Without an error, the space is whole when the context ends; with one, the folder is left to the caller.

    Args:
        folder: Made where missing; its files are written anew.
        kind: What made the vectors.
        dimension: Length of a vector.
        parameters: What they were made with; JSON values.
    """

    def __init__(
        self, folder: Path, kind: str, dimension: int, parameters: Mapping[str, Any] | None = None
    ) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._kind = kind
        self._dimension = dimension
        self._parameters = dict(parameters or {})
        self._size = 0
        self._vectors = (folder / "vectors.npy").open("wb")
        self._vectors.write(self._header())
        self._sink = (folder / "keys.arrow").open("wb")
        self._keys = pa.ipc.new_file(self._sink, KEYS_SCHEMA)

    def __len__(self) -> int:
        return self._size

    def add(self, keys: Sequence[str], vectors: Matrix, counts: npt.NDArray[np.int64] | None = None) -> None:
        """Append rows.

        Args:
            keys: (n,) not yet in the space; the caller sees to it.
            vectors: (n, dimension).
            counts: (n,) occurrences; zeros, for "nobody counted", where left out.
        """
        if vectors.shape != (len(keys), self._dimension):
            raise ValueError(f"{len(keys)} keys with vectors {vectors.shape} in {self._dimension} dimensions")
        self._vectors.write(np.ascontiguousarray(vectors, dtype="<f4").data)
        column = np.zeros(len(keys), np.int64) if counts is None else counts
        self._keys.write_table(pa.table({"key": list(keys), "count": column}, schema=KEYS_SCHEMA))
        self._size += len(keys)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._vectors, self._sink:
            self._keys.close()
            if kind is None:
                self._vectors.seek(0)
                self._vectors.write(self._header())
        if kind is None:
            description = {
                "kind": self._kind,
                "dimension": self._dimension,
                "size": self._size,
                "parameters": self._parameters,
            }
            text = json.dumps(description, indent=2, sort_keys=True) + "\n"
            (self._folder / "space.json").write_text(text, encoding="utf-8")

    def _header(self) -> bytes:
        """The .npy header; numpy leaves room for the first axis to grow, so its length never changes."""
        header = io.BytesIO()
        shape = (self._size, self._dimension)
        np.lib.format.write_array_header_1_0(header, {"descr": "<f4", "fortran_order": False, "shape": shape})
        return header.getvalue()
