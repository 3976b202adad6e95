"""Training of completion: a list taken out of all counts, and a network that learns what votes miss."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from training.recipe import CompletionSection, RelationsSection
from training.trainers.completion import train_completion
from training.trainers.cooccurrence import cooccurrences
from training.trainers.ease import EaseWeights
from training.trainers.listwise import Questions, fit

SKILLS = 6
skill_lists = st.lists(
    st.lists(st.integers(0, SKILLS - 1), unique=True, min_size=1, max_size=SKILLS), min_size=2, max_size=15
)


@given(skill_lists)
@settings(max_examples=40, deadline=None)
def test_weights_without_a_list_are_those_of_the_other_lists(lists: list[list[int]]) -> None:
    together = cooccurrences(lists, SKILLS)[0][0]
    rest = cooccurrences(lists[1:], SKILLS)[0][0]
    whole, others = EaseWeights(together, ridge=2.0, most=SKILLS), EaseWeights(rest, ridge=2.0, most=SKILLS)
    without = whole.without(np.array(lists[0]), 1.0)
    known = np.flatnonzero(others.known)
    for one in known.tolist():
        beside = known[known != one]
        assert without(one, beside) == pytest.approx(others.pairs(one, beside), abs=1e-5)


def test_a_network_finds_the_feature_that_tells() -> None:
    generator = np.random.default_rng(0)
    features = generator.normal(size=(300, 8, 3)).astype(np.float32) * [1, 5, 0] + [0, 3, 7]
    right = features[:, :6, 1].argmin(axis=1)
    asked = Questions(features.astype(np.float32), np.full(300, 6), right)
    fitted = fit(
        asked.part(slice(60, None)), asked.part(slice(60)), hidden=[8], epochs=30, learning_rate=0.05, seed=1
    )
    best = [fitted.network.scores(each[:6]).argmax() for each in asked.features[:60]]
    assert np.mean(best == right[:60]) > 0.9
    assert len(fitted.loss) == 30
    assert fitted.loss[-1][2] < 0.5 * fitted.loss[0][2]


def test_the_same_seed_gives_the_same_network() -> None:
    generator = np.random.default_rng(0)
    features = generator.normal(size=(50, 5, 2)).astype(np.float32)
    asked = Questions(features, np.full(50, 5), features[:, :, 0].argmax(axis=1))
    one, same, other = (
        fit(asked, asked, hidden=[4], epochs=2, learning_rate=0.01, seed=seed).network.scores(features[0])
        for seed in (1, 1, 2)
    )
    assert one.tolist() == same.tolist()
    assert one.tolist() != other.tolist()


def boards(count: int) -> list[list[int]]:
    """Lists of two fields: five of its 20 skills that come in runs, and one of its 30 rare ones."""
    generator = np.random.default_rng(3)
    lists = []
    for number in range(count):
        field = number % 2 * 50
        start = int(generator.integers(20))
        run = [field + (start + step) % 20 for step in range(5)]
        lists.append([*run, field + 20 + int(generator.integers(30))])
    return lists


def test_it_is_made_where_it_finds_more_than_votes_and_holds_no_small_count() -> None:
    lists = boards(600)
    told: list[str] = []
    section = CompletionSection(min_lists=100, candidates=30, epochs=10, learning_rate=0.01)
    made = train_completion(
        lambda: lists,
        [f"skill {row}" for row in range(100)],
        # Votes for the rare, whatever weighs for them, for the network to mend.
        RelationsSection(power=0.01, popularity=1.0),
        section,
        floor=7,
        seed=1,
        progress=lambda _done, _total, note: told.append(note),
    )
    assert made is not None
    judged = made.training["held_questions"]
    assert judged["network"]["mrr"] > 2 * judged["votes"]["mrr"]
    assert judged["network"]["recall@10"] > 0.7 > 0.2 > judged["votes"]["recall@10"]
    assert made.training["questions"] + made.training["held"] + made.training["no_candidate"] == 600
    assert [epoch for epoch, *_ in made.training["loss"]] == list(range(1, 11))
    assert told[0] == "questions"
    assert told[-1].startswith("loss ")
    counts = made.pairs.counts
    assert counts.min() == 0
    assert counts[counts > 0].min() >= 7
    assert made.complete([2, 4, 5])[0][0] in {3, 6, 1}


@pytest.mark.parametrize("lists", [[], [[0]], [[0], [1]], [[0, 1]], [[0, 1]] * 150])
def test_few_lists_or_skills_are_left_to_votes(lists: list[list[int]]) -> None:
    section = CompletionSection(min_lists=1, candidates=10, epochs=1)
    names = ["php", "sql"]
    assert train_completion(lambda: lists, names, RelationsSection(), section, floor=1, seed=1) is None


def test_fewer_lists_than_asked_for_train_nothing() -> None:
    lists = boards(60)
    section = CompletionSection(min_lists=61)
    names = [str(row) for row in range(100)]
    assert train_completion(lambda: lists, names, RelationsSection(), section, floor=1, seed=1) is None
