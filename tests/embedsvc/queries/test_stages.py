"""Stages: summed up for whoever listens, in threads too, and nothing where nobody does."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context

import pytest

from embedsvc import queries
from embedsvc.queries.stages import Recorder, recorder, recording, stage
from embedsvc.releases import Store
from embedsvc.releases.opening import Release, open_release
from embedsvc.schemas import (
    ClassifyRequest,
    EmbeddingsRequest,
    ExtractRequest,
    RelatedBatchRequest,
    SearchRequest,
)
from tests.service.handmade import publish


@pytest.fixture(scope="module")
def timed(tmp_path_factory: pytest.TempPathFactory) -> Release:
    store = Store(tmp_path_factory.mktemp("timed") / "store", create=True)
    publish(store, "only")
    return open_release(store, "only")


def test_a_stage_sums_up_and_counts() -> None:
    listener = Recorder()
    listener.add("encode", "sif", 100, 130)
    listener.add("search", "exact", 130, 140)
    listener.add("encode", "sif", 200, 210)
    listener.add("encode", "static", 300, 305)
    assert [(key, took.began, took.nanoseconds, took.times) for key, took in listener.took.items()] == [
        (("encode", "sif"), 100, 40, 2),
        (("search", "exact"), 130, 10, 1),
        (("encode", "static"), 300, 5, 1),
    ]


def test_nobody_listens_outside_of_the_block() -> None:
    with stage("encode"):
        assert recorder() is None
    with recording() as listener:
        assert recorder() is listener
        with pytest.raises(ValueError, match="failed"), stage("search", "exact"):
            raise ValueError("failed")
        with ThreadPoolExecutor(1) as threads:
            threads.submit(copy_context().run, _encode).result()
    assert recorder() is None
    assert list(listener.took) == [("search", "exact"), ("encode", "sif")]
    assert all(took.nanoseconds > 0 for took in listener.took.values())


def _encode() -> None:
    with stage("encode", "sif"):
        pass


def test_every_query_names_its_stages_and_the_parts_of_the_release(timed: Release) -> None:
    seen: dict[str, list[tuple[tuple[str, str], int]]] = {}
    asked = {
        "related": lambda: queries.related_json(timed, "php", 3, "used_with", None),
        "batch": lambda: queries.related_batch(
            timed, RelatedBatchRequest.model_validate({"queries": [{"skill": "php"}, {"skill": "c#"}]})
        ),
        "search": lambda: queries.search(timed, SearchRequest(queries=["php", "payroll"])),
        "classify": lambda: queries.classify(timed, ClassifyRequest(texts=["php"])),
        "extract": lambda: queries.extract(timed, ExtractRequest(texts=["php and javascript"])),
        "embeddings": lambda: queries.embeddings_json(timed, EmbeddingsRequest(input="php", model="skills")),
    }
    for name, ask in asked.items():
        with recording() as listener:
            ask()
        seen[name] = [(key, took.times) for key, took in listener.took.items()]
    lexicon = ("resolve", "lexicon")
    assert seen == {
        "related": [(lexicon, 1), (("search", "used_with"), 1), (("serialise", ""), 1)],
        "batch": [(lexicon, 2), (("search", "similar"), 2)],
        "search": [(("encode", "sif"), 1), (("search", "exact"), 1)],
        "classify": [(("classify", "label"), 1)],
        "extract": [(("resolve", "extractor"), 1)],
        "embeddings": [(lexicon, 1), (("serialise", ""), 1)],
    }


def test_an_answer_is_the_same_whoever_listens(timed: Release) -> None:
    alone = queries.related_json(timed, "js", 4, "similar", 0.5)
    with recording():
        assert queries.related_json(timed, "js", 4, "similar", 0.5) == alone
