"""Parquet, a batch of rows at a time."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import pyarrow as pa
import pyarrow.parquet as pq

from embedsvc.errors import BrokenSourceError
from training.corpus.fields import FieldMapping
from training.corpus.origin import Note, Place, Record
from training.corpus.sources.columns import require_known
from training.corpus.sources.file_origin import FileOrigin
from training.corpus.values import cell_of

_BATCH_BYTES = 1024 * 1024
_BATCH_ROWS = 1024
_BUFFER = 1 << 16


class Parquet(FileOrigin):
    """A Parquet file; nested columns are objects and lists. Only mapped columns are read."""

    unit = "rows"

    def __init__(self, place: Place, mapping: FieldMapping) -> None:
        super().__init__(place)
        self._mapping = mapping

    def records(self, note: Note) -> Iterator[tuple[int, Record | str]]:
        """Yield (row number, row) or (row number, what is wrong)."""
        number = 0
        with self.place.open() as raw:
            try:
                # Without pre-buffering a row group is taken page by page, however large it is.
                with closing(pq.ParquetFile(raw, pre_buffer=False, buffer_size=_BUFFER)) as file:
                    names = file.schema_arrow.names
                    require_known(self.name, names, self._mapping)
                    roots = self._mapping.roots()
                    mapped = [name for name in names if name in roots]
                    rows = max(1, file.metadata.num_rows)
                    for batch in file.iter_batches(
                        _batch_rows(file.metadata), columns=mapped, use_threads=False
                    ):
                        for row in _rows(batch):
                            number += 1
                            yield number, row
                        note(self.size() * number // rows)
                        # Else Arrow's allocator holds on to some 30 MB of freed pages.
                        pa.default_memory_pool().release_unused()
            except (pa.ArrowException, OSError) as error:
                raise BrokenSourceError(
                    f"{self.name} cannot be read as Parquet behind row {number} ({_first_line(error)}); "
                    "fetch it again."
                ) from error
        note(self.size())


def _batch_rows(metadata: pq.FileMetaData) -> int:
    """As many rows as take a few MB; a group's size is that of its pages before compression."""
    groups = [metadata.row_group(number) for number in range(metadata.num_row_groups)]
    row = max((group.total_byte_size // max(1, group.num_rows) for group in groups), default=1)
    return int(min(_BATCH_ROWS, max(1, _BATCH_BYTES // max(1, row))))


def _rows(batch: pa.RecordBatch) -> Iterator[Record | str]:
    try:
        rows = batch.to_pylist()
    except UnicodeDecodeError:
        # Find the one row: the others of the batch are sound.
        if len(batch) == 1:
            yield "not UTF-8"
            return
        for number in range(len(batch)):
            yield from _rows(batch.slice(number, 1))
        return
    for row in rows:
        yield {name: cell_of(value) for name, value in row.items()}


def _first_line(error: Exception) -> str:
    return str(error).split("\n")[0][:200]
