"""Every task on a toy release whose scores are known, and what a task declares."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from embedsvc.releases import Store
from embedsvc.releases.opening import open_release
from indexes import NeighbourTable
from tests.training import toy
from tests.training.evaluation.test_gold_tasks import SPAN_ROWS
from tests.training.evaluation.test_gold_tasks import write as write_rows
from tests.training.taxonomies.test_taxonomies import write_esco
from training import building
from training.evaluation import TASKS, GoldFiles, Score, Subject, Task, evaluate
from training.evaluation.score import score
from training.pipeline import Pipeline
from training.preparation.prepared_corpus import PreparedCorpus
from training.progress import Meter, Quiet

# What the primary metric of each task is on the toy's two worlds, which lie far apart, and on the gold files
# below. A title of one known word finds its world or the other; SkillSpan marks what the toy never saw; three
# epochs over 150 candidates leave neighbours and words of one world to chance. Nobody names a skill twice, so
# that the work history with the skills of the summary is somebody else's.
PRIMARY = {
    "hidden skill": 1.0,
    "related skills": 0.4583,
    "label": 1.0,
    "section": 1.0,
    "title finds label": 1.0,
    "same person": 0.1274,
    "candidates index": 1.0,
    "stability": 0.8542,
    "sentence similarity": 1.0,
    "word similarity": 0.5,
    "analogies": 0.0,
    "ESCO alias": 1.0,
    "SkillSpan": 0.0,
    "ESCO extraction": 1.0,
}

SKILLS = [{"a": "php", "b": "mysql"}, {"a": "css", "b": "html", "weight": 2}, {"a": "php", "b": "cobol"}]
WORDS = [
    {"w1": "php", "w2": "css", "score": 9},
    {"w1": "Payroll", "w2": "audit", "score": 8},
    {"w1": "php", "w2": "payroll", "score": 1},
    {"w1": "php", "w2": "tea", "score": 2},
]
ANALOGY = ("php", "mysql", "payroll", "audit")
SENTENCES = [
    {"s1": "Worked with PHP", "s2": "Worked with CSS", "score": 4.5},
    {"s1": "Payroll for clients", "s2": "Audit for clients", "score": 4},
    {"s1": "Payroll", "s2": "PHP", "score": 0},
]


@pytest.fixture(scope="module")
def subject(tmp_path_factory: pytest.TempPathFactory) -> Subject:
    folder = tmp_path_factory.mktemp("judged")
    # Nobody else leads the same team, or nobody's work history could be asked for.
    people = [each | {"experience": f"{each['experience']} Team{each['id']}."} for each in toy.candidates()]
    toy.write(folder / "candidates.jsonl", people)
    write_esco(folder / "esco.csv", [("keep ledgers", ""), ("audit books", "book auditing")])
    files = GoldFiles(
        esco=folder / "esco.csv",
        skillspan=write_rows(folder / "spans.jsonl", SPAN_ROWS),
        extraction=write_rows(folder / "marked.jsonl", [{"sentence": "ran Payroll", "span": "Payroll"}]),
        **{
            name: {"toy": write_rows(folder / f"{name}.jsonl", rows)}
            for name, rows in {
                "skill_pairs": SKILLS,
                "word_pairs": WORDS,
                "sentence_pairs": SENTENCES,
            }.items()
        },
        analogies=write_rows(folder / "analogies.jsonl", [dict(zip("abcd", ANALOGY, strict=True))]),
    )
    pipeline = Pipeline(toy.recipe(folder, evaluation={"stability": "seed"}), Quiet())
    release = open_release(Store(pipeline.located.store, create=True), pipeline.run().release)
    vectors = building.candidate_vectors(pipeline.embeddings, release.sentences.dimension)
    held = pipeline.held_texts
    assert pipeline.retrained is not None
    again = NeighbourTable.load(pipeline.retrained)
    corpus = PreparedCorpus(pipeline.corpus)
    return Subject(release, corpus, vectors, 1, files, held.sections, held.pairs, again)


def test_every_task_has_a_name_of_its_own_and_a_value_it_is_held_to() -> None:
    assert [task.name for task in TASKS] == list(PRIMARY)


def test_every_task_is_described_with_its_primary_metric() -> None:
    page = (Path(__file__).parents[3] / "docs" / "evaluation.md").read_text("utf-8")
    first = page[: page.index("```toml")]
    rows = [line.strip("| ").split(" | ") for line in first.splitlines() if line.count(" | ") == 4]
    described = {name: row[2] for row in rows for name in row[0].split(", ")}

    assert {task.name: described.get(task.name) for task in TASKS} == {
        task.name: task.primary for task in TASKS
    }


@pytest.mark.parametrize("task", TASKS, ids=lambda task: task.name)
def test_a_task_finds_what_is_known(task: Task, subject: Subject) -> None:
    scores = task.scores(subject)

    (first, *_) = [each for each in scores if each.primary]
    assert first.metric == task.primary
    assert first.value == pytest.approx(PRIMARY[task.name], abs=0.05)
    for each in scores:
        assert each.low <= each.value <= each.high
        assert each.items > 0
        assert each.higher_is_better == (each.metric not in task.lower)
        assert each.primary == (each.metric == task.primary)


@pytest.mark.parametrize("task", TASKS, ids=lambda task: task.name)
def test_a_primary_score_stands_beside_a_baseline(task: Task, subject: Subject) -> None:
    assert all(each.baselines for each in task.scores(subject) if each.primary)


def test_the_suite_puts_every_task_and_says_how_far_it_is(subject: Subject) -> None:
    told: list[tuple[float, float, str]] = []

    scores = evaluate(subject, lambda *said: told.append(said))

    assert scores == [each for task in TASKS for each in task.scores(subject)]
    assert told == [
        *((number, len(TASKS), task.name) for number, task in enumerate(TASKS)),
        (len(TASKS), len(TASKS), ""),
    ]


def test_without_gold_files_their_tasks_are_left_out(subject: Subject) -> None:
    bare = Subject(subject.release, subject.corpus, subject.vectors, seed=1)

    assert {each.task for each in evaluate(bare)} == {
        "hidden skill",
        "label",
        "title finds label",
        "candidates index",
    }


def error_rate(_subject: Subject) -> list[Score]:
    return [
        score("t", "errors", np.array([0.0, 1.0]), {"chance": 0.9}),
        score("t", "right", np.array([1.0, 0.0]), {"chance": 0.1}),
    ]


def test_a_task_declares_the_direction_of_its_metrics(subject: Subject) -> None:
    errors, right = Task("t", "errors", error_rate, lower=frozenset({"errors"})).scores(subject)

    assert (errors.higher_is_better, errors.primary) == (False, True)
    assert (right.higher_is_better, right.primary) == (True, False)


def test_a_task_without_its_primary_metric_is_refused(subject: Subject) -> None:
    with pytest.raises(ValueError, match="task 't' gives no nDCG"):
        Task("t", "nDCG", error_rate).scores(subject)


def test_the_pipeline_keeps_primary_and_direction(tmp_path: Path) -> None:
    toy.write(tmp_path / "candidates.jsonl", toy.candidates())
    located = toy.recipe(tmp_path)
    result, _ = toy.train(located)

    kept = Store(located.store).manifest(result.release).metrics["scores"]
    assert [item["primary"] for item in kept] == [each.primary for each in result.scores]  # type: ignore[call-overload, index, union-attr]
    assert {each.task for each in result.scores if each.primary} == {
        "hidden skill",
        "label",
        "section",
        "title finds label",
        "candidates index",
    }


def test_to_judge_twice_costs_nothing(tmp_path: Path) -> None:
    toy.write(tmp_path / "candidates.jsonl", toy.candidates())
    path = write_rows(tmp_path / "pairs.jsonl", SKILLS)
    located = toy.recipe(tmp_path, evaluation={"skill_pairs": {"toy": "pairs.jsonl"}})
    first, second, third = toy.Recorder(), toy.Recorder(), toy.Recorder()

    scores = Pipeline(located, first).evaluate()
    assert Pipeline(located, second).evaluate() == scores

    assert first.made[-1] == "evaluate"
    assert (second.made, set(second.found)) == ([], set(first.made))
    # By its content a gold file is known again, wherever it lies; of another content it judges anew.
    path.rename(tmp_path / "moved.jsonl")
    moved = toy.recipe(tmp_path, evaluation={"skill_pairs": {"toy": "moved.jsonl"}})
    assert Pipeline(moved, second).evaluate() == scores
    assert second.made == []
    write_rows(tmp_path / "moved.jsonl", SKILLS[:1])
    assert Pipeline(moved, third).evaluate() != scores
    assert third.made == ["evaluate"]


def test_tasks_are_told_of_while_they_run(tmp_path: Path) -> None:
    toy.write(tmp_path / "candidates.jsonl", toy.candidates())
    told: list[str] = []

    class Listener(toy.Recorder):
        @contextmanager
        def stage(self, name: str) -> Iterator[Meter]:
            with super().stage(name):
                yield SimpleNamespace(
                    update=lambda *said: told.append(said[2]) if name == "evaluate" else None
                )

    Pipeline(toy.recipe(tmp_path), Listener()).evaluate()

    assert told == [*(task.name for task in TASKS), ""]
