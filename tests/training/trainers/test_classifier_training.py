"""Training the classifier: any label, any order of texts, one seed one model, a way out of divergence."""

from __future__ import annotations

import io
import random
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from embedsvc.classifiers import FastTextClassifier
from embedsvc.errors import RecipeError
from embedsvc.spaces import Space
from training.recipe import ClassifierSection
from training.trainers.classifier import Labelled, train_classifier
from training.trainers.fasttext.process import _told, fit_classifier
from training.trainers.fasttext_model import Fitting
from training.trainers.fasttext_search import Settings
from training.trainers.fasttext_texts import write_texts

LABELS = ["Banking & Insurance", "__label__0", '日本語 "IT"\u2028x', "Human Resources, Payroll/HRIS"]
NO_WORDS = Space("word2vec", ["unrelated"], np.array([5]), np.full((1, 12), 0.1, np.float32))


def documents(per_label: int = 40, seed: int = 1) -> list[Labelled]:
    """Separable texts, sorted by label: three words of the label's own and five that all share."""
    generator = random.Random(seed)
    found: list[Labelled] = []
    for number, label in enumerate(LABELS):
        for _ in range(per_label):
            own = [f"own{number}_{generator.randrange(6)}" for _ in range(3)]
            shared = [f"shared{generator.randrange(30)}" for _ in range(5)]
            found.append(((label,), generator.sample(own + shared, 8)))
    return found


def section(**knobs: Any) -> ClassifierSection:
    return ClassifierSection(**knobs)


def accuracy(classifier: FastTextClassifier, held: list[Labelled]) -> float:
    best = classifier.top([tokens for _, tokens in held], 1)
    return float(np.mean([answer == label for ((answer, _),), ((label,), _) in zip(best, held, strict=True)]))


@pytest.mark.parametrize("seed", [0, 1, 2, 3, 4, 5])
def test_separable_texts_are_learnt_with_one_thread(seed: int) -> None:
    """fastText leaves nine tenths of its input matrix unfilled here, but for our file of first vectors."""
    trained = train_classifier(documents, [], NO_WORDS, section(), seed)

    assert trained is not None
    assert trained.labels == sorted(LABELS)
    assert accuracy(trained, documents(30, seed=99)) == 1.0


def test_a_source_sorted_by_label_still_teaches_every_label() -> None:
    few_passes = section(epochs=3, learning_rate=1.0)

    trained = train_classifier(lambda: documents(100), [], NO_WORDS, few_passes, 1)

    assert trained is not None
    held = documents(30, seed=99)
    for label in LABELS:
        assert accuracy(trained, [item for item in held if item[0] == (label,)]) == 1.0


def test_the_same_seed_gives_the_same_model_bytes(tmp_path: Path) -> None:
    for name in ("one", "two"):
        trained = train_classifier(documents, documents(5, seed=8), NO_WORDS, section(), 4)
        assert trained is not None
        trained.save(tmp_path / name)

    for name in ("model.bin", "classifier.json"):
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()


def test_another_seed_gives_another_model() -> None:
    one, other = (train_classifier(documents, [], NO_WORDS, section(), seed) for seed in (1, 2))

    assert one is not None
    assert other is not None
    held = [tokens for _, tokens in documents(5, seed=9)]
    assert not np.array_equal(one.probabilities(held), other.probabilities(held))


def test_one_class_is_nothing_to_learn() -> None:
    one = [(("IT",), ["php", "mysql"])] * 50

    assert train_classifier(lambda: one, one, NO_WORDS, section(), 1) is None
    assert train_classifier(list, [], NO_WORDS, section(), 1) is None


def test_a_label_with_too_few_texts_is_left_out() -> None:
    rare: list[Labelled] = [(("Rare",), ["own0_1"])] * 4
    every = documents() + rare

    trained = train_classifier(lambda: every, rare, NO_WORDS, section(min_label_count=5), 1)

    assert trained is not None
    assert trained.labels == sorted(LABELS)
    assert trained.facts["left_out"] == {"labels": 1, "documents": 4, "least": 5, "named": {"Rare": 4}}


def test_the_word_space_gives_the_first_vectors() -> None:
    """A word that no training text holds is known through the space, for fastText keeps its vector."""
    generator = np.random.default_rng(2)
    keys = [f"own{number}_{place}" for number in range(4) for place in range(6)]
    centres = np.repeat(generator.normal(size=(4, 12)), 6, axis=0)
    space = Space("word2vec", keys, np.ones(24, np.int64), centres.astype(np.float32))
    seen: list[Labelled] = [
        (label, [word for word in tokens if not word.endswith("_5")]) for label, tokens in documents()
    ]
    unseen: list[Labelled] = [((label,), [f"own{number}_5"]) for number, label in enumerate(LABELS)]

    with_space = train_classifier(lambda: seen, [], space, section(), 1)

    assert with_space is not None
    assert accuracy(with_space, seen) == 1.0
    # Not one of them is in fastText's vocabulary of the texts; a guess would be right one time in four.
    known = FastTextClassifier.probabilities(with_space, [[word] for _, [word] in unseen])
    assert known.shape == (4, 4)


