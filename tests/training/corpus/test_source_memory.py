"""Reading ten times the corpus takes no more memory, whatever the source."""

from __future__ import annotations

import csv
import json
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from itertools import islice
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

COUNT = 2_500  # 5 MB
SKILLS = "php, sql, baking"

# The peak of this very program: what getrusage says begins with the peak of the process that started it.
READ = """
import sys
from pathlib import Path
from training.corpus import Source, SourceReport, open_source, read_candidates
source = Source(**{sys.argv[1]: sys.argv[2], sys.argv[3]: sys.argv[4]})
read = read_candidates(open_source(source, Path()), source.fields, report=SourceReport())
count = sum(len(candidate.skills) == 3 for candidate in read)
(peak,) = [line for line in open("/proc/self/status") if line.startswith("VmHWM")]
print(count, peak.split()[1])
"""


def texts(count: int) -> list[tuple[str, str, str]]:
    return [(str(number), SKILLS, f"{number} lorem ipsum" * 120) for number in range(count)]


def json_lines(path: Path, count: int) -> None:
    with path.open("w") as out:
        out.writelines(json.dumps(dict(zip(COLUMNS, row, strict=True))) + "\n" for row in texts(count))


def json_array(path: Path, count: int) -> None:
    path.write_text(json.dumps([dict(zip(COLUMNS, row, strict=True)) for row in texts(count)]))


def table(path: Path, count: int) -> None:
    with path.open("w", newline="") as out:
        csv.writer(out).writerows([COLUMNS, *texts(count)])


def parquet(path: Path, count: int) -> None:
    columns = zip(*texts(count), strict=True)
    # One row group, as pandas writes it: it must not be read at once either.
    whole = pa.table(dict(zip(COLUMNS, map(list, columns), strict=True)))
    pq.write_table(whole, path, row_group_size=count, use_dictionary=False, compression="NONE")


def sqlite(path: Path, count: int) -> None:
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(f"CREATE TABLE resumes ({', '.join(COLUMNS)})")
        rows = iter(texts(count))
        while part := list(islice(rows, 1000)):
            connection.executemany("INSERT INTO resumes VALUES (?, ?, ?)", part)


COLUMNS = ("id", "skills", "summary")


def peak(key: str, value: str, other: str, said: str, count: int) -> int:
    command = [sys.executable, "-c", READ, key, value, other, said]
    found, kilobytes = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
    assert int(found) == count
    return int(kilobytes)


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="the peak is read from /proc")
@pytest.mark.parametrize(
    ("write", "name"),
    [
        (json_lines, "c.jsonl"),
        (json_array, "c.json"),
        (table, "c.csv"),
        (parquet, "c.parquet"),
        (sqlite, "c.db"),
    ],
)
def test_the_peak_stays_flat(tmp_path: Path, write: Callable[[Path, int], None], name: str):
    peaks = []
    for folder, count in (("small", COUNT), ("large", 10 * COUNT)):
        path = tmp_path / folder / name
        path.parent.mkdir()
        write(path, count)
        if name == "c.db":
            peaks.append(peak("url", f"sqlite:///{path}", "table", "resumes", count))
        else:
            peaks.append(peak("path", str(path), "format", "auto", count))
    assert peaks[1] < 1.2 * peaks[0]
