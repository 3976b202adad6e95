"""Rotations found again, and that they change nothing inside a space."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from embedsvc.spaces import Space
from training.trainers.alignment import align, neighbours_changed, rotated

KEYS = [f"k{number}" for number in range(200)]


def space(vectors: np.ndarray, keys: list[str] = KEYS, output: np.ndarray | None = None) -> Space:
    return Space("word2vec", keys, np.ones(len(keys), np.int64), vectors.astype(np.float32), output, {"a": 1})


def drawn(seed: int, dimension: int = 6) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=(len(KEYS), dimension)).astype(np.float32)


def turn(seed: int, dimension: int = 6) -> np.ndarray:
    """An orthogonal matrix."""
    return np.linalg.qr(np.random.default_rng(seed).normal(size=(dimension, dimension)))[0]


@given(st.integers(0, 1000))
def test_a_rotation_is_found_again_whatever_the_lengths(seed: int) -> None:
    old, rotation = drawn(seed), turn(seed)
    lengths = np.random.default_rng(seed).uniform(0.1, 9, (len(KEYS), 1))
    new = space((old @ rotation.T) * lengths)

    found = align(new, space(old), KEYS)

    assert found is not None
    assert found.shared == len(KEYS)
    assert found.rotation == pytest.approx(rotation, abs=1e-5)
    assert found.rotation @ found.rotation.T == pytest.approx(np.eye(6), abs=1e-9)
    assert found.residual == pytest.approx(0.0, abs=1e-5)
    turned = rotated(new, found.rotation).vectors / lengths
    assert turned == pytest.approx(old, abs=1e-4)


def test_the_residual_is_what_no_rotation_takes_back() -> None:
    """Half of the keys point the other way: no rotation does better than none, and they are 2 apart."""
    old = np.tile(np.eye(6), (30, 1))[:180]
    new = old.copy()
    new[90:] *= -1
    keys = KEYS[:180]

    found = align(space(new[:, :], keys), space(old, keys), keys)

    assert found is not None
    assert found.before == pytest.approx(np.sqrt(2.0))
    assert found.residual == pytest.approx(np.sqrt(2.0))


def test_keys_of_one_side_only_do_not_count() -> None:
    old, rotation = drawn(1), turn(1)
    new = old @ rotation.T
    new[100:] = drawn(2)[100:]
    renamed = [*KEYS[:100], *(f"new{number}" for number in range(100))]

    found = align(space(new, renamed), space(old), [*KEYS, *renamed[100:], "nobody's"])

    assert found is not None
    assert (found.shared, round(found.residual, 5)) == (100, 0.0)


@pytest.mark.parametrize(("shared", "enough"), [(5, False), (6, True)])
def test_fewer_keys_than_dimensions_tell_no_rotation(shared: int, enough: bool) -> None:
    assert (align(space(drawn(1)), space(drawn(2)), KEYS[:shared]) is not None) == enough


def test_nothing_crosses_the_end_of_a_prefix() -> None:
    found = align(space(drawn(1)), space(drawn(2)), KEYS, prefixes=[2, 9])

    assert found is not None
    assert not found.rotation[:2, 2:].any()
    assert not found.rotation[2:, :2].any()
    assert found.rotation @ found.rotation.T == pytest.approx(np.eye(6), abs=1e-9)
    short, turned = drawn(1)[:, :2], rotated(space(drawn(1)), found.rotation).vectors[:, :2]
    assert turned @ turned.T == pytest.approx(short @ short.T, abs=1e-4)


def test_cosines_and_products_with_output_vectors_stay() -> None:
    vectors, output = drawn(1), drawn(2)

    turned = rotated(space(vectors, output=output), turn(3))

    assert turned.output is not None
    assert turned.vectors @ turned.output.T == pytest.approx(vectors @ output.T, abs=1e-4)
    assert turned.vectors @ turned.vectors.T == pytest.approx(vectors @ vectors.T, abs=1e-4)
    assert (turned.keys, turned.parameters) == (KEYS, {"a": 1})
    assert turned.vectors.dtype == np.float32


@given(st.integers(0, 1000))
def test_a_rotation_changes_no_neighbour(seed: int) -> None:
    vectors = drawn(seed)

    assert neighbours_changed(vectors, rotated(space(vectors), turn(seed)).vectors, 200) == 0


def test_changed_neighbours_are_counted() -> None:
    """Twelve rows on a circle; the nearest ten of the first leave out the opposite one, which comes near."""
    angles = np.linspace(0, np.pi, 12)
    vectors = np.column_stack([np.cos(angles), np.sin(angles)]).astype(np.float32)
    moved = vectors.copy()
    moved[11] = vectors[0]

    assert neighbours_changed(vectors, vectors, 12) == 0
    assert neighbours_changed(vectors, moved, 1) == 1


def test_one_row_has_no_neighbours() -> None:
    assert neighbours_changed(drawn(1)[:1], drawn(2)[:1], 5) == 0
