"""A transformer as it is served, on a graph whose vectors can be counted, and folders that are not whole."""

from __future__ import annotations

import json
import pickle
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from embedsvc.errors import InputError, OptionalDependencyError, ReleaseCorruptError
from embedsvc.spaces import Space, TransformerEncoder, open_encoder
from tests.embedsvc.spaces import handmade_model
from tests.embedsvc.spaces.handmade_model import PIECES, ROWS

WORDS = Space("word2vec", ["other"], np.array([1]), np.ones((1, 9), np.float32))
UNKNOWN = PIECES.index("[UNK]")


@pytest.fixture(scope="module")
def encoder(tmp_path_factory: pytest.TempPathFactory) -> TransformerEncoder:
    folder = handmade_model.write(tmp_path_factory.mktemp("handmade"))
    return TransformerEncoder(folder, 3, 6, UNKNOWN, {"epochs": 2})


@pytest.fixture
def saved(encoder: TransformerEncoder, tmp_path: Path) -> Path:
    encoder.save(tmp_path)
    return tmp_path


def restamp(folder: Path) -> None:
    """Let `encoder.json` tell of the files that are there, as whoever swaps both would."""
    from embedsvc.spaces.transformer_encoder import _stamp

    described = json.loads((folder / "encoder.json").read_text())
    described["files"] = {name: _stamp(folder / name) for name in described["files"]}
    (folder / "encoder.json").write_text(json.dumps(described))


def unit(row: np.ndarray) -> np.ndarray:
    return row / np.linalg.norm(row)


def test_a_text_is_read_in_pieces_and_a_skill_of_two_words_comes_apart(encoder: TransformerEncoder) -> None:
    vectors = encoder.encode([["php", "sql"], ["machine_learning"], ["machine", "learning"]])

    assert vectors.dtype == np.float32
    np.testing.assert_allclose(vectors[0], unit(ROWS[4] + ROWS[8]), rtol=1e-6)
    np.testing.assert_allclose(vectors[1], unit(ROWS[5] + ROWS[6] + ROWS[7]), rtol=1e-6)
    assert np.array_equal(vectors[1], vectors[2])


def test_a_text_without_a_known_piece_is_zeros_and_so_is_what_cancels_out(
    encoder: TransformerEncoder,
) -> None:
    assert not encoder.encode([[], ["?"], ["?", "??"], ["php", "anti"]]).any()
    assert encoder.encode([]).shape == (0, 3)


def test_lengths_count_pieces_and_say_what_was_cut(encoder: TransformerEncoder) -> None:
    texts = [["php", "machine_learning"], [], ["?", "php"], ["php"] * 4, ["php"] * 5, ["sql"] * 250_000]

    lengths = encoder.lengths(texts)

    assert lengths.tokens.tolist() == [4, 0, 2, 4, 4, 4]
    assert lengths.known.tolist() == [4, 0, 1, 4, 4, 4]
    assert lengths.truncated.tolist() == [False, False, False, False, True, True]


def test_what_stands_behind_the_limit_is_not_read(encoder: TransformerEncoder) -> None:
    cut, whole = encoder.encode([["php"] * 4 + ["sql"] * 100_000, ["php"] * 4])

    assert cut.tobytes() == whole.tobytes()


@given(st.lists(st.lists(st.sampled_from(["php", "sql", "machine", "?"]), max_size=9), max_size=6))
def test_what_stands_beside_a_text_does_not_change_its_vector(
    encoder: TransformerEncoder, texts: list[list[str]]
) -> None:
    together = encoder.encode(texts)

    assert [row.tobytes() for row in together] == [encoder.encode([text])[0].tobytes() for text in texts]


def test_what_is_saved_encodes_to_the_same_bits(encoder: TransformerEncoder, saved: Path) -> None:
    back = open_encoder(saved, WORDS)

    assert isinstance(back, TransformerEncoder)
    texts = [["php", "sql"], ["machine_learning"]]
    assert back.encode(texts).tobytes() == encoder.encode(texts).tobytes()
    assert (back.kind, back.dimension, back.max_tokens) == ("transformer", 3, 6)
    assert back.parameters == {"epochs": 2}


