"""Stanford GloVe's text: a line a key, its numbers after it, no header."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from embedsvc.formats.base import Block, Progress, Table
from embedsvc.formats.decimal_text import RowReader, lines_of
from embedsvc.formats.stream import ByteSource
from embedsvc.formats.word2vec import WHITE_SPACE


class Glove:
    """A line a key; the first line tells the dimension."""

    name = "glove"
    suffixes = (".txt", ".glove")
    unwritable = WHITE_SPACE

    def read(self, path: Path, progress: Progress) -> Iterator[Block]:
        """See `Format.read`. Keys that hold spaces, as glove.840B has a few, are read as they stand."""
        rows = RowReader(path, None)
        with ByteSource(path, progress) as source:
            for lines in source.lines():
                block = rows.block(lines)
                if block.keys:
                    yield block

    def write(self, table: Table, path: Path, progress: Progress) -> list[str]:
        """See `Format.write`."""
        done = 0
        with path.open("xb") as out:
            for block in table.blocks():
                out.write(lines_of(block.vectors, block.keys))
                done += len(block.keys)
                progress(done, len(table))
        return []
