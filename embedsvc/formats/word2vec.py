"""word2vec's two formats, text and binary, as the C tool, gensim and fastText (`.vec`) write them.

Both begin with a line of two numbers, rows and dimension. Text goes on with a line a key: the key and its
numbers, separated by spaces. Binary goes on with the key, a space, and `dimension` little-endian float32;
the C tool adds a line feed, gensim does not; both are read, and gensim's way is written.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from embedsvc.formats.base import BLOCK_BYTES, Block, Progress, Table, decoded, fault
from embedsvc.formats.decimal_text import RowReader, lines_of
from embedsvc.formats.stream import ByteSource

# What ends a key or a line for one reader or another.
WHITE_SPACE = " \t\n\r\v\f\0"
_LONGEST_KEY = 1 << 16
_LARGEST_DIMENSION = 1 << 20


class Word2VecText:
    """A header line, then a line a key."""

    name = "word2vec"
    suffixes = (".vec",)
    unwritable = WHITE_SPACE

    def read(self, path: Path, progress: Progress) -> Iterator[Block]:
        """See `Format.read`."""
        with ByteSource(path, progress) as source:
            size, dimension = header(source)
            rows = RowReader(path, dimension)
            rows.line = 1
            found = 0
            for lines in source.lines():
                block = rows.block(lines)
                found += len(block.keys)
                if found > size:
                    raise fault(path, f"the header promises {size:,} rows and more follow; mend the header.")
                if block.keys:
                    yield block
            if found < size:
                raise _cut_short(path, size, found)

    def write(self, table: Table, path: Path, progress: Progress) -> list[str]:
        """See `Format.write`."""
        done = 0
        with path.open("xb") as out:
            out.write(b"%d %d\n" % (len(table), table.dimension))
            for block in table.blocks():
                out.write(lines_of(block.vectors, block.keys))
                done += len(block.keys)
                progress(done, len(table))
        return []


class Word2VecBinary:
    """A header line, then keys and raw float32."""

    name = "word2vec-binary"
    suffixes = (".bin",)
    unwritable = WHITE_SPACE

    def read(self, path: Path, progress: Progress) -> Iterator[Block]:
        """See `Format.read`."""
        with ByteSource(path, progress) as source:
            size, dimension = header(source)
            if source.plain and size * (4 * dimension + 2) > source.bytes:
                raise fault(
                    path,
                    f"the header promises {size:,} rows of {dimension:,} numbers, which is more than the "
                    "file holds; it is cut short, or no word2vec file.",
                )
            found, held = 0, b""
            while found < size:
                more = source.read(max(BLOCK_BYTES, 4 * dimension))
                if not more:
                    raise _cut_short(path, size, found)
                block, held = _rows(held + more, dimension, size - found, path, found)
                found += len(block.keys)
                if block.keys:
                    yield block
            if (held + source.read(BLOCK_BYTES)).strip(b"\n"):
                raise fault(path, f"more follows the {size:,} rows the header promises; mend the header.")

    def write(self, table: Table, path: Path, progress: Progress) -> list[str]:
        """See `Format.write`."""
        done = 0
        with path.open("xb") as out:
            out.write(b"%d %d\n" % (len(table), table.dimension))
            for block in table.blocks():
                rows = block.vectors.astype("<f4", copy=False)
                out.writelines(
                    part
                    for key, row in zip(block.keys, rows, strict=True)
                    for part in (f"{key} ".encode(), row)
                )
                done += len(block.keys)
                progress(done, len(table))
        return []


def header(source: ByteSource) -> tuple[int, int]:
    """Rows and dimension from the first line.

    Raises:
        FormatError: It is not two whole numbers above 0.
    """
    found = parse_header(source.line())
    if found is None:
        raise fault(
            source.path,
            "the first line is not two whole numbers above 0, rows and dimension; this is no word2vec file. "
            "GloVe's text has no such line: see --format.",
        )
    return found


def parse_header(line: bytes) -> tuple[int, int] | None:
    """Rows and dimension, or None where the line is anything else."""
    fields = line.split()
    if len(fields) != 2 or not all(field.isdigit() and len(field) < 19 for field in fields):
        return None
    size, dimension = map(int, fields)
    return (size, dimension) if size and 0 < dimension <= _LARGEST_DIMENSION else None


def _cut_short(path: Path, size: int, found: int) -> Exception:
    return fault(
        path, f"the header promises {size:,} rows and {found:,} are there; it is cut short: fetch it again."
    )


def _rows(data: bytes, dimension: int, wanted: int, path: Path, before: int) -> tuple[Block, bytes]:
    """The whole rows at the front of `data`, at most `wanted`, and what is left of it."""
    keys: list[str] = []
    parts, width, begin, space = [], 4 * dimension, 0, 0
    view = memoryview(data)
    while len(keys) < wanted:
        space = data.find(b" ", begin, begin + _LONGEST_KEY)
        if space < 0 or len(data) < space + 1 + width:
            break
        key = data[begin:space].lstrip(b"\n")
        keys.append(decoded(key, path, f"row {before + len(keys) + 1}"))
        begin = space + 1 + width
        parts.append(view[space + 1 : begin])
    if space < 0 and len(keys) < wanted and len(data) - begin > _LONGEST_KEY:
        raise fault(path, f"row {before + len(keys) + 1} has no key; this is no word2vec file.")
    vectors = np.frombuffer(b"".join(parts), "<f4").astype(np.float32, copy=False).reshape(-1, dimension)
    return Block(keys, vectors), data[begin:]
