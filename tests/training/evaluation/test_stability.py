"""What comes again in another training: counted by hand, and lines drawn for it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from embedsvc.text import Lexicon, Skill
from indexes import NeighbourTable
from tests.training import toy
from training.building.retraining import drawn
from training.evaluation.stability import stability

LEXICON = Lexicon([Skill(row, f"s{row}", f"s{row}", 9 - row) for row in range(6)])


def table(rows: list[list[int]]) -> NeighbourTable:
    width = max(map(len, rows))
    ids = np.array([row + [-1] * (width - len(row)) for row in rows])
    return NeighbourTable.from_rows(ids, np.tile(-np.arange(width) / 10, (len(rows), 1)))


def test_the_share_of_neighbours_that_come_again() -> None:
    """The first keeps both, the second one of two, the third one of three; the rest have none on a side."""
    once = table([[1, 2], [0, 2], [0, 1, 3], [], [0], []])
    again = table([[2, 1], [2, 3], [0, 4, 5], [1], [], []])

    (found,) = stability(LEXICON, once, again)

    assert (found.task, found.metric, found.items) == ("stability", "kept of 10", 3)
    assert found.value == pytest.approx((1 + 1 / 2 + 1 / 3) / 3, abs=1e-4)
    # Of the four skills that are anybody's neighbour three are others: two of three, two of three, all.
    assert found.baselines == {"chance": pytest.approx((2 / 3 + 2 / 3 + 1) / 3, abs=1e-4)}


def test_the_same_training_is_stable_and_nothing_gives_no_score() -> None:
    once = table([[1, 2], [0, 2], [0, 1], [0], [0], [0]])

    assert stability(LEXICON, once, once)[0].value == 1.0
    assert stability(LEXICON, once, table([[1], *[[]] * 5]))[0].items == 1
    assert stability(LEXICON, table([[], [0], *[[]] * 4]), table([[1], *[[]] * 5])) == []


@pytest.fixture
def lines(tmp_path: Path) -> Path:
    path = tmp_path / "lines.txt"
    path.write_text("".join(f"line {number}\n" for number in range(4_000)))
    return path


def test_all_lines_are_the_file_itself(lines: Path, tmp_path: Path) -> None:
    assert drawn(lines, tmp_path / "drawn", 1.0, np.random.default_rng(1), again=False) == lines
    assert not (tmp_path / "drawn").exists()


def test_a_share_of_the_lines_is_drawn_in_their_order(lines: Path, tmp_path: Path) -> None:
    found = drawn(lines, tmp_path / "drawn", 0.25, np.random.default_rng(1), again=False)

    numbers = [int(line.split()[1]) for line in found.read_text().splitlines()]
    assert numbers == sorted(set(numbers))
    assert len(numbers) == pytest.approx(1_000, abs=4 * np.sqrt(4_000 * 0.25 * 0.75))


@pytest.mark.parametrize("share", [1.0, 0.5])
def test_a_bootstrap_draws_lines_again(lines: Path, tmp_path: Path, share: float) -> None:
    found = drawn(lines, tmp_path / "drawn", share, np.random.default_rng(1), again=True)

    numbers = [int(line.split()[1]) for line in found.read_text().splitlines()]
    assert len(numbers) == pytest.approx(4_000 * share, abs=4 * np.sqrt(4_000 * share))
    # Of a Poisson variable of mean 1, e^-1 are nought; of mean 1/2, e^-1/2.
    assert len(set(numbers)) / 4_000 == pytest.approx(1 - np.exp(-share), abs=0.03)


@pytest.mark.parametrize("how", ["seed", "bootstrap"])
def test_a_recipe_asks_for_it_and_a_second_run_costs_nothing(tmp_path: Path, how: str) -> None:
    toy.write(tmp_path / "candidates.jsonl", toy.candidates())
    toy.train(toy.recipe(tmp_path))

    knobs = {"evaluation": {"stability": how, "stability_tokens": 900}}
    result, recorder = toy.train(toy.recipe(tmp_path, **knobs))

    assert sorted(recorder.made) == ["evaluate", "retrained"]
    (found,) = [each for each in result.scores if each.task == "stability"]
    assert found.primary
    assert found.items == 12
    assert found.value == pytest.approx(found.baselines["chance"], abs=0.2)
    _, recorder = toy.train(toy.recipe(tmp_path, **knobs))
    assert recorder.made == []
