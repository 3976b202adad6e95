"""URLs: what kind they name, what they hide, the variables in them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from embedsvc.errors import RecipeError
from training.corpus.sources.address import expanded, kind_of, masked, without_secrets


@pytest.mark.parametrize(
    ("url", "kind"),
    [
        ("postgresql://h/d", "sql"),
        ("postgresql+psycopg://h/d", "sql"),
        ("PostgreSQL://h/d", "sql"),
        ("sqlite:///c.db", "sql"),
        ("mongodb://h/d", "mongo"),
        ("mongodb+srv://h/d", "mongo"),
        ("s3://bucket/*.csv", "files"),
        ("https://host/c.jsonl?x=1", "files"),
        ("simplecache::s3://bucket/c.csv", "files"),
        ("${DATABASE_URL}", None),
    ],
)
def test_the_scheme_tells_the_kind(url: str, kind: str | None):
    assert kind_of(url) == kind


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("candidates.csv", "is no URL; write a file of this machine as `path`"),
        ("/data/candidates.csv", "is no URL"),
        ("mysql+pymysql://u:p@h/d", "mysql\\+pymysql:// is not read; the databases are postgresql://"),
        ("postgresql+asyncpg://u:p@h/d", "postgresql\\+asyncpg:// is not read"),
    ],
)
def test_what_is_not_read_is_said(url: str, said: str):
    with pytest.raises(RecipeError, match=said):
        kind_of(url)


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("postgresql://app:secret@h:5432/d", "postgresql://app:***@h:5432/d"),
        ("postgresql://app:se/c@r?et#@h/d", "postgresql://app:***@h/d"),
        ("postgresql://app@h/d", "postgresql://app@h/d"),
        ("postgresql://h/d?user=app&password=secret&sslmode=require", None),
        ("mongodb://app:secret@h1,h2/d?authSource=admin", "mongodb://app:***@h1,h2/d?authSource=admin"),
        ("postgresql://app:${DB_PASSWORD}@h/d", "postgresql://app:${DB_PASSWORD}@h/d"),
        ("${DATABASE_URL}", "${DATABASE_URL}"),
        ("s3://key:secret@bucket/a@b.csv", "s3://key:***@bucket/a@b.csv"),
        ("s3://bucket/a@b.csv", "s3://bucket/a@b.csv"),
        ("simplecache::https://app:secret@h/c.csv", "simplecache::https://app:***@h/c.csv"),
        ("https://h/c.csv?X-Amz-Signature=secret&v=1", "https://h/c.csv?X-Amz-Signature=***&v=1"),
        ("sqlite:///c.db", "sqlite:///c.db"),
    ],
)
def test_passwords_are_masked(url: str, shown: str | None):
    assert masked(url) == (shown or "postgresql://h/d?user=app&password=***&sslmode=require")


@given(st.text(st.characters(blacklist_categories=["Cs"]), min_size=1))
def test_no_password_of_a_database_survives_masking(password: str):
    secret = f"<{password}>"
    assert secret not in masked(f"postgresql://app:{secret}@host/d")
    assert secret not in without_secrets(f"failed for {secret}!", f"mongodb://app:{secret}@host/d")


def test_an_escaped_password_is_hidden_in_both_forms():
    url = "postgresql://app:p%40ss@h/d"
    assert without_secrets("p%40ss or p@ss", url) == "*** or ***"


def test_variables_are_filled_in_and_escaped_before_the_host(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PW", "a/b@c:d%")
    monkeypatch.setenv("HOST", "h:5432")
    monkeypatch.setenv("URL", "postgresql://u:p%40@h/d")
    assert expanded("postgresql://u:${PW}@${HOST}/d") == "postgresql://u:a%2Fb%40c%3Ad%25@h:5432/d"
    assert expanded("${URL}") == "postgresql://u:p%40@h/d"
    assert expanded("s3://bucket/$HOST/${HOST}") == "s3://bucket/$HOST/h:5432"


def test_a_variable_that_is_not_set_is_named(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("NOWHERE", raising=False)
    with pytest.raises(
        RecipeError, match="environment variable NOWHERE that a source's url names is not set"
    ):
        expanded("postgresql://u:${NOWHERE}@h/d")
