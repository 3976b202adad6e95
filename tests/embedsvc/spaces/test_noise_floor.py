"""Noise floors: quantiles of known scores, and what a cosine means beside them."""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from embedsvc.errors import ReleaseCorruptError
from embedsvc.spaces.noise_floor import NOISE, NoiseFloor, open_noise, pair_scores, save_noise

FLOOR = NoiseFloor(100, 0.25, 0.1, (0.2, 0.4, 0.5, 0.6, 0.8))
COSINES = st.floats(-1.0, 1.0)
FLOORS = st.lists(COSINES, min_size=1, max_size=50).map(lambda scores: NoiseFloor.measured(np.array(scores)))


@pytest.mark.parametrize(
    ("score", "relatedness"),
    [
        (-1.0, 0.0),
        (0.19, 0.0),
        (0.2, 0.0),
        (0.3, 0.1),
        (0.4, 0.2),
        (0.45, 0.3),
        (0.5, 0.4),
        (0.6, 0.6),
        (0.7, 0.7),
        (0.8, 0.8),
        (0.9, 0.9),
        (1.0, 1.0),
        (1.0000001, 1.0),
    ],
)
def test_relatedness_is_the_rarity_among_random_pairs(score: float, relatedness: float) -> None:
    assert FLOOR.relatedness(score) == relatedness


def test_the_quantiles_are_those_of_the_scores() -> None:
    floor = NoiseFloor.measured(np.arange(10_001) / 10_000)

    assert (floor.pairs, floor.mean, floor.quantiles) == (10_001, 0.5, (0.5, 0.9, 0.99, 0.999, 0.9999))
    assert floor.deviation == pytest.approx(math.sqrt(1 / 12), abs=1e-4)
    assert floor.relatedness(0.95) == pytest.approx(0.2 + 0.2 * 0.05 / 0.09, abs=1e-4)


def test_of_few_pairs_the_best_is_as_rare_as_can_be_told() -> None:
    """One pair: what scores more lies between the median and 1."""
    floor = NoiseFloor.measured(np.array([0.5]))

    assert floor.quantiles == (0.5,) * 5
    assert [floor.relatedness(score) for score in (0.4, 0.5, 0.75, 1.0)] == [0.0, 0.0, 0.5, 1.0]


def test_where_everything_is_alike_only_the_same_is_related() -> None:
    floor = NoiseFloor.measured(np.ones(3))

    assert [floor.relatedness(score) for score in (0.99, 1.0)] == [0.0, 1.0]


@given(FLOORS, COSINES, COSINES)
def test_relatedness_keeps_the_order_and_its_bounds(floor: NoiseFloor, one: float, other: float) -> None:
    low, high = sorted((one, other))

    assert 0.0 <= floor.relatedness(low) <= floor.relatedness(high) <= 1.0


@given(FLOORS)
def test_half_of_the_random_pairs_are_not_related(floor: NoiseFloor) -> None:
    assert floor.relatedness(min(floor.quantiles[0], 0.999)) == 0.0


def test_all_pairs_are_compared_once_by_their_cosine() -> None:
    vectors = np.array([[2.0, 0.0], [0.0, 0.0], [0.0, 3.0], [1.0, 1.0]], np.float32)

    assert pair_scores(vectors) == pytest.approx([0.0, math.sqrt(0.5), math.sqrt(0.5)])
    assert pair_scores(vectors[:2]).tolist() == []


def test_saved_and_opened_they_are_the_same(tmp_path: Path) -> None:
    floors = {"similar": FLOOR, "sentences": NoiseFloor.measured(np.linspace(-0.5, 0.5, 1_000))}

    save_noise(floors, tmp_path)

    assert open_noise(tmp_path) == floors


@pytest.mark.parametrize(
    "quantiles",
    [[0.5, 0.4, 0.5, 0.6, 0.7], [0, 0, 0, 0, 2], [0, 0, 0, 0, float("nan")], [0, 0, 0, 0, None]],
)
def test_numbers_that_are_no_rising_cosines_are_refused(tmp_path: Path, quantiles: list[float]) -> None:
    save_noise({"similar": FLOOR}, tmp_path)
    document = json.loads((tmp_path / NOISE).read_text())
    document["similar"]["quantiles"] = dict(zip(document["similar"]["quantiles"], quantiles, strict=True))
    (tmp_path / NOISE).write_text(json.dumps(document))

    with pytest.raises(ReleaseCorruptError, match="noise floors cannot be read"):
        open_noise(tmp_path)


@pytest.mark.parametrize("content", ["", "[]", "{", '{"similar": 1}', '{"similar": {}}'])
def test_another_file_is_refused(tmp_path: Path, content: str) -> None:
    (tmp_path / NOISE).write_text(content)

    with pytest.raises(ReleaseCorruptError, match="noise floors cannot be read"):
        open_noise(tmp_path)
