"""GloVe: a step against the paper's formulas, the space, the same bytes twice, what cannot be trained on."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numba
import numpy as np
import pytest

from embedsvc.errors import EmptyCorpusError, RecipeError
from embedsvc.spaces import Space
from training.recipe import GloveSection
from training.trainers.glove import compiled, train_glove
from training.trainers.glove.descent import descend
from training.trainers.glove.pairs import TiledPairs
from training.trainers.glove.parameters import Rows, initial_rows, row_bytes, row_length, vectors_of
from training.trainers.glove.tiles import Tiling

KITCHEN = ["oven", "pan", "stove", "kettle", "sink"]
OFFICE = ["desk", "printer", "stapler", "folder", "paper"]


def section(**knobs: Any) -> GloveSection:
    return GloveSection(
        **{"dimension": 8, "min_count": 1, "epochs": 5, "workers": 1, "memory": 0.01, "window": 4} | knobs
    )


@pytest.fixture
def text(tmp_path: Path) -> Path:
    """Lines about two topics; one word in eight strays into the other."""
    draw = np.random.default_rng(3)
    lines = []
    for number in range(400):
        own, stray = (KITCHEN, OFFICE) if number % 2 else (OFFICE, KITCHEN)
        lines.append(" ".join(str(draw.choice(own if draw.random() < 0.875 else stray)) for _ in range(8)))
    path = tmp_path / "text.txt"
    path.write_text("\n".join(lines) + "\n")
    return path


@pytest.fixture
def lists(tmp_path: Path) -> Path:
    path = tmp_path / "lists.txt"
    path.write_text("php mysql html\n" * 30 + "payroll audit\n" * 20)
    return path


def nearest(space: Space, key: str, count: int) -> set[str]:
    row = space.row(key)
    assert row is not None
    unit = space.vectors / np.linalg.norm(space.vectors, axis=1, keepdims=True)
    order = np.argsort(-(unit @ unit[row]))
    return {space.keys[found] for found in order[1 : count + 1]}


class PlainModel:
    """The paper's model with AdaGrad, pair by pair, biases apart, in double precision."""

    def __init__(self, words: Rows, contexts: Rows, dimension: int, rate: float) -> None:
        self.rate = rate
        self.w, self.c = (rows[:, 0, :dimension].astype(float) for rows in (words, contexts))
        self.w_bias, self.c_bias = (
            words[:, 0, dimension].astype(float),
            contexts[:, 0, dimension + 1].astype(float),
        )
        self.w_squares, self.c_squares = np.ones_like(self.w), np.ones_like(self.c)
        self.w_bias_squares, self.c_bias_squares = np.ones_like(self.w_bias), np.ones_like(self.c_bias)

    def step(self, i: int, j: int, count: float, weight: float) -> float:
        error = self.w[i] @ self.c[j] + self.w_bias[i] + self.c_bias[j] - np.log(count)
        w_step, c_step = self.rate * weight * error * self.c[j], self.rate * weight * error * self.w[i]
        self.w[i] -= w_step / np.sqrt(self.w_squares[i])
        self.c[j] -= c_step / np.sqrt(self.c_squares[j])
        self.w_squares[i] += w_step**2
        self.c_squares[j] += c_step**2
        self.w_bias[i] -= weight * error / np.sqrt(self.w_bias_squares[i])
        self.c_bias[j] -= weight * error / np.sqrt(self.c_bias_squares[j])
        self.w_bias_squares[i] += (weight * error) ** 2
        self.c_bias_squares[j] += (weight * error) ** 2
        return float(weight * error**2)


def pairs_of(cells: list[tuple[int, int]], counts: list[float], *, symmetric: bool) -> TiledPairs:
    """Pairs of one tile of four words."""
    return TiledPairs(
        Tiling(4, 2, symmetric),
        np.array([row << 2 | column for row, column in cells], np.uint32),
        np.log(counts).astype(np.float32),
        np.minimum(1, np.array(counts) / 10).astype(np.float32),
        np.array([0, len(cells)]),
    )


