"""SIF sentence vectors against the formula of Arora, Liang and Ma (2017), computed text by text."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from embedsvc.errors import ReleaseCorruptError
from embedsvc.spaces import SifEncoder, Space, pooling

WORDS = [f"w{number}" for number in range(40)]
A = 1e-2


@pytest.fixture
def space() -> Space:
    generator = np.random.default_rng(2)
    # A direction that all words share: what the encoder is to take out.
    vectors = generator.normal(size=(40, 6)) + np.array([4.0, 0, 0, 0, 0, 0])
    return Space("word2vec", WORDS, np.arange(400, 0, -10), vectors.astype(np.float32))


@pytest.fixture
def texts() -> list[list[str]]:
    generator = np.random.default_rng(3)
    drawn = [generator.choice(WORDS, size=generator.integers(1, 12)).tolist() for _ in range(50)]
    drawn[7] = []
    drawn[8] = ["unknown", "also_unknown"]
    drawn[9] = ["unknown", "w3", "w3", "unknown", "w11"]
    return drawn


def plain_means(space: Space, texts: Sequence[Sequence[str]]) -> np.ndarray:
    total = space.counts.sum()
    rows = []
    for text in texts:
        known = [space.keys.index(word) for word in text if word in space.keys]
        weighted = [A / (A + space.counts[row] / total) * space.vectors[row].astype(float) for row in known]
        rows.append(sum(weighted, np.zeros(space.dimension)) / max(1, len(known)))
    return np.array(rows)


def plain_sif(space: Space, texts: Sequence[Sequence[str]], components: int) -> np.ndarray:
    means = plain_means(space, texts)
    _, _, directions = np.linalg.svd(means, full_matrices=False)
    common = directions[:components]
    left = means - means @ common.T @ common
    lengths = np.linalg.norm(left, axis=1, keepdims=True)
    return np.divide(left, lengths, out=np.zeros_like(left), where=lengths > 0)


@pytest.mark.parametrize("components", [0, 1, 3])
def test_vectors_are_what_the_formula_gives(space: Space, texts: list[list[str]], components: int) -> None:
    encoder = SifEncoder.fit(space, texts, a=A, components=components)

    assert encoder.components.shape == (components, 6)
    vectors = encoder.encode(texts)
    assert vectors.dtype == np.float32
    np.testing.assert_allclose(vectors, plain_sif(space, texts, components), atol=2e-6)


def test_the_shared_direction_is_what_is_taken_out(space: Space, texts: list[list[str]]) -> None:
    common = SifEncoder.fit(space, texts, a=A, components=1).components[0]

    assert abs(common[0]) > 0.95
    assert np.linalg.norm(common) == pytest.approx(1.0, abs=1e-6)


def test_rare_words_weigh_more(space: Space) -> None:
    encoder = SifEncoder.fit(space, [], a=A)

    total = space.counts.sum()
    np.testing.assert_allclose(encoder.weights, A / (A + space.counts / total), rtol=1e-6)
    assert encoder.weights[0] == pytest.approx(0.01 / (0.01 + 400 / 8200))
    assert encoder.weights[39] == pytest.approx(0.01 / (0.01 + 10 / 8200))


@pytest.mark.parametrize("block", [1, 5, 13])
def test_blocks_change_nothing(
    space: Space, texts: list[list[str]], block: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    encoder = SifEncoder.fit(space, texts, a=A)
    whole = encoder.encode(texts)
    monkeypatch.setattr(pooling, "_TOKENS_A_BLOCK", block)

    assert np.array_equal(encoder.encode(texts), whole)
    assert np.array_equal(SifEncoder.fit(space, texts, a=A).components, encoder.components)


def test_unknown_words_change_nothing_and_nothing_known_is_zeros(
    space: Space, texts: list[list[str]]
) -> None:
    encoder = SifEncoder.fit(space, texts, a=A)

    known, with_unknown, empty, unknown = encoder.encode([["w3", "w11"], ["w3", "?", "w11"], [], ["?"]])
    assert np.array_equal(known, with_unknown)
    assert np.linalg.norm(known) == pytest.approx(1.0, abs=1e-6)
    assert not empty.any()
    assert not unknown.any()


def test_no_texts_give_no_rows(space: Space, texts: list[list[str]]) -> None:
    assert SifEncoder.fit(space, texts).encode([]).shape == (0, 6)


@pytest.mark.parametrize("sample", [[], [[]], [["unknown"]]])
def test_without_a_sample_nothing_is_taken_out(space: Space, sample: list[list[str]]) -> None:
    encoder = SifEncoder.fit(space, sample, a=A, components=2)

    assert encoder.components.shape == (0, 6)
    np.testing.assert_allclose(encoder.encode([["w1", "w2"]]), plain_sif(space, [["w1", "w2"]], 0), atol=1e-6)


@pytest.mark.parametrize("components", [1, 5, 50])
def test_texts_all_alike_keep_their_vectors(space: Space, components: int) -> None:
    text = ["w1", "w2", "w9"]

    vectors = SifEncoder.fit(space, [text] * 30, a=A, components=components).encode([text, text[::-1]])

    np.testing.assert_allclose(vectors, plain_sif(space, [text] * 2, 0), atol=1e-6)


def test_more_components_than_directions_leave_one(space: Space, texts: list[list[str]]) -> None:
    encoder = SifEncoder.fit(space, texts, a=A, components=50)

    assert encoder.components.shape == (5, 6)
    np.testing.assert_allclose(encoder.components @ encoder.components.T, np.eye(5), atol=1e-6)


def test_a_text_in_the_common_direction_is_zeros_and_not_rounding(space: Space) -> None:
    common = space.vectors[:1] / np.linalg.norm(space.vectors[0])
    encoder = SifEncoder(space, np.ones(40, np.float32), common, A)

    along, beside = encoder.encode([["w0"], ["w0", "w1"]])

    assert not along.any()
    assert np.linalg.norm(beside) == pytest.approx(1.0, abs=1e-5)


def test_a_space_of_one_word(tmp_path: Path) -> None:
    one = Space("word2vec", ["php"], np.array([9]), np.array([[3.0, 4.0]], np.float32))

    encoder = SifEncoder.fit(one, [["php"], ["php", "php"]])

    np.testing.assert_allclose(encoder.encode([["php", "java"]]), [[0.6, 0.8]], atol=1e-6)


def test_what_is_saved_encodes_to_the_same_bits(space: Space, texts: list[list[str]], tmp_path: Path) -> None:
    encoder = SifEncoder.fit(space, texts, a=A, components=2)
    encoder.save(tmp_path)

    back = SifEncoder.open(tmp_path, space)

    assert back.encode(texts).tobytes() == encoder.encode(texts).tobytes()
    assert back.a == A
    assert isinstance(back.weights, np.memmap)
    assert json.loads((tmp_path / "encoder.json").read_text()) == {
        "kind": "sif",
        "a": A,
        "dimension": 6,
        "words": 40,
    }


def test_another_space_is_refused(space: Space, texts: list[list[str]], tmp_path: Path) -> None:
    SifEncoder.fit(space, texts).save(tmp_path)
    fewer = Space("word2vec", WORDS[:39], space.counts[:39], space.vectors[:39])
    narrower = Space("word2vec", WORDS, space.counts, space.vectors[:, :5])

    for other in (fewer, narrower):
        with pytest.raises(ReleaseCorruptError, match="another word space"):
            SifEncoder.open(tmp_path, other)


@pytest.mark.parametrize("name", ["encoder.json", "weights.npy", "components.npy"])
@pytest.mark.parametrize("data", [None, b"", b"[]", b'{"a": null}', b"\x93NUMPY\x01\x00"])
def test_a_damaged_file_is_corrupt(
    space: Space, texts: list[list[str]], tmp_path: Path, name: str, data: bytes | None
) -> None:
    SifEncoder.fit(space, texts).save(tmp_path)
    (tmp_path / name).unlink()
    if data is not None:
        (tmp_path / name).write_bytes(data)

    with pytest.raises(ReleaseCorruptError):
        SifEncoder.open(tmp_path, space)


def test_weights_of_another_type_are_corrupt(space: Space, texts: list[list[str]], tmp_path: Path) -> None:
    SifEncoder.fit(space, texts).save(tmp_path)
    np.save(tmp_path / "weights.npy", np.ones(40, np.int32))

    with pytest.raises(ReleaseCorruptError):
        SifEncoder.open(tmp_path, space)
