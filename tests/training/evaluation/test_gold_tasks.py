"""Tasks on gold files, worked out by hand on small ones."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from embedsvc.errors import BrokenSourceError, SourceNotFoundError
from embedsvc.text import Lexicon, Skill
from embedsvc.text.extraction import Extractor
from tests.training import toy
from tests.training.taxonomies.test_taxonomies import write_esco
from training.evaluation import gold
from training.evaluation.aliases import aliases
from training.evaluation.extraction import counted, extraction, f1, precision, recall
from training.evaluation.gold import Sentence
from training.taxonomies import Concept


def write(path: Path, rows: list[dict[str, Any]]) -> Path:
    content = "".join(json.dumps(row) + "\n" for row in rows).encode()
    path.write_bytes(gzip.compress(content) if path.suffix == ".gz" else content)
    return path


SPAN_ROWS = [
    {
        "tokens": ["knows", "Java", "and", "SQL", "server"],
        "tags_skill": ["O"] * 5,
        "tags_knowledge": ["O", "B", "O", "B", "I"],
    },
    {"tokens": ["B", "B", "I"], "tags_skill": ["B", "B", "I"], "tags_knowledge": ["O", "I", "O"]},
]


@pytest.mark.parametrize("name", ["gold.jsonl", "gold.jsonl.gz"])
def test_skillspan_is_read(tmp_path: Path, name: str) -> None:
    first, second = gold.skillspan(write(tmp_path / name, SPAN_ROWS))
    assert first == Sentence("knows Java and SQL server", ((6, 10), (15, 25)))
    assert second.spans == ((0, 1), (2, 3), (2, 5))


def test_the_extraction_benchmark_is_read(tmp_path: Path) -> None:
    rows = [
        {"sentence": "java and sql", "span": "sql", "label": "SQL"},
        {"sentence": "java and sql", "span": "java", "label": "LABEL NOT PRESENT"},
        {"sentence": "other", "span": "not there", "label": ""},
    ]
    assert list(gold.extraction(write(tmp_path / "gold.jsonl", rows))) == [
        Sentence("java and sql", ((0, 4), (9, 12))),
        Sentence("other", ()),
    ]


@pytest.mark.parametrize("content", [b"{", b"[1]\n", b'{"tokens": []}\n', b"\x1f\x8b"])
def test_another_file_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "gold.jsonl"
    path.write_bytes(content)
    readers = (gold.skillspan, gold.extraction, gold.skill_pairs, gold.word_pairs, gold.sentence_pairs)
    for read in (*readers, gold.analogies):
        with pytest.raises(BrokenSourceError, match=r"gold\.jsonl"):
            list(read(path))
        with pytest.raises(SourceNotFoundError, match="none"):
            list(read(tmp_path / "none"))


def test_pairs_and_questions_are_read(tmp_path: Path) -> None:
    path = tmp_path / "gold.jsonl"
    assert list(gold.word_pairs(write(path, [{"w1": "cat", "w2": "dog", "score": 7}]))) == [
        ("cat", "dog", 7.0)
    ]
    rows = [{"s1": "A cat.", "s2": "A dog.", "score": 2.5, "genre": "pets"}]
    assert list(gold.sentence_pairs(write(path, rows))) == [("A cat.", "A dog.", 2.5)]
    rows = [dict(zip("abcd", ("man", "king", "woman", "queen"), strict=True))]
    assert list(gold.analogies(write(path, rows))) == [("man", "king", "woman", "queen")]


@pytest.mark.parametrize(
    "row",
    [
        {"a": 1, "b": "x"},
        {"a": "x", "b": "y", "weight": "much"},
        {"a": "x", "b": "y", "weight": -1},
        {"a": "x", "b": "y", "weight": True},
    ],
)
def test_pairs_of_something_else_are_refused(tmp_path: Path, row: dict[str, Any]) -> None:
    path = write(tmp_path / "gold.jsonl", [row])

    with pytest.raises(BrokenSourceError, match="whose texts are no texts, or whose number is none"):
        list(gold.skill_pairs(path))


def test_a_question_of_something_else_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path / "gold.jsonl", [{"a": "x", "b": "y", "c": "z", "d": None}])

    with pytest.raises(BrokenSourceError, match="whose texts are no texts"):
        list(gold.analogies(path))


LEXICON = Lexicon(
    [
        Skill(0, "java", "java", 9, as_word=0.5, as_name=0.5),
        Skill(1, "sql", "sql", 8, as_word=0.5, as_name=0.5),
        Skill(2, "and", "and", 7, as_word=0.0, as_name=0.0),
    ]
)
SENTENCES = [
    Sentence("knows Java and SQL server", ((6, 10), (15, 25))),
    Sentence("sql", ()),
]


def test_mentions_and_spans_are_counted() -> None:
    found = counted(Extractor(LEXICON), SENTENCES)
    # Java is a span; SQL is 3 of the 10 characters of one; the second sentence has a mention and no span.
    assert found.tolist() == [
        [1, 2, 1, 2, 1, 2, 1, 2, 2, 2, 2, 2],
        [0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0],
    ]
    half = found[:, :4]
    assert (precision(half), recall(half), f1(half)) == (1 / 3, 1 / 2, pytest.approx(0.4))


def test_nothing_found_scores_nothing() -> None:
    nothing = np.zeros((3, 4))
    assert (precision(nothing), recall(nothing), f1(nothing)) == (0.0, 0.0, 0.0)


def test_extraction_stands_beside_a_dictionary() -> None:
    release = SimpleNamespace(lexicon=LEXICON, extractor=Extractor(LEXICON))
    found = extraction(release, "task", SENTENCES)  # type: ignore[arg-type]
    assert [(each.task, each.metric) for each in found[:3]] == [
        ("task, half", "precision"),
        ("task, half", "recall"),
        ("task, half", "F1"),
    ]
    assert [each.value for each in found[:3]] == [0.3333, 0.5, 0.4]
    assert found[0].baselines == {"lower-case dictionary": 0.25}
    assert extraction(release, "task", []) == []  # type: ignore[arg-type]


def test_aliases_of_every_second_skill_are_asked() -> None:
    concepts = [
        Concept("manage staff", ("supervise staff",), "esco"),
        Concept("manage budgets", ("Manage Budgets", "budgets managing", "supervise budgets"), "esco"),
        Concept("weld metal", ("metal joining",), "esco"),
        Concept("bake bread", ("qqqq zzzz",), "esco"),
    ]
    hit, sure = aliases(concepts)
    # Three are asked: the same words, most alike, and one that has nothing in common with its skill.
    assert (hit.metric, hit.value, hit.items) == ("hit@1", 0.6667, 3)
    assert hit.baselines == {"lower-case dictionary": 0.0, "alias step": 0.3333}
    assert (sure.value, sure.items) == (1.0, 1)
    assert aliases(concepts[:1]) == []


def test_a_recipe_names_the_gold_files(tmp_path: Path) -> None:
    toy.write(tmp_path / "candidates.jsonl", toy.candidates())
    write_esco(tmp_path / "skills_en.csv", [("keep ledgers", ""), ("audit books", "book auditing")])
    write(tmp_path / "spans.jsonl", SPAN_ROWS)
    located = toy.recipe(tmp_path, evaluation={"esco": "skills_en.csv", "skillspan": "spans.jsonl"})
    result, _ = toy.train(located)
    tasks = {score.task for score in result.scores}
    assert {"ESCO alias", "SkillSpan, half", "SkillSpan, exact"} <= tasks
    write(tmp_path / "spans.jsonl", SPAN_ROWS[:1])
    _, recorder = toy.train(located)
    assert "evaluate" in recorder.made
    assert "lexicon" in recorder.found
