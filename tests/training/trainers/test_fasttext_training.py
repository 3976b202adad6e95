"""fastText: no NaN with any number of threads, the library's vectors, the same bytes twice, bad corpora."""

from __future__ import annotations

import json
import struct
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from embedsvc.errors import EmptyCorpusError, RecipeError, StoreError
from embedsvc.formats.fasttext_bin import open_model
from embedsvc.spaces.subword_space import SubwordSpace
from training.recipe import FastTextSection
from training.trainers.fasttext import compress, process, train_fasttext
from training.trainers.fasttext.contexts import MOST_COPIES, frequent_words, write_contexts
from training.trainers.fasttext.trainer import parameters_of

KITCHEN = ["oven", "pan", "stove", "kettle", "naïve"]
OFFICE = ["desk", "printer", "stapler", "東京", "paper_shredder"]


def section(**knobs: Any) -> FastTextSection:
    return FastTextSection(
        **{"dimension": 10, "min_count": 1, "epochs": 5, "workers": 1, "bucket": 2000, "sample": 1.0} | knobs
    )


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Lines about two topics, and lists of skills."""
    folder = tmp_path_factory.mktemp("fasttext")
    draw = np.random.default_rng(3)
    lines = [" ".join(draw.choice(KITCHEN if line % 2 else OFFICE, 8)) for line in range(600)]
    (folder / "text.txt").write_text("\n".join(lines) + "\n")
    (folder / "lists.txt").write_text("php mysql html\n" * 30 + "payroll audit\n" * 20)
    return folder / "text.txt", folder / "lists.txt"


@pytest.fixture(scope="module")
def space(corpus: tuple[Path, Path], tmp_path_factory: pytest.TempPathFactory) -> SubwordSpace:
    return train_fasttext(*corpus, section(epochs=20), 1, tmp_path_factory.mktemp("scratch"))


def cosine(space: SubwordSpace, one: str, other: str) -> float:
    a, b = space.vectors([one, other])
    return float(a @ b / np.linalg.norm(a) / np.linalg.norm(b))


def test_words_of_a_topic_and_their_misspellings_are_near(space: SubwordSpace) -> None:
    assert cosine(space, "oven", "kettle") > cosine(space, "oven", "desk") + 0.3
    assert space.row("printters") is None
    assert cosine(space, "printters", "printer") > 0.8
    assert cosine(space, "printters", "stapler") > cosine(space, "printters", "stove") + 0.3


def test_the_space_says_what_it_was_made_from(space: SubwordSpace, corpus: tuple[Path, Path]) -> None:
    counts = Counter(word for path in corpus for word in path.read_text().split())
    assert dict(zip(space.keys, space.counts.tolist(), strict=True)) == counts
    assert space.counts.tolist() == sorted(counts.values(), reverse=True)
    assert space.parameters["dimension"] == 10
    assert space.parameters["kept_buckets"] == len(space.bucket_ids)
    assert space.parameters["loss"][-1] == (1.0, pytest.approx(1.9, abs=0.8))


@pytest.mark.parametrize(("precision", "bucket"), [("int8", 1000), ("float16", 1000), ("float16", 50_000)])
def test_the_space_is_a_quarter_of_the_bin_at_most(
    precision: str, bucket: int, corpus: tuple[Path, Path], tmp_path: Path
) -> None:
    asked = section(precision=precision, bucket=bucket, dimension=50)
    made = train_fasttext(*corpus, asked, 1, tmp_path)
    made.save(tmp_path / "space")

    size = sum(file.stat().st_size for file in (tmp_path / "space").iterdir())

    assert size <= 0.25 * made.parameters["bin_bytes"]
    assert len(made.bucket_ids) > 50
    assert made.words.codes.dtype == precision


@pytest.mark.parametrize("workers", [0, 2, 5, 12])
def test_no_number_of_workers_gives_nan(workers: int, corpus: tuple[Path, Path], tmp_path: Path) -> None:
    made = train_fasttext(*corpus, section(workers=workers, precision="float32", keep=1.0), 1, tmp_path)

    assert np.isfinite(made.words.codes).all()
    assert np.isfinite(made.buckets.codes).all()
    assert np.abs(made.words.codes).max() < 100
    assert not list(tmp_path.iterdir())


def test_one_worker_gives_the_same_bytes_twice_and_another_seed_others(
    corpus: tuple[Path, Path], tmp_path: Path
) -> None:
    made = [train_fasttext(*corpus, section(), seed, tmp_path) for seed in (1, 1, 2)]

    assert made[0].words.codes.tobytes() == made[1].words.codes.tobytes()
    assert made[0].buckets.codes.tobytes() == made[1].buckets.codes.tobytes()
    assert made[0].words.codes.tobytes() != made[2].words.codes.tobytes()


_ASK = """
import json, sys, fasttext
model = fasttext.load_model(sys.argv[1])
print(json.dumps([model.get_word_vector(word).tolist() for word in json.loads(sys.argv[2])]))
"""


@pytest.mark.parametrize(("min_n", "max_n", "bucket"), [(3, 6, 2000), (1, 3, 50), (2, 9, 7)])
def test_before_pruning_vectors_are_the_librarys(
    min_n: int, max_n: int, bucket: int, corpus: tuple[Path, Path], tmp_path: Path
) -> None:
    knobs = {"minn": min_n, "maxn": max_n, "bucket": bucket, "dim": 12, "minCount": 1, "thread": 11}
    process.fit(corpus[0], tmp_path / "model.bin", {**knobs, "seed": 1})
    words = [
        "oven",
        "ovens",
        "naïve",
        "naïveté",
        "東京",
        "東京都",
        "Ωmega",
        "a",
        "no such thing",
        "paper",
        "</s>x",
    ]
    asked = [sys.executable, "-c", _ASK, str(tmp_path / "model.bin"), json.dumps(words)]
    theirs = json.loads(subprocess.run(asked, capture_output=True, check=True).stdout)

    ours = compress(open_model(tmp_path / "model.bin"), None, "float32").vectors(words)

    assert ours == pytest.approx(np.array(theirs), abs=1e-5)
    assert np.abs(ours[0]).max() > 1e-3


def test_pruning_keeps_the_buckets_that_most_words_use(corpus: tuple[Path, Path], tmp_path: Path) -> None:
    knobs = {"minn": 3, "maxn": 3, "bucket": 5000, "dim": 4, "minCount": 1, "thread": 11, "seed": 1}
    process.fit(corpus[0], tmp_path / "model.bin", knobs)
    model = open_model(tmp_path / "model.bin")
    words = [word for word in model.words if word != b"</s>"]
    bytes_of_words = sum(map(len, words)) + len(words) * (4 * 4 + 12)

    kept = compress(model, bytes_of_words + 5 * (4 * 4 + 4), "float32")
    all_used = compress(model, 10**9, "float32")

    rows, _ = kept.subwords.rows(words)
    used = Counter(rows.tolist())
    assert len(kept.bucket_ids) == 5
    assert min(used[row] for row in kept.bucket_ids.tolist()) >= sorted(used.values())[-5]
    assert set(all_used.bucket_ids.tolist()) == set(used)
    assert (kept.words.codes == all_used.words.codes).all()
    assert len(compress(model, 0, "float32").bucket_ids) == 0


def test_lists_are_mixed_in_without_their_order_and_without_rare_words(tmp_path: Path) -> None:
    text, lists, out = (tmp_path / name for name in ("text", "lists", "out"))
    text.write_text("a b\n" * 10 + "rare a\n")
    long = [f"s{number}" for number in range(13)]
    lists.write_text("\n".join([" ".join(long)] * 5 + ["x y", "z"]) + "\n")
    words = frequent_words([text, lists], 1)
    assert frequent_words([text, lists], 10) == {"a": 11, "b": 10}
    del words["rare"]

    write_contexts(text, lists, words, 5, 1, out)

    lines = out.read_text().splitlines()
    copies = [line.split() for line in lines if "s1" in line.split()]
    assert len(copies) == 5 * 2  # 12 others, 6 met a pass
    assert all(sorted(copy) == sorted(long) for copy in copies)
    assert len({tuple(copy) for copy in copies}) == 10
    assert Counter(lines)["a b"] == 10
    assert Counter(lines)["a"] == 1
    assert lines.index(" ".join(copies[0])) < 4  # spread among the sentences, not behind them
    lists.write_text(" ".join(f"s{number}" for number in range(900)) + "\n")
    write_contexts(text, lists, frequent_words([text, lists], 1), 5, 1, out)
    assert sum("s1" in line.split() for line in out.read_text().splitlines()) == MOST_COPIES


def test_lists_alone_are_enough(corpus: tuple[Path, Path], tmp_path: Path) -> None:
    (tmp_path / "none").write_text("")

    made = train_fasttext(tmp_path / "none", corpus[1], section(), 1, tmp_path)

    assert sorted(made.keys) == ["audit", "html", "mysql", "payroll", "php"]


@pytest.mark.parametrize(
    ("text", "lists"),
    [("", ""), ("once\n", ""), ("word word word word\n", ""), ("\n\n \n", "\n"), ("", "php\n" * 9)],
)
def test_fewer_than_two_frequent_words_are_refused(text: str, lists: str, tmp_path: Path) -> None:
    (tmp_path / "t").write_text(text)
    (tmp_path / "l").write_text(lists)

    with pytest.raises(EmptyCorpusError, match=r"lower fasttext\.min_count"):
        train_fasttext(tmp_path / "t", tmp_path / "l", section(), 1, tmp_path)


@pytest.mark.parametrize("workers", [1, 0])
def test_identical_lines_and_more_dimensions_than_words_train(workers: int, tmp_path: Path) -> None:
    (tmp_path / "t").write_text("alpha beta __label__x\n" * 200)
    (tmp_path / "l").write_text("")

    asked = section(dimension=300, workers=workers, precision="float16")
    made = train_fasttext(tmp_path / "t", tmp_path / "l", asked, 1, tmp_path)

    assert sorted(made.keys) == ["__label__x", "alpha", "beta"]
    assert made.words.codes.shape == (3, 300)
    assert np.isfinite(made.words.codes).all()


def test_subwords_that_end_before_they_begin_are_refused(corpus: tuple[Path, Path], tmp_path: Path) -> None:
    with pytest.raises(RecipeError, match=r"fasttext\.min_n is 5 and fasttext\.max_n 4"):
        train_fasttext(*corpus, section(min_n=5, max_n=4), 1, tmp_path)


def test_every_knob_reaches_the_library(corpus: tuple[Path, Path], tmp_path: Path) -> None:
    asked = {
        "algorithm": "cbow", "dimension": 6, "window": 3, "epochs": 4, "negative": 7, "min_n": 2, "max_n": 4,
        "bucket": 500, "learning_rate": 0.02, "sample": 0.01,
    }  # fmt: skip
    output = tmp_path / "bin"

    process.fit(corpus[0], output, parameters_of(section(**asked), 5))

    # The .bin begins with what it was trained with; the learning rate is the one thing it does not keep.
    told = struct.unpack_from("<12id", output.read_bytes(), 8)
    dim, ws, epoch, min_count, neg, _, _, model, bucket, minn, maxn, _, sample = told
    assert (dim, ws, epoch, min_count, neg, model) == (6, 3, 4, 1, 7, 1)
    assert (bucket, minn, maxn, sample) == (500, 2, 4, 0.01)
    assert parameters_of(section(**asked), 5)["lr"] == 0.02
    assert parameters_of(section(), 5)["model"] == "skipgram"


def test_progress_is_told_and_a_failing_library_is_an_error(
    corpus: tuple[Path, Path], tmp_path: Path
) -> None:
    told: list[tuple[float, float, str]] = []
    parameters = {"dim": 4, "minCount": 1, "thread": 11, "bucket": 100, "seed": 1, "t": 1.0}
    curve = process.fit(corpus[0], tmp_path / "bin", parameters, lambda *now: told.append(now))
    assert told[-1][:2] == (1.0, 1.0)
    assert told[-1][2] == f"loss {curve[-1][1]:.3f}"

    with pytest.raises(StoreError, match="cannot be opened"):
        process.fit(tmp_path / "missing", tmp_path / "bin", parameters)
    with pytest.raises(RecipeError, match=r"lower fasttext\.learning_rate"):
        process.fit(corpus[0], tmp_path / "bin", {**parameters, "lr": 1e9, "epoch": 50})


def test_the_library_ends_with_who_started_it(corpus: tuple[Path, Path], tmp_path: Path) -> None:
    parameters = json.dumps({"minCount": 1, "epoch": 10**6, "bucket": 100, "seed": 1, "verbose": 0})
    command = [
        sys.executable,
        "-P",
        process._LIBRARY,
        "unsupervised",
        corpus[0],
        tmp_path / "bin",
        parameters,
    ]

    with subprocess.Popen(command, stdin=subprocess.PIPE) as left:
        assert left.stdin is not None
        left.stdin.close()
        assert left.wait(timeout=60) == 2
