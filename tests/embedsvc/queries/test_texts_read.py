"""Every answer about texts says how many tokens of each were read, and whether it goes on behind them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from embedsvc.client import plans
from embedsvc.queries import classify, embeddings, search, similarity
from embedsvc.releases.opening import Release
from embedsvc.schemas import ClassifyRequest, EmbeddingsRequest, SearchRequest, SimilarityRequest
from embedsvc.spaces.encoder import TextEncoder, TextLengths
from embedsvc.spaces.space import Matrix

SHORT, LONG, EMPTY = "Java developer", "Java developer with Spring and Hibernate", "zzqq"
MOST = 3


class Reader:
    """An encoder that reads three tokens of a text."""

    kind, max_tokens, prefixes = "cut", MOST, ()

    def __init__(self, whole: TextEncoder) -> None:
        self._whole = whole
        self.dimension = whole.dimension

    def encode(self, texts: Sequence[Sequence[str]]) -> Matrix:
        return self._whole.encode([text[:MOST] for text in texts])

    def lengths(self, texts: Sequence[Sequence[str]]) -> TextLengths:
        counts = np.array([len(text) for text in texts], np.int64)
        return TextLengths(np.minimum(counts, MOST), np.minimum(counts, MOST), counts > MOST)


@pytest.fixture
def cut(release: Release, monkeypatch: pytest.MonkeyPatch) -> Release:
    monkeypatch.setattr(release, "sentences", Reader(release.sentences))
    return release


def long_tokens(release: Release) -> int:
    return len(release.tokenizer.tokens(LONG))


def test_an_encoder_that_reads_all_cuts_nothing(release: Release) -> None:
    told = similarity(release, SimilarityRequest(pairs=[(SHORT, LONG), (EMPTY, SHORT)]))

    short, whole = len(release.tokenizer.tokens(SHORT)), long_tokens(release)
    assert whole > MOST
    assert told.tokens == [(short, whole), (1, short)]
    assert told.truncated == [(False, False), (False, False)]


def test_similarity_tells_of_both_texts_of_a_score(cut: Release) -> None:
    short = len(cut.tokenizer.tokens(SHORT))

    pairs = similarity(cut, SimilarityRequest(pairs=[(SHORT, LONG), (LONG, EMPTY)]))
    many = similarity(cut, SimilarityRequest(source=LONG, targets=[SHORT, "", LONG]))

    assert pairs.tokens == [(short, MOST), (MOST, 1)]
    assert pairs.truncated == [(False, True), (True, False)]
    assert many.tokens == [(MOST, short), (MOST, 0), (MOST, MOST)]
    assert many.truncated == [(True, False), (True, False), (True, True)]
    # As many as scores, so that answers to parts of a batch can be joined.
    joined = plans._scored([(0, pairs), (2, many)])
    assert joined.tokens == [*pairs.tokens, *many.tokens]
    assert joined.truncated == [*pairs.truncated, *many.truncated]
    before = pairs.model_copy(update={"tokens": None, "truncated": None})
    assert plans._scored([(0, before), (2, many)]).tokens is None


def test_search_tells_of_each_query(cut: Release) -> None:
    found = search(cut, SearchRequest(queries=[SHORT, LONG, EMPTY], k=1)).results

    assert [(each.tokens, each.truncated) for each in found] == [
        (len(cut.tokenizer.tokens(SHORT)), False),
        (MOST, True),
        (None, None),
    ]


@pytest.mark.parametrize(
    ("asked", "read", "truncated"),
    [({}, "all", False), ({"examples": {"it": [SHORT], "care": ["Nurse for intensive care"]}}, MOST, True)],
)
def test_classify_tells_of_each_text(cut: Release, asked: dict[str, Any], read: Any, truncated: bool) -> None:
    """A classifier reads all of a text, examples are compared by the sentence encoder."""
    (found,) = classify(cut, ClassifyRequest(texts=[LONG], **asked)).results

    assert found.tokens == (long_tokens(cut) if read == "all" else read)
    assert found.truncated is truncated


def test_embeddings_tell_of_each_input(cut: Release) -> None:
    told = embeddings(cut, EmbeddingsRequest(input=[SHORT, LONG, EMPTY]))
    skills = embeddings(cut, EmbeddingsRequest(input=["java", "zzqq xxyy"], model="skills"))

    assert told.tokens == [len(cut.tokenizer.tokens(SHORT)), MOST, 1]
    assert told.truncated == [1]
    assert told.usage.prompt_tokens == sum(told.tokens)
    assert (skills.tokens, skills.truncated) == ([1, 1], [])
