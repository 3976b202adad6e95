"""The sample corpus as a file."""

from __future__ import annotations

import gzip
import os
import subprocess
import sys
import tracemalloc
from collections import deque
from itertools import islice
from pathlib import Path

import orjson
import pytest

from embedsvc.errors import InputError
from training.corpus import FieldMapping, Source, SourceReport, open_source, read_candidates
from training.corpus.generator import MAX_CANDIDATES, generate, write

COUNT = 1_000


def test_writes_one_row_a_line(tmp_path):
    path = tmp_path / "sample.jsonl"
    write(path, COUNT, seed=4)
    lines = path.read_bytes().splitlines()
    assert [orjson.loads(line) for line in lines] == list(generate(COUNT, seed=4))


def test_same_bytes_for_the_same_seed_plain_and_gzip(tmp_path):
    names = ("one.jsonl.gz", "two.jsonl.gz", "three.jsonl")
    for name in names:
        write(tmp_path / name, COUNT, seed=4)
    one, two, plain = ((tmp_path / name).read_bytes() for name in names)
    assert one == two
    assert gzip.decompress(one) == plain
    write(tmp_path / "other.jsonl", COUNT, seed=5)
    assert (tmp_path / "other.jsonl").read_bytes() != plain


def test_same_bytes_whatever_the_hash_seed(tmp_path):
    program = (
        "import sys; from pathlib import Path; from training.corpus.generator import write;"
        "write(Path(sys.argv[1]), 1000, 4)"
    )
    for number in ("1", "2"):
        subprocess.run(
            [sys.executable, "-c", program, str(tmp_path / number)],
            check=True,
            cwd=Path(__file__).parents[3],
            env={**os.environ, "PYTHONHASHSEED": number},
        )
    assert (tmp_path / "1").read_bytes() == (tmp_path / "2").read_bytes()


def test_reports_progress_to_the_end(tmp_path):
    told: list[tuple[int, int]] = []
    write(tmp_path / "sample.jsonl", 1_200, seed=4, progress=lambda done, total: told.append((done, total)))
    assert told == [(500, 1_200), (1_000, 1_200), (1_200, 1_200)]


def test_leaves_the_old_file_alone_when_it_is_stopped(tmp_path):
    path = tmp_path / "sample.jsonl"
    path.write_bytes(b"before")

    def stop(done: int, total: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write(path, COUNT, seed=4, progress=stop)
    assert path.read_bytes() == b"before"
    assert list(tmp_path.iterdir()) == [path]


def test_is_not_stopped_by_what_a_killed_run_left(tmp_path):
    left = tmp_path / f".sample.jsonl.{os.getpid()}.part"
    left.write_bytes(b"half a line")
    write(tmp_path / "sample.jsonl", COUNT, seed=4)
    assert [path.name for path in tmp_path.iterdir()] == ["sample.jsonl"]
    assert (tmp_path / "sample.jsonl").read_bytes().startswith(b'{"id":"cand-00000000"')


def test_says_when_the_file_cannot_be_written(tmp_path):
    with pytest.raises(InputError, match=r"cannot be written to 'sample\.jsonl'.*choose another place"):
        write(tmp_path / "no" / "sample.jsonl", COUNT, seed=4)
    with pytest.raises(InputError, match="cannot be written"):
        write(tmp_path, COUNT, seed=4)


def test_refuses_a_wrong_number_before_touching_the_disk(tmp_path):
    with pytest.raises(InputError, match="1,000 to 10,000,000"):
        write(tmp_path / "sample.jsonl", 10, seed=4)
    assert list(tmp_path.iterdir()) == []


def test_is_read_back_by_the_corpus_reader(tmp_path):
    path = tmp_path / "sample.jsonl.gz"
    write(path, COUNT, seed=4)
    candidates = list(
        read_candidates(open_source(Source(path=str(path)), Path()), FieldMapping(), report=SourceReport())
    )
    assert len(candidates) == COUNT
    assert candidates[0].id == "cand-00000000"
    assert sum(bool(candidate.skills) for candidate in candidates) > 900


def test_memory_stays_flat():
    def peak(count: int) -> int:
        tracemalloc.reset_peak()
        deque(islice(generate(MAX_CANDIDATES, seed=4), count), maxlen=1)
        return tracemalloc.get_traced_memory()[1]

    tracemalloc.start()
    try:
        peak(100)
        small, large = peak(300), peak(1_500)
    finally:
        tracemalloc.stop()
    # The 1,200 rows more would take megabytes; what remains is the garbage collector's timing.
    assert large - small < 300_000
