"""A model of fastText is looked over before the library reads it: cut short, made up, another kind."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import Any

import fasttext
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from embedsvc.classifiers import FastTextClassifier
from embedsvc.classifiers.fasttext_check import check_model
from embedsvc.errors import ReleaseCorruptError

DIM, BUCKET, NGRAMS, LOSS, MODEL = 8, 40, 28, 32, 36  # where these settings stand


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("models")


def trained(folder: Path, **knobs: Any) -> Any:
    texts = folder / "texts.txt"
    lines = [f"__label__{number % 2} word{number % 300} own{number % 2}" for number in range(1_200)]
    texts.write_text("\n".join(lines) + "\n")
    return fasttext.train_supervised(str(texts), dim=6, epoch=2, thread=11, verbose=0, **knobs)


@pytest.fixture(scope="module")
def models(folder: Path) -> dict[str, Path]:
    found = {}
    for name, knobs in {
        "plain": {"bucket": 0},
        "subwords": {"minn": 2, "maxn": 3, "bucket": 500, "wordNgrams": 2},
        "several": {"bucket": 0, "loss": "ova"},
    }.items():
        model = trained(folder, **knobs)
        found[name] = folder / f"{name}.bin"
        model.save_model(str(found[name]))
        for kind, packing in {"": {}, "-normed": {"qnorm": True}, "-cut": {"cutoff": 280}}.items():
            packed = fasttext.load_model(str(found[name]))
            packed.quantize(input=str(folder / "texts.txt"), thread=1, **packing)
            found[f"{name}-packed{kind}"] = folder / f"{name}{kind}.ftz"
            packed.save_model(str(found[f"{name}-packed{kind}"]))
    return found


def test_what_the_library_writes_is_sound(models: dict[str, Path]) -> None:
    for name, path in models.items():
        assert check_model(path) == name.startswith("several"), name


@pytest.mark.parametrize(
    "name", ["plain", "subwords", "plain-packed", "subwords-packed-normed", "plain-packed-cut"]
)
def test_a_model_cut_short_anywhere_is_refused(models: dict[str, Path], tmp_path: Path, name: str) -> None:
    data = models[name].read_bytes()
    cut = tmp_path / "cut.bin"

    for size in [*range(1, 120), *range(120, len(data), max(1, len(data) // 60))]:
        cut.write_bytes(data[:size])
        with pytest.raises(ValueError, match=r"cut short|no end"):
            check_model(cut)
    cut.write_bytes(data + b"\0")
    with pytest.raises(ValueError, match="more follows"):
        check_model(cut)


@pytest.mark.parametrize(
    ("place", "value", "why"),
    [
        (0, 1, "no model of fastText"),
        (4, 11, "no model of fastText"),
        (DIM, 0, "settings"),
        (DIM, 7, "another size"),
        (DIM, 1 << 30, "another size"),
        (NGRAMS, 2, "no buckets"),
        (NGRAMS, 0, "settings"),
        (BUCKET, -5, "settings"),
        (BUCKET, 1_000, "another size"),
        (LOSS, 1, "no classifier"),
        (MODEL, 1, "no classifier"),
        (64, 9, "do not add up"),
        (68, -2, "do not add up"),
    ],
)
def test_settings_that_cannot_be_are_refused(
    models: dict[str, Path], tmp_path: Path, place: int, value: int, why: str
) -> None:
    data = bytearray(models["plain"].read_bytes())
    struct.pack_into("<i", data, place, value)
    changed = tmp_path / "changed.bin"
    changed.write_bytes(data)

    with pytest.raises(ValueError, match=why):
        check_model(changed)


def test_numbers_that_are_none_are_refused(models: dict[str, Path], tmp_path: Path) -> None:
    data = bytearray(models["plain"].read_bytes())
    struct.pack_into("<f", data, len(data) - 4, float("nan"))
    changed = tmp_path / "changed.bin"
    changed.write_bytes(data)

    with pytest.raises(ValueError, match="numbers that are none"):
        check_model(changed)


@settings(max_examples=200, deadline=None)
@given(
    place=st.integers(0, 2_000), byte=st.integers(0, 255), name=st.sampled_from(["plain", "plain-packed-cut"])
)
def test_a_byte_changed_is_refused_or_harmless(
    models: dict[str, Path], place: int, byte: int, name: str
) -> None:
    """What passes can be opened and asked."""
    path = models[name]
    data = bytearray(path.read_bytes())
    data[place % len(data)] = byte
    changed = path.with_name("byte.bin")
    changed.write_bytes(data)

    try:
        check_model(changed)
    except ValueError:
        return
    model = fasttext.FastText._FastText(model_path=str(changed))
    assert len(model.predict("word1 own0 never seen", k=-1)[0]) == 2


def test_a_classifier_with_a_model_cut_short_is_corrupt(models: dict[str, Path], tmp_path: Path) -> None:
    FastTextClassifier(fasttext.load_model(str(models["plain"])), ["a", "b"]).save(tmp_path)
    data = (tmp_path / "model.bin").read_bytes()
    (tmp_path / "model.bin").write_bytes(data[: len(data) * 2 // 3])

    with pytest.raises(ReleaseCorruptError, match="cut short"):
        FastTextClassifier.open(tmp_path)


def test_several_labels_need_a_model_of_several(models: dict[str, Path], tmp_path: Path) -> None:
    model = fasttext.load_model(str(models["plain"]))
    FastTextClassifier(model, ["a", "b"], threshold=[0.5, 0.4], multi_label=True).save(tmp_path)

    with pytest.raises(ReleaseCorruptError, match="does not fit"):
        FastTextClassifier.open(tmp_path)
