"""What search returns of a candidate, row by row beside the vectors of the candidates index.

`candidates.arrow` has the columns id, title, label (null where unknown) and updated_at, then those that the
recipe makes filterable: texts or numbers, null where unknown. What an answer must show or a filter ask and no
more; other texts and contact data never enter a release.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from embedsvc.errors import InputError, ReleaseCorruptError

Mask = npt.NDArray[np.bool_]
Kind = Literal["text", "number"]
Value = str | float | None

FILE = "candidates.arrow"
_CHUNKS = 64
SCHEMA = pa.schema(
    [
        pa.field("id", pa.string(), nullable=False),
        pa.field("title", pa.string(), nullable=False),
        pa.field("label", pa.string()),
        pa.field("updated_at", pa.string(), nullable=False),
    ]
)
_TYPES: dict[Kind, pa.DataType] = {"text": pa.string(), "number": pa.float64()}
_KINDS: dict[pa.DataType, Kind] = {kind: name for name, kind in _TYPES.items()}


def schema_of(columns: Mapping[str, Kind]) -> pa.Schema:
    """The table's columns with these filterable ones behind."""
    return pa.schema([*SCHEMA, *(pa.field(name, _TYPES[kind]) for name, kind in columns.items())])


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
        self.kinds: dict[str, Kind] = {field.name: _KINDS[field.type] for field in table.schema}
        """What each column holds."""

    def __len__(self) -> int:
        return int(self._table.num_rows)

    @property
    def columns(self) -> dict[str, Kind]:
        """The filterable columns beside those that every table has."""
        return {name: kind for name, kind in self.kinds.items() if name not in SCHEMA.names}

    def facts(self, row: int) -> dict[str, Value]:
        """All that is known of the candidate in `row`, by column; None where unknown."""
        return {name: self._table.column(name)[row].as_py() for name in self.kinds}

    def rows_of(self, identities: Sequence[str]) -> npt.NDArray[np.int64]:
        """The rows of these ids, ascending."""
        found = pc.is_in(self._columns[0], value_set=pa.array(identities, pa.string()))
        return np.flatnonzero(_mask(found)).astype(np.int64)

    def identities(self) -> list[str]:
        """The id of every row."""
        return list(self._columns[0].to_pylist())

    @classmethod
    def empty(cls, columns: Mapping[str, Kind]) -> CandidateTable:
        """A table without rows."""
        return cls(schema_of(columns).empty_table())

    def with_rows(self, rows: Sequence[Mapping[str, Value]]) -> CandidateTable:
        """This table with rows behind its own; a row holds id, title and what else is known."""
        more = pa.Table.from_pylist([dict(row) for row in rows], self._table.schema)
        both = pa.concat_tables([self._table, more])
        return CandidateTable(both.combine_chunks() if both.column(0).num_chunks > _CHUNKS else both)

    def followed_by(self, other: CandidateTable) -> CandidateTable:
        """The rows of this table, then those of another with the same columns; nothing is copied."""
        return CandidateTable(pa.concat_tables([self._table, other._table])) if len(other) else self

    def card(self, row: int) -> CandidateCard:
        """The card of `row`."""
        identity, title, label = (column[row].as_py() for column in self._columns)
        return CandidateCard(identity, title, label)

    def label_counts(self) -> dict[str, int]:
        """How many rows bear each label."""
        return self.value_counts("label")

    def value_counts(self, column: str) -> dict[str, int]:
        """How many rows hold each text of a column of texts, the unknown left out."""
        counted = self._table.column(column).drop_null().value_counts()
        return dict(
            zip(counted.field("values").to_pylist(), counted.field("counts").to_pylist(), strict=True)
        )

    def one_of(self, column: str, values: Sequence[Value]) -> Mask:
        """Which rows hold one of these values in the column; None is the unknown.

        Raises:
            InputError: There is no such column, or it holds something else; so for the other two.
        """
        kind = self._kind(column, values)
        return _mask(pc.is_in(self._table.column(column), value_set=pa.array(values, _TYPES[kind])))

    def at_least(self, column: str, bound: str | float) -> Mask:
        """Which rows hold a value in the column that is ordered at `bound` or after it."""
        self._kind(column, [bound])
        return _mask(pc.greater_equal(self._table.column(column), bound))

    def before(self, column: str, bound: str | float) -> Mask:
        """Which rows hold a value in the column that is ordered before `bound`; an empty text is unknown."""
        kind, found = self._kind(column, [bound]), self._table.column(column)
        less = pc.less(found, bound)
        return _mask(pc.and_(less, pc.not_equal(found, "")) if kind == "text" else less)

    def _kind(self, column: str, asked: Sequence[Value]) -> Kind:
        """What the column holds, which `asked` must be."""
        kind = self.kinds.get(column)
        if kind is None:
            known = sorted(self.kinds)
            raise InputError(
                f"where: there is no column {column[:80]!r} to filter by; there are {', '.join(known)}.",
                details={"known": known},
            )
        wanted = str if kind == "text" else float
        if not all(value is None or isinstance(value, wanted) for value in asked):
            raise InputError(f"where: the column {column!r} holds {kind}s; ask for {kind}s.")
        return kind

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
        names = table.schema.names
        ours = pa.schema(list(table.schema)[: len(SCHEMA)]) == SCHEMA and len({*names}) == len(names)
        if not ours or any(field.type not in _KINDS for field in table.schema):
            raise ReleaseCorruptError(
                "The candidates table has other columns than this version reads; run the re-index again."
            )
        return cls(table)


def _mask(values: pa.ChunkedArray) -> Mask:
    """Null is false."""
    found: Mask = pc.fill_null(values, False).to_numpy()
    return found


class CandidateTableWriter:
    """Writes the table in batches, so that memory stays flat; a context manager.

    Args:
        folder: Made where missing.
        columns: The filterable ones and what they hold.
    """

    def __init__(self, folder: Path, columns: Mapping[str, Kind] | None = None) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._schema = schema_of(columns or {})
        self._sink = pa.OSFile(str(folder / FILE), "wb")
        self._writer = pa.ipc.new_file(self._sink, self._schema)

    def write(self, rows: Sequence[tuple[Any, ...]]) -> None:
        """Append rows of (id, title, label, updated_at) and the filterable columns in their order."""
        columns = list(zip(*rows, strict=True)) if rows else [()] * len(self._schema)
        arrays = [pa.array(column, field.type) for column, field in zip(columns, self._schema, strict=True)]
        self._writer.write_batch(pa.record_batch(arrays, schema=self._schema))

    def __enter__(self) -> CandidateTableWriter:
        return self

    def __exit__(self, *exception: object) -> None:
        self._writer.close()
        self._sink.close()
