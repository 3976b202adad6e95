"""JSON that is no JSON Lines: arrays, and objects over many lines."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from hypothesis import given
from hypothesis import strategies as st

from embedsvc.errors import BrokenSourceError
from training.corpus import Candidate, Source, SourceReport, bytestream, open_source, read_candidates
from training.corpus.sources import json_array
from training.corpus.sources.json_array import JsonArray
from training.corpus.sources.local import LocalFile
from training.corpus.sources.opening import format_of


def read(path: Path, report: SourceReport | None = None, **keys: Any) -> list[Candidate]:
    source = Source(path=str(path), **keys)
    origins = open_source(source, Path())
    return list(read_candidates(origins, source.fields, max_bad_share=0.5, report=report or SourceReport()))


@pytest.mark.parametrize(
    ("name", "content", "kind"),
    [
        ("c.jsonl", b"[1]\n", "jsonl"),
        ("c.json", b'{"id": 1}\n{"id": 2}\n', "jsonl"),
        ("c.json", b'{"id": 1}', "jsonl"),
        ("c.json", b'\xef\xbb\xbf {\n "id": 1\n}', "json"),
        ("c.json", b"\n [\n", "json"),
        ("c", b"[", "json"),
        ("c", b"{\n", "jsonl"),
        ("c", b"PAR1", "parquet"),
        ("c.NDJSON.gz", gzip.compress(b"[1]"), "jsonl"),
        ("c.json.gz", gzip.compress(b"[1]"), "json"),
        ("c.csv.zst", b"", "csv"),
        ("c.2026.tsv", b"", "tsv"),
        ("c.parquet", b"", "parquet"),
        ("c.json", b"", "jsonl"),
    ],
)
def test_the_format_is_told_by_name_and_first_bytes(tmp_path: Path, name: str, content: bytes, kind: str):
    (tmp_path / name).write_bytes(content)
    assert format_of(LocalFile(tmp_path / name)) == kind


@pytest.mark.parametrize("indent", [None, 2])
def test_an_array(tmp_path: Path, indent: int | None):
    records = [{"id": number, "title": "Köchin \x00", "rate": 1.5} for number in range(1000)]
    (tmp_path / "c.json").write_text(json.dumps(records, indent=indent))
    found = read(tmp_path / "c.json", fields={"summary": "rate"})
    assert found == [Candidate(id=str(number), title="Köchin \x00", summary="1.5") for number in range(1000)]


def test_one_object_a_file_and_several_over_many_lines(tmp_path: Path):
    for name in ("ann", "bob"):
        (tmp_path / f"{name}.json").write_text(json.dumps({"basics": {"label": name}}, indent=2))
    (tmp_path / "cat.json").write_text('{\n"basics": {"label": "c"}}\n\n{"basics":\n{"label": "d"}}\n')
    assert [(each.id, each.title) for each in read(tmp_path / "*.json", preset="jsonresume")] == [
        ("ann-1", "ann"),
        ("bob-1", "bob"),
        ("cat-1", "c"),
        ("cat-2", "d"),
    ]


def test_what_is_no_object_in_an_array_is_a_bad_document(tmp_path: Path):
    good = ', {"id": "e"}' * 10
    text = '[{"id": "a"}, 7, {"id": "]}\\"{"}, [{"id": "c"}], "x\\"", {"id": "d"}, {"id": ]}, nul'
    (tmp_path / "c.json").write_text(f"{text}{good} ]\n")
    report = SourceReport()
    assert [each.id for each in read(tmp_path / "c.json", report)] == ["a", ']}"{', "d", *["e"] * 10]
    assert [(bad.line, bad.reason) for bad in report.first_bad[:3]] == [
        (2, "a JSON int, not an object"),
        (4, "a JSON list, not an object"),
        (5, "a JSON str, not an object"),
    ]
    assert [bad.line for bad in report.first_bad[3:]] == [7, 8, 9]  # the odd brackets are two


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (
            b'[{"id": "a"}, {"id": "sec',
            "is cut short, or a quote or bracket is not closed, behind document 1",
        ),
        (b'[{"id": "a"}', "is cut short, .* behind document 1"),
        (b'[{"id": "a"}, {"id": "sec\\', "is cut short, .* behind document 1"),
        (b"[", "is cut short, .* behind document 0"),
        (b'[{"id": "a"}] secret', "goes on behind the end of its array"),
        (
            b'[{"id": "a"}, {secret: 1}, {"id": "\xffsecret"}]',
            "2 of 3 documents are bad.*json:2: not JSON at",
        ),
    ],
)
def test_damage_is_an_error_without_the_text(tmp_path: Path, content: bytes, said: str):
    (tmp_path / "c.json").write_bytes(content)
    with pytest.raises(BrokenSourceError, match=said) as caught:
        read(tmp_path / "c.json")
    assert "sec" not in f"{caught.value!r}{caught.value.__cause__!r}"


def test_an_array_in_gzip_cut_short(tmp_path: Path):
    whole = gzip.compress(json.dumps([{"id": str(number)} for number in range(5000)]).encode())
    (tmp_path / "c.json.gz").write_bytes(whole[:-10])
    with pytest.raises(BrokenSourceError, match="ends too early"):
        read(tmp_path / "c.json.gz")


def test_absurd_nesting_is_read_or_refused_and_never_crashes(tmp_path: Path):
    deep = '{"id": "a", "summary": ' + "[" * 100_000 + "]" * 100_000 + "}"
    (tmp_path / "c.json").write_text(f"[{deep}, {{}}, {{}}]")
    (tmp_path / "c.jsonl").write_text(f"{deep}\n{{}}\n{{}}\n")
    for name in ("c.json", "c.jsonl"):
        report = SourceReport()
        assert len(read(tmp_path / name, report)) == 2
        assert [bad.line for bad in report.first_bad] == [1]


def test_a_document_of_50_mb_is_read_and_a_bomb_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    big = json.dumps([{"id": "a", "summary": "x" * 50_000_000}, {"id": "b"}])
    (tmp_path / "c.json.gz").write_bytes(gzip.compress(big.encode(), compresslevel=1))
    assert [(each.id, len(each.summary)) for each in read(tmp_path / "c.json.gz")] == [
        ("a", 50_000_000),
        ("b", 0),
    ]
    monkeypatch.setattr(bytestream, "MAX_RECORD_BYTES", 1_000_000)
    with pytest.raises(BrokenSourceError, match="holds a document of more than 1000000 bytes"):
        read(tmp_path / "c.json.gz")


def test_a_million_escapes_quotes_or_brackets_are_linear(tmp_path: Path):
    hostile = ['\\"' * 1_000_000, "[" * 1_000_000, "\\\\" * 1_000_000]
    (tmp_path / "c.json").write_text("[" + ",".join(f'{{"summary": "{text}"}}' for text in hostile) + "]")
    assert [len(each.summary) for each in read(tmp_path / "c.json")] == [1_000_000] * 3
    (tmp_path / "c.json").write_text("[" + '"' * 1_000_001)
    with pytest.raises(BrokenSourceError, match="100 of 100 documents are bad"):
        read(tmp_path / "c.json")


def test_a_field_that_changes_its_type_and_a_skill_of_10_000_characters(tmp_path: Path):
    long = "x" * 10_000
    (tmp_path / "c.jsonl").write_text(
        "".join(
            json.dumps({"skills": skills, "summary": summary}) + "\n"
            for skills, summary in [
                ("a, b", "text"),
                (["a", {"name": "b"}], ["text", {"more": 1}]),
                ({"a": 1}, {"text": None}),
                (7, 7),
                (None, True),
                (f"{long},a", []),
            ]
        )
    )
    found = read(tmp_path / "c.jsonl")
    assert [each.skills for each in found] == [("a", "b"), ("a", "b"), (), (), (), (long, "a")]
    assert [each.summary for each in found] == ["text", "text\n1", "", "7", "", ""]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(st.characters(codec="utf-8")),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=3), inner, max_size=4),
    max_leaves=8,
)


@given(st.lists(st.dictionaries(st.text(max_size=3), JSON, max_size=4)), st.booleans(), st.integers(1, 9))
def test_whatever_a_json_writer_wrote_is_read_back(
    tmp_path_factory: pytest.TempPathFactory, records: list[dict[str, Any]], ascii_only: bool, chunk: int
):
    path = tmp_path_factory.getbasetemp() / "written.json"
    origin = JsonArray(LocalFile(path))
    with mock.patch.object(json_array, "_CHUNK", chunk):
        path.write_text(json.dumps(records, ensure_ascii=ascii_only), encoding="utf-8")
        assert [record for _, record in origin.records(lambda _: None)] == records
        path.write_text("\n".join(json.dumps(record, indent=1) for record in records), encoding="utf-8")
        assert [record for _, record in origin.records(lambda _: None)] == records
