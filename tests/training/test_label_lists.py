"""Candidates with several labels, from every kind of source to the answers of the service."""

from __future__ import annotations

import csv
import json
import random
import sqlite3
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from embedsvc import Client
from embedsvc.errors import RecipeError
from embedsvc.releases import Store
from embedsvc.releases.opening import open_release
from tests.service.serving import serving
from tests.training import toy
from training.building.labels import has_several
from training.intake import Intake
from training.pipeline import TrainingResult
from training.progress import Quiet
from training.recipe import ClassifierSection

IT, FINANCE = toy.WORLDS
KINDS = [{"kind": "linear"}, {"kind": "fasttext", "epochs": 25}]


def candidates(count: int = 240) -> list[dict[str, Any]]:
    """Candidates of one world, of the other, or of both, in turn."""
    generator = random.Random(3)
    found = []
    for number in range(count):
        labels = [[IT], [FINANCE], [FINANCE, IT]][number % 3]
        skills = [skill for label in labels for skill in generator.sample(toy.WORLDS[label], 3)]
        found.append(
            {
                "id": f"c{number}",
                "title": "Specialist",
                "summary": f"Worked with {', '.join(skills)} for clients. Report{number}.",
                "skills": skills,
                "labels": labels,
            }
        )
    return found


def trained(folder: Path, **classifier: Any) -> tuple[Store, TrainingResult]:
    toy.write(folder / "candidates.jsonl", candidates())
    located = toy.recipe(folder, classifier=classifier, corpus=SPLIT)
    result, _ = toy.train(located)
    return Store(located.store), result


SPLIT = {"sources": [{"path": "candidates.jsonl"}], "dev_share": 0.2, "test_share": 0.2}


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: str(kind["kind"]))
def test_several_labels_end_to_end(kind: dict[str, Any], tmp_path: Path) -> None:
    store, result = trained(tmp_path, **kind)

    scores = {score.metric: score for score in result.scores if score.task == "label"}
    assert list(scores) == ["accuracy", "macro-F1", "micro-F1", "1 - ECE"]
    assert scores["micro-F1"].value > 0.95
    assert scores["accuracy"].value > 0.9
    assert scores["accuracy"].baselines["majority"] < 0.6
    release = open_release(store, result.release)
    assert release.classifiers["label"].multi_label
    assert "label" not in store.manifest(result.release).metrics["confusion"]  # type: ignore[operator]


def test_the_service_gives_all_labels_one_or_none(tmp_path: Path) -> None:
    store, result = trained(tmp_path, kind="linear")
    store.activate(result.release)
    both = "Worked with MySQL, JavaScript, CSS, Payroll, Tally and Audit for clients"
    texts = [
        both,
        "Worked with Payroll, Tally and Audit",
        "Worked with JavaScript, CSS and MySQL",
        "gardening",
    ]

    with serving(store.root, tmp_path / "log") as address, Client(address) as client:
        told = client.classify(texts, top_k=2)
        best = client.classify(texts[:1], top_k=1)
        sure = client.classify(texts, threshold=1.0)

    given = [{label.label for label in result.labels or []} for result in told.results]
    assert given[:3] == [{IT, FINANCE}, {FINANCE}, {IT}]
    assert [len(result.labels or []) for result in best.results] == [1]
    assert [result.labels for result in sure.results] == [[]] * 4


@pytest.mark.parametrize("labels", ["one", "auto"])
def test_where_one_label_is_asked_for_the_first_counts(labels: str, tmp_path: Path) -> None:
    store, result = trained(tmp_path, kind="linear", labels=labels)

    classifier = open_release(store, result.release).classifiers["label"]
    assert classifier.multi_label == (labels == "auto")


def test_a_slip_of_the_source_makes_nobody_several() -> None:
    def decided(several: int, one: int, **knobs: Any) -> bool:
        given = [("a", "b")] * several + [("a",)] * one
        return has_several(ClassifierSection(**knobs), given)

    assert decided(1, 99)
    assert not decided(1, 100)
    assert not decided(0, 0)
    assert decided(0, 5, labels="several")
    assert not decided(5, 0, labels="one")


def test_labels_are_lists_in_every_source(tmp_path: Path) -> None:
    """A cell of a table spells its list as JSON, Parquet and JSON have lists of their own."""
    rows = candidates(60)
    lists = [row["labels"] for row in rows]
    flat = [{**row, "skills": json.dumps(row["skills"]), "labels": json.dumps(row["labels"])} for row in rows]
    toy.write(tmp_path / "one.jsonl", rows)
    (tmp_path / "two.json").write_text(json.dumps(rows))
    with (tmp_path / "three.csv").open("w", newline="") as file:
        table = csv.DictWriter(file, rows[0])
        table.writeheader()
        table.writerows(flat)
    pq.write_table(pa.Table.from_pylist(rows), tmp_path / "four.parquet")
    with sqlite3.connect(tmp_path / "five.db") as database:
        database.execute("CREATE TABLE people (id TEXT, title TEXT, summary TEXT, skills TEXT, labels TEXT)")
        database.executemany("INSERT INTO people VALUES (:id, :title, :summary, :skills, :labels)", flat)
    database.close()
    places: list[dict[str, Any]] = [
        {"path": name} for name in ("one.jsonl", "two.json", "three.csv", "four.parquet")
    ]
    places.append({"url": f"sqlite:///{tmp_path / 'five.db'}", "table": "people"})
    for place in places:
        located = toy.recipe(tmp_path, corpus={"sources": [place]})
        with Quiet().stage("read") as meter:
            read = [list(each.labels) for each, _ in Intake(located).candidates(meter)]
        assert read == lists, place


def test_autotuning_without_held_labels_says_so(tmp_path: Path) -> None:
    toy.write(tmp_path / "candidates.jsonl", toy.candidates())
    located = toy.recipe(
        tmp_path,
        corpus={**SPLIT, "dev_share": 0.0},
        classifier={"kind": "fasttext", "autotune_seconds": 2},
    )

    with pytest.raises(
        RecipeError, match=r"raise corpus\.dev_share, or set classifier\.autotune_seconds = 0"
    ):
        toy.train(located)
