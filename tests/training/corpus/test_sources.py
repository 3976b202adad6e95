"""Candidates out of JSON Lines files, whole or broken."""

from __future__ import annotations

import gzip
import json
import os
import tracemalloc
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from embedsvc.errors import BrokenSourceError, EmptyCorpusError, InputError, SourceNotFoundError
from training.corpus import (
    BadLine,
    Candidate,
    FieldMapping,
    Origin,
    Source,
    SourceReport,
    read_candidates,
)
from training.corpus.sources.local import local_files
from training.corpus.sources.opening import of_file

GOOD = b'{"id": "g", "skills": ["php"]}\n'


def write(path: Path, *records: Any) -> Path:
    path.write_text("".join(json.dumps(record) + "\n" for record in records))
    return path


def read(*paths: Path, report: SourceReport | None = None, share: float = 0.01) -> list[Candidate]:
    return list(
        read_candidates(files(*paths), FieldMapping(), max_bad_share=share, report=report or SourceReport())
    )


def files(*paths: Path) -> list[Origin]:
    return [of_file(place, Source(path="-")) for place in local_files(paths)]


def test_candidates_come_in_order_and_are_counted(tmp_path: Path):
    one = write(
        tmp_path / "1.jsonl", {"id": "a", "skills": "php,sql", "label": "IT"}, {"id": "b", "title": "Cook"}
    )
    two = tmp_path / "2.jsonl.gz"
    two.write_bytes(gzip.compress(b'\xef\xbb\xbf{"id": "a"}\n\n  \n{"summary": "no id"}'))
    report = SourceReport()
    assert read(one, two, report=report) == [
        Candidate(id="a", skills=("php", "sql"), label="IT"),
        Candidate(id="b", title="Cook"),
        Candidate(id="a"),
        Candidate(id="2-4", summary="no id"),
    ]
    assert report.counts() == {
        "files": 2,
        "lines": 4,
        "candidates": 4,
        "bad_lines": 0,
        "generated_ids": 1,
        "duplicate_ids": 1,
        "with_skills": 1,
        "with_label": 1,
        "bytes_read": one.stat().st_size + two.stat().st_size,
        "first_bad": [],
    }


def test_files_are_looked_up_before_anything_is_read(tmp_path: Path):
    write(tmp_path / "1.jsonl", {"id": "a"})
    with pytest.raises(SourceNotFoundError, match=r"gone\.jsonl"):
        files(tmp_path / "1.jsonl", tmp_path / "gone.jsonl")


def test_bad_lines_are_passed_over_counted_and_listed_without_their_text(tmp_path: Path):
    bad = [
        b"not json secret\n",
        b'{"id": "\xff"}\n',
        b"[1, 2]\n",
        b'"text"\n',
        b"null\n",
        b'{"a": NaN}\n',
        b'{"a": 1}}\n',
    ]
    file = tmp_path / "c.jsonl"
    file.write_bytes(GOOD * 2 + b"\n" + b"".join(bad) + GOOD)
    report = SourceReport()
    assert read(file, report=report, share=0.7) == [Candidate(id="g", skills=("php",))] * 3
    assert (report.lines, report.bad_lines, report.duplicate_ids) == (10, 7, 2)
    assert [each.line for each in report.first_bad] == [4, 5, 6, 7, 8, 9, 10]
    assert report.first_bad[2] == BadLine(str(file), 6, "a JSON list, not an object")
    assert report.first_bad[0].reason == "not JSON at character 1: invalid literal, expected 'null'"
    assert "secret" not in str(report.counts())


def test_only_the_first_twenty_bad_lines_are_listed(tmp_path: Path):
    file = tmp_path / "c.jsonl"
    file.write_bytes(b"bad\n" * 30)
    report = SourceReport()
    assert read(file, report=report, share=1.0) == []
    assert report.bad_lines == 30
    assert [each.line for each in report.first_bad] == list(range(1, 21))


@pytest.mark.parametrize(("bad", "accepted"), [(0, True), (1, True), (2, False)])
def test_the_share_is_judged_at_the_end_of_each_file(tmp_path: Path, bad: int, accepted: bool):
    file = tmp_path / "c.jsonl"
    file.write_bytes(b"bad\n" * bad + GOOD * (100 - bad))
    if accepted:
        assert len(read(file)) == 100 - bad
        return
    with pytest.raises(
        BrokenSourceError, match=r"c\.jsonl: 2 of 100 lines are bad.*first is .*c\.jsonl:1: not JSON"
    ) as caught:
        read(file)
    assert caught.value.details["bad_lines"] == 2
    assert caught.value.details["lines"] == 100


def test_bad_lines_of_one_file_are_not_excused_by_another(tmp_path: Path):
    (tmp_path / "1.jsonl").write_bytes(GOOD * 1000)
    (tmp_path / "2.jsonl").write_bytes(GOOD + b"bad\n")
    with pytest.raises(BrokenSourceError, match=r"2\.jsonl: 1 of 2 lines"):
        read(tmp_path / "1.jsonl", tmp_path / "2.jsonl")


def test_the_first_bad_line_named_is_of_the_refused_file(tmp_path: Path):
    (tmp_path / "1.jsonl").write_bytes(b"bad\n" + GOOD * 1000)
    (tmp_path / "2.jsonl").write_bytes(GOOD + b"bad\n")
    with pytest.raises(BrokenSourceError, match=r"The first is .*2\.jsonl:2: not JSON"):
        read(tmp_path / "1.jsonl", tmp_path / "2.jsonl")


