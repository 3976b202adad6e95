"""Conditions on candidates: on the wire, whom they let through, what search finds among those."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from embedsvc.errors import InputError, invalid_request
from embedsvc.queries import search
from embedsvc.queries.matching import matching
from embedsvc.releases.candidates import CandidateTable, CandidateTableWriter
from embedsvc.releases.opening import Release
from embedsvc.schemas import AllOf, AnyOf, Between, Condition, Not, OneOf, SearchRequest

ROWS: list[tuple[str, str, str | None, str]] = [
    ("a", "Nurse", "health", "2026-01-01"),
    ("b", "PHP developer", "it", "2026-06-30T23:59:59Z"),
    ("c", "", None, ""),
    ("d", "Développeur", "it", "2026-07-01"),
    ("e", "Nurse", "", "2025"),
]
PLACES: list[tuple[str | None, float | None]] = [
    ("Oslo", 0.0), ("Pune", 10.0), (None, None), ("Oslo", 9.5), ("Bergen", None),
]  # fmt: skip
IS_IT = {"field": "label", "in": ["it"]}
READ: TypeAdapter[Condition] = TypeAdapter(Condition)


@pytest.fixture(scope="module")
def rows(tmp_path_factory: pytest.TempPathFactory) -> CandidateTable:
    folder = tmp_path_factory.mktemp("table")
    with CandidateTableWriter(folder) as writer:
        writer.write(ROWS[:2])
        writer.write(ROWS[2:])
    return CandidateTable.open(folder)


@pytest.mark.parametrize(
    ("condition", "found"),
    [
        (IS_IT, "bd"),
        ({"field": "label", "in": ["it", "health"]}, "abd"),
        ({"field": "label", "in": [None]}, "c"),
        ({"field": "label", "in": ["IT"]}, ""),
        ({"field": "title", "in": ["Développeur", "nobody"]}, "d"),
        ({"field": "id", "in": ["a", "e"]}, "ae"),
        ({"field": "updated_at", "from": "2026-01-01"}, "abd"),
        ({"field": "updated_at", "from": "2026-01-02", "before": "2026-07"}, "b"),
        ({"field": "updated_at", "before": "2026"}, "e"),
        ({"not": IS_IT}, "ace"),
        ({"not": {"field": "updated_at", "from": "2026"}}, "ce"),
        ({"and": [IS_IT, {"field": "updated_at", "before": "2026-07"}]}, "b"),
        ({"or": [IS_IT, {"field": "title", "in": ["Nurse"]}]}, "abde"),
        ({"and": [{"not": {"or": [IS_IT]}}, {"field": "label", "in": ["health", None]}]}, "ac"),
    ],
)
def test_whom_a_condition_lets_through(rows: CandidateTable, condition: dict[str, Any], found: str) -> None:
    mask = matching(rows, READ.validate_python(condition))
    assert mask.dtype == bool
    assert "".join(row[0] for row, passes in zip(ROWS, mask, strict=True) if passes) == found


SIMPLE = st.one_of(
    st.builds(
        OneOf,
        field=st.sampled_from(["id", "label", "title"]),
        values=st.lists(st.sampled_from(["a", "it", "", "Nurse", None]), min_size=1),
    ),
    st.builds(Between, field=st.just("updated_at"), least=st.sampled_from(["2025", "2026-01-01", "2026-07"])),
)
ANY = st.recursive(
    SIMPLE,
    lambda inner: st.one_of(
        st.builds(AllOf, conditions=st.lists(inner, min_size=1, max_size=3)),
        st.builds(AnyOf, conditions=st.lists(inner, min_size=1, max_size=3)),
        st.builds(Not, condition=inner),
    ),
    max_leaves=8,
)


@given(condition=ANY)
def test_what_goes_over_the_wire_means_the_same(rows: CandidateTable, condition: Any) -> None:
    request = SearchRequest(queries=["x"], where=condition)
    back = SearchRequest.model_validate_json(request.model_dump_json(exclude_none=True))
    assert back.where is not None
    assert back.where == condition
    mask = matching(rows, condition)
    np.testing.assert_array_equal(matching(rows, back.where), mask)
    # De Morgan, so that not, and and or are held against each other.
    other = AnyOf(conditions=[Not(condition=condition), Not(condition=condition)])
    np.testing.assert_array_equal(matching(rows, Not(condition=other)), mask)


@pytest.mark.parametrize(
    ("where", "said"),
    [
        ({"field": "x" * 65, "in": ["x"]}, "where.in.field: String should have at most 64 characters"),
        ({"field": "label"}, "where.range: give in, from or before."),
        ({"field": "label", "equals": "x"}, "where.range.equals: Extra inputs are not permitted."),
        ({"field": "label", "in": []}, "where.in.in: List should have at least 1 item"),
        ({"field": "label", "in": ["x"] * 1_001}, "where.in.in: List should have at most 1000 items"),
        ({"and": []}, "where.and.and: List should have at least 1 item"),
        ({"and": [IS_IT] * 100}, "where holds more than 100 conditions; ask with fewer"),
        ({"and": [IS_IT], "or": [IS_IT]}, "where.and.or: Extra inputs are not permitted."),
        ("label = 'it'", "where.range: Input should be a valid dictionary"),
    ],
)
def test_a_condition_that_cannot_be_used_says_where(where: Any, said: str) -> None:
    with pytest.raises(ValidationError) as refused:
        SearchRequest.model_validate({"queries": ["x"], "where": where})
    assert said in str(invalid_request(refused.value.errors()))


def test_columns_of_the_recipe_are_filtered_by_as_texts_and_as_numbers(tmp_path: Path) -> None:
    with CandidateTableWriter(tmp_path, {"location": "text", "years": "number"}) as writer:
        writer.write([(*row, place, years) for row, (place, years) in zip(ROWS, PLACES, strict=True)])
    table = CandidateTable.open(tmp_path)

    def found(condition: dict[str, Any]) -> str:
        mask = matching(table, READ.validate_json(json.dumps(condition)))
        return "".join(row[0] for row, passes in zip(ROWS, mask, strict=True) if passes)

    assert found({"field": "location", "in": ["Oslo", None]}) == "acd"
    assert found({"field": "location", "from": "O", "before": "P"}) == "ad"
    assert found({"field": "years", "from": 9}) == "bd"  # as texts, 10 would be before 9
    assert found({"field": "years", "before": 10}) == "ad"
    assert found({"field": "years", "in": [0, None]}) == "ace"
    assert found({"not": {"field": "years", "from": 0}}) == "ce"
    assert found({"and": [{"field": "years", "from": 1}, {"field": "location", "in": ["Oslo"]}]}) == "d"
    assert table.columns == {"location": "text", "years": "number"}
    own = dict(zip(("id", "title", "label", "updated_at"), ROWS[3], strict=True))
    assert table.facts(3) == {**own, "location": "Oslo", "years": 9.5}
    more = table.with_rows([{"id": "f", "title": "", "updated_at": "", "years": 1.0}])
    assert more.facts(5)["label"] is more.facts(5)["location"] is None
    assert (len(more), more.rows_of(["f", "b", "nobody"]).tolist()) == (6, [1, 5])
    for condition, said in (
        ({"field": "salary", "from": 9}, "by; there are id, label, location, title, updated_at, years."),
        ({"field": "years", "in": ["9"]}, "the column 'years' holds numbers; ask for numbers."),
        ({"field": "location", "before": 9}, "the column 'location' holds texts; ask for texts."),
    ):
        with pytest.raises(InputError, match=re.escape(said)):
            found(condition)


def test_a_condition_nested_without_end_is_refused_in_a_short_sentence() -> None:
    where: dict[str, Any] = IS_IT
    for _ in range(20_000):
        where = {"not": where}
    with pytest.raises(ValidationError) as refused:
        SearchRequest.model_validate({"queries": ["x"], "where": where})
    assert len(str(invalid_request(refused.value.errors()))) < 400


@pytest.mark.parametrize("exact", [True, False])
def test_search_finds_the_nearest_of_those(release: Release, exact: bool) -> None:
    candidates = release.candidates
    assert candidates is not None
    labels = candidates.table.label_counts()
    wanted = OneOf(field="label", values=["finance", "healthcare"])
    request = SearchRequest(queries=["accountant ledgers tax", "python"], k=15, where=wanted, exact=exact)
    answer = search(release, request)
    assert answer.matching == labels["finance"] + labels["healthcare"]
    everybody = SearchRequest(queries=request.queries, k=1_000, exact=True)
    for few, all_ in zip(answer.results, search(release, everybody).results, strict=True):
        nearest = [hit for hit in all_.hits or [] if hit.label in ("finance", "healthcare")]
        assert few.hits is not None
        assert [hit.score for hit in few.hits] == [hit.score for hit in nearest[: len(few.hits)]]
        assert len(few.hits) == min(15, answer.matching)
    assert search(release, everybody).path == "scan"
    assert search(release, everybody).matching is None


def test_nobody_is_an_answer_too(release: Release) -> None:
    nobody = OneOf(field="label", values=["astronaut"])
    answer = search(release, SearchRequest(queries=["python"], where=nobody))
    assert (answer.matching, answer.results[0].hits) == (0, [])