@pytest.mark.parametrize("dimension", [3, 6, 7, 20])
def test_steps_are_those_of_the_formulas(dimension: int) -> None:
    cells, counts = [(0, 1), (2, 2), (0, 3), (3, 1), (0, 1)], [4.0, 30.0, 0.5, 12.0, 4.0]
    words, contexts = initial_rows(4, dimension, 0.05, 1)
    plain = PlainModel(words, contexts, dimension, 0.05)
    expected = [
        sum(plain.step(*cell, count, min(1, count / 10)) for cell, count in zip(cells, counts, strict=True))
        for _ in range(7)
    ]

    losses = descend(pairs_of(cells, counts, symmetric=False), words, contexts, 0.05, 7, 1, 1)

    assert losses == pytest.approx([loss / 5 for loss in expected], rel=1e-4)
    np.testing.assert_allclose(vectors_of(words, dimension), plain.w, rtol=2e-4, atol=1e-6)
    np.testing.assert_allclose(vectors_of(contexts, dimension), plain.c, rtol=2e-4, atol=1e-6)
    np.testing.assert_allclose(words[:, 0, dimension], plain.w_bias, rtol=2e-4, atol=1e-6)
    np.testing.assert_allclose(contexts[:, 0, dimension + 1], plain.c_bias, rtol=2e-4, atol=1e-6)
    assert (words[:, 0, dimension + 1] == 1).all()
    assert (contexts[:, 0, dimension] == 1).all()
    assert not words[:, 0, dimension + 2 :].any()


def test_a_pair_kept_once_is_used_both_ways_round() -> None:
    words, contexts = initial_rows(4, 5, 0.05, 1)
    plain = PlainModel(words, contexts, 5, 0.05)
    for cell in ((0, 1), (1, 0), (3, 3)):  # none shares a row with another
        plain.step(*cell, 4.0, 0.4)

    descend(pairs_of([(0, 1), (3, 3)], [4.0, 4.0], symmetric=True), words, contexts, 0.05, 1, 1, 1)

    np.testing.assert_allclose(vectors_of(words, 5), plain.w, rtol=2e-4, atol=1e-6)
    np.testing.assert_allclose(vectors_of(contexts, 5), plain.c, rtol=2e-4, atol=1e-6)


def test_rows_are_whole_registers() -> None:
    assert [row_length(dimension) for dimension in (1, 6, 7, 100, 300)] == [8, 8, 16, 104, 304]
    assert row_bytes(100) == 832


def test_tiles_fit_the_cache_and_few_blocks_make_a_side() -> None:
    assert Tiling.fitting(78_702, row_bytes(100), symmetric=True).bits == 9
    assert Tiling.fitting(78_702, row_bytes(300), symmetric=True).bits == 7
    assert Tiling.fitting(78_702, row_bytes(2), symmetric=True).bits == 10
    assert Tiling.fitting(2_000, row_bytes(100), symmetric=True).bits == 6
    many = Tiling.fitting(3_000_000, row_bytes(300), symmetric=True)
    assert many.bits == 11
    assert many.blocks == 1465


def test_neighbours_are_of_the_same_topic(text: Path, lists: Path, tmp_path: Path) -> None:
    space = train_glove(text, lists, section(epochs=25), 1, tmp_path)

    assert nearest(space, "oven", 4) == set(KITCHEN) - {"oven"}
    assert nearest(space, "desk", 4) == set(OFFICE) - {"desk"}


def test_the_space_holds_sums_and_contexts_and_how_it_was_trained(
    text: Path, lists: Path, tmp_path: Path
) -> None:
    space = train_glove(text, lists, section(epochs=8), 1, tmp_path)

    assert space.kind == "glove"
    assert space.counts.tolist() == sorted(space.counts.tolist(), reverse=True)
    assert space.counts.sum() == 400 * 8 + 30 * 3 + 20 * 2
    assert space.output is not None
    assert space.vectors.shape == space.output.shape == (15, 8)
    assert space.vectors.dtype == space.output.dtype == np.float32
    loss = space.parameters["loss"]
    assert len(loss) == 8
    assert loss == sorted(loss, reverse=True)
    assert loss[-1] < loss[0] / 2
    # Every word of text stands beside every other and itself somewhere; and 3 + 1 pairs of lists.
    assert space.parameters["pairs"] == 10 * 11 / 2 + 4
    assert space.parameters["dimension"] == 8
    assert "enabled" not in space.parameters


def test_words_and_contexts_fit_the_logarithm_of_counts(lists: Path, tmp_path: Path) -> None:
    nothing = tmp_path / "nothing"
    nothing.write_text("")
    knobs = section(epochs=300, list_weight="one", learning_rate=0.1)

    space = train_glove(nothing, lists, knobs, 1, tmp_path)

    assert space.parameters["loss"][-1] < 1e-4
    assert space.parameters["pairs"] == 4


