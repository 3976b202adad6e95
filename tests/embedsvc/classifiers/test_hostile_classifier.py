"""Files that pose as a classifier: a pickle that would run something is refused unread, whatever its name."""

from __future__ import annotations

import pickle
import random
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from embedsvc.classifiers import FastTextClassifier, LinearClassifier, open_classifier
from embedsvc.errors import ReleaseCorruptError
from embedsvc.spaces import Space
from training.recipe import ClassifierSection
from training.trainers.classifier import train_classifier
from training.trainers.linear import LinearKnobs, train_linear
from training.trainers.tfidf import Labelled

FILES = {
    "linear": ["classifier.json", "features.npy", "idf.npy", "weights.npy", "scaling.npy"],
    "fasttext": ["classifier.json", "model.bin", "model.ftz"],
}


class Bomb:
    """Writes a file when it is unpickled."""

    def __init__(self, target: Path) -> None:
        self._target = target

    def __reduce__(self) -> tuple[Any, ...]:
        return Path.write_text, (self._target, "unpickled")


def texts() -> list[Labelled]:
    generator = random.Random(1)
    return [Labelled((f"l{n % 2}",), [f"own{n % 2}", f"w{generator.randrange(9)}", "all"]) for n in range(60)]


@pytest.fixture(scope="module")
def classifiers() -> dict[str, FastTextClassifier | LinearClassifier]:
    words = Space("word2vec", ["all"], np.array([60]), np.full((1, 8), 0.1, np.float32))
    learned = [(text.labels, text.tokens) for text in texts()]
    fasttext = train_classifier(lambda: learned, [], words, ClassifierSection(epochs=5), 1)
    linear = train_linear(texts, LinearKnobs(), 1)
    assert fasttext is not None
    assert linear is not None
    return {"fasttext": fasttext, "linear": linear}


@pytest.mark.parametrize(("kind", "name"), [(kind, name) for kind, names in FILES.items() for name in names])
@pytest.mark.parametrize("inside", [False, True])
def test_a_pickle_is_refused_unread(
    kind: str, name: str, inside: bool, classifiers: dict[str, Any], tmp_path: Path
) -> None:
    """Alone in the file, or as the object that an array holds."""
    folder, target = tmp_path / kind, tmp_path / "target"
    classifiers[kind].save(folder)
    if inside:
        with (folder / name).open("wb") as file:
            np.save(file, np.array([Bomb(target)], object), allow_pickle=True)
    else:
        (folder / name).write_bytes(pickle.dumps(Bomb(target)))

    with pytest.raises(ReleaseCorruptError, match="build the release again"):
        open_classifier(folder)
    assert not target.exists()
    # The bomb would have gone off.
    if not inside:
        pickle.loads((folder / name).read_bytes())  # noqa: S301 - made above
        assert target.read_text() == "unpickled"


@pytest.mark.parametrize("kind", ["fasttext", "linear"])
def test_a_text_of_no_word_or_none_known_has_all_labels(kind: str, classifiers: dict[str, Any]) -> None:
    classifier = classifiers[kind]

    shares = classifier.probabilities([[], ["unheard"], ["own0", "all"]])

    np.testing.assert_allclose(shares.sum(axis=1), 1.0, atol=1e-5)
    assert (shares[:2] > 0.01).all()
    assert shares[2, 0] > shares[0, 0]
    assert [len(best) for best in classifier.top([[], ["unheard"]], 2)] == [2, 2]
