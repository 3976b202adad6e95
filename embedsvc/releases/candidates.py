"""What search returns of a candidate, row by row beside the vectors of the candidates index.

`candidates.arrow` has the columns id, title, label (null where unknown) and updated_at: what an answer
must show and no more; texts and contact data never enter a release.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from embedsvc.errors import ReleaseCorruptError

Mask = npt.NDArray[np.bool_]

FILE = "candidates.arrow"
SCHEMA = pa.schema(
    [
        pa.field("id", pa.string(), nullable=False),
        pa.field("title", pa.string(), nullable=False),
        pa.field("label", pa.string()),
        pa.field("updated_at", pa.string(), nullable=False),
    ]
)


@dataclass(frozen=True, slots=True)
class CandidateCard:
    """One candidate as an answer shows it."""

    id: str
    title: str
    label: str | None


class CandidateTable:
    """Cards by row, memory-mapped."""

    def __init__(self, table: pa.Table) -> None:
        self._table = table
        self._columns = [table.column(name) for name in ("id", "title", "label")]

    def __len__(self) -> int:
        return int(self._table.num_rows)

    def card(self, row: int) -> CandidateCard:
        """The card of `row`."""
        identity, title, label = (column[row].as_py() for column in self._columns)
        return CandidateCard(identity, title, label)

    def label_counts(self) -> dict[str, int]:
        """How many rows bear each label."""
        counted = self._columns[2].drop_null().value_counts()
        return dict(
            zip(counted.field("values").to_pylist(), counted.field("counts").to_pylist(), strict=True)
        )

    def one_of(self, column: str, values: Sequence[str | None]) -> Mask:
        """Which rows hold one of these values in the column; None is the unknown."""
        wanted = pa.array(values, pa.string())
        return _mask(pc.is_in(self._table.column(column), value_set=wanted))

    def at_least(self, column: str, bound: str) -> Mask:
        """Which rows hold a text in the column that is ordered at `bound` or after it."""
        return _mask(pc.greater_equal(self._table.column(column), bound))

    def before(self, column: str, bound: str) -> Mask:
        """Which rows hold a text in the column that is ordered before `bound`; the empty one is unknown."""
        texts = self._table.column(column)
        return _mask(pc.and_(pc.less(texts, bound), pc.not_equal(texts, "")))

    @classmethod
    def open(cls, folder: Path) -> CandidateTable:
        """Map the table of `folder`.

        Raises:
            ReleaseCorruptError: The file is missing, cut short or has other columns.
        """
        try:
            with pa.memory_map(str(folder / FILE)) as source:
                table = pa.ipc.open_file(source).read_all()
            table.validate()
        except (OSError, ValueError) as error:
            raise ReleaseCorruptError(
                f"The candidates table cannot be opened ({error}); run the re-index again."
            ) from error
        if table.schema != SCHEMA:
            raise ReleaseCorruptError(
                "The candidates table has other columns than this version reads; run the re-index again."
            )
        return cls(table)


def _mask(values: pa.ChunkedArray) -> Mask:
    """Null is false."""
    found: Mask = pc.fill_null(values, False).to_numpy()
    return found


class CandidateTableWriter:
    """Writes the table in batches, so that memory stays flat; a context manager."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._sink = pa.OSFile(str(folder / FILE), "wb")
        self._writer = pa.ipc.new_file(self._sink, SCHEMA)

    def write(self, rows: Sequence[tuple[str, str, str | None, str]]) -> None:
        """Append rows of (id, title, label, updated_at)."""
        columns = list(zip(*rows, strict=True)) if rows else [()] * len(SCHEMA)
        arrays = [pa.array(column, field.type) for column, field in zip(columns, SCHEMA, strict=True)]
        self._writer.write_batch(pa.record_batch(arrays, schema=SCHEMA))

    def __enter__(self) -> CandidateTableWriter:
        return self

    def __exit__(self, *exception: object) -> None:
        self._writer.close()
        self._sink.close()
