"""Similarity, search and classification of texts, on the trained sample release."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import orjson
import pytest

from embedsvc.errors import InputError, UnknownNameError
from embedsvc.queries import classify, search, similarity
from embedsvc.queries.encode import encode
from embedsvc.releases.opening import Release
from embedsvc.schemas import CandidateHit, ClassifyRequest, SearchRequest, SimilarityRequest
from tests.conftest import Sample

UNKNOWN = "zzqq xxyy 99"
TEXTS = [
    "Java developer with Spring and Hibernate",
    "Payroll, statutory compliance and employee relations",
    "<p>Patient care in an intensive care unit</p>",
    "SEO and content marketing",
]


@pytest.fixture(scope="module")
def records(sample: Sample) -> list[dict[str, Any]]:
    return [orjson.loads(line) for line in sample.corpus.read_bytes().splitlines()]


def pairs(release: Release, *asked: tuple[str, str]) -> list[float | None]:
    return similarity(release, SimilarityRequest(pairs=list(asked))).scores


def one_to_many(release: Release, source: str, targets: Sequence[str]) -> list[float | None]:
    return similarity(release, SimilarityRequest(source=source, targets=list(targets))).scores


def test_identical_texts_score_one(release: Release) -> None:
    assert pairs(release, *((text, text) for text in TEXTS)) == [1.0] * 4


def test_similarity_is_symmetric(release: Release) -> None:
    forth = [(one, other) for one in TEXTS for other in TEXTS]
    back = [(other, one) for one, other in forth]

    assert pairs(release, *forth) == pairs(release, *back)


def test_similarity_is_the_cosine_of_the_encoded_texts(release: Release) -> None:
    vectors = encode(release, TEXTS).astype(float)

    found = pairs(release, (TEXTS[0], TEXTS[1]), (TEXTS[2], TEXTS[3]))

    assert found == pytest.approx([vectors[0] @ vectors[1], vectors[2] @ vectors[3]], abs=1e-4)
    assert found[0] is not None
    assert found[0] < 0.9


def test_markup_and_case_change_nothing(release: Release) -> None:
    assert pairs(release, ("<b>PAYROLL</b> &amp; audit", "payroll audit")) == [1.0]


def test_one_to_many_equals_pairs(release: Release) -> None:
    targets = [*TEXTS[1:], UNKNOWN]

    assert one_to_many(release, TEXTS[0], targets) == pairs(release, *((TEXTS[0], each) for each in targets))


def test_nothing_known_scores_nothing(release: Release) -> None:
    assert pairs(release, (UNKNOWN, TEXTS[0]), (TEXTS[0], "!!!"), (UNKNOWN, UNKNOWN)) == [None] * 3
    assert one_to_many(release, UNKNOWN, TEXTS) == [None] * 4


def test_related_texts_score_more_than_others(release: Release) -> None:
    near, far = one_to_many(
        release, "Java developer, Spring Boot", ["Backend engineer: Java, Hibernate, REST", TEXTS[2]]
    )

    assert near is not None
    assert far is not None
    assert near > far + 0.2


@pytest.mark.parametrize(
    "request_",
    [
        SimilarityRequest.model_construct(pairs=None, source=None, targets=None),
        SimilarityRequest.model_construct(pairs=None, source="a", targets=None),
        SimilarityRequest.model_construct(pairs=[("a", "b")], source="a", targets=["b"]),
    ],
)
def test_half_a_question_is_refused(release: Release, request_: SimilarityRequest) -> None:
    with pytest.raises(InputError, match="'pairs', or 'source' together with 'targets'"):
        similarity(release, request_)


def hits(release: Release, text: str, k: int = 10) -> list[CandidateHit]:
    (result,) = search(release, SearchRequest(queries=[text], k=k)).results
    assert result.hits is not None
    return result.hits


def own_text(record: dict[str, Any]) -> str:
    parts = [record.get(field) or "" for field in ("title", "summary", "experience", "projects", "education")]
    return "\n".join([*(str(part) for part in parts), *record["skills"]])


def test_a_candidate_is_found_by_their_own_text(release: Release, records: list[dict[str, Any]]) -> None:
    ranks = []
    for record in records[5::97]:
        found = hits(release, own_text(record), 20)
        ranks.append([hit.id for hit in found].index(record["id"]) + 1)
        # Not 1: skills too rare for the lexicon are left out of the candidate, but are words of the query.
        assert found[ranks[-1] - 1].score > 0.9
    # Near-duplicates are in the corpus on purpose; they may come before the candidate's own text.
    assert len(ranks) == 21
    assert ranks.count(1) >= 18


def test_hits_are_those_of_exact_search(release: Release) -> None:
    candidates = release.candidates
    assert candidates is not None
    exact = candidates.index.search(encode(release, TEXTS), 10, effort=candidates.index.size)

    for row, text in enumerate(TEXTS):
        expected = [candidates.table.card(each).id for each in exact.ids[row].tolist()]
        found = hits(release, text)
        assert len({*expected} & {hit.id for hit in found}) >= 9
        assert found[0].score == pytest.approx(float(exact.scores[row, 0]), abs=1e-4)


def test_hits_are_unique_best_first_and_as_the_source_tells_them(
    release: Release, records: list[dict[str, Any]]
) -> None:
    known = {record["id"]: record for record in records}
    for text in TEXTS:
        found = hits(release, text, 200)
        scores = [hit.score for hit in found]
        assert len({hit.id for hit in found}) == len(found) == 200
        assert scores == sorted(scores, reverse=True)
        assert all(hit.label == known[hit.id].get("label") for hit in found)


def test_more_than_there_are_gives_all_and_no_padding(release: Release) -> None:
    candidates = release.candidates
    assert candidates is not None
    every = candidates.index.search(encode(release, TEXTS[:1]), candidates.index.size + 5)

    assert (every.ids[0] == -1).sum() == 5
    assert len(hits(release, TEXTS[0], 1000)) == 1000


def test_an_unknown_query_is_refused_alone(release: Release) -> None:
    answer = search(release, SearchRequest(queries=[TEXTS[0], UNKNOWN, TEXTS[1]], k=3))

    assert [result.error and result.error.code for result in answer.results] == [
        None,
        "invalid_request",
        None,
    ]
    assert answer.results[1].hits is None
    assert answer.results[0].hits == hits(release, TEXTS[0], 3)
    assert answer.results[2].hits == hits(release, TEXTS[1], 3)


def test_a_release_without_candidates_says_so(release: Release) -> None:
    bare = Release("bare", {}, release.lexicon, release.words, release.sentences, release.relations, None, {})

    with pytest.raises(UnknownNameError, match="no candidates index; run 'embedsvc reindex'"):
        search(bare, SearchRequest(queries=["php"]))
    with pytest.raises(UnknownNameError, match=r"no classifier 'label'; it has: none\."):
        classify(bare, ClassifyRequest(texts=["php"]))


def test_labels_are_learnt(release: Release, records: list[dict[str, Any]]) -> None:
    asked = [record for record in records[3::40] if record.get("label")]
    texts = [own_text(record | {"title": ""}) for record in asked]

    answer = classify(release, ClassifyRequest(texts=texts, top_k=1))

    right = [
        result.labels is not None and result.labels[0].label == record["label"]
        for result, record in zip(answer.results, asked, strict=True)
    ]
    assert np.mean(right) > 0.85


def test_probabilities_of_all_labels_add_up(release: Release) -> None:
    (result,) = classify(release, ClassifyRequest(texts=TEXTS[:1], top_k=100)).results

    assert result.labels is not None
    assert [each.label for each in result.labels] == [
        label for label, _ in release.classifier("label").top(
            [release.tokenizer.tokens(TEXTS[0])], 100
        )[0]
    ]  # fmt: skip
    assert sum(each.probability for each in result.labels) == pytest.approx(1.0, abs=2e-3)


@pytest.mark.parametrize("threshold", [0.0, 0.3, 0.999, 1.0])
def test_the_threshold_leaves_out_what_is_less_likely(release: Release, threshold: float) -> None:
    answer = classify(release, ClassifyRequest(texts=TEXTS, top_k=3, threshold=threshold))
    full = classify(release, ClassifyRequest(texts=TEXTS, top_k=3))

    for some, every in zip(answer.results, full.results, strict=True):
        assert some.labels is not None
        assert every.labels is not None
        assert some.labels == [each for each in every.labels if each.probability >= threshold]
        assert len(every.labels) == 3


def test_a_text_without_words_is_refused_alone(release: Release) -> None:
    answer = classify(release, ClassifyRequest(texts=["!!! 12", TEXTS[0]], top_k=2))

    assert [result.error and result.error.code for result in answer.results] == ["invalid_request", None]
    assert (
        answer.results[1].labels
        == classify(release, ClassifyRequest(texts=TEXTS[:1], top_k=2)).results[0].labels
    )