def test_a_hopeless_file_is_refused_early_and_a_clumsy_start_is_not(tmp_path: Path):
    hopeless, clumsy = tmp_path / "hopeless.jsonl", tmp_path / "clumsy.jsonl"
    hopeless.write_bytes(b"bad\n" * 100_000)
    report = SourceReport()
    with pytest.raises(BrokenSourceError, match="100 of 100 lines"):
        read(hopeless, report=report)
    assert report.lines == 100
    clumsy.write_bytes(b"bad\n" * 5 + GOOD * 95 + b"bad\n" * 5 + GOOD * 895)
    assert len(read(clumsy)) == 990


def test_a_json_array_is_recognised_where_lines_were_asked_for(tmp_path: Path):
    (tmp_path / "c.jsonl").write_text('[{"id": "a"},\n{"id": "b"}]\n')
    with pytest.raises(BrokenSourceError, match='one JSON array has format = "json"'):
        read(tmp_path / "c.jsonl")


def test_a_plain_file_cut_short_is_noticed_whatever_the_share(tmp_path: Path):
    (tmp_path / "c.jsonl").write_bytes(GOOD * 1000 + GOOD[:-3])
    with pytest.raises(BrokenSourceError, match="cut short in the middle of line 1001"):
        read(tmp_path / "c.jsonl", share=1.0)


def test_a_gzip_file_cut_short_is_noticed_after_its_candidates(tmp_path: Path):
    whole = gzip.compress(b"".join(b'{"id": "%d"}\n' % n for n in range(1000)))
    (tmp_path / "c.jsonl.gz").write_bytes(whole[:-20])
    with pytest.raises(BrokenSourceError, match="ends too early"):
        read(tmp_path / "c.jsonl.gz", share=1.0)


def test_an_empty_corpus_is_refused_when_asked(tmp_path: Path):
    report = SourceReport()
    write(tmp_path / "c.jsonl")
    assert read(tmp_path / "c.jsonl", report=report) == []
    with pytest.raises(EmptyCorpusError, match=r"no candidate in 1 file\(s\) with 0 line\(s\)"):
        report.require_candidates()


def test_a_corpus_without_skills_is_refused_when_asked(tmp_path: Path):
    report = SourceReport()
    read(write(tmp_path / "c.jsonl", {"id": "a", "key_skills": ["php"]}), report=report)
    report.require_candidates()
    with pytest.raises(
        EmptyCorpusError, match="None of the 1 candidates names a skill; set the field mapping"
    ):
        report.require_skills()


@pytest.mark.parametrize("share", [-0.1, 1.1, float("nan")])
def test_a_share_that_is_none_is_refused(tmp_path: Path, share: float):
    with pytest.raises(InputError, match="max_bad_share"):
        read(write(tmp_path / "c.jsonl", {}), share=share)


def test_a_path_that_is_not_utf_8(tmp_path: Path):
    file = tmp_path / os.fsdecode(b"\xff\xe9.jsonl")
    file.write_bytes(b'{"title": "Cook"}\n')
    assert read(file) == [Candidate(id="\\xff\\xe9-1", title="Cook")]
    file.write_bytes(b"bad\n")
    with pytest.raises(BrokenSourceError) as caught:
        read(file)
    assert r"\xff\xe9.jsonl: 1 of 1 lines" in caught.value.message.encode().decode()


def test_generated_ids_are_stable_and_differ_between_files_of_one_name(tmp_path: Path):
    for folder in "ab":
        (tmp_path / folder).mkdir()
        write(tmp_path / folder / "part.jsonl", {"title": folder}, {"title": folder})
    ids = [each.id for each in read(tmp_path / "*/part.jsonl")]
    assert ids == ["part-1", "part-2", "part.2-1", "part.2-2"]
    assert [each.id for each in read(tmp_path / "*/part.jsonl")] == ids


def test_progress_runs_over_all_files(tmp_path: Path):
    for name in ("1.jsonl", "2.jsonl"):
        (tmp_path / name).write_bytes(GOOD * 300)
    seen: list[tuple[int, int]] = []
    report = SourceReport(on_progress=lambda done, total: seen.append((done, total)))
    read(tmp_path / "*.jsonl", report=report)
    total = 600 * len(GOOD)
    assert seen == [(total // 2, total), (total // 2, total), (total, total), (total, total)]


def records(path: Path, count: int) -> Path:
    with gzip.open(path, "wt", compresslevel=1) as file:
        for number in range(count):
            file.write(
                json.dumps({"id": f"c{number}", "skills": ["a", "b"], "summary": f"{number} " * 300}) + "\n"
            )
    return path


def peak(path: Path) -> int:
    candidates: Iterator[Candidate] = read_candidates(files(path), FieldMapping(), report=SourceReport())
    tracemalloc.start()
    try:
        for _ in candidates:
            pass
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_memory_stays_flat_while_the_corpus_grows(tmp_path: Path):
    small, large = records(tmp_path / "small.gz", 2_000), records(tmp_path / "large.gz", 20_000)
    peak(small)
    # 27 MB of text more; only the eight bytes a candidate that tell duplicate ids may grow.
    assert peak(large) - peak(small) < 18_000 * 8 * 2 + 100_000
