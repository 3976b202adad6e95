"""The reader of MongoDB, over a collection in memory: no server can be had from the package registries."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import nullcontext
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import bson
import mongomock
import pymongo
import pytest
from pymongo.errors import AutoReconnect, CursorNotFound, OperationFailure, ServerSelectionTimeoutError

from embedsvc.errors import BrokenSourceError, EmbedsvcError, RecipeError, SourceNotFoundError
from training.corpus import Candidate, FieldMapping, Source, SourceReport, open_source, read_candidates
from training.corpus.presets import PRESETS
from training.corpus.sources.mongo import MongoOrigin, open_collection

URL = "mongodb://app:s3cret@h/jobs"
MAPPING = FieldMapping(**PRESETS["naukri"])
RESUME = {
    "uname": "Asha Example",
    "summary": "I build shops.",
    "key_skills": "PHP, Laravel,MySQL",
    "education": [{"degree": "B.Tech", "institute": "Example College"}],
    "workExperiance": [{"designation": "Developer", "description": "<p>Built <b>carts</b></p>"}],
    "projects": [{"title": "Cart"}],
    "extra_data": {"functional_area": "IT Software", "mobile": "555 0100"},
}


class Flaky:
    """A collection whose cursors die: `deaths` maps documents handed out so far to the error."""

    def __init__(self, inner: Any, deaths: dict[int, list[Exception]]) -> None:
        self._inner = inner
        self._deaths = deaths
        self._given = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    def find(self, *args: Any, **kwargs: Any) -> Any:
        flaky, inner = self, self._inner.find(*args, **kwargs)

        class Cursor:
            def __enter__(self) -> Cursor:
                return self

            def __exit__(self, *_: object) -> None:
                inner.close()

            def __iter__(self) -> Iterator[Any]:
                for document in inner:
                    if waiting := flaky._deaths.get(flaky._given):
                        raise waiting.pop(0)
                    flaky._given += 1
                    yield document

        return Cursor()


@pytest.fixture
def resumes() -> Any:
    collection = mongomock.MongoClient().jobs.resumes
    collection.insert_many([{**RESUME, "_id": bson.ObjectId(f"{number:024x}")} for number in range(250)])
    return collection


def origin(
    collection: Any, pauses: list[float] | None = None, mapping: FieldMapping = MAPPING
) -> MongoOrigin:
    return MongoOrigin(
        URL,
        "resumes",
        mapping,
        open_collection=lambda _url, _name: nullcontext(collection),
        pause=([] if pauses is None else pauses).append,
    )


def read(collection: Any, pauses: list[float] | None = None) -> list[Candidate]:
    return list(read_candidates([origin(collection, pauses)], MAPPING, report=SourceReport()))


def test_documents_of_the_portal_are_mapped(resumes: Any):
    found = read(resumes)
    assert len(found) == 250
    assert found[1] == Candidate(
        id=f"{1:024x}",
        summary="I build shops.",
        skills=("PHP", "Laravel", "MySQL"),
        experience="Developer\n<p>Built <b>carts</b></p>",
        education="B.Tech\nExample College",
        projects="Cart",
        label="IT Software",
        name="Asha Example",
    )


def test_only_mapped_fields_are_fetched(resumes: Any):
    mapping = FieldMapping(
        id="_id", skills="key_skills", label="extra_data.functional_area", education=[], projects=[]
    )
    for _, document in origin(resumes, mapping=mapping).records(lambda _: None):
        assert isinstance(document, dict)
        assert set(document) == {"_id", "key_skills", "extra_data", "summary"}


@pytest.mark.parametrize("error", [AutoReconnect("gone"), CursorNotFound("cursor id 7 not found")])
def test_a_lost_cursor_is_taken_up_where_it_was_lost(resumes: Any, error: Exception):
    pauses: list[float] = []
    whole = read(resumes)
    assert read(Flaky(resumes, {100: [error], 249: [error, error, error]}), pauses) == whole
    assert pauses == [0.5, 0.5, 1.0, 2.0]


def test_a_server_that_stays_away_is_an_error_that_says_how_far_it_came(resumes: Any):
    deaths = {100: [AutoReconnect(f"h: s3cret {number}") for number in range(9)]}
    with pytest.raises(BrokenSourceError, match=r"h/jobs resumes went away after 100 documents") as caught:
        read(Flaky(resumes, deaths))
    no_secret_in(caught.value)


def test_a_server_that_never_answers(resumes: Any):
    class Dead(Flaky):
        @property
        def database(self) -> Any:
            raise ServerSelectionTimeoutError("No servers for mongodb://app:s3cret@h")

    for use in (read, lambda dead: origin(dead).records(lambda _: None).__next__()):
        with pytest.raises(
            SourceNotFoundError, match=r"cannot be read .*check the address, the pass"
        ) as caught:
            use(Dead(resumes, {}))
        no_secret_in(caught.value)


def no_secret_in(error: EmbedsvcError) -> None:
    assert "s3cret" not in f"{error!r}{error.__cause__!r}{error.details}"


def test_a_wrong_password_is_said(resumes: Any):
    with pytest.raises(SourceNotFoundError, match="Authentication failed"):
        read(Flaky(resumes, {0: [OperationFailure("Authentication failed.", code=18)]}))


def test_documents_passed_over_after_a_lost_cursor_are_noticed(resumes: Any):
    """`$gt` compares ids of one type only."""

    class OneType(Flaky):
        def find(self, query: Any, *args: Any, **kwargs: Any) -> Any:
            typed = {"_id": {**query.get("_id", {}), "$type": "objectId"}} if query else query
            return super().find(typed, *args, **kwargs)

    resumes.insert_one({**RESUME, "_id": datetime(2026, 1, 2, tzinfo=UTC)})
    with pytest.raises(BrokenSourceError, match="only 250 of 251 documents came"):
        read(OneType(resumes, {100: [AutoReconnect("gone")]}))


def test_a_collection_that_is_not_there_is_named():
    with pytest.raises(SourceNotFoundError, match=r"h/jobs resumes: there is no such collection"):
        read(mongomock.MongoClient().jobs.resumes)


def test_the_stamp_is_the_number_and_the_latest_change(resumes: Any):
    blind = origin(resumes)
    assert blind.stamp() != blind.stamp()
    resumes.update_one({}, {"$set": {"updated_at": "2026-01-02"}})
    before = blind.stamp()
    assert before == blind.stamp()
    assert before[0] == 250
    resumes.update_one({}, {"$set": {"updated_at": "2026-01-03"}})
    assert blind.stamp() != before


def test_the_real_driver_is_opened_lazily_with_the_database_of_the_url():
    with open_collection("mongodb://app:s3cret@127.0.0.1:1/jobs", "resumes") as collection:
        assert collection.full_name == "jobs.resumes"


@pytest.mark.parametrize("url", ["mongodb://app:s3cret@h", "mongodb://app:s3/cret@h/d", "mongodb://"])
def test_a_url_that_cannot_be_used_is_said_without_the_password(url: str):
    with pytest.raises(RecipeError, match="write mongodb://user:password@host/database") as caught:
        open_source(Source(url=url, collection="resumes"), Path())
    no_secret_in(caught.value)


def test_a_real_driver_without_a_server_says_so(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("training.corpus.sources.mongo._SERVER_SELECTION_MS", 100)
    source = Source(url="mongodb://app:s3cret@127.0.0.1:1/jobs", collection="resumes")
    (real,) = open_source(source, Path())
    with pytest.raises(SourceNotFoundError, match=r"127\.0\.0\.1:1") as caught:
        next(real.records(lambda _: None))
    no_secret_in(caught.value)
    assert pymongo.version_tuple >= (4, 10)
