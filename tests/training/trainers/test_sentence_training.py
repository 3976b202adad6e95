"""Learning sentences from pairs: the loss and its gradient, batches with hard negatives, what is learned."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from embedsvc.errors import RecipeError
from embedsvc.spaces import SifEncoder, Space, StaticEncoder
from training.preparation.candidate_pairs import TextPair
from training.recipe import StaticSection
from training.trainers.pair_batches import TextPairs
from training.trainers.sentences import pair_loss, start_space, train_static

WORDS = [f"w{number}" for number in range(60)]


def space(dimension: int = 8, seed: int = 1) -> Space:
    vectors = np.random.default_rng(seed).normal(size=(len(WORDS), dimension)).astype(np.float32)
    return Space("word2vec", WORDS, np.arange(600, 0, -10), vectors)


def pair(first: str, second: str, person: str, area: str = "it") -> TextPair:
    return TextPair("title/skills", person, area, first, second)


def plain_loss(first: np.ndarray, second: np.ndarray, apart: np.ndarray, scale: float) -> float:
    cosines = np.array(
        [[one @ two / np.linalg.norm(one) / np.linalg.norm(two) for two in second] for one in first]
    )
    total = 0.0
    for matrix, allowed in ((cosines, apart), (cosines.T, apart.T)):
        for row in range(len(matrix)):
            others = [np.exp(scale * matrix[row, at]) for at in np.flatnonzero(allowed[row])]
            total -= np.log(np.exp(scale * matrix[row, row]) / sum(others))
    return total / 2 / len(first)


def masked() -> np.ndarray:
    apart = np.ones((5, 5), np.bool_)
    apart[1, 3] = apart[3, 1] = False
    return apart


def test_the_loss_is_the_formula() -> None:
    generator = np.random.default_rng(5)
    first, second = generator.normal(size=(2, 5, 4)).astype(np.float32)

    loss, _, _ = pair_loss(first, second, masked(), 7.0)

    assert loss == pytest.approx(plain_loss(first, second, masked(), 7.0), rel=1e-5)


def test_the_gradient_is_that_of_the_loss() -> None:
    generator = np.random.default_rng(6)
    first, second = generator.normal(size=(2, 5, 4))
    _, by_first, by_second = pair_loss(first, second, masked(), 3.0)

    step = 1e-6
    for vectors, slope in ((first, by_first), (second, by_second)):
        for place in np.ndindex(5, 4):
            kept = vectors[place]
            vectors[place] = kept + step
            above = plain_loss(first, second, masked(), 3.0)
            vectors[place] = kept - step
            below = plain_loss(first, second, masked(), 3.0)
            vectors[place] = kept
            assert slope[place] == pytest.approx((above - below) / (2 * step), abs=1e-5)


def test_scores_too_large_for_exp_are_no_trouble() -> None:
    first = np.eye(3, dtype=np.float32)

    loss, slope, _ = pair_loss(first, first[[1, 0, 2]], np.ones((3, 3), np.bool_), 1000.0)

    assert np.isfinite(loss)
    assert loss > 10
    assert np.isfinite(slope).all()


def test_the_start_encodes_as_sif_does_with_the_widest_axes_first() -> None:
    texts = [[f"w{(7 * number + step) % 60}" for step in range(4)] for number in range(50)]
    sif = SifEncoder.fit(space(), texts, a=1e-2, components=1)

    start = StaticEncoder(start_space(sif, texts))

    one, two = sif.encode(texts), start.encode(texts)
    np.testing.assert_allclose(two @ two.T, one @ one.T, atol=1e-5)
    spread = np.square(two).sum(axis=0)
    assert (np.diff(spread) <= 1e-5).all()
    assert spread[-1] == pytest.approx(0, abs=1e-5)  # the direction that was taken out
    assert np.mean(np.square(start.tokens.vectors)) == pytest.approx(1, rel=1e-5)
    assert np.array_equal(start_space(sif, texts, 3).vectors.shape, (60, 3))


def test_pairs_without_a_known_word_on_both_sides_are_left_out() -> None:
    pairs = TextPairs([pair("w1", "?", "a"), pair("?", "w1", "b"), pair("w1", "w2", "c")], space())

    assert len(pairs) == 1
    means = pairs.means(np.array([0])).toarray()
    assert [np.flatnonzero(row).tolist() for row in means] == [[1], [2]]


def test_a_word_said_twice_counts_twice_in_the_mean() -> None:
    pairs = TextPairs([pair("w4 w4 w9", "w2", "a")], space())

    first = pairs.means(np.array([0])).toarray()[0]
    assert (first[4], first[9]) == (pytest.approx(2 / 3), pytest.approx(1 / 3))


def test_one_person_and_the_same_question_are_no_negatives() -> None:
    told = [("w1", "w2", "ann"), ("w3", "w4", "ann"), ("w1", "w5", "bob"), ("w6", "w2", "eve")]
    pairs = TextPairs([pair(*each) for each in told], space())

    assert (~pairs.apart(np.arange(4))).nonzero()[0].tolist() == [0, 0, 1, 2]
    assert (~pairs.apart(np.arange(4))).nonzero()[1].tolist() == [1, 2, 0, 0]


def areas(count: int = 60) -> list[TextPair]:
    return [pair(f"w{n}", f"w{n}", str(n), f"area{n % 3}") for n in range(count)]


@pytest.mark.parametrize("run", [1, 4, 7])
def test_every_pair_is_in_one_batch(run: int) -> None:
    pairs = TextPairs(areas(), space())

    batches = list(pairs.batches(8, run, np.random.default_rng(1)))

    assert sorted(np.concatenate(batches).tolist()) == list(range(60))
    assert [len(batch) for batch in batches] == [8] * 7 + [4]


def test_runs_of_one_area_stand_together() -> None:
    pairs = TextPairs(areas(), space())

    order = np.concatenate(list(pairs.batches(60, 5, np.random.default_rng(1))))

    runs = (order % 3).reshape(-1, 5)
    assert (runs == runs[:, :1]).all()
    assert len(set(runs[:, 0].tolist())) == 3
    assert not np.array_equal(order, np.concatenate(list(pairs.batches(60, 5, np.random.default_rng(2)))))


def test_a_pair_left_over_has_no_negatives_and_is_left_out() -> None:
    pairs = TextPairs(areas(9), space())

    assert [len(batch) for batch in pairs.batches(4, 1, np.random.default_rng(1))] == [4, 4]


def translations() -> Iterator[TextPair]:
    """Words 0 to 29 mean what words 30 to 59 mean; their first vectors know nothing of it."""
    generator = np.random.default_rng(9)
    for number in range(400):
        chosen = generator.choice(30, 3, replace=False)
        first = " ".join(f"w{each}" for each in chosen)
        second = " ".join(f"w{each + 30}" for each in chosen[::-1])
        yield pair(first, second, str(number), f"area{number % 5}")


def found(encoder: StaticEncoder) -> float:
    """Share of words whose translation is nearest of all thirty."""
    one, two = encoder.encode([[word] for word in WORDS[:30]]), encoder.encode([[w] for w in WORDS[30:]])
    return float(np.mean((one @ two.T).argmax(axis=1) == np.arange(30)))


SECTION = StaticSection(epochs=20, batch=64, prefixes=[8], learning_rate=0.2)


def test_pairs_teach_what_the_first_vectors_do_not_know() -> None:
    start = space(16)
    told: list[tuple[float, float, str]] = []
    pairs = TextPairs(translations(), start)

    encoder = train_static(pairs, start, SECTION, 1, lambda *facts: told.append(facts))

    assert found(StaticEncoder(start)) < 0.2
    assert found(encoder) > 0.95
    assert found(encoder.shortened(8)) > 0.8
    assert told[-1][:2] == (8000.0, 8000.0)
    losses = [float(note.removeprefix("loss ")) for *_, note in told]
    assert losses[-1] < losses[0] / 2
    assert encoder.tokens.kind == "static"
    assert encoder.tokens.parameters["epochs"] == 20
    assert np.array_equal(start.vectors, space(16).vectors)


def test_a_prefix_that_is_trained_for_tells_more_than_one_that_is_not() -> None:
    start = space(16)
    pairs = TextPairs(translations(), start)

    trained, plain = (
        train_static(pairs, start, SECTION.model_copy(update={"prefixes": prefixes}), 1)
        for prefixes in ([4], [])
    )

    assert found(trained.shortened(4)) > found(plain.shortened(4))


def test_one_seed_gives_the_same_bytes_and_another_does_not() -> None:
    start = space()
    pairs = TextPairs(translations(), start)

    first, again, other = (train_static(pairs, start, SECTION, seed).tokens.vectors for seed in (1, 1, 2))

    assert first.tobytes() == again.tobytes()
    assert not np.array_equal(first, other)


def test_training_that_diverges_says_what_to_lower() -> None:
    start = space()
    start.vectors[3] = np.nan
    pairs = TextPairs(translations(), start)

    with pytest.raises(RecipeError, match=r"lower static\.learning_rate"):
        train_static(pairs, start, SECTION, 1)
