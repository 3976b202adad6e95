"""The classifier at inference: fastText's own probabilities, any label, a temperature, damaged files."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import fasttext
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from embedsvc.classifiers import FastTextClassifier
from embedsvc.classifiers.fasttext_classifier import tempered
from embedsvc.errors import ReleaseCorruptError

LABELS = ["Human Resources & Payroll", "__label__1", '日本語 / "quoted" \u2028', "", "IT"]
WORDS = [["payroll", "gratuity"], ["audit", "ledger"], ["japanese", "kanji"], ["nothing"], ["php", "sql"]]
TEXTS = [["payroll"], ["sql", "php"], ["kanji", "ledger"], ["never_seen"], []]


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Any:
    folder = tmp_path_factory.mktemp("model")
    every = ["</s>", *(word for words in WORDS for word in words)]
    vectors = np.random.default_rng(1).uniform(-0.2, 0.2, (len(every), 8))
    rows = [f"{word} {' '.join(map(str, row))}" for word, row in zip(every, vectors, strict=True)]
    (folder / "vectors.txt").write_text(f"{len(every)} 8\n" + "\n".join(rows) + "\n")
    lines = [f"__label__{number} {' '.join(words)}" for number, words in enumerate(WORDS)] * 20
    (folder / "texts.txt").write_text("\n".join(lines) + "\n")
    return fasttext.train_supervised(
        str(folder / "texts.txt"),
        pretrainedVectors=str(folder / "vectors.txt"),
        dim=8,
        lr=0.3,
        epoch=20,
        thread=1,
        verbose=0,
    )


@pytest.fixture(scope="module")
def classifier(model: Any) -> FastTextClassifier:
    return FastTextClassifier(model, LABELS)


def test_probabilities_are_fasttexts_own(classifier: FastTextClassifier, model: Any) -> None:
    shares = classifier.probabilities(TEXTS)

    assert shares.shape == (5, 5)
    np.testing.assert_allclose(shares.sum(axis=1), 1.0, atol=1e-12)
    for row, text in enumerate(TEXTS):
        names, values = model.predict(" ".join(text), k=-1)
        # fastText rounds the softmax through a table, so its shares add up to 1 within 1e-4 only.
        for name, value in zip(names, values, strict=True):
            assert shares[row, int(name.removeprefix("__label__"))] == pytest.approx(value, abs=2e-4)


def test_every_label_is_learnt_whatever_its_text(classifier: FastTextClassifier) -> None:
    best = [label for ((label, _),) in classifier.top(WORDS, 1)]

    assert best == LABELS


def test_top_is_best_first_and_never_more_than_there_are(classifier: FastTextClassifier) -> None:
    for found in classifier.top(TEXTS, 100):
        shares = [share for _, share in found]
        assert sorted(label for label, _ in found) == sorted(LABELS)
        assert shares == sorted(shares, reverse=True)
    assert classifier.top([["php"]], 2) == [classifier.top([["php"]], 5)[0][:2]]


def test_no_texts_give_no_rows(classifier: FastTextClassifier) -> None:
    assert classifier.probabilities([]).shape == (0, 5)
    assert classifier.top([], 3) == []


def test_batches_and_single_texts_agree(classifier: FastTextClassifier) -> None:
    together = classifier.probabilities(TEXTS)
    alone = np.vstack([classifier.probabilities([text]) for text in TEXTS])

    assert np.array_equal(together, alone)


@pytest.mark.parametrize("temperature", [0.5, 1.0, 3.0])
def test_temperature_divides_the_logits(
    classifier: FastTextClassifier, model: Any, temperature: float
) -> None:
    bare = classifier.probabilities(TEXTS)
    raised = bare ** (1.0 / temperature)
    expected = raised / raised.sum(axis=1, keepdims=True)

    found = FastTextClassifier(model, LABELS, temperature).probabilities(TEXTS)

    np.testing.assert_allclose(found, expected, rtol=1e-9)
    assert np.array_equal(found.argmax(axis=1), bare.argmax(axis=1))


def test_temperature_by_hand() -> None:
    found = tempered(np.array([[0.8, 0.2]]), 2.0)

    assert found[0, 0] == pytest.approx(math.sqrt(0.8) / (math.sqrt(0.8) + math.sqrt(0.2)))
    assert tempered(np.array([[1.0, 1e-12]]), 0.01)[0].tolist() == [1.0, 0.0]


@given(
    st.lists(st.floats(1e-12, 1.0), min_size=2, max_size=6),
    st.floats(0.05, 20.0),
)
def test_tempered_shares_add_up_and_keep_their_order(shares: list[float], temperature: float) -> None:
    row = np.array([shares])

    found = tempered(row, temperature)

    assert found.sum() == pytest.approx(1.0)
    order = np.argsort(row[0], kind="stable")
    assert (np.diff(found[0, order]) >= 0).all()


def test_what_is_saved_answers_the_same(model: Any, tmp_path: Path) -> None:
    before = FastTextClassifier(model, LABELS, 1.7)
    before.save(tmp_path)

    back = FastTextClassifier.open(tmp_path)

    assert back.labels == LABELS
    assert back.temperature == 1.7
    assert np.array_equal(back.probabilities(TEXTS), before.probabilities(TEXTS))
    assert json.loads((tmp_path / "classifier.json").read_text())["labels"] == LABELS


@pytest.mark.parametrize("name", ["classifier.json", "model.bin"])
@pytest.mark.parametrize("data", [None, b"", b"[]", b"null", b"[" * 100_000, b"\xff" * 64])
def test_a_damaged_file_is_corrupt(
    classifier: FastTextClassifier, tmp_path: Path, name: str, data: bytes | None
) -> None:
    classifier.save(tmp_path)
    (tmp_path / name).unlink()
    if data is not None:
        (tmp_path / name).write_bytes(data)

    with pytest.raises(ReleaseCorruptError):
        FastTextClassifier.open(tmp_path)


@pytest.mark.parametrize(
    "change",
    [
        {"labels": LABELS[:4]},
        {"labels": [*LABELS, "one more"]},
        {"labels": None},
        {"temperature": 0},
        {"temperature": -1.0},
        {"temperature": 1e999},
        {"temperature": "warm"},
    ],
)
def test_labels_that_do_not_fit_the_model_are_corrupt(
    classifier: FastTextClassifier, tmp_path: Path, change: dict[str, Any]
) -> None:
    classifier.save(tmp_path)
    path = tmp_path / "classifier.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | change))

    with pytest.raises(ReleaseCorruptError):
        FastTextClassifier.open(tmp_path)
