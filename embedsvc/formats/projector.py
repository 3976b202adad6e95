"""The embedding projector's folder: `vectors.tsv`, `metadata.tsv`, and the `config.json` that names them.

A metadata file of one column has no header; with more columns it has one. Ours has `key` and, where the
keys were counted, `count`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import numpy as np

from embedsvc.formats.base import Block, Counts, Progress, Table, decoded, fault
from embedsvc.formats.decimal_text import RowReader, lines_of
from embedsvc.formats.stream import ByteSource

VECTORS, METADATA, CONFIG = "vectors.tsv", "metadata.tsv", "config.json"
_ADVICE = "an embedding-projector folder holds vectors.tsv and metadata.tsv"


class Projector:
    """A folder of tab-separated values."""

    name = "projector"
    suffixes = (".tsv",)
    unwritable = "\t\n\r\v\f\0"

    def read(self, path: Path, progress: Progress) -> Iterator[Block]:
        """See `Format.read`; `path` is the folder, or the file of vectors with its metadata.tsv beside it."""
        file = path / VECTORS if path.is_dir() else path
        metadata = file.with_name(METADATA)
        for needed in (file, metadata):
            if not needed.is_file():
                raise fault(path, f"there is no {needed.name}; {_ADVICE}.")
        rows = RowReader(file, None, keyed=False, separator=b"\t")
        found = 0
        with ByteSource(file, progress) as source, ByteSource(metadata) as described:
            labels = _Labels(described)
            for lines in source.lines():
                vectors = rows.block(lines).vectors
                if not len(vectors):
                    continue
                keys, counts = labels.take(len(vectors), found)
                found += len(vectors)
                yield Block(keys, vectors, counts)
            labels.finish(found)

    def write(self, table: Table, path: Path, progress: Progress) -> list[str]:
        """See `Format.write`."""
        path.mkdir()
        done = 0
        with (path / VECTORS).open("xb") as vectors, (path / METADATA).open("xb") as metadata:
            if table.counts is not None:
                metadata.write(b"key\tcount\n")
            for block in table.blocks():
                vectors.write(lines_of(block.vectors, separator="\t"))
                metadata.write(_described(block))
                done += len(block.keys)
                progress(done, len(table))
        tensor = {
            "tensorName": "vectors",
            "tensorShape": [len(table), table.dimension],
            "tensorPath": VECTORS,
            "metadataPath": METADATA,
        }
        (path / CONFIG).write_text(json.dumps({"embeddings": [tensor]}, indent=2) + "\n", encoding="utf-8")
        return []


def _described(block: Block) -> bytes:
    if block.counts is None:
        return "".join(f"{key}\n" for key in block.keys).encode()
    pairs = zip(block.keys, block.counts.tolist(), strict=True)
    return "".join(f"{key}\t{count}\n" for key, count in pairs).encode()


class _Labels:
    """Lines of the metadata: the first column is the key, one called `count` the count."""

    def __init__(self, source: ByteSource) -> None:
        self._path = source.path
        self._lines: Iterator[bytes] = (line.rstrip(b"\r") for lines in source.lines() for line in lines)
        first = next(self._lines, b"")
        self._columns = first.split(b"\t")
        if len(self._columns) == 1:
            self._lines = _before(first, self._lines)

    def take(self, number: int, before: int) -> tuple[list[str], Counts | None]:
        rows = [line.split(b"\t") for line in islice(self._lines, number)]
        if len(rows) < number:
            raise fault(self._path, f"it describes {before + len(rows):,} rows; vectors.tsv holds more.")
        for place, row in enumerate(rows, before + 1):
            if len(row) != len(self._columns):
                raise fault(
                    self._path, f"row {place:,} has {len(row)} columns where {len(self._columns)} are due."
                )
        keys = [decoded(row[0], self._path, f"row {place:,}") for place, row in enumerate(rows, before + 1)]
        if b"count" not in self._columns[1:]:
            return keys, None
        column = self._columns.index(b"count")
        try:
            return keys, np.array([int(row[column]) for row in rows], np.int64)
        except (ValueError, OverflowError):
            raise fault(self._path, "the column count holds something that is no whole number.") from None

    def finish(self, found: int) -> None:
        if next(self._lines, b"") != b"":
            raise fault(self._path, f"it describes more rows than the {found:,} of vectors.tsv.")


def _before(first: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    yield first
    yield from rest
