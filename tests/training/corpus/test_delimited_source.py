"""CSV and TSV, well and badly written."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from embedsvc.errors import BrokenSourceError
from training.corpus import Candidate, Source, SourceReport, bytestream, open_source, read_candidates
from training.corpus.sources.delimited import Delimited, Dialect
from training.corpus.sources.local import LocalFile


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "c.csv"


def read(path: Path, report: SourceReport | None = None, **keys: Any) -> list[Candidate]:
    source = Source(path=str(path), **keys)
    origins = open_source(source, Path())
    return list(read_candidates(origins, source.fields, max_bad_share=0.5, report=report or SourceReport()))


def test_rows_with_quotes_lines_and_a_byte_order_mark(file: Path):
    file.write_bytes(
        b"\xef\xbb\xbfid,title,skills,summary\r\n"
        b'1,Cook,"baking, ""sauces""","two\r\nlines"\r\n'
        b"\r\n"
        b'2,Waiter,wine | beer,""\r\n'
    )
    assert read(file) == [
        Candidate(id="1", title="Cook", skills=("baking", '"sauces"'), summary="two\r\nlines"),
        Candidate(id="2", title="Waiter", skills=("wine", "beer")),
    ]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_seen_in_the_header(file: Path, delimiter: str):
    file.write_text(f"id{delimiter}title\n1{delimiter}a.b\n")
    assert read(file) == [Candidate(id="1", title="a.b")]


def test_a_delimiter_and_no_quotes_may_be_asked_for(file: Path):
    file.write_text('id~title\n1~5" pipe "x\n')
    assert read(file, delimiter="~", quote="") == [Candidate(id="1", title='5" pipe "x')]


def test_tsv_is_known_by_its_name(tmp_path: Path):
    path = tmp_path / "c.TSV.gz"
    path.write_bytes(gzip.compress(b"id\ttitle, a\ttitle\n1\tx\tCook\n"))
    assert read(path) == [Candidate(id="1", title="Cook")]


def test_zstandard(tmp_path: Path):
    path = tmp_path / "c.csv.zst"
    path.write_bytes(pa.compress(b"id,title\n1,Cook\n", codec="zstd", asbytes=True))
    assert read(path) == [Candidate(id="1", title="Cook")]


@pytest.mark.parametrize("encoding", ["latin-1", "cp1252", "utf-16", "utf-16-le", "shift_jis"])
def test_other_encodings(file: Path, encoding: str):
    title = "料理人" if encoding == "shift_jis" else "Köchin"
    file.write_bytes(f"id,title\n1,{title}\n2,b\n".encode(encoding))
    assert [each.title for each in read(file, encoding=encoding)] == [title, "b"]


def test_cells_may_hold_lists(file: Path):
    file.write_text(
        "skills;experience\n"
        '"[""php"", ""c, d""]";"[{""title"": ""Cook""}]"\n'
        "\"['php', \"\"o'clock\"\", 'it\\'s']\";[draft]\n"
    )
    one, two = read(file)
    assert (one.skills, one.experience) == (("php", "c, d"), "Cook")
    assert (two.skills[:2], two.experience) == (("php", "o'clock"), "[draft]")


def test_without_a_header_the_columns_are_named_or_the_file_is_refused_without_its_text(file: Path):
    file.write_text("1,Secret Person,baking\n2,Waiter,wine\n")
    assert [each.title for each in read(file, columns=["id", "title", "skills"])] == [
        "Secret Person",
        "Waiter",
    ]
    with pytest.raises(BrokenSourceError, match=r"none of its 3 columns is mapped.*no header") as caught:
        read(file)
    assert "Secret" not in caught.value.message
    with pytest.raises(BrokenSourceError, match="its columns are a, b, c"):
        read(file, columns=["a", "b", "c"])


