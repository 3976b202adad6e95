"""Parquet: nested, empty, damaged."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from embedsvc.errors import BrokenSourceError
from training.corpus import Candidate, Source, SourceReport, open_source, read_candidates


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "c.parquet"


def read(path: Path, report: SourceReport | None = None, **keys: Any) -> list[Candidate]:
    source = Source(path=str(path), **keys)
    return list(read_candidates(open_source(source, Path()), source.fields, report=report or SourceReport()))


def test_nested_columns_are_objects_and_lists(file: Path):
    rows = [
        {
            "id": 7,
            "skills": [{"name": "php"}, {"name": "sql"}],
            "work": [{"position": "Cook", "from": dt.date(2020, 1, 2)}],
            "extra": {"area": {"functional": "IT"}},
            "dotted.name": "Shop",
            "tags": [("k", "v")],
            "rate": Decimal("1.50"),
            "photo": b"\xff\x00",
            "updated_at": dt.datetime(2026, 1, 2, 3, tzinfo=dt.UTC),
        }
    ]
    schema = pa.schema(
        [
            ("id", pa.int64()),
            ("skills", pa.list_(pa.struct([("name", pa.string())]))),
            ("work", pa.list_(pa.struct([("position", pa.string()), ("from", pa.date32())]))),
            ("extra", pa.struct([("area", pa.struct([("functional", pa.string())]))])),
            ("dotted.name", pa.string()),
            ("tags", pa.map_(pa.string(), pa.string())),
            ("rate", pa.decimal128(5, 2)),
            ("photo", pa.binary()),
            ("updated_at", pa.timestamp("us", "UTC")),
        ]
    )
    pq.write_table(pa.Table.from_pylist(rows, schema), file)
    fields = {
        "experience": "work",
        "label": "extra.area.functional",
        "title": "dotted.name",
        "education": "tags",
        "summary": ["photo", "rate"],
    }
    assert read(file, fields=fields) == [
        Candidate(
            id="7",
            title="Shop",
            summary="1.50",
            skills=("php", "sql"),
            experience="Cook\n2020-01-02",
            education="k\nv",
            label="IT",
            updated_at="2026-01-02T03:00:00+00:00",
        )
    ]


@pytest.mark.parametrize("codec", ["NONE", "SNAPPY", "ZSTD", "GZIP"])
def test_many_row_groups_come_in_order_with_progress(file: Path, codec: str):
    table = pa.table({"id": range(10_000), "title": ["Cook"] * 10_000, "skills": ["php, sql"] * 10_000})
    pq.write_table(table, file, row_group_size=700, compression=codec)
    seen: list[int] = []
    report = SourceReport(on_progress=lambda done, _total: seen.append(done))
    assert [each.id for each in read(file, report)] == [str(number) for number in range(10_000)]
    assert seen == sorted(seen)
    assert seen[-1] == file.stat().st_size


def test_nulls_and_nan_are_nothing(file: Path):
    table = pa.table(
        {"id": [float("nan"), 2.0], "title": pa.array([None, "Cook"]), "summary": [float("nan"), 1]}
    )
    pq.write_table(table, file)
    assert read(file) == [Candidate(id="c-1"), Candidate(id="2.0", title="Cook", summary="1.0")]


def test_an_empty_table_has_no_candidate(file: Path):
    pq.write_table(pa.table({"title": pa.array([], pa.string())}), file)
    assert read(file) == []


def test_a_table_without_a_mapped_column_is_refused(file: Path):
    pq.write_table(pa.table({"id": [1], "Resume": ["text"]}), file)
    with pytest.raises(BrokenSourceError, match=r"none of its 2 columns is mapped .*columns are id, Resume"):
        read(file)
    assert read(file, preset="flat", fields={"experience": "Resume"}) == [
        Candidate(id="1", experience="text")
    ]


def test_a_row_that_is_not_utf_8_is_a_bad_row(file: Path):
    raw = pa.array([b"good"] * 150 + [b"\xff"] + [b"good"] * 150)
    pq.write_table(pa.table({"title": pa.Array.from_buffers(pa.string(), len(raw), raw.buffers())}), file)
    report = SourceReport()
    assert len(read(file, report)) == 300
    assert [(bad.line, bad.reason) for bad in report.first_bad] == [(151, "not UTF-8")]


def test_every_cut_and_what_is_no_parquet_is_refused(file: Path):
    pq.write_table(pa.table({"title": [f"Cook {number}" for number in range(3000)]}), file)
    whole = file.read_bytes()
    for content in (
        b"",
        b"PAR1",
        b"title\nCook\n",
        *(whole[: len(whole) * part // 10] for part in range(1, 10)),
    ):
        file.write_bytes(content)
        with pytest.raises(BrokenSourceError, match="cannot be read as Parquet"):
            read(file)
    damaged = bytearray(whole)
    damaged[20:200] = bytes(180)
    file.write_bytes(damaged)
    with pytest.raises(BrokenSourceError, match="cannot be read as Parquet"):
        read(file)
