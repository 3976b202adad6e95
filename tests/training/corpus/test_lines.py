"""Lines of plain and gzip files, whole or broken."""

from __future__ import annotations

import bz2
import gzip
import lzma
import os
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from embedsvc.errors import BrokenSourceError, SourceNotFoundError
from training.corpus import lines
from training.corpus.sources import LocalFile

CONTENT = b'{"a": 1}\n\n{"b": "\xc3\xa9"}\r\nlast'
EXPECTED = [(1, b'{"a": 1}\n'), (2, b"\n"), (3, b'{"b": "\xc3\xa9"}\r\n'), (4, b"last")]


def read(path: Path) -> list[tuple[int, bytes]]:
    return list(lines.read_lines(LocalFile(path), [].append))


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "corpus.jsonl"


def test_plain(file: Path):
    file.write_bytes(CONTENT)
    assert read(file) == EXPECTED


@pytest.mark.parametrize("name", ["c.jsonl.gz", "c.jsonl"])
def test_gzip_is_known_by_its_bytes(tmp_path: Path, name: str):
    (tmp_path / name).write_bytes(gzip.compress(CONTENT))
    assert read(tmp_path / name) == EXPECTED


def test_plain_text_may_bear_the_ending_gz(tmp_path: Path):
    (tmp_path / "c.gz").write_bytes(CONTENT)
    assert read(tmp_path / "c.gz") == EXPECTED


def test_gzip_of_several_members(file: Path):
    file.write_bytes(gzip.compress(CONTENT[:5]) + gzip.compress(CONTENT[5:]))
    assert read(file) == EXPECTED


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_a_byte_order_mark_is_dropped(file: Path, pack: Callable[[bytes], bytes]):
    file.write_bytes(pack(b"\xef\xbb\xbf" + CONTENT))
    assert read(file) == EXPECTED


@pytest.mark.parametrize("content", [b"", gzip.compress(b"")])
def test_an_empty_file_has_no_line(file: Path, content: bytes):
    file.write_bytes(content)
    assert read(file) == []


def test_every_cut_of_a_gzip_file_is_noticed(file: Path):
    whole = gzip.compress(b"".join(b'{"n": %d}\n' % n for n in range(50)))
    for length in range(2, len(whole)):
        file.write_bytes(whole[:length])
        with pytest.raises(BrokenSourceError, match="cannot be read to its end"):
            read(file)


@pytest.mark.parametrize("place", [15, 40, -6, -2])
def test_a_changed_byte_of_a_gzip_file_is_noticed(file: Path, place: int):
    data = bytearray(gzip.compress(os.urandom(500).hex().encode()))
    data[place] ^= 0xFF
    file.write_bytes(data)
    with pytest.raises(BrokenSourceError, match=r"corpus\.jsonl cannot be read to its end"):
        read(file)


def test_bytes_after_a_gzip_file_are_noticed(file: Path):
    file.write_bytes(gzip.compress(CONTENT) + b"more")
    with pytest.raises(BrokenSourceError, match="cannot be read to its end"):
        read(file)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (bz2.compress(CONTENT), "bzip2"),
        (lzma.compress(CONTENT), "xz"),
        (b"PK\x03\x04....", "zip archive"),
        (b"PAR1....", "Parquet"),
        ('{"a": 1}'.encode("utf-16"), "UTF-16"),
    ],
)
def test_other_formats_are_named(file: Path, content: bytes, said: str):
    file.write_bytes(content)
    with pytest.raises(BrokenSourceError, match=said):
        read(file)


def test_a_line_of_50_mb_is_read(file: Path):
    big = b'{"a": "' + b"x" * 50_000_000 + b'"}\n'
    file.write_bytes(gzip.compress(big + b"next\n", compresslevel=1))
    got = read(file)
    assert [(number, len(line)) for number, line in got] == [(1, len(big)), (2, 5)]


def test_an_absurdly_long_line_is_refused_and_none_of_the_limit(file: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(lines, "MAX_LINE_BYTES", 100)
    file.write_bytes(b"a\n" + b"x" * 99 + b"\n" + b"x" * 100 + b"\n")
    with pytest.raises(BrokenSourceError, match=r"corpus\.jsonl:3: the line is longer than 100 bytes"):
        read(file)


def test_a_missing_file(file: Path):
    with pytest.raises(SourceNotFoundError, match="No such file"):
        read(file)


def test_a_pipe_is_read(file: Path):
    os.mkfifo(file)
    writer = threading.Thread(target=file.write_bytes, args=(gzip.compress(CONTENT),))
    writer.start()
    assert read(file) == EXPECTED
    writer.join()


def test_progress_counts_the_bytes_on_the_disk(file: Path):
    data = gzip.compress(b"".join(b"%064d\n" % n for n in range(20_000)))
    file.write_bytes(data)
    notes: list[int] = []
    assert sum(1 for _ in lines.read_lines(LocalFile(file), notes.append)) == 20_000
    assert notes == sorted(notes)
    assert notes[-1] == len(data)
    assert len(notes) == 20_000 // 256 + 1