def test_bad_rows_are_named_by_the_line_they_begin_at(file: Path):
    file.write_bytes(
        b"id,title\n"
        b'1,"two\nlines"\n'
        b"2\n"  # line 4
        b"3,a,b\n"
        b"4,\xff\n"
        b'5,"a"b\n'
        b'6,"Caf\xc3\xa9\n\xff"\n'  # lines 8 and 9
        b"7,good\x00\n"
        b"8,lone\rreturn\n" + b"9,good\n" * 10
    )
    report = SourceReport()
    titles = [each.title for each in read(file, report)]
    assert titles == ["two\nlines", "good\x00", *["good"] * 10]
    assert [(bad.line, bad.reason) for bad in report.first_bad[:3]] == [
        (4, "1 cells where there are 2 columns"),
        (5, "3 cells where there are 2 columns"),
        (6, "not utf-8"),
    ]
    assert [bad.line for bad in report.first_bad[3:]] == [7, 8, 11]
    assert report.first_bad[4].reason == "not utf-8"


def test_a_file_that_ends_inside_a_cell_is_cut_short(file: Path):
    file.write_text('id,title\n1,Cook\n2,"Wai')
    with pytest.raises(BrokenSourceError, match=r"c\.csv ends inside the quoted cell .* begins at line 3"):
        read(file)


def test_a_gzip_table_cut_short_is_noticed(file: Path):
    whole = gzip.compress(b"id,title\n" + b"".join(b"%d,Cook\n" % number for number in range(5000)))
    for length in (11, len(whole) // 2, len(whole) - 1):
        file.write_bytes(whole[:length])
        with pytest.raises(BrokenSourceError, match="cannot be read to its end"):
            read(file)


def test_the_wrong_encoding_is_said(file: Path):
    file.write_bytes("id,title\n1,Köchin\n".encode("utf-16") + b"\x00\xd8\x00\xd8")
    with pytest.raises(BrokenSourceError, match="not utf-16 from here on"):
        read(file, encoding="utf-16")


def test_two_columns_of_one_name_are_refused(file: Path):
    file.write_text("title,title\na,b\n")
    with pytest.raises(BrokenSourceError, match="two columns have one name"):
        read(file)


@pytest.mark.parametrize("content", [b"", b"id,title\n", b"\xef\xbb\xbf"])
def test_an_empty_table_has_no_candidate(file: Path, content: bytes):
    file.write_bytes(content)
    report = SourceReport()
    if content == b"\xef\xbb\xbf":
        file.write_bytes(content + b"title")
    assert read(file, report) == []
    assert report.files == 1


def test_a_bomb_is_refused_by_the_length_of_its_line(file: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(bytestream, "MAX_RECORD_BYTES", 1_000_000)
    file.write_bytes(gzip.compress(b"id,title\n1,fine\n2," + b"x" * 50_000_000, compresslevel=1))
    with pytest.raises(BrokenSourceError, match=r"c\.csv:3: the line is longer than 1000000"):
        read(file)
    # Quotes that never close: no line is long, the cell is.
    file.write_bytes(gzip.compress(b'id,title\n1,"' + b"x\n" * 5_000_000, compresslevel=1))
    with pytest.raises(BrokenSourceError):
        read(file)


CELL = st.text(st.characters(blacklist_categories=["Cs"], blacklist_characters="\r\x00"))


@given(st.lists(st.tuples(CELL, CELL), max_size=10))
def test_what_a_csv_writer_wrote_is_read_back(tmp_path_factory: pytest.TempPathFactory, rows: Any):
    import csv

    path = tmp_path_factory.getbasetemp() / "written.csv"
    with path.open("w", newline="", encoding="utf-8") as out:
        writer = csv.writer(out, lineterminator="\n", quoting=csv.QUOTE_ALL)
        writer.writerows([("id", "title"), *rows])
    origin = Delimited(LocalFile(path), Source(path="-").fields, Dialect(delimiter=","))
    found = [record for _, record in origin.records(lambda _: None)]
    assert all(isinstance(record, dict) for record in found)
    plain = [(record["id"], record["title"]) for record in found if isinstance(record, dict)]
    assert [
        pair for pair, row in zip(plain, rows, strict=True) if not any(cell[:1] in {"[", "{"} for cell in row)
    ] == [row for row in rows if not any(cell[:1] in {"[", "{"} for cell in row)]