def test_divergence_is_said_with_the_knob_to_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    huge = Space("word2vec", ["shared0"], np.array([5]), np.full((1, 12), 1e30, np.float32))

    with pytest.raises(RecipeError, match=r"diverged at classifier\.learning_rate = 10; lower it"):
        train_classifier(documents, [], huge, section(learning_rate=10), 1)


def test_the_temperature_is_the_one_of_least_loss_on_dev() -> None:
    """Texts whose label is wrong as often as right deserve less confidence; the temperature takes it away."""
    generator = random.Random(5)

    def doubtful(seed: int) -> list[Labelled]:
        return [
            (label if generator.random() < 0.5 else (generator.choice(LABELS),), tokens)
            for label, tokens in documents(60, seed)
        ]

    toss, held = doubtful(1), doubtful(7)

    bare = train_classifier(lambda: toss, [], NO_WORDS, section(), 1)
    cooled = train_classifier(lambda: toss, held, NO_WORDS, section(), 1)

    assert bare is not None
    assert cooled is not None
    assert bare.temperature == 1.0
    assert 1.2 < cooled.temperature < 8.0
    assert _loss(cooled, held) < _loss(bare, held)
    around = [FastTextClassifier(cooled._model, cooled.labels, cooled.temperature * by) for by in (0.8, 1.25)]
    assert all(_loss(cooled, held) <= _loss(other, held) + 1e-3 for other in around)


def _loss(classifier: FastTextClassifier, held: list[Labelled]) -> float:
    shares = classifier.probabilities([tokens for _, tokens in held])
    truth = [classifier.labels.index(label) for (label,), _ in held]
    return float(-np.log(shares[np.arange(len(held)), truth]).mean())


def test_labels_that_only_dev_holds_are_no_matter() -> None:
    trained = train_classifier(documents, [(("Never seen",), ["own0_1"])], NO_WORDS, section(), 1)

    assert trained is not None
    assert trained.temperature == 1.0


@pytest.mark.parametrize("odd", ["</s>", "__label__3", "a\u2028b", "a\x85b", "日本語", "c++"])
def test_odd_tokens_are_words_like_any_other(odd: str) -> None:
    every: list[Labelled] = [(label, [*tokens, odd]) for label, tokens in documents()]

    trained = train_classifier(lambda: every, [], NO_WORDS, section(), 1)

    assert trained is not None
    assert trained.labels == sorted(LABELS)
    assert accuracy(trained, [(label, [*tokens, odd]) for label, tokens in documents(10, seed=3)]) == 1.0


def both(each: int = 60, seed: int = 1) -> list[Labelled]:
    """Texts of two labels, of one or of none that can be learnt."""
    generator = random.Random(seed)
    found: list[Labelled] = []
    for number in range(4 * each):
        given = [label for bit, label in enumerate(["sql", "java"]) if number >> bit & 1]
        own = [f"{label}{generator.randrange(4)}" for label in given for _ in range(3)]
        found.append((tuple(given), own + [f"shared{generator.randrange(20)}" for _ in range(4)]))
    return found


def test_several_labels_have_thresholds_of_their_own(tmp_path: Path) -> None:
    knobs = section(epochs=50)
    trained = train_classifier(both, both(30, seed=8), NO_WORDS, knobs, 1, multi_label=True)

    assert trained is not None
    assert trained.multi_label
    trained.save(tmp_path)
    back = FastTextClassifier.open(tmp_path)
    held = [item for item in both(20, seed=5) if item[0]]
    shares = back.probabilities([tokens for _, tokens in held])
    given = [
        {label for label, yes in zip(back.labels, row, strict=True) if yes}
        for row in shares >= back.thresholds
    ]
    assert np.mean([found == set(labels) for found, (labels, _) in zip(given, held, strict=True)]) > 0.95
    assert back.thresholds.tolist() == trained.thresholds.tolist()
    # Each probability stands alone: texts of both labels have more than 1 in all.
    sums = shares[[len(labels) == 2 for labels, _ in held]].sum(axis=1)
    assert sums.min() > 1.2


def test_without_held_texts_half_is_the_threshold_of_several_labels() -> None:
    trained = train_classifier(both, [], NO_WORDS, section(), 1, multi_label=True)

    assert trained is not None
    assert trained.thresholds.tolist() == [0.5, 0.5]


def test_a_quantised_model_is_small_and_answers_alike(tmp_path: Path) -> None:
    """Words by the hundred, as the quantiser asks for; 64 numbers each."""
    generator = random.Random(1)
    extra = [f"extra{number}" for number in range(600)]
    every = [(label, [*tokens, *generator.sample(extra, 5)]) for label, tokens in documents(150)]
    space = Space("word2vec", ["unrelated"], np.array([5]), np.full((1, 64), 0.01, np.float32))
    sizes = {}
    for quantize, name in ((False, "model.bin"), (True, "model.ftz")):
        trained = train_classifier(lambda: every, [], space, section(quantize=quantize), 1)
        assert trained is not None
        folder = tmp_path / name
        trained.save(folder)
        sizes[name] = (folder / name).stat().st_size
        assert accuracy(FastTextClassifier.open(folder), documents(30, seed=9)) > 0.98

    assert sizes["model.ftz"] < 0.6 * sizes["model.bin"]


