"""Tables and queries: SQLite, and a real PostgreSQL."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from embedsvc.errors import BrokenSourceError, EmbedsvcError, RecipeError, SourceNotFoundError
from tests.training.corpus.conftest import ESCAPED, PASSWORD, Postgres
from training.corpus import Candidate, Source, SourceReport, open_source, read_candidates


def stream(source: Source, folder: Path = Path()) -> Iterator[Candidate]:
    return read_candidates(open_source(source, folder), source.fields, report=SourceReport())


def read(source: Source, folder: Path = Path()) -> list[Candidate]:
    return list(stream(source, folder))


def database(path: Path, *rows: tuple[Any, ...]) -> Path:
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("CREATE TABLE resumes (id, title, skills, secret)")
        connection.executemany("INSERT INTO resumes VALUES (?, ?, ?, 'x')", rows)
    return path


# SQLite


def test_a_table_of_sqlite_beside_the_recipe(tmp_path: Path):
    database(tmp_path / "c #%d.db", (7, "Cook", '["baking", "sauces"]'), (None, "Waiter", "wine; beer"))
    assert read(Source(url="sqlite:///c #%d.db", table="resumes"), tmp_path) == [
        Candidate(id="7", title="Cook", skills=("baking", "sauces")),
        Candidate(id="resumes-2", title="Waiter", skills=("wine", "beer")),
    ]


def test_a_query_with_colons_percents_and_a_closing_semicolon(tmp_path: Path):
    database(tmp_path / "c.db", (7, "Cook", "a:b"), (8, "Waiter", "100%"))
    query = "-- who; what\nSELECT id, 'a:b %s ;' || title AS title FROM resumes WHERE skills LIKE '%:%';\n"
    assert read(Source(url="sqlite:///c.db", query=query), tmp_path) == [
        Candidate(id="7", title="a:b %s ;Cook")
    ]


@pytest.mark.parametrize(
    "query",
    [
        "DROP TABLE resumes",
        "UPDATE resumes SET title = ''",
        "SELECT 1; DROP TABLE resumes",
        "WITH gone AS (DELETE FROM resumes RETURNING *) SELECT * FROM gone",
        "/* SELECT */ INSERT INTO resumes VALUES (1)",
        "PRAGMA writable_schema = 1",
        "",
    ],
)
def test_what_is_no_select_is_refused(tmp_path: Path, query: str):
    database(tmp_path / "c.db")
    with pytest.raises(RecipeError, match="must be one SELECT"):
        open_source(Source(url="sqlite:///c.db", query=query), tmp_path)


def test_sqlite_is_opened_read_only_and_never_made(tmp_path: Path):
    with pytest.raises(SourceNotFoundError, match=r"There is no database .*gone\.db"):
        read(Source(url="sqlite:///gone.db", table="resumes"), tmp_path)
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(RecipeError, match="names no file"):
        read(Source(url="sqlite://", table="resumes"), tmp_path)


def test_a_row_of_sqlite_that_is_not_utf_8_is_a_bad_row(tmp_path: Path):
    path = database(tmp_path / "c.db", *((number, "Cook", "baking") for number in range(200)))
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("INSERT INTO resumes VALUES (9, CAST(x'ff41' AS TEXT), 'a', 'x')")
    report = SourceReport()
    source = Source(url="sqlite:///c.db", table="resumes")
    found = list(read_candidates(open_source(source, tmp_path), source.fields, report=report))
    assert len(found) == 200
    assert [str(bad) for bad in report.first_bad] == ["sqlite:///c.db resumes:201: not UTF-8"]


def test_what_sqlite_says_of_a_wrong_table_or_file(tmp_path: Path):
    database(tmp_path / "c.db")
    with pytest.raises(SourceNotFoundError, match="no such table: nobody"):
        read(Source(url="sqlite:///c.db", table="nobody"), tmp_path)
    (tmp_path / "text.db").write_text("not a database " * 100)
    with pytest.raises(SourceNotFoundError, match="file is not a database"):
        read(Source(url="sqlite:///text.db", table="resumes"), tmp_path)
    with pytest.raises(BrokenSourceError, match="its columns are id, secret"):
        read(Source(url="sqlite:///c.db", query="SELECT id, secret FROM resumes"), tmp_path)


def test_the_stamp_of_sqlite_changes_with_its_file(tmp_path: Path):
    path = database(tmp_path / "c.db", (7, "Cook", "a"))
    (origin,) = open_source(Source(url="sqlite:///c.db", table="resumes"), tmp_path)
    before = origin.stamp()
    assert origin.stamp() == before
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE resumes SET title = 'Chef'")
    assert origin.stamp() != before


# PostgreSQL


@pytest.fixture
def resumes(postgres: Postgres) -> Postgres:
    """50,000 rows: far more than a cursor holds at once."""
    with postgres.connect() as connection:
        connection.execute(
            "CREATE TABLE resumes (id int, title text, skills text[], jobs jsonb, updated_at timestamptz)"
        )
        connection.execute(
            """INSERT INTO resumes SELECT n, 'Cook ' || n, ARRAY['baking', 'sauces'],
            '[{"employer": "Inn", "now": true}]', '2026-01-02T03:04:05Z'
            FROM generate_series(1, 50000) AS n"""
        )
    return postgres


def test_a_table_of_postgresql_with_arrays_json_and_times(resumes: Postgres):
    source = Source(url=resumes.url, table="public.resumes", fields={"experience": "jobs"})
    found = read(source)
    assert len(found) == 50_000
    assert {each.id for each in found} == {str(number) for number in range(1, 50_001)}
    (first,) = [each for each in found if each.id == "1"]
    assert (first.title, first.skills, first.experience) == ("Cook 1", ("baking", "sauces"), "Inn")
    assert first.updated_at.startswith("2026-01-02T03:04:05")


def test_a_query_of_postgresql_takes_colons_and_percents_as_they_are(resumes: Postgres):
    query = """SELECT id::text, title || ' :x 100%' AS title FROM resumes
        WHERE title LIKE 'Cook 4999%' ORDER BY id;"""
    found = read(Source(url=resumes.url.replace("postgresql:", "postgresql+psycopg:"), query=query))
    assert [each.title for each in found] == [
        f"Cook {number} :x 100%" for number in (4999, *range(49990, 50000))
    ]


def test_a_function_that_writes_fails_in_the_read_only_transaction(resumes: Postgres):
    with resumes.connect() as connection:
        connection.execute(
            "CREATE FUNCTION wipe() RETURNS text LANGUAGE sql AS $$DELETE FROM resumes RETURNING title$$"
        )
    with pytest.raises(SourceNotFoundError, match="read-only transaction"):
        read(Source(url=resumes.url, query="SELECT wipe() AS title"))
    with resumes.connect() as connection:
        assert connection.execute("SELECT count(*) FROM resumes").fetchone() == (50_000,)


def test_a_database_that_goes_away_half_way_is_an_error_not_a_short_corpus(resumes: Postgres):
    candidates = stream(Source(url=resumes.url, table="resumes"))
    read_before = [next(candidates) for _ in range(1000)]
    resumes.stop()
    try:
        with pytest.raises(BrokenSourceError, match=r"went away after 1,\d00 rows.*Run it again") as caught:
            read_before.extend(candidates)
    finally:
        resumes.start()
    assert 1000 <= len(read_before) < 1200
    no_secret_in(caught.value)


def test_a_connection_that_the_server_ends_is_an_error_too(resumes: Postgres):
    candidates = stream(Source(url=resumes.url, table="resumes"))
    next(candidates)
    with resumes.connect() as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()"
        )
    with pytest.raises(BrokenSourceError, match="went away after"):
        list(candidates)


def no_secret_in(error: EmbedsvcError) -> None:
    seen = f"{error!r} {error.__cause__!r} {error.details}"
    assert PASSWORD not in seen
    assert ESCAPED not in seen


@pytest.mark.parametrize(
    ("old", "new", "table", "said"),
    [
        (ESCAPED, "wr0ng", "resumes", "password authentication failed"),
        ("/postgres", "/nowhere", "resumes", 'database "nowhere" does not exist'),
        ("127.0.0.1", "127.0.0.2", "resumes", "Connection refused"),
        ("", "", "nobody", 'relation "nobody" does not exist'),
        ("", "", 'x"; DROP TABLE y; --', "does not exist"),
    ],
)
def test_what_postgresql_refuses_is_said_without_the_password(
    postgres: Postgres, old: str, new: str, table: str, said: str
):
    source = Source(url=postgres.url.replace(old, new, 1), table=table)
    with pytest.raises(SourceNotFoundError, match=said) as caught:
        read(source)
    assert "postgresql://reader:***@" in caught.value.message
    assert "wr0ng" not in caught.value.message
    no_secret_in(caught.value)


def test_a_value_that_cannot_be_converted_is_not_quoted(resumes: Postgres):
    with pytest.raises(SourceNotFoundError, match="SQLSTATE 22P02") as caught:
        read(Source(url=resumes.url, query="SELECT title::int AS title FROM resumes"))
    assert "Cook" not in caught.value.message


def test_a_password_with_odd_characters_may_stand_in_a_variable(
    resumes: Postgres, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("DB_PASSWORD", PASSWORD)
    url = resumes.url.replace(ESCAPED, "${DB_PASSWORD}")
    assert len(read(Source(url=url, query="SELECT * FROM resumes LIMIT 3"))) == 3
    with pytest.raises(RecipeError, match="is no database URL") as caught:
        read(Source(url=f"postgresql://reader:{PASSWORD}@127.0.0.1:port/x", table="resumes"))
    no_secret_in(caught.value)


def test_the_stamp_of_postgresql_is_rows_and_the_latest_change(resumes: Postgres):
    (origin,) = open_source(Source(url=resumes.url, table="resumes"), Path())
    (query,) = open_source(
        Source(url=resumes.url, query="SELECT title, updated_at FROM resumes -- all"), Path()
    )
    (blind,) = open_source(Source(url=resumes.url, query="SELECT title FROM resumes"), Path())
    assert origin.stamp() == query.stamp() == origin.stamp()
    assert origin.stamp()[0] == 50_000
    assert blind.stamp() != blind.stamp()
    before = origin.stamp()
    with resumes.connect() as connection:
        connection.execute("UPDATE resumes SET title = 'Chef', updated_at = now() WHERE id = 7")
    assert origin.stamp() != before
    assert query.stamp() != before


def test_an_empty_table_has_no_candidate(postgres: Postgres):
    with postgres.connect() as connection:
        connection.execute('CREATE TABLE "Odd Name" (skills text, updated_at date)')
    source = Source(url=postgres.url, table="Odd Name")
    assert read(source) == []
    assert open_source(source, Path())[0].stamp() == [0, "None"]
