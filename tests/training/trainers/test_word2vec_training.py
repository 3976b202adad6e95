"""The word space: both kinds of context, both kinds of vectors, the same bytes twice."""

from __future__ import annotations

import random
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from gensim.models import Word2Vec

from embedsvc.errors import EmptyCorpusError, RecipeError
from embedsvc.spaces import Space
from training.recipe import Word2VecSection
from training.trainers.word2vec import train_word2vec

TEXT = ["php and mysql", "payroll and audit", "php with mysql", "payroll with audit", "rare"] * 40
LISTS = ["php mysql html", "payroll audit gst"] * 30


def section(**knobs: Any) -> Word2VecSection:
    return Word2VecSection(**{"dimension": 8, "min_count": 1, "epochs": 3, "workers": 1, "sample": 0} | knobs)


@pytest.fixture
def text(tmp_path: Path) -> Path:
    path = tmp_path / "text.txt"
    path.write_text("\n".join(TEXT) + "\n")
    return path


@pytest.fixture
def lists(tmp_path: Path) -> Path:
    path = tmp_path / "lists.txt"
    path.write_text("\n".join(LISTS) + "\n")
    return path


def test_counts_are_those_of_both_files_most_frequent_first(text: Path, lists: Path) -> None:
    space = train_word2vec(text, lists, section(), 1)

    counted = dict(zip(space.keys, space.counts.tolist(), strict=True))
    assert counted == {
        "and": 80, "with": 80, "php": 110, "mysql": 110, "payroll": 110, "audit": 110,
        "html": 30, "gst": 30, "rare": 40,
    }  # fmt: skip
    assert space.counts.tolist() == sorted(counted.values(), reverse=True)


def test_both_vectors_are_kept_and_were_trained(text: Path, lists: Path) -> None:
    space = train_word2vec(text, lists, section(), 1)

    assert space.output is not None
    assert space.vectors.shape == space.output.shape == (9, 8)
    assert space.vectors.dtype == space.output.dtype == np.float32
    # gensim starts output vectors at zero, so whatever is not zero has been learnt.
    assert space.output.any(axis=1).all()
    assert space.kind == "word2vec"
    assert space.parameters["dimension"] == 8


@pytest.mark.parametrize("algorithm", ["skip-gram", "cbow"])
def test_the_loss_falls_from_epoch_to_epoch(text: Path, lists: Path, algorithm: str) -> None:
    notes: list[str] = []
    space = train_word2vec(
        text,
        lists,
        section(algorithm=algorithm, epochs=4),
        1,
        lambda _done, _total, note: notes.append(note),
    )

    before, *after = space.parameters["loss"]
    # Output vectors are zero before training: log 2 for the word and each of five noise words.
    assert before == pytest.approx(6 * np.log(2))
    assert len(after) == 4
    assert after == sorted(after, reverse=True)
    assert after[-1] < 0.9 * before
    assert notes[0] == "epoch 1/4, loss 4.159"
    assert notes[-1] == f"epoch 4/4, loss {after[2]:.3f}"


@pytest.mark.parametrize("algorithm", ["skip-gram", "cbow"])
def test_one_worker_gives_the_same_bytes_twice(
    text: Path, lists: Path, tmp_path: Path, algorithm: str
) -> None:
    knobs = section(algorithm=algorithm, sample=1e-2)
    for folder in ("one", "two"):
        train_word2vec(text, lists, knobs, 7).save(tmp_path / folder)

    for name in ("vectors.npy", "output.npy", "keys.arrow", "space.json"):
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()


def test_another_seed_gives_other_vectors(text: Path, lists: Path) -> None:
    one, other = (train_word2vec(text, lists, section(), seed) for seed in (1, 2))

    assert not np.array_equal(one.vectors, other.vectors)


@pytest.mark.parametrize("workers", [0, 1, 3])
def test_an_empty_file_of_lists_trains_on_text_alone(text: Path, tmp_path: Path, workers: int) -> None:
    (tmp_path / "none.txt").touch()

    space = train_word2vec(text, tmp_path / "none.txt", section(workers=workers), 1)

    assert sorted(space.keys) == ["and", "audit", "mysql", "payroll", "php", "rare", "with"]
    assert np.isfinite(space.vectors).all()