def test_one_worker_gives_the_same_bytes_twice(text: Path, lists: Path, tmp_path: Path) -> None:
    for folder in ("one", "two"):
        train_glove(text, lists, section(), 7, tmp_path).save(tmp_path / folder)

    for name in ("vectors.npy", "output.npy", "keys.arrow", "space.json"):
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()


def test_another_seed_gives_other_vectors(text: Path, lists: Path, tmp_path: Path) -> None:
    one, other = (train_glove(text, lists, section(), seed, tmp_path) for seed in (1, 2))

    assert not np.array_equal(one.vectors, other.vectors)


@pytest.mark.parametrize(
    "knobs", [{"workers": 0}, {"workers": 3}, {"symmetric": False}, {"list_weight": "one"}]
)
def test_other_knobs_learn_too(text: Path, lists: Path, tmp_path: Path, knobs: dict[str, Any]) -> None:
    space = train_glove(text, lists, section(epochs=25, **knobs), 1, tmp_path)

    assert nearest(space, "stove", 4) == set(KITCHEN) - {"stove"}


def test_more_dimensions_than_words(text: Path, lists: Path, tmp_path: Path) -> None:
    space = train_glove(text, lists, section(dimension=50), 1, tmp_path)

    assert space.vectors.shape == (15, 50)
    assert np.isfinite(space.vectors).all()


def test_progress_tells_of_counting_then_of_the_loss(text: Path, lists: Path, tmp_path: Path) -> None:
    told: list[tuple[float, float, str]] = []

    space = train_glove(text, lists, section(epochs=2), 1, tmp_path, lambda *each: told.append(each))

    tokens = 400 * 9 + 30 * 4 + 20 * 3
    assert [each[:2] for each in told if each[2] == "counting pairs"] == [(3600, tokens), (tokens, tokens)]
    trained = [each for each in told if each[2] != "counting pairs"]
    assert trained[0][2] == f"epoch 1/2, loss {space.parameters['loss'][0]:.4f}"
    assert trained[-1][2] == f"epoch 2/2, loss {space.parameters['loss'][1]:.4f}"
    assert trained[-1][:2] == (2 * 2 * 59, 2 * 2 * 59)  # two epochs, each pair both ways round


def test_nothing_is_left_behind(text: Path, lists: Path, tmp_path: Path) -> None:
    scratch = tmp_path / "scratch"
    scratch.mkdir()

    train_glove(text, lists, section(), 1, scratch)

    assert list(scratch.iterdir()) == []


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "No word occurs"),
        ("rare words only\n", "No word occurs 2 times"),
        ("one one one\n", "one word has no neighbours"),
        ("one\ntwo\none\ntwo\n", "No line holds two words"),
    ],
)
def test_what_cannot_be_trained_on_is_refused(tmp_path: Path, content: str, message: str) -> None:
    (tmp_path / "text").write_text(content)
    (tmp_path / "lists").write_text("")

    with pytest.raises(EmptyCorpusError, match=message):
        train_glove(tmp_path / "text", tmp_path / "lists", section(min_count=2), 1, tmp_path)


def test_identical_documents_are_trained_on(tmp_path: Path) -> None:
    (tmp_path / "text").write_text("same words here\n" * 50)
    (tmp_path / "lists").write_text("")

    space = train_glove(tmp_path / "text", tmp_path / "lists", section(), 1, tmp_path)

    assert sorted(space.keys) == ["here", "same", "words"]
    assert np.isfinite(space.vectors).all()


def test_infinite_vectors_are_refused(
    text: Path, lists: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def diverging(_pairs: TiledPairs, words: Rows, *_rest: object) -> list[float]:
        words[0, 0, 0] = np.inf
        return [np.inf]

    monkeypatch.setattr("training.trainers.glove.trainer.descend", diverging)

    with pytest.raises(RecipeError, match=r"learning_rate = 0\.05 ran off"):
        train_glove(text, lists, section(), 1, tmp_path)


def test_without_a_place_for_its_cache_functions_compile_all_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def njit(*, cache: bool = False, **options: bool) -> Any:
        def refuse(function: Any) -> Any:
            if cache:
                raise RuntimeError("cannot cache function: no locator available")
            return (function, options)

        return refuse

    monkeypatch.setattr(numba, "njit", njit)

    assert compiled.compiled(max) == (max, {"nogil": True})


def test_seeds_of_parts_differ_and_stay() -> None:
    seeds = {compiled.seeded(seed, part) for seed in range(20) for part in range(20)}

    assert len(seeds) == 400
    assert all(0 < seed < 2**63 for seed in seeds)
    assert compiled.seeded(1, 2) != compiled.seeded(2, 1)
