"""Texts to judge by: of candidates held back, and none of them trained on, whole or in part."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from tests.training import toy
from training.pipeline import Pipeline
from training.preparation.candidate_pairs import read_pairs
from training.preparation.prepared_corpus import PreparedCorpus
from training.progress import Quiet


@pytest.fixture(scope="module")
def pipeline(tmp_path_factory: pytest.TempPathFactory) -> Pipeline:
    folder = tmp_path_factory.mktemp("held")
    people = []
    for number, each in enumerate(toy.candidates(300)):
        team = "" if number % 2 else f" Team{number}."
        people.append(each | {"experience": each["experience"] + team, "label": None})
    toy.write(folder / "candidates.jsonl", people)
    return Pipeline(toy.recipe(folder, corpus={"dev_share": 0.2, "test_share": 0.2}), Quiet())


def test_pairs_are_of_those_held_back(pipeline: Pipeline) -> None:
    parts = {each.id: each.part for each in PreparedCorpus(pipeline.corpus).documents()}

    found = list(pipeline.held_texts.pairs())

    assert len(found) > 40
    assert {part for part, _ in found} == {"dev", "test"}
    assert [part for part, pair in found] == [parts[pair.person] for _, pair in found]


def test_no_text_of_a_pair_was_trained_on(pipeline: Pipeline) -> None:
    learned = {
        text for pair in read_pairs(pipeline.pairs / "pairs.jsonl") for text in (pair.first, pair.second)
    }

    found = [pair for _, pair in pipeline.held_texts.pairs()]

    assert learned.isdisjoint({text for pair in found for text in (pair.first, pair.second)})
    # Work histories of odd numbers are two phrases and a team of two to nine: nearly all are learned from.
    experience = [pair.person for pair in found if pair.kind == "summary/experience"]
    assert sum(int(person[1:]) % 2 for person in experience) < 0.2 * len(experience)


def test_without_a_label_the_end_of_the_title_is_the_area(pipeline: Pipeline) -> None:
    assert {pair.area for _, pair in pipeline.held_texts.pairs()} == {"specialist"}


def test_sections_are_of_the_test_part_and_nobody_learned_from_them(pipeline: Pipeline) -> None:
    held = pipeline.held_texts
    judged, learned = held.sections("test"), held.sections("train")

    assert {labels for labels, _ in judged} <= {("summary",), ("work-exp",), ("key-skills",)}
    assert {tokens for _, tokens in learned} == {()}
    known = set(PreparedCorpus(pipeline.corpus).text.read_text("utf-8").splitlines())
    summaries = [" ".join(tokens) for labels, tokens in judged if labels == ("summary",)]
    assert len(summaries) > 30
    assert known.isdisjoint(summaries)
    histories = [tokens for labels, tokens in judged if labels == ("work-exp",)]
    assert all(any(token.startswith("team") for token in tokens[3:]) for tokens in histories)


def test_who_is_not_judged_by_as_a_whole_is_not_in_part(tmp_path: Path) -> None:
    toy.write(tmp_path / "candidates.jsonl", [each | {"label": None} for each in toy.candidates(200)])
    pipeline = Pipeline(toy.recipe(tmp_path, corpus={"dev_share": 0.2, "test_share": 0.2}), Quiet())
    documents = pipeline.corpus / "documents.jsonl"
    apart = [json.loads(line) | {"kept": False} for line in documents.read_text().splitlines()]
    pipeline.held_texts.sections("test")
    before = len(pipeline.held_texts.sections("test"))
    documents.write_text("".join(json.dumps(each) + "\n" for each in apart))

    assert before > 0
    assert pipeline.held_texts.sections("test") == []
    assert list(pipeline.held_texts.pairs()) == []


def test_of_many_candidates_some_are_drawn_evenly(
    pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = {pair.person for _, pair in pipeline.held_texts.pairs()}
    monkeypatch.setattr("training.building.judging._PAIR_CANDIDATES", 40)

    some = {pair.person for _, pair in pipeline.held_texts.pairs()}

    assert some < whole
    assert 15 < len(some) <= 40
    places = np.flatnonzero([person in some for person in sorted(whole, key=lambda each: int(each[1:]))])
    assert np.diff(places).max() < 12