def test_too_few_words_to_quantise_are_told() -> None:
    with pytest.raises(RecipeError, match=r"too few to quantise .* set classifier\.quantize = false"):
        train_classifier(documents, [], NO_WORDS, section(quantize=True), 1)


def test_autotuning_finds_what_a_bad_recipe_has_not() -> None:
    bad = section(epochs=1, learning_rate=0.001, excerpts=0)
    tuned = section(epochs=1, learning_rate=0.001, excerpts=0, autotune_seconds=2)
    held = documents(30, seed=99)

    untuned = train_classifier(documents, held, NO_WORDS, bad, 1)
    found = train_classifier(documents, held, NO_WORDS, tuned, 1)

    assert untuned is not None
    assert found is not None
    assert accuracy(untuned, documents(20, seed=7)) < 0.9
    assert accuracy(found, documents(20, seed=7)) > 0.97

    settings = found.facts["tuned"]
    assert settings["trials"] >= 1
    assert settings["right"] > 0.97
    assert settings["epochs"] >= 25


@pytest.mark.parametrize("vectors", [True, False])
def test_settings_that_were_found_start_from_the_spaces_vectors_or_not(vectors: bool, tmp_path: Path) -> None:
    """One pass at next to no step leaves a vector where it was."""
    given = np.linspace(-1, 1, 12, dtype=np.float32)
    space = Space("word2vec", ["own0_1"], np.array([5]), given[None, :])
    written = write_texts((([n % 2], ["own0_1", "v"]) for n in range(50)), 0, tmp_path / "train", 1)
    settings = Settings(1, 1e-6, dimension=12 if vectors else 20, words=1, vectors=vectors)

    model, _ = Fitting(section(), space, 1, multi_label=False).fit_like(written, settings)

    found = model.get_word_vector("own0_1")
    assert len(found) == settings.dimension
    if vectors:
        np.testing.assert_allclose(found, given, atol=1e-4)
    assert (tmp_path / "train" / "vectors.txt").exists() == vectors


def test_a_trial_is_given_up_when_its_time_is_up(tmp_path: Path) -> None:
    written = write_texts((([n % 2], ["w", "v"]) for n in range(500)), 0, tmp_path / "train", 1)
    endless = Settings(10**6, 0.1, words=1).parameters() | {"thread": 11, "seed": 1}

    assert fit_classifier(written.texts, tmp_path / "bin", endless, limit=1.0) is None
    assert not (tmp_path / "bin").exists()


@pytest.mark.parametrize("tuned", [{}, {"autotune_seconds": 1}])
def test_progress_tells_the_loss_and_the_curve_is_kept(tuned: dict[str, int], tmp_path: Path) -> None:
    told: list[tuple[float, float, str]] = []
    trained = train_classifier(
        lambda: documents(200),
        documents(10, seed=4),
        NO_WORDS,
        section(epochs=200, **tuned),
        1,
        progress=lambda *now: told.append(now),
    )

    assert trained is not None
    curve = trained.facts["loss"]
    assert curve[-1][0] == 1.0
    assert told[-1][2] == f"loss {curve[-1][1]:.3f}"
    assert told[-1][0] == told[-1][1]
    if tuned:
        assert told[0][1:] == (1.0 * tuned["autotune_seconds"], "trial 1, best 100.0% right")
        assert told[-1][1] >= tuned["autotune_seconds"]
    assert [done for done, _, _ in told] == sorted(done for done, _, _ in told)
    trained.save(tmp_path)
    assert FastTextClassifier.open(tmp_path).facts["loss"] == [list(point) for point in curve]
    assert FastTextClassifier.open(tmp_path).facts["left_out"] == {}


def test_progress_that_the_library_says_is_never_above_the_whole() -> None:
    """It counts words a little late."""
    said = (
        b"\rProgress: 50.0% words/sec/thread: 9 lr: 0.1 avg.loss: 0.7 ETA: 0s\rProgress: 100.1% avg.loss: 0.5"
    )
    assert list(_told(io.BytesIO(said))) == [(0.5, 0.7), (1.0, 0.5)]


def test_autotuning_asks_for_texts_to_judge_by() -> None:
    with pytest.raises(RecipeError, match=r"raise corpus\.dev_share"):
        train_classifier(documents, [], NO_WORDS, section(autotune_seconds=1), 1)


def test_a_thousand_labels_are_learnt() -> None:
    def every() -> list[Labelled]:
        return [((f"l{number}",), [f"w{number}", "shared"]) for number in range(1_000) for _ in range(5)]

    trained = train_classifier(every, [], NO_WORDS, section(epochs=8, learning_rate=1.0, excerpts=0), 1)

    assert trained is not None
    assert len(trained.labels) == 1_000
    assert trained.probabilities([["w3"]]).shape == (1, 1_000)
    assert trained.top([["w3", "shared"]], 1)[0][0][0] == "l3"
