"""`.magnitude`: SQLite with unit vectors as whole numbers of 1e-7 and the length of each beside them.

The tables are those of pymagnitude's converter, version 2. Approximate-search and subword tables are
neither needed nor written. The key column compares without case, as the format demands: keys that differ
only in the case of A to Z are kept, and found by their exact spelling, but also answer for each other.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from embedsvc.errors import FormatError
from embedsvc.formats.base import Block, Progress, Table, decoded, fault, rows_a_block
from embedsvc.formats.stream import ByteSource
from embedsvc.spaces.space import Matrix

SQLITE_MAGIC = b"SQLite format 3\0"
_VERSION = 2
_PRECISION = 7
# SQLite holds 2,000 columns where it was not compiled for more; two of them are the key and the length.
_LARGEST_DIMENSION = 1998
_BUCKETS = 100  # of a component's size, each side of 0, for the entropy
_MAX_PRECISION = 15
_OBJECT = 8  # a number as an object of Python, in units of a float32


class Magnitude:
    """Plain word vectors of pymagnitude; no language models."""

    name = "magnitude"
    suffixes = (".magnitude",)
    unwritable = "\0"

    def read(self, path: Path, progress: Progress) -> Iterator[Block]:
        """See `Format.read`. A file of version 1 has no lengths: its vectors come out of length 1."""
        with ByteSource(path) as source:
            if not source.head.startswith(SQLITE_MAGIC):
                raise fault(path, "this is no .magnitude file: it is not SQLite.")
        address = f"{path.absolute().as_uri()}?mode=ro&immutable=1"
        try:
            with closing(sqlite3.connect(address, uri=True)) as database:
                yield from _blocks(database, path, progress)
        except (sqlite3.Error, OverflowError) as error:
            raise fault(path, f"the database cannot be read ({error}); it is cut short or damaged.") from None

    def write(self, table: Table, path: Path, progress: Progress) -> list[str]:
        """See `Format.write`."""
        if table.dimension > _LARGEST_DIMENSION:
            raise FormatError(
                f"A .magnitude file holds {_LARGEST_DIMENSION:,} dimensions at most, not {table.dimension:,}"
                "; choose another format."
            )
        try:
            with closing(sqlite3.connect(path, isolation_level=None)) as database:
                alike = _written(database, table, progress)
        except sqlite3.OperationalError as error:
            raise OSError(f"The .magnitude file cannot be written ({error})") from error
        notes = [f"Vectors are rounded to 1e-{_PRECISION} of their length."]
        if alike:
            notes.append(
                f"{alike:,} keys differ from another only in case. Each is found by its exact spelling, but "
                "a reader that ignores case takes one for the other."
            )
        return notes


def _written(database: sqlite3.Connection, table: Table, progress: Progress) -> int:
    """Write everything; how many keys differ from another only in case comes back."""
    # Whoever asked for the file gets it whole or not at all: no journal is needed.
    database.execute("PRAGMA journal_mode = OFF")
    database.execute("PRAGMA synchronous = OFF")
    database.execute("BEGIN")
    dimensions = _fill(database, table, progress)
    database.execute("CREATE INDEX `magnitude_key_idx` ON `magnitude` (key)")
    first = dimensions[0]
    database.execute(f"CREATE INDEX `magnitude_dim_{first}_idx` ON `magnitude` (dim_{first})")
    most, alike = _same_but_for_case(database)
    facts = {"version": _VERSION, "elmo": 0, "size": len(table), "dim": table.dimension}
    rows = [*facts.items(), ("precision", _PRECISION), *(("entropy", each) for each in dimensions)]
    insert = "INSERT INTO `magnitude_format` VALUES (?, ?)"
    database.executemany(insert, [*rows, ("max_duplicate_keys", most)])
    database.execute("COMMIT")
    return alike


def _fill(database: sqlite3.Connection, table: Table, progress: Progress) -> list[int]:
    """Write all rows; the dimensions come back in falling order of their entropy."""
    columns = [f"dim_{each}" for each in range(table.dimension)]
    typed = ", ".join(f"{column} INTEGER" for column in columns)
    database.execute(f"CREATE TABLE `magnitude` (key TEXT COLLATE NOCASE, {typed}, magnitude REAL)")
    database.execute("CREATE TABLE `magnitude_format` (key TEXT COLLATE NOCASE, value INTEGER)")
    insert = f"INSERT INTO `magnitude` VALUES ({', '.join('?' * (table.dimension + 2))})"  # noqa: S608
    seen = np.zeros((table.dimension, 2 * _BUCKETS + 1), np.int64)
    done = 0
    for block in table.blocks():
        vectors = block.vectors.astype(np.float64)
        lengths = np.linalg.norm(vectors, axis=1)
        units = vectors / np.where(lengths > 0, lengths, 1)[:, None]
        whole = np.rint(units * 10**_PRECISION).astype(np.int64)
        rows = zip(block.keys, whole.tolist(), lengths.tolist(), strict=True)
        database.executemany(insert, [(key, *row, length) for key, row, length in rows])
        _count(seen, units)
        done += len(block.keys)
        progress(done, len(table))
    return sorted(range(table.dimension), key=lambda each: -_entropy(seen[each]))


def _count(seen: npt.NDArray[np.int64], units: npt.NDArray[np.float64]) -> None:
    width = seen.shape[1]
    buckets = np.clip((units * _BUCKETS).astype(np.int64) + _BUCKETS, 0, width - 1)
    flat = buckets + np.arange(len(seen)) * width
    seen += np.bincount(flat.ravel(), minlength=seen.size).reshape(seen.shape)


def _entropy(counts: npt.NDArray[np.int64]) -> float:
    shares = counts[counts > 0] / counts.sum()
    return float(-(shares * np.log2(shares)).sum())


def _same_but_for_case(database: sqlite3.Connection) -> tuple[int, int]:
    """The most keys that are the same but for case, and how many keys have such a twin."""
    groups = "SELECT COUNT(*) AS size FROM `magnitude` GROUP BY key"
    most, alike = database.execute(
        f"SELECT MAX(size), SUM(CASE WHEN size > 1 THEN size ELSE 0 END) FROM ({groups})"  # noqa: S608
    ).fetchone()
    return int(most), int(alike)


def _blocks(database: sqlite3.Connection, path: Path, progress: Progress) -> Iterator[Block]:
    database.execute("PRAGMA trusted_schema = OFF")
    database.execute("PRAGMA cell_size_check = ON")
    database.text_factory = bytes
    dimension, size, precision = _facts(database, path)
    known = {name.decode() for _, name, *_ in database.execute("PRAGMA table_info(`magnitude`)")}
    columns = [f"dim_{each}" for each in range(dimension)]
    if not {"key", *columns} <= known:
        raise fault(path, f"its table has not the {dimension:,} dimensions it promises.")
    length = "magnitude" if "magnitude" in known else "1.0"
    query = f"SELECT key, {', '.join(columns)}, {length} FROM `magnitude` ORDER BY rowid"  # noqa: S608
    found = 0
    cursor = database.execute(query)
    while rows := cursor.fetchmany(max(1, rows_a_block(dimension) // _OBJECT)):
        keys = [_key(row[0], path, found + place) for place, row in enumerate(rows, 1)]
        yield Block(keys, _vectors(rows, precision, path))
        found += len(rows)
        progress(found, size)
    if found != size:
        raise fault(path, f"it promises {size:,} keys and holds {found:,}; fetch it again.")


def _facts(database: sqlite3.Connection, path: Path) -> tuple[int, int, int]:
    """Dimension, number of keys, and decimals of a component."""
    names = "'magnitude', 'magnitude_format'"
    kinds = database.execute(
        f"SELECT name, sql FROM sqlite_master WHERE type = 'table' AND name IN ({names})"  # noqa: S608
    ).fetchall()
    # A virtual table or a view would run code of its own; the format has neither under these names.
    if len(kinds) != 2 or not all(sql and sql.upper().startswith(b"CREATE TABLE") for _, sql in kinds):
        raise fault(path, "this is SQLite, but no .magnitude file: it has no tables of that format.")
    facts = {
        bytes(key).decode("utf-8", "replace").lower(): value
        for key, value in database.execute("SELECT key, value FROM `magnitude_format`")
        if isinstance(key, bytes) and isinstance(value, int)
    }
    if facts.get("elmo"):
        raise fault(path, "this holds a language model (ELMo), not vectors of words; it cannot be imported.")
    dimension, size, precision = (facts.get(name, -1) for name in ("dim", "size", "precision"))
    if not (0 < dimension < 1 << 15 and size > 0 and 0 <= precision <= _MAX_PRECISION):
        raise fault(path, "it does not say its dim, size and precision; it is damaged.")
    return dimension, size, precision


def _key(value: object, path: Path, row: int) -> str:
    if not isinstance(value, bytes):
        raise fault(path, f"the key of row {row:,} is no text; the file is damaged.")
    return decoded(value, path, f"row {row:,}")


def _vectors(rows: Sequence[Sequence[Any]], precision: int, path: Path) -> Matrix:
    try:
        values = np.array([row[1:] for row in rows], np.float64)
    except (TypeError, ValueError):
        raise fault(path, "a component of a vector is no number; the file is damaged.") from None
    with np.errstate(over="ignore"):  # what overflows becomes infinity, which the caller reports by row
        vectors: Matrix = (values[:, :-1] * (values[:, -1:] / 10**precision)).astype(np.float32)
        return vectors