def test_a_shorter_one_uses_the_first_numbers_and_is_saved_so(saved: Path, tmp_path: Path) -> None:
    short = TransformerEncoder.open(saved).shortened(2)

    short.save(tmp_path / "short")

    back = TransformerEncoder.open(tmp_path / "short")
    np.testing.assert_allclose(back.encode([["machine", "learn"]])[0], unit(np.array([6, 12])), rtol=1e-6)
    assert back.dimension == 2
    with pytest.raises(InputError, match="ask for 1 to 2"):
        back.shortened(3)


@pytest.mark.parametrize("name", ["model.onnx", "tokenizer.json", "encoder.json"])
def test_a_missing_file_is_a_corrupt_release(saved: Path, name: str) -> None:
    (saved / name).unlink()

    with pytest.raises(ReleaseCorruptError, match="cannot be opened"):
        TransformerEncoder.open(saved)


@pytest.mark.parametrize("name", ["model.onnx", "tokenizer.json"])
def test_a_file_cut_short_or_changed_is_not_the_one_told_of(saved: Path, name: str) -> None:
    whole = (saved / name).read_bytes()

    for damaged in (whole[:-7], whole[:-1] + bytes([whole[-1] ^ 1]), b""):
        (saved / name).write_bytes(damaged)
        with pytest.raises(ReleaseCorruptError, match=f"{name} is not the file"):
            TransformerEncoder.open(saved)


class Bomb:
    """Leaves a file behind where somebody unpickles it."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[object, tuple[object, ...]]:
        return Path.touch, (self.path,)


@pytest.mark.parametrize("name", ["model.onnx", "tokenizer.json"])
def test_a_pickle_in_place_of_a_file_is_refused_unread(saved: Path, name: str, tmp_path: Path) -> None:
    (saved / name).write_bytes(pickle.dumps(Bomb(tmp_path / "exploded")))
    restamp(saved)

    with pytest.raises(ReleaseCorruptError, match=rf"cannot be opened \({name}:"):
        TransformerEncoder.open(saved)
    assert not (tmp_path / "exploded").exists()


def test_a_model_cut_short_is_refused_even_where_the_sums_agree(saved: Path) -> None:
    whole = (saved / "model.onnx").read_bytes()
    (saved / "model.onnx").write_bytes(whole[: len(whole) // 2])
    restamp(saved)

    with pytest.raises(ReleaseCorruptError, match=r"model\.onnx"):
        TransformerEncoder.open(saved)


def test_the_vocabulary_of_another_model_is_refused(saved: Path) -> None:
    (saved / "tokenizer.json").write_text(handmade_model.tokenizer([*PIECES, "more", "still"]))
    restamp(saved)

    with pytest.raises(ReleaseCorruptError, match="do not belong together"):
        TransformerEncoder.open(saved)


def test_a_graph_that_reads_no_pieces_or_gives_too_few_numbers_is_refused(saved: Path) -> None:
    handmade_model.graph(ROWS, saved / "model.onnx", name="pixels")
    restamp(saved)
    with pytest.raises(ReleaseCorruptError, match="does not read the pieces"):
        TransformerEncoder.open(saved)

    handmade_model.graph(ROWS[:, :2].copy(), saved / "model.onnx")
    restamp(saved)
    with pytest.raises(ReleaseCorruptError, match="no vectors of 3 numbers"):
        TransformerEncoder.open(saved)


@pytest.mark.parametrize(
    ("key", "value"), [("dimension", 0), ("dimension", True), ("max_tokens", "6"), ("unknown", 1.5)]
)
def test_sizes_that_are_none_are_refused(saved: Path, key: str, value: object) -> None:
    described = json.loads((saved / "encoder.json").read_text()) | {key: value}
    (saved / "encoder.json").write_text(json.dumps(described))

    with pytest.raises(ReleaseCorruptError, match="sizes that are none"):
        TransformerEncoder.open(saved)


@pytest.mark.parametrize("package", ["onnxruntime", "tokenizers"])
def test_a_missing_library_is_named_with_its_extra(
    saved: Path, package: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, package, None)

    with pytest.raises(
        OptionalDependencyError, match=rf"{package}.*pip install 'embedsvc\[transformer-serve\]'"
    ):
        TransformerEncoder.open(saved)
