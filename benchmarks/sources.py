"""Candidates from each kind of source, beside the plain loop of the library that reads it.

    python -m benchmarks.sources [--candidates 20000] [--json]

ours   open_source and read_candidates: records found, bad ones counted, fields mapped, candidates built.
plain  the library alone, over the same file: every record as a dict, nothing else.

The documents are generated candidates, written once in every format. Speed is in documents and in MB (10^6
bytes, before compression) a second of one core, the best of three; peak is the resident memory of a process
that does nothing else, in MB.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import json
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import orjson
import pyarrow as pa
import pyarrow.parquet as pq

from training.corpus import Source, SourceReport, open_source, read_candidates
from training.corpus.generator import generate

_RUNS = 3
_COLUMNS = ("id", "title", "summary", "skills", "experience", "education", "projects", "label", "updated_at")
_PEAK = "import benchmarks.sources as b, sys; b.print_peak(sys.argv[1])"


def write(folder: Path, candidates: int) -> int:
    """Write the candidates in every format; returns their size in bytes as JSON Lines."""
    rows = [{key: row[key] for key in _COLUMNS} for row in generate(candidates, seed=1)]
    lines = b"".join(orjson.dumps(row) + b"\n" for row in rows)
    (folder / "c.jsonl").write_bytes(lines)
    (folder / "c.jsonl.gz").write_bytes(gzip.compress(lines, compresslevel=6))
    (folder / "c.jsonl.zst").write_bytes(pa.compress(lines, codec="zstd", asbytes=True))
    (folder / "c.json").write_bytes(orjson.dumps(rows))
    pq.write_table(pa.Table.from_pylist(rows), folder / "c.parquet", row_group_size=10_000)
    flat = [tuple(v if isinstance(v, str) else json.dumps(v) for v in row.values()) for row in rows]
    with (folder / "c.csv").open("w", newline="", encoding="utf-8") as out:
        csv.writer(out).writerows([_COLUMNS, *flat])
    with closing(sqlite3.connect(folder / "c.db")) as connection, connection:
        connection.execute(f"CREATE TABLE c ({', '.join(_COLUMNS)})")
        marks = ", ".join("?" * len(_COLUMNS))
        connection.executemany(f"INSERT INTO c VALUES ({marks})", flat)  # noqa: S608 - marks only
    return len(lines)


def ours(path: Path) -> int:
    """Read candidates; returns how many."""
    where = {"url": f"sqlite:///{path}", "table": "c"} if path.suffix == ".db" else {"path": str(path)}
    source = Source.model_validate(where)
    return sum(1 for _ in read_candidates(open_source(source, Path()), source.fields, report=SourceReport()))


def plain(path: Path) -> int:
    """Make a dict of every record; returns how many."""
    return sum(1 for _ in _PLAIN["".join(path.suffixes)](path))


def _lines(path: Path) -> Iterator[Any]:
    with path.open("rb") as lines:
        yield from map(orjson.loads, lines)


def _gzip(path: Path) -> Iterator[Any]:
    with gzip.open(path) as lines:
        yield from map(orjson.loads, lines)


def _zstandard(path: Path) -> Iterator[Any]:
    whole = pa.CompressedInputStream(pa.OSFile(str(path)), "zstd").read()
    yield from map(orjson.loads, whole.splitlines())


def _array(path: Path) -> Iterator[Any]:
    yield from orjson.loads(path.read_bytes())


def _csv(path: Path) -> Iterator[Any]:
    with path.open(newline="", encoding="utf-8") as lines:
        yield from csv.DictReader(lines)


def _parquet(path: Path) -> Iterator[Any]:
    yield from pq.read_table(path).to_pylist()


def _sqlite(path: Path) -> Iterator[Any]:
    with closing(sqlite3.connect(path)) as connection:
        connection.row_factory = sqlite3.Row
        yield from map(dict, connection.execute("SELECT * FROM c"))


_PLAIN: dict[str, Callable[[Path], Iterator[Any]]] = {
    ".jsonl": _lines,
    ".jsonl.gz": _gzip,
    ".jsonl.zst": _zstandard,
    ".json": _array,
    ".csv": _csv,
    ".parquet": _parquet,
    ".db": _sqlite,
}


def seconds(read: Callable[[Path], int], path: Path) -> float:
    """The shortest of three readings."""
    taken = []
    for _ in range(_RUNS):
        begun = time.process_time()
        read(path)
        taken.append(time.process_time() - begun)
    return min(taken)


def print_peak(path: str) -> None:
    """Read candidates and print the peak of this process in kB."""
    ours(Path(path))
    (peak,) = [
        line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM")
    ]
    print(peak.split()[1])


def main() -> None:
    """Write, read, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--candidates", type=int, default=20_000)
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()
    rows = []
    with tempfile.TemporaryDirectory() as scratch:
        size = write(Path(scratch), args.candidates)
        for suffix in _PLAIN:
            path = Path(scratch) / f"c{suffix}"
            own, alone = seconds(ours, path), seconds(plain, path)
            peak = subprocess.run(
                [sys.executable, "-c", _PEAK, path], capture_output=True, text=True, check=True
            )
            rows.append(
                {
                    "source": suffix,
                    "documents_per_second": round(args.candidates / own),
                    "mb_per_second": round(size / own / 1e6, 1),
                    "plain_mb_per_second": round(size / alone / 1e6, 1),
                    "peak_mb": round(int(peak.stdout) / 1024),
                }
            )
    if args.json:
        print(json.dumps(rows))
        return
    print(f"{'source':12}{'documents/s':>12}{'MB/s':>8}{'plain MB/s':>12}{'peak MB':>9}")
    for row in rows:
        print("{:12}{:>12,}{:>8}{:>12}{:>9}".format(*row.values()))


if __name__ == "__main__":
    main()
