"""A release trained from a real database: reused while nothing changed, and without the password anywhere."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from embedsvc.errors import BrokenSourceError
from embedsvc.releases import Store
from tests.training import toy
from tests.training.corpus.conftest import ESCAPED, PASSWORD, Postgres
from training.recipe import LocatedRecipe, parse_recipe


@pytest.fixture
def filled(postgres: Postgres) -> Postgres:
    with postgres.connect() as connection:
        connection.execute(
            "CREATE TABLE resumes (id text, title text, summary text, experience text, skills text[],"
            " label text, updated_at date)"
        )
        with connection.cursor() as cursor:
            cursor.executemany(
                "INSERT INTO resumes VALUES (%(id)s, %(title)s, %(summary)s, %(experience)s, %(skills)s,"
                " %(label)s, %(updated_at)s)",
                toy.candidates(300),
            )
    return postgres


def recipe(folder: Path, url: str) -> LocatedRecipe:
    return parse_recipe({"corpus": {"sources": [{"url": url, "table": "resumes"}]}, **toy.KNOBS}, folder)


def test_a_release_from_postgresql(filled: Postgres, tmp_path: Path):
    located = recipe(tmp_path, filled.url)
    result, first = toy.train(located)
    assert result.report["sources"]["candidates"] == 300
    again, second = toy.train(located)
    assert (again.release, again.reused, second.made) == (result.release, True, [])
    (source,) = Store(located.store).manifest(result.release).recipe["corpus"]["sources"]
    assert source["url"] == filled.url.replace(ESCAPED, "***")
    written = [file for file in tmp_path.rglob("*") if file.is_file()]
    assert len(written) > 20
    for file in written:
        content = file.read_bytes()
        assert PASSWORD.encode() not in content
        assert ESCAPED.encode() not in content

    with filled.connect() as connection:
        connection.execute("UPDATE resumes SET updated_at = '2026-02-02' WHERE id = 'c7'")
    changed, third = toy.train(located)
    assert changed.release != result.release
    assert set(third.made) == set(first.made)


def test_a_database_that_goes_away_publishes_nothing_and_is_read_anew(
    filled: Postgres, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    located = recipe(tmp_path, filled.url)
    rows: list[Any] = []
    from training.corpus import reading

    build = reading.CandidateBuilder.build

    def build_until_the_server_stops(self: Any, record: Any, fallback: str) -> Any:
        rows.append(record["id"])
        if len(rows) == 20:
            filled.stop()
        return build(self, record, fallback)

    monkeypatch.setattr(reading.CandidateBuilder, "build", build_until_the_server_stops)
    try:
        with pytest.raises(BrokenSourceError, match="went away after"):
            toy.train(located)
    finally:
        filled.start()
    assert [info.name for info in Store(located.store).list()] == []
    monkeypatch.undo()
    result, _ = toy.train(located)
    assert result.report["sources"]["candidates"] == 300