def test_an_empty_text_trains_on_lists_alone(lists: Path, tmp_path: Path) -> None:
    (tmp_path / "none.txt").write_text("\n \n")

    assert len(train_word2vec(tmp_path / "none.txt", lists, section(), 1)) == 6


def test_a_corpus_of_one_word_gives_a_space_of_one(tmp_path: Path) -> None:
    for name in ("text.txt", "lists.txt"):
        (tmp_path / name).write_text("php\n" * 10)

    space = train_word2vec(tmp_path / "text.txt", tmp_path / "lists.txt", section(min_count=5), 1)

    assert (space.keys, space.counts.tolist()) == (["php"], [20])
    assert np.isfinite(space.vectors).all()


@pytest.mark.parametrize("content", ["", "\n\n", "php and mysql\n"])
def test_nothing_frequent_enough_is_an_empty_corpus(tmp_path: Path, content: str) -> None:
    (tmp_path / "text.txt").write_text(content)
    (tmp_path / "lists.txt").write_text("")

    with pytest.raises(EmptyCorpusError, match=r"No word occurs 2 times.*word2vec\.min_count"):
        train_word2vec(tmp_path / "text.txt", tmp_path / "lists.txt", section(min_count=2), 1)


def test_infinite_vectors_are_refused(text: Path, lists: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def diverging(model: Word2Vec, **_: object) -> None:
        model.wv.vectors[0, 0] = np.nan

    monkeypatch.setattr(Word2Vec, "train", diverging)

    with pytest.raises(RecipeError, match=r"word2vec\.learning_rate = 0\.025 ran off to infinity; lower it"):
        train_word2vec(text, lists, section(), 1)


def test_min_count_counts_both_files_together(tmp_path: Path) -> None:
    (tmp_path / "text.txt").write_text("php php sql\n")
    (tmp_path / "lists.txt").write_text("php sql html\n")

    space = train_word2vec(tmp_path / "text.txt", tmp_path / "lists.txt", section(min_count=2), 1)

    assert dict(zip(space.keys, space.counts.tolist(), strict=True)) == {"php": 3, "sql": 2}


def test_words_of_any_script_are_kept_whole(tmp_path: Path) -> None:
    (tmp_path / "text.txt").write_text("日本語 c++ naïve .net\u00a0x 日本語\n" * 20, encoding="utf-8")
    (tmp_path / "lists.txt").touch()

    space = train_word2vec(tmp_path / "text.txt", tmp_path / "lists.txt", section(), 1)

    assert {"日本語", "c++", "naïve", ".net"} <= set(space.keys)
    assert space.counts[space.row("日本語") or 0] == 40


def test_progress_ends_with_all_tokens(text: Path, lists: Path) -> None:
    told: list[tuple[float, float, str]] = []

    train_word2vec(text, lists, section(), 1, lambda *facts: told.append(facts))

    total = 3 * (40 * 13 + 30 * 6)
    assert [note.split(",")[0] for *_, note in told] == [
        "epoch 1/3", "epoch 1/3", "epoch 2/3", "epoch 2/3", "epoch 3/3", "epoch 3/3",
    ]  # fmt: skip
    assert told[-1][:2] == (total, total)
    assert [done for done, *_ in told] == sorted(done for done, *_ in told)


def cosine(space: Space, one: str, other: str) -> float:
    left, right = (space.vectors[space.rows([word])[0]] for word in (one, other))
    return float(left @ right / np.linalg.norm(left) / np.linalg.norm(right))


@pytest.fixture
def far_apart(tmp_path: Path) -> Path:
    """Lists of 15 in two worlds; "first" and "last" of a world stand only at its lists' two ends."""
    generator = random.Random(3)
    lines = []
    for _ in range(400):
        world = generator.choice("ab")
        filling = [f"noise{number}" for number in generator.sample(range(60), 13)]
        lines.append(" ".join([f"first_{world}", *filling, f"last_{world}"]))
    path = tmp_path / "far.txt"
    path.write_text("\n".join(lines) + "\n")
    return path


def test_skills_at_both_ends_of_a_long_list_are_neighbours(far_apart: Path, tmp_path: Path) -> None:
    (tmp_path / "none.txt").touch()

    def apart(window: int) -> float:
        knobs = section(dimension=16, epochs=15, list_window=window, min_count=2)
        space = train_word2vec(tmp_path / "none.txt", far_apart, knobs, 1)
        assert space.output is not None
        # First order: does "first_a" predict the "last" of its own world rather than that of the other?
        given = space.vectors[space.rows(["first_a"])[0]]
        own, foreign = (space.output[row] for row in space.rows(["last_a", "last_b"]))
        return float(given @ own - given @ foreign)

    assert apart(20) > 1.0
    assert abs(apart(5)) < 0.5


def test_the_window_of_lists_is_not_that_of_text(far_apart: Path, tmp_path: Path) -> None:
    """The same lines read as text, with the window of text, do not join their ends."""
    (tmp_path / "none.txt").touch()
    knobs = section(dimension=16, epochs=15, window=5, list_window=20, min_count=2)

    space = train_word2vec(far_apart, tmp_path / "none.txt", knobs, 1)

    assert space.output is not None
    given = space.vectors[space.rows(["first_a"])[0]]
    own, foreign = (space.output[row] for row in space.rows(["last_a", "last_b"]))
    assert abs(float(given @ own - given @ foreign)) < 0.5


def test_words_that_stand_in_for_each_other_are_similar(tmp_path: Path) -> None:
    generator = random.Random(6)
    worlds = {"web": ["php", "perl"], "pay": ["payroll", "wages"]}
    lines = []
    for _ in range(1_000):
        world = generator.choice(sorted(worlds))
        around = [f"{world}{generator.randrange(8)}" for _ in range(4)]
        lines.append(" ".join([*around[:2], generator.choice(worlds[world]), *around[2:]]))
    (tmp_path / "text.txt").write_text("\n".join(lines) + "\n")
    (tmp_path / "none.txt").touch()

    space = train_word2vec(tmp_path / "text.txt", tmp_path / "none.txt", section(epochs=10), 1)

    # They never stand in one line: what they share are the words around them.
    assert cosine(space, "php", "perl") > 0.8
    assert cosine(space, "payroll", "wages") > 0.8
    assert cosine(space, "php", "payroll") < 0.5


@pytest.mark.parametrize("algorithm", ["skip-gram", "cbow"])
def test_text_alone_gives_the_librarys_own_vectors(algorithm: str, tmp_path: Path) -> None:
    """Every knob arrives: gensim, called directly on the same file, gives the same to the last bit."""
    draw = np.random.default_rng(5)
    weights = np.arange(1, 31) / 465  # few ties, which gensim orders as it met the words
    words = [f"w{number:02}" for number in range(30)]
    lines = [" ".join(draw.choice(words, 12, p=weights)) for _ in range(300)]
    (tmp_path / "text.txt").write_text("\n".join(lines) + "\n")
    (tmp_path / "none.txt").touch()
    counted = Counter(" ".join(lines).split())
    unique = {word for word, count in counted.items() if list(counted.values()).count(count) == 1}
    kept = [" ".join(word for word in line.split() if word in unique) for line in lines]
    (tmp_path / "text.txt").write_text("\n".join(kept) + "\n")
    knobs = section(
        algorithm=algorithm, epochs=1, window=3, negative=4, sample=0.05, learning_rate=0.04, dimension=16
    )

    space = train_word2vec(tmp_path / "text.txt", tmp_path / "none.txt", knobs, 3)
    theirs = Word2Vec(
        corpus_file=str(tmp_path / "text.txt"),
        sg=int(algorithm == "skip-gram"),
        epochs=1,
        window=3,
        negative=4,
        sample=0.05,
        alpha=0.04,
        min_alpha=1e-4,
        vector_size=16,
        min_count=1,
        workers=1,
        seed=3,
    )

    assert len(unique) > 10
    assert space.keys == theirs.wv.index_to_key
    assert np.array_equal(space.vectors, theirs.wv.vectors)
    assert np.array_equal(space.output, theirs.syn1neg)
