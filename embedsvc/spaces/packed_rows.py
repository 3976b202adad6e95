"""Rows of numbers, packed: float32, float16, or int8 with one scale a row; unpacked a few at a time.

A rotation stays beside the rows and is applied as they are unpacked: what was packed is rounded once only.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any, Literal, Self, get_args

import numpy as np
import numpy.typing as npt

from embedsvc.errors import ReleaseCorruptError
from embedsvc.spaces.space import UNREADABLE, Matrix

Precision = Literal["int8", "float16", "float32"]
_LARGEST_CODE = 127


class PackedRows:
    """A matrix whose rows are unpacked when asked for.

    With int8 a row is `codes * scale`, its largest number 127 steps from zero: the rounding is at most half
    a step, 0.4 % of that number.

    Args:
        codes: (n, dimension) int8, float16 or float32.
        scales: (n,) float32 for int8, else None.
        rotation: (dimension, dimension) float32 that unpacked rows are multiplied by, or None.

    Raises:
        ReleaseCorruptError: They do not agree.
    """

    def __init__(
        self,
        codes: npt.NDArray[Any],
        scales: npt.NDArray[np.float32] | None,
        rotation: Matrix | None = None,
    ) -> None:
        known = codes.ndim == 2 and codes.dtype.name in get_args(Precision)
        scaled = scales is not None and scales.dtype == np.float32 and scales.shape == codes.shape[:1]
        if not known or (codes.dtype == np.int8) != (scales is not None) or (scales is not None) != scaled:
            raise ReleaseCorruptError("Rows and their scales do not agree; build the release again.")
        if rotation is not None and (
            rotation.dtype != np.float32 or rotation.shape != (codes.shape[1], codes.shape[1])
        ):
            raise ReleaseCorruptError("Rows and their rotation do not agree; build the release again.")
        self.codes = codes
        self.scales = scales
        self.rotation = rotation

    @classmethod
    def pack(cls, blocks: Iterable[Matrix], precision: Precision, dimension: int) -> Self:
        """Pack blocks of float32 rows, one after another.

        Args:
            blocks: Each (any number, dimension).
            precision: Of the packed numbers.
            dimension: Length of a row.
        """
        codes: list[npt.NDArray[Any]] = [np.zeros((0, dimension), precision)]
        scales = [np.zeros(0, np.float32)]
        for block in blocks:
            if precision != "int8":
                codes.append(block.astype(precision))
                continue
            scale = np.abs(block).max(axis=1) / np.float32(_LARGEST_CODE)
            steps = np.divide(block, scale[:, None], out=np.zeros_like(block), where=scale[:, None] > 0)
            codes.append(np.rint(steps).astype(np.int8))
            scales.append(scale)
        return cls(np.concatenate(codes), np.concatenate(scales) if precision == "int8" else None)

    def __len__(self) -> int:
        return len(self.codes)

    @property
    def dimension(self) -> int:
        """Length of a row."""
        return int(self.codes.shape[1])

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and their length."""
        return len(self), self.dimension

    def __getitem__(self, rows: Any) -> Matrix:
        """(rows, dimension) float32; a slice or (rows,) int64."""
        return self.take(rows)

    def take(self, rows: Any) -> Matrix:
        """(rows, dimension) float32; a slice or (rows,) int64."""
        taken: Matrix = self.codes[rows].astype(np.float32)
        if self.scales is not None:
            taken *= self.scales[rows, None]
        return taken if self.rotation is None else taken @ self.rotation

    def rotated(self, rotation: Matrix) -> Self:
        """The same rows, multiplied by a (dimension, dimension) matrix when they are unpacked."""
        whole = rotation if self.rotation is None else self.rotation @ rotation
        return type(self)(self.codes, self.scales, np.ascontiguousarray(whole, np.float32))

    def save(self, folder: Path, name: str) -> None:
        """Write `<name>.npy` and, where there are any, `<name>_scales.npy` and `<name>_rotation.npy`."""
        np.save(folder / f"{name}.npy", self.codes)
        if self.scales is not None:
            np.save(folder / f"{name}_scales.npy", self.scales)
        if self.rotation is not None:
            np.save(folder / f"{name}_rotation.npy", self.rotation)

    @classmethod
    def open(cls, folder: Path, name: str) -> Self:
        """Open saved rows by memory map.

        Raises:
            ReleaseCorruptError: A file is missing, cut short, or does not fit the other.
        """
        try:
            codes = np.load(folder / f"{name}.npy", mmap_mode="r", allow_pickle=False)
            scales = None
            if codes.dtype == np.int8:
                scales = np.load(folder / f"{name}_scales.npy", mmap_mode="r", allow_pickle=False)
            turned = folder / f"{name}_rotation.npy"
            rotation = np.load(turned, allow_pickle=False) if turned.exists() else None
            return cls(codes, scales, rotation)
        except UNREADABLE as error:
            raise ReleaseCorruptError(
                f"{name}.npy of space '{folder.name}' cannot be opened ({error}); "
                "verify the release or build it again."
            ) from error
