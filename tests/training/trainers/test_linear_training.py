"""Training the linear classifier: one label or several, private features, calibration, bad input."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np
import pytest
from scipy.sparse import csr_array

from embedsvc.classifiers import LinearClassifier
from embedsvc.classifiers.features import features
from embedsvc.errors import RecipeError
from training.building.labels import knobs_of
from training.recipe import ClassifierSection
from training.trainers.calibration import best_thresholds, calibrated, calibration_error
from training.trainers.linear import LinearKnobs, train_linear
from training.trainers.planes import Tally, planes, planes_and_curve
from training.trainers.tfidf import Labelled, with_excerpts

LABELS = ["Banking & Insurance", "__label__0", '日本語 "IT"\u2028x', "Human Resources"]


def documents(each: int = 40, seed: int = 1, wrong: float = 0.0) -> list[Labelled]:
    """Texts of three words of their label's own and five that all share; some with another's label."""
    generator = random.Random(seed)
    found: list[Labelled] = []
    for number, label in enumerate(LABELS):
        for _ in range(each):
            own = [f"own{number}_{generator.randrange(6)}" for _ in range(3)]
            shared = [f"shared{generator.randrange(30)}" for _ in range(5)]
            given = generator.choice(LABELS) if generator.random() < wrong else label
            found.append(Labelled((given,), generator.sample(own + shared, 8)))
    generator.shuffle(found)
    return found


def both(each: int = 60, seed: int = 1) -> list[Labelled]:
    """Texts of two labels, of one or of none."""
    generator = random.Random(seed)
    found: list[Labelled] = []
    for number in range(4 * each):
        given = [label for bit, label in enumerate(["sql", "java"]) if number >> bit & 1]
        own = [f"{label}{generator.randrange(4)}" for label in given]
        found.append(Labelled(tuple(given), own + [f"shared{generator.randrange(20)}" for _ in range(4)]))
    return found


def test_separable_texts_are_learnt() -> None:
    trained = train_linear(documents, LinearKnobs(), 0)

    assert trained is not None
    assert trained.labels == sorted(LABELS)
    held = documents(30, seed=9)
    assert [best for ((best, _),) in trained.top([text for _, text, _ in held], 1)] == [
        label for (label,), _, _ in held
    ]
    np.testing.assert_allclose(trained.probabilities([held[0][1], []]).sum(axis=1), 1.0)


def test_several_labels_one_or_none() -> None:
    trained = train_linear(both, LinearKnobs(), 0, multi_label=True)

    assert trained is not None
    assert trained.multi_label
    held = both(seed=5)
    shares = trained.probabilities([text for _, text, _ in held])
    given = [
        {label for label, yes in zip(trained.labels, row, strict=True) if yes}
        for row in shares >= trained.thresholds
    ]
    assert given == [set(labels) for labels, _, _ in held]


def test_the_same_seed_gives_the_same_model(tmp_path: Path) -> None:
    for name in ("one", "two"):
        trained = train_linear(documents, LinearKnobs(), 7)
        assert trained is not None
        trained.save(tmp_path / name)

    for path in (tmp_path / "one").iterdir():
        assert path.read_bytes() == (tmp_path / "two" / path.name).read_bytes()


def test_what_few_candidates_say_is_in_no_model(tmp_path: Path) -> None:
    secret = [
        text._replace(tokens=[*text.tokens, "rare"]) if number < 4 else text
        for number, text in enumerate(documents())
    ]
    trained = train_linear(lambda: secret, LinearKnobs(min_candidates=5), 0)

    assert trained is not None
    trained.save(tmp_path)
    known = set(np.load(tmp_path / "features.npy").tolist())
    assert int(next(iter(features(["rare"], ())))[0][0]) not in known
    assert int(next(iter(features(["shared1"], ())))[0][0]) in known
    assert all(b"own" not in path.read_bytes() for path in tmp_path.iterdir())


def test_one_candidate_counts_once_however_much_is_said(tmp_path: Path) -> None:
    """Neither several texts of one candidate nor pieces of them lift a word over the floor."""
    own = [Labelled((LABELS[0],), [*["often"] * 50, "secret"], owner=7)] * 9

    trained = train_linear(lambda: [*documents(), *own], LinearKnobs(min_candidates=2, excerpts=5), 0)

    assert trained is not None
    trained.save(tmp_path)
    known = set(np.load(tmp_path / "features.npy").tolist())
    assert known.isdisjoint(int(next(iter(features([word], ())))[0][0]) for word in ("often", "secret"))


def test_pieces_are_of_every_text_that_is_longer_than_the_shortest_piece() -> None:
    short, middle, long = (Labelled(("x",), [f"w{n}" for n in range(size)]) for size in (8, 9, 100))

    found = [*with_excerpts([short, middle, long], 3, seed=1)]

    assert [number for number, _ in found] == [0, *[1] * 4, *[2] * 4]
    for _, text in found:
        begin = int(text.tokens[0][1:])
        assert 8 <= len(text.tokens) <= 40 or text == long
        assert list(text.tokens) == [f"w{n}" for n in range(begin, begin + len(text.tokens))]


def test_only_so_many_features_are_kept(tmp_path: Path) -> None:
    trained = train_linear(documents, LinearKnobs(most_features=10), 0)

    assert trained is not None
    trained.save(tmp_path)
    assert np.load(tmp_path / "weights.npy").shape == (10, 4)


def test_probabilities_are_as_sure_as_they_are_right() -> None:
    trained = train_linear(lambda: documents(300, wrong=0.4), LinearKnobs(), 0)

    assert trained is not None
    held = documents(300, seed=9, wrong=0.4)
    truth = np.array([[label in given for label in trained.labels] for given, _, _ in held])
    shares = trained.probabilities([text for _, text, _ in held])
    assert 0.65 < shares.max(axis=1).mean() < 0.75  # 0.6 + 0.4 / 4 are right
    assert calibration_error(shares, truth) < 0.05


@pytest.mark.parametrize("multi_label", [True, False])
def test_too_few_labels_give_no_classifier(multi_label: bool) -> None:
    one = [Labelled(("only",), ["a", "b"])] * 20
    lonely = [*one, Labelled(("seldom",), ["c"])]  # a class with one example

    assert train_linear(lambda: one, LinearKnobs(), 0, multi_label=multi_label) is None
    assert train_linear(lambda: lonely, LinearKnobs(), 0, multi_label=multi_label) is None
    assert train_linear(list, LinearKnobs(), 0, multi_label=multi_label) is None


def test_a_label_of_two_documents_can_be_learnt() -> None:
    few = [Labelled(("big",), ["a", "b"])] * 20 + [Labelled(("small",), ["c", "b"])] * 2

    trained = train_linear(lambda: few, LinearKnobs(min_label_count=2, min_candidates=2), 0)

    assert trained is not None
    assert [best for ((best, _),) in trained.top([["a"], ["c"]], 1)] == ["big", "small"]


def test_texts_without_a_common_word_are_refused() -> None:
    lonely = [Labelled(("ab"[number % 2],), [f"w{number}"]) for number in range(40)]

    with pytest.raises(RecipeError, match=r"lower classifier\.min_candidates"):
        train_linear(lambda: lonely, LinearKnobs(), 0)


def test_empty_texts_are_refused() -> None:
    with pytest.raises(RecipeError, match="No word"):
        train_linear(lambda: [Labelled(("ab"[number % 2],), []) for number in range(40)], LinearKnobs(), 0)


def test_calibration_errs_by_what_it_is_too_sure() -> None:
    shares = np.array([[0.9, 0.1], [0.9, 0.1], [0.9, 0.1], [0.9, 0.1]])
    truth = np.array([[True, False], [True, False], [False, True], [False, True]])

    assert calibration_error(shares, truth) == pytest.approx(0.4)


def test_thresholds_of_greatest_f1() -> None:
    shares = np.array([[0.9, 0.2], [0.6, 0.2], [0.4, 0.2], [0.3, 0.2]])
    truth = np.array([[True, False], [True, False], [True, False], [False, False]])

    limits = best_thresholds(shares, truth)

    assert 0.3 < limits[0] <= 0.4
    assert limits[1] == 0.5


@pytest.mark.parametrize("multi_label", [True, False])
def test_calibration_recovers_the_chance_of_noisy_margins(multi_label: bool) -> None:
    generator = np.random.default_rng(0)
    margins = generator.normal(size=(20_000, 3))
    chance = np.exp(3 * margins)
    chance /= chance.sum(axis=1, keepdims=True)
    if multi_label:
        chance = 1 / (1 + np.exp(-(3 * margins - 1)))
        truth = generator.random(margins.shape) < chance
    else:
        drawn = (generator.random((len(margins), 1)) > chance.cumsum(axis=1)).sum(axis=1)
        truth = np.arange(3) == drawn[:, None]

    shares = calibrated(margins, truth, multi_label=multi_label).shares(margins)

    assert np.abs(shares - chance).max() < 0.03


def test_the_curve_is_kept_and_falls_to_the_model_that_is_served(tmp_path: Path) -> None:
    told: list[tuple[float, float, str]] = []
    rare = [Labelled(("Rare",), ["own0_1"])] * 4
    trained = train_linear(
        lambda: documents(wrong=0.2) + rare, LinearKnobs(), 3, progress=lambda *now: told.append(now)
    )

    assert trained is not None
    curve = trained.facts["loss"]
    assert [at for at, _ in curve[:3]] == [1.0, 2.0, 4.0]
    assert curve[-1][1] < curve[0][1]
    # Four labels, learned by two readings with three costs on three thirds, and once more.
    assert [done for done, _, _ in told] == [*range(1, 4 * 19 + 1)]
    assert {total for _, total, _ in told} == {76}
    assert told[30][2].endswith("right of those left out")
    assert told[-1][2].startswith("loss ")
    trained.save(tmp_path)
    opened = LinearClassifier.open(tmp_path)
    assert opened.facts["loss"] == [list(point) for point in curve]
    assert opened.facts["left_out"] == {"labels": 1, "documents": 4, "least": 5, "named": {"Rare": 4}}


def test_planes_with_their_curve_are_the_planes_without() -> None:
    generator = np.random.default_rng(3)
    rows = csr_array(generator.random((80, 30)) * (generator.random((80, 30)) < 0.3))
    truth = generator.random((80, 3)) < np.array([0.2, 0.5, 1.1])

    weights, bias = planes(rows, truth, 1.0, 5, Tally(3))
    same, same_bias, curve = planes_and_curve(rows, truth, 1.0, 5, Tally(3))

    np.testing.assert_array_equal(weights, same)
    np.testing.assert_array_equal(bias, same_bias)
    sign = np.where(truth, 1.0, -1.0)
    last = np.square(np.maximum(0.0, 1.0 - sign * (rows @ weights + bias))).mean()
    assert curve[-1][1] == pytest.approx(last, abs=1e-6)
    passes, losses = zip(*curve, strict=True)
    assert passes[:4] == (1.0, 2.0, 4.0, 8.0)
    assert passes[4] > 8
    assert losses[0] > losses[-1]


def test_short_texts_are_doubted_where_they_are_less_often_right() -> None:
    """A text of 60 words names its label by nine and others by six; a piece of it may have one of those."""
    generator = random.Random(4)

    def texts(each: int) -> list[Labelled]:
        found = []
        for number, label in enumerate(LABELS):
            for _ in range(each):
                own = [f"own{number}_{generator.randrange(6)}" for _ in range(9)]
                wrong = [f"own{generator.randrange(4)}_{generator.randrange(6)}" for _ in range(6)]
                shared = [f"shared{generator.randrange(30)}" for _ in range(45)]
                words = own + wrong + shared
                found.append(Labelled((label,), generator.sample(words, len(words))))
        return found

    learned, held = texts(60), texts(100)
    plain, doubted = (train_linear(lambda: learned, LinearKnobs(doubt=doubt), 0) for doubt in (False, True))

    assert plain is not None
    assert doubted is not None
    assert plain.doubt is None
    assert doubted.doubt is not None
    assert doubted.doubt.short > doubted.doubt.long
    pieces = [text.tokens[:6] for text in held]
    truth = np.array([[label in text.labels for label in plain.labels] for text in held])
    error = {}
    for name, made in (("plain", plain), ("doubted", doubted)):
        shares = made.probabilities(pieces)
        error[name] = calibration_error(shares, truth)
        whole = made.probabilities([text.tokens for text in held])
        assert calibration_error(whole, truth) < 0.06
    np.testing.assert_array_equal(
        plain.probabilities(pieces).argmax(axis=1), doubted.probabilities(pieces).argmax(axis=1)
    )
    assert error["doubted"] < 0.7 * error["plain"]


def test_texts_of_several_labels_are_not_doubted() -> None:
    trained = train_linear(both, LinearKnobs(), 0, multi_label=True)

    assert trained is not None
    assert trained.doubt is None


def test_a_classifier_that_learns_from_pieces_doubts_none() -> None:
    asked = ClassifierSection(min_label_count=7, min_candidates=3, threshold=0.2)

    assert knobs_of(asked) == LinearKnobs(min_label_count=7, min_candidates=3, threshold=0.2, doubt=True)
    assert knobs_of(asked, 2).excerpts == 2
    assert not knobs_of(asked, 2).doubt
