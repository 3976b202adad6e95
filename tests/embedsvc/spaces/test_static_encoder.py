"""Static sentence vectors: plain means of learned vectors, and folders that are not whole."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from embedsvc.errors import InputError, ReleaseCorruptError
from embedsvc.spaces import Space, StaticEncoder, open_encoder

VECTORS = np.array([[3, 0, 1], [0, 4, 2], [-3, 0, -1], [6, 8, 0]], np.float32)
WORDS = Space("word2vec", ["other"], np.array([1]), np.ones((1, 9), np.float32))


@pytest.fixture
def encoder() -> StaticEncoder:
    keys = ["php", "java", "anti", "sql"]
    return StaticEncoder(Space("static", keys, np.array([9, 5, 2, 1]), VECTORS, None, {"epochs": 3}))


def test_a_text_is_the_unit_mean_of_its_known_tokens(encoder: StaticEncoder) -> None:
    vectors = encoder.encode([["php", "java"], ["php", "?", "java"], ["sql"] * 7, [], ["?"]])

    assert vectors.dtype == np.float32
    np.testing.assert_allclose(vectors[0], np.array([3, 4, 3]) / np.sqrt(34), rtol=1e-6)
    assert np.array_equal(vectors[0], vectors[1])
    np.testing.assert_allclose(vectors[2], [0.6, 0.8, 0], rtol=1e-6)
    assert not vectors[3:].any()


def test_vectors_that_cancel_out_are_zeros_and_not_nan(encoder: StaticEncoder) -> None:
    assert encoder.encode([["php", "anti"]]).tolist() == [[0, 0, 0]]


def test_a_text_of_a_million_characters_is_read_whole(encoder: StaticEncoder) -> None:
    long = ["php", "java"] * 125_000

    assert encoder.lengths([long, ["?"]]).tokens.tolist() == [250_000, 1]
    assert encoder.lengths([long, ["?"]]).known.tolist() == [250_000, 0]
    np.testing.assert_allclose(encoder.encode([long]), encoder.encode([["php", "java"]]), atol=1e-4)


def test_what_is_saved_encodes_to_the_same_bits_and_is_mapped(encoder: StaticEncoder, tmp_path: Path) -> None:
    encoder.save(tmp_path)

    back = open_encoder(tmp_path, WORDS)

    assert isinstance(back, StaticEncoder)
    texts = [["php", "sql"], ["java"]]
    assert back.encode(texts).tobytes() == encoder.encode(texts).tobytes()
    assert isinstance(back.tokens.vectors, np.memmap)
    assert back.tokens.parameters == {"epochs": 3}
    described = json.loads((tmp_path / "encoder.json").read_text())
    assert described == {"kind": "static", "dimension": 3, "words": 4}


def test_a_shorter_one_uses_the_first_numbers(encoder: StaticEncoder) -> None:
    short = encoder.shortened(2)

    assert short.dimension == 2
    np.testing.assert_allclose(short.encode([["php", "java"]]), [[0.6, 0.8]], rtol=1e-6)
    for wrong in (0, 4):
        with pytest.raises(InputError, match="ask for 1 to 3"):
            encoder.shortened(wrong)


@pytest.mark.parametrize(
    "name", ["encoder.json", "tokens/space.json", "tokens/keys.arrow", "tokens/vectors.npy"]
)
@pytest.mark.parametrize("keep", [None, 0, 20])
def test_a_folder_cut_short_is_corrupt(
    encoder: StaticEncoder, tmp_path: Path, name: str, keep: int | None
) -> None:
    encoder.save(tmp_path)
    data = (tmp_path / name).read_bytes()
    (tmp_path / name).unlink()
    if keep is not None:
        (tmp_path / name).write_bytes(data[:keep])

    with pytest.raises(ReleaseCorruptError, match=r"build (the release|it) again"):
        open_encoder(tmp_path, WORDS)


def test_vectors_of_another_encoder_are_refused(encoder: StaticEncoder, tmp_path: Path) -> None:
    encoder.save(tmp_path)
    encoder.shortened(2).tokens.save(tmp_path / "tokens")

    with pytest.raises(ReleaseCorruptError, match="not those of its encoder"):
        open_encoder(tmp_path, WORDS)


@pytest.mark.parametrize("number", [np.nan, np.inf])
def test_numbers_that_are_not_finite_are_corrupt(
    encoder: StaticEncoder, tmp_path: Path, number: float
) -> None:
    damaged = VECTORS.copy()
    damaged[3, 1] = number
    StaticEncoder(Space("static", encoder.tokens.keys, encoder.tokens.counts, damaged)).save(tmp_path)

    with pytest.raises(ReleaseCorruptError, match="not finite"):
        open_encoder(tmp_path, WORDS)
