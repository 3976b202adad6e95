"""From paths and patterns to files."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from embedsvc.errors import SourceNotFoundError
from training.corpus.paths import expand, shown, stems

ODD = Path(os.fsdecode(b"corpus-\xff\xe9.jsonl"))


def touch(folder: Path, *names: str | Path) -> None:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(b"")


def test_a_name_that_is_not_utf_8_can_be_printed():
    assert shown(ODD) == "corpus-\\xff\\xe9.jsonl"
    assert shown("naïve") == "naïve"


def test_patterns_expand_sorted_and_each_file_comes_once(tmp_path: Path):
    touch(tmp_path, "b.jsonl", "a.jsonl", "c.txt", "deep/er/d.jsonl", ODD)
    (tmp_path / "dir.jsonl").mkdir()
    files = expand([tmp_path / "b.jsonl", tmp_path / "*.jsonl", tmp_path / "**/*.jsonl"])
    assert [file.relative_to(tmp_path) for file in files] == [
        Path("b.jsonl"),
        Path("a.jsonl"),
        ODD,
        Path("deep/er/d.jsonl"),
    ]


def test_a_file_named_like_a_pattern_is_the_file(tmp_path: Path):
    touch(tmp_path, "a[1].jsonl", "a1.jsonl")
    assert expand([tmp_path / "a[1].jsonl"]) == [tmp_path / "a[1].jsonl"]


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("no.jsonl", r"There is no file .*no\.jsonl; check the path"),
        ("*.parquet", r"No file matches .*\*\.parquet"),
        (".", r"is a folder; name its files, for example .*\*\.jsonl\.gz"),
        (os.fsdecode(b"\xff.jsonl"), r"There is no file .*\\xff\.jsonl"),
        ("a.jsonl/b", r"There is no file"),
    ],
)
def test_what_is_not_there_is_named(tmp_path: Path, name: str, said: str):
    touch(tmp_path, "a.jsonl")
    with pytest.raises(SourceNotFoundError, match=said) as caught:
        expand([tmp_path / name])
    assert str(caught.value).encode()


def test_no_path_at_all():
    with pytest.raises(SourceNotFoundError, match="name at least one"):
        expand([])


def test_stems_are_printable_and_differ():
    files = [Path("x/part.jsonl.gz"), Path("y/part.jsonl"), Path(".hidden"), ODD]
    assert stems(files) == ["part", "part.2", ".hidden", "corpus-\\xff\\xe9"]
