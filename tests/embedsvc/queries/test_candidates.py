"""Candidates put in and erased: seen at once by whoever has the store open, in every answer, for good."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from embedsvc.errors import ErasedCandidateError, InputError, StoreError, UnknownCandidateError
from embedsvc.queries import (
    candidate,
    erase_candidate,
    put_candidate,
    put_candidates,
    search,
    similar_candidates,
)
from embedsvc.releases import Store, following
from embedsvc.releases.opening import Release, open_release
from embedsvc.schemas import CandidateIn, PutCandidatesRequest, SearchRequest, SimilarCandidatesQuery
from tests.service.handmade import CANDIDATES, publish


@pytest.fixture
def store(tmp_path: Path) -> Store:
    store = Store(tmp_path / "store", create=True)
    publish(store, "first")
    return store


@pytest.fixture
def both(store: Store) -> tuple[Release, Release]:
    """The release as two processes have it open."""
    return open_release(store, "first"), open_release(store, "first")


def found(release: Release, text: str = "php javascript", **options: Any) -> list[str]:
    (result,) = search(release, SearchRequest(queries=[text], k=100, **options)).results
    assert result.hits is not None
    return [hit.id for hit in result.hits]


def person(identity: str, summary: str = "payroll accountant", **facts: Any) -> CandidateIn:
    return CandidateIn(id=identity, summary=summary, **facts)


def test_who_is_put_in_is_found_by_everybody_at_once(both: tuple[Release, Release]) -> None:
    one, other = both
    before = found(other)
    answer = put_candidate(one, person("new", "php javascript", title="New", label="it"))
    assert (answer.release, answer.id, answer.created) == ("first", "new", True)
    for release in both:
        assert found(release)[0] == "new"
        assert {*found(release)} == {*before, "new"}
        told = candidate(release, "new")
        assert (told.title, told.label) == ("New", "it")
        assert told.updated_at.startswith("20")
    assert found(other, where={"field": "label", "in": ["it"]})[0] == "new"
    assert not put_candidate(other, person("new", "payroll")).created
    assert found(one)[0] != "new"
    assert found(one, "payroll").count("new") == 1


def test_who_is_put_in_anew_stands_in_the_place_of_the_old(both: tuple[Release, Release]) -> None:
    known = CANDIDATES[0][0]
    everybody = {*found(both[1])}
    assert not put_candidate(both[0], person(known, "payroll nurse", title="Changed")).created
    assert {*found(both[1])} == everybody
    assert found(both[1], "payroll nurse")[0] == known
    assert candidate(both[1], known).title == "Changed"
    request = SearchRequest(queries=["payroll"], k=5, where={"not": {"field": "id", "in": ["x"]}})
    assert search(both[1], request).matching == len(CANDIDATES)


def test_who_is_erased_is_gone_from_every_answer_for_good(
    both: tuple[Release, Release], store: Store
) -> None:
    gone, other = CANDIDATES[0][0], CANDIDATES[1][0]
    first = erase_candidate(both[0], gone)
    assert (first.already, first.release) == (False, "first")
    again = erase_candidate(both[1], gone)
    assert (again.already, again.erased_at) == (True, first.erased_at)
    for release in (*both, open_release(store, "first")):
        assert gone not in found(release)
        assert gone not in found(release, exact=True)
        assert gone not in [
            hit.id for hit in similar_candidates(release, SimilarCandidatesQuery(id=other)).hits
        ]
        assert found(release, where={"field": "id", "in": [gone]}) == []
        for ask in (
            lambda release=release: candidate(release, gone),
            lambda release=release: similar_candidates(release, SimilarCandidatesQuery(id=gone)),
        ):
            with pytest.raises(UnknownCandidateError):
                ask()
        with pytest.raises(ErasedCandidateError, match="for good"):
            put_candidate(release, person(gone))
    assert f'"{gone}"'.encode() not in store.journal.path.read_bytes()


def test_an_erasure_takes_what_was_put_in_out_of_the_journal(
    both: tuple[Release, Release], store: Store
) -> None:
    put_candidate(both[0], person("secret-one", "payroll accountant"))
    put_candidate(both[0], person("kept-one", "ledger accountant"))
    assert b"secret-one" in store.journal.path.read_bytes()
    erase_candidate(both[1], "secret-one")
    content = store.journal.path.read_bytes()
    assert b"secret-one" not in content
    assert b"kept-one" in content
    assert {"kept-one"} == {*found(both[0])} - {each[0] for each in CANDIDATES}


def test_an_erasure_holds_in_releases_made_before_and_since(store: Store) -> None:
    publish(store, "second", best=0.8)
    gone = CANDIDATES[2][0]
    erase_candidate(open_release(store, "first"), gone)
    publish(store, "third", best=0.7)
    for name in ("first", "second", "third"):
        assert gone not in found(open_release(store, name))
        assert len(found(open_release(store, name))) == len(CANDIDATES) - 1


def test_an_unknown_id_is_an_error_unless_it_is_to_be_recorded(both: tuple[Release, Release]) -> None:
    with pytest.raises(UnknownCandidateError, match="no candidate 'nobody'"):
        erase_candidate(both[0], "nobody")
    assert not erase_candidate(both[0], "nobody", unknown=True).already
    with pytest.raises(ErasedCandidateError):
        put_candidate(both[1], person("nobody"))


def test_what_cannot_be_put_in_fails_alone(both: tuple[Release, Release]) -> None:
    given = [
        person("a"), person("b", "zzzz"), person("c", metadata={"years": 4}), person("a", "php nurse"),
    ]  # fmt: skip
    results = put_candidates(both[0], PutCandidatesRequest(candidates=given)).results
    assert [(each.index, each.created) for each in results] == [(0, True), (1, None), (2, None), (3, False)]
    assert results[1].error is not None
    assert "no word this release knows" in results[1].error.message
    assert results[2].error is not None
    assert "no column 'years'" in results[2].error.message
    assert found(both[1], "php nurse")[0] == "a"
    with pytest.raises(InputError, match="no column"):
        put_candidate(both[0], person("c", metadata={"years": 4}))


def test_personal_data_is_taken_out_before_anything_is_kept(
    both: tuple[Release, Release], store: Store
) -> None:
    text = "Payroll accountant. Call +47 22 33 44 55 or write to jane.roe@example.org"
    put_candidate(both[0], person("p", text, title="Jane Roe, accountant", name="Jane Roe"))
    assert candidate(both[1], "p").title.endswith("accountant")
    content = store.journal.path.read_bytes()
    for secret in (b"jane.roe", b"22 33 44", b"Roe"):
        assert secret not in content


def test_similar_candidates_are_those_near_and_not_oneself(both: tuple[Release, Release]) -> None:
    release = both[0]
    one = CANDIDATES[0][0]
    answer = similar_candidates(release, SimilarCandidatesQuery(id=one, k=2))
    vectors = np.array([each[3] for each in CANDIDATES], np.float64)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    scores = vectors[1:] @ vectors[0]
    best = np.argsort(-scores, kind="stable")[:2]
    assert [hit.id for hit in answer.hits] == [CANDIDATES[1 + row][0] for row in best]
    np.testing.assert_allclose([hit.score for hit in answer.hits], scores[best], atol=1e-4)


def test_without_its_journal_nobody_is_found_rather_than_the_erased(
    both: tuple[Release, Release], store: Store
) -> None:
    erase_candidate(both[0], CANDIDATES[0][0])
    content = store.journal.path.read_bytes()
    store.journal.path.write_bytes(content[:40] + b"?" + content[41:])
    for release in (*both, open_release(store, "first")):
        with pytest.raises(StoreError, match="cannot be used"):
            found(release)


def test_where_nothing_happened_the_index_is_the_releases_own(both: tuple[Release, Release]) -> None:
    assert both[0].candidates is not None
    assert both[0].candidates.index.backend == "exact"


def test_the_vectors_of_another_encoder_are_made_anew(both: tuple[Release, Release]) -> None:
    one, other = both
    assert one.following is not None
    put_candidate(one, person("new", "payroll nurse"))
    # Had the release another encoder, the vector in the journal would say nothing to it.
    assert other.following is not None
    other.following.encoder = "another"
    asked: list[list[str]] = []
    encode = other.sentences.encode
    other.sentences.encode = lambda texts: (asked.extend(map(list, texts)), encode(texts))[1]  # type: ignore[method-assign]
    assert candidate(other, "new").id == "new"
    assert asked == [["payroll", "nurse"]]
    assert found(other, "payroll nurse")[0] == "new"


def test_rows_that_are_gone_are_left_out_in_the_end(
    both: tuple[Release, Release], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(following, "_FEW", 3)
    for number in range(20):
        put_candidate(both[0], person("same", ("php", "payroll")[number % 2]))
        put_candidate(both[number % 2], person(f"n{number % 2}", "nurse"))
    for release in both:
        assert release.candidates is not None
        assert release.candidates.index.size <= len(CANDIDATES) + 3 + 3 + 1
        assert {*found(release)} == {"same", "n0", "n1", *(each[0] for each in CANDIDATES)}


TEXTS = ["php", "payroll", "nurse accountant", "javascript php", "javascript", "zzzz"]
STEPS = st.lists(
    st.tuples(
        st.sampled_from(["put", "put", "erase"]), st.integers(0, 9), st.sampled_from(TEXTS), st.booleans()
    ),
    max_size=25,
)


@settings(max_examples=25)
@given(steps=STEPS)
def test_after_any_changes_the_answers_are_those_of_exact_search_over_the_survivors(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[str, int, str, bool]]
) -> None:
    store = Store(tmp_path_factory.mktemp("any") / "store", create=True)
    publish(store, "first")
    releases = open_release(store, "first"), open_release(store, "first")
    alive = {identity: np.array(vector, np.float32) for identity, _, _, vector in CANDIDATES}
    names, erased = [*alive, *(f"n{number}" for number in range(10))], set()
    for kind, number, text, second in steps:
        release, identity = releases[second], names[number]
        if kind == "erase":
            erase_candidate(release, identity, unknown=True)
            erased.add(identity)
            alive.pop(identity, None)
        elif identity not in erased and text != "zzzz":
            put_candidate(release, person(identity, text))
            (alive[identity],) = release.encode_candidates(list(_clean(identity, text)))
    for release in (*releases, open_release(store, "first")):
        (query,) = release.sentences.encode([["php", "payroll"]])
        truth = {each: float(vector @ query / np.linalg.norm(vector)) for each, vector in alive.items()}
        (result,) = search(release, SearchRequest(queries=["php payroll"], k=50)).results
        hits = result.hits or []
        assert {hit.id for hit in hits} == {*alive}
        np.testing.assert_allclose(
            [hit.score for hit in hits], sorted(truth.values(), reverse=True), atol=2e-4
        )
        np.testing.assert_allclose([hit.score for hit in hits], [truth[hit.id] for hit in hits], atol=2e-4)


def _clean(identity: str, text: str) -> Iterator[Any]:
    from embedsvc.text.candidate import Candidate

    yield Candidate(id=identity, summary=text)
