"""What the gate lets pass, and what it says of the rest."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from embedsvc.errors import GateError, RecipeError
from embedsvc.queries import check_gate
from embedsvc.releases import Store
from tests.embedsvc.queries.two_releases import copy, scored, two_releases
from training.recipe import parse_recipe


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return two_releases(tmp_path / "store")


def faults(store: Store, name: str = "next", **gate: Any) -> list[str]:
    copy(store, name, [scored(0.3, 0.28, 0.32), scored(0.5, 0.4, 0.6, "label")], gate=gate)
    try:
        check_gate(store, name)
    except GateError as error:
        return [*error.details["faults"]]
    return []


def test_a_release_without_a_gate_passes(store: Store) -> None:
    check_gate(store, "base")
    check_gate(store, "new")
    assert faults(store) == []


@pytest.mark.parametrize(
    ("floors", "found"),
    [
        ({"hidden skill R@10": 0.32, "label R@10": 0.6}, []),
        ({"hidden skill R@10": 0.33}, ["hidden skill R@10 is 0.300 (0.280 to 0.320), below 0.33"]),
        ({"nobody R@10": 0.1}, ["it has no score 'nobody R@10', for which 0.1 is asked"]),
    ],
)
def test_floors(store: Store, floors: dict[str, float], found: list[str]) -> None:
    assert faults(store, floors=floors) == found


def test_where_less_is_better_the_gate_asks_for_less(store: Store) -> None:
    error = scored(0.2, 0.18, 0.22, "label", metric="ECE", higher_is_better=False)
    worse = scored(0.3, 0.28, 0.32, "label", metric="ECE", higher_is_better=False)
    copy(store, "live", [error])
    store.activate("live")
    copy(store, "same", [error], gate={"floors": {"label ECE": 0.18}, "max_drop": 0.1})
    copy(store, "risen", [worse], gate={"floors": {"label ECE": 0.27}, "max_drop": 0.1})

    check_gate(store, "same")
    with pytest.raises(GateError) as refused:
        check_gate(store, "risen")

    assert refused.value.details["faults"] == [
        "label ECE is 0.300 (0.280 to 0.320), above 0.27",
        "label ECE rose from 0.200 in live to 0.300 (0.280 to 0.320), by more than 10%",
    ]


def test_drops_are_counted_from_the_live_release(store: Store) -> None:
    assert faults(store, "first", max_drop=0.1) == []
    store.activate("new")
    # 0.4 and 0.55 are live: 0.32 at best is less than nine tenths of 0.4, 0.6 is more than 0.55.
    fell = "hidden skill R@10 fell from 0.400 in new to 0.300 (0.280 to 0.320), by more than 10%"
    assert faults(store, "second", max_drop=0.1) == [fell]
    assert faults(store, "third", max_drop=0.25) == []
    assert faults(store, "fourth") == []
    store.activate("second")
    check_gate(store, "second")


@pytest.mark.parametrize(
    ("golden", "found"),
    [
        ({"skill": "PHP", "has": ["JS", "c#"], "top": 2}, []),
        (
            {"skill": "php", "has": ["javascript", "c#"], "top": 1},
            ["'c#' is not among the first 1 similar to 'php'"],
        ),
        (
            {"skill": "php", "has": ["javascript"], "relation": "used_with", "top": 5},
            ["'javascript' is not among the first 5 used_with to 'php'"],
        ),
        ({"skill": "php", "has": ["cobol"]}, ["'cobol' is not among the first 10 similar to 'php'"]),
    ],
)
def test_golden_queries(store: Store, golden: dict[str, Any], found: list[str]) -> None:
    assert faults(store, golden=[golden]) == found


def test_a_golden_query_that_nobody_understands(store: Store) -> None:
    (fault,) = faults(store, golden=[{"skill": "zzzzzz", "has": ["php"]}])
    assert fault.startswith("'zzzzzz' has no answer (No skill 'zzzzzz' in release next.")


def test_all_faults_are_told_at_once(store: Store) -> None:
    copy(
        store,
        "poor",
        [],
        gate={"floors": {"label R@10": 0.9}, "golden": [{"skill": "php", "has": ["cobol"]}]},
    )
    with pytest.raises(GateError) as refused:
        check_gate(store, "poor")
    assert str(refused.value) == (
        "Release poor may not go live: it has no score 'label R@10', for which 0.9 is asked; 'cobol' is not "
        "among the first 10 similar to 'php'. Train a better one, or activate it with --force."
    )


def test_what_was_forced_stays_in_the_manifest(store: Store) -> None:
    found = faults(store, floors={"label R@10": 0.9})
    store.note_forced("next", found)
    store.note_forced("next", ["again"])
    notes = store.manifest("next").notes["forced"]
    assert isinstance(notes, list)
    assert [note["faults"] for note in notes if isinstance(note, dict)] == [found, ["again"]]
    store.verify("next")


def test_a_gate_of_another_version_is_not_passed_over(store: Store) -> None:
    copy(store, "odd", [], gate={"colour": "blue"})
    with pytest.raises(GateError, match=r"^Release odd may not go live: its gate is none that this version"):
        check_gate(store, "odd")


@pytest.mark.parametrize(
    ("gate", "key"),
    [
        ({"flors": {}}, "gate.flors"),
        ({"max_drop": 2}, "gate.max_drop"),
        ({"golden": [{"skill": "php", "has": []}]}, "gate.golden.0.has"),
        ({"golden": [{"skill": "php", "has": ["x"], "relation": "cousin"}]}, "gate.golden.0.relation"),
    ],
)
def test_a_gate_that_cannot_be_used(tmp_path: Path, gate: dict[str, Any], key: str) -> None:
    with pytest.raises(RecipeError, match=key):
        parse_recipe({"corpus": {"sources": [{"path": "x.jsonl"}]}, "gate": gate}, tmp_path)
