"""Releases whose spaces are rotated onto those of the live one."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from embedsvc.cli.release_diff import diff_page
from embedsvc.errors import ReleaseCorruptError
from embedsvc.queries import ReleaseDiff, Side, check_canary, release_diff
from embedsvc.releases import Store, layout
from embedsvc.releases.opening import Release, open_folder, open_release
from embedsvc.spaces import Space, StaticEncoder
from embedsvc.spaces.subword_space import SubwordSpace
from tests.training import toy
from training.progress import Quiet
from training.recipe import LocatedRecipe
from training.reference import ALIGNMENT, reference
from training.reindex import reindex

WORDS = f"{layout.WORDS}/vectors.npy"
SIMILAR = f"{layout.RELATIONS['similar']}/scores.npy"


def units(space: Space) -> np.ndarray:
    return np.asarray(space.vectors / np.linalg.norm(space.vectors, axis=1, keepdims=True))


def recipe(folder: Path, seed: int = 1, **knobs: Any) -> LocatedRecipe:
    # Without a lift the scores of `similar` are the cosines of the words, which can be held against them.
    return toy.recipe(folder, seed=seed, relations={"lift": 0.0}, **knobs)


def opened(folder: Path, name: str) -> Release:
    return open_release(Store(folder / "store"), name)


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str, str, str]:
    """A live release, one of another seed made beside it, and the same without a live one to turn to."""
    folder = tmp_path_factory.mktemp("aligned")
    toy.write(folder / "candidates.jsonl", toy.candidates())
    first = toy.train(recipe(folder))[0].release
    Store(folder / "store").activate(first)
    second = toy.train(recipe(folder, seed=2))[0].release
    free = toy.train(recipe(folder, seed=2, alignment={"enabled": False}))[0].release
    return folder, first, second, free


def test_the_new_words_point_where_the_old_ones_do(pair: tuple[Path, str, str, str]) -> None:
    old, new, free = (opened(pair[0], name).words for name in pair[1:])
    rows = [(new.row(key), old.row(key), free.row(key)) for key in new.keys if old.row(key) is not None]
    mine, theirs, untouched = np.array(rows).T

    near = float(np.mean(np.sum(units(new)[mine] * units(old)[theirs], axis=1)))
    far = float(np.mean(np.sum(units(free)[untouched] * units(old)[theirs], axis=1)))

    assert near > far + 0.2
    facts = new.parameters[ALIGNMENT]
    assert facts["release"] == pair[1]
    assert facts["shared"] == len(opened(pair[0], pair[2]).lexicon)
    assert facts["residual"] < facts["residual_before"]
    assert ALIGNMENT not in free.parameters
    assert ALIGNMENT not in old.parameters


def test_no_neighbour_changes_by_it(pair: tuple[Path, str, str, str]) -> None:
    folder, _, second, free = pair
    store = Store(folder / "store")
    one, other = store.manifest(second).files, store.manifest(free).files

    assert one[WORDS].sha256 != other[WORDS].sha256
    tables = [name for name in one if name.startswith("indexes/") and "candidates" not in name]
    assert [name for name in tables if one[name].sha256 != other[name].sha256] == []
    turned, straight = opened(folder, second), opened(folder, free)
    assert turned.words.parameters[ALIGNMENT]["neighbours_changed"] == 0
    assert units(turned.words) @ units(turned.words).T == pytest.approx(
        units(straight.words) @ units(straight.words).T, abs=1e-5
    )


def test_what_is_built_over_the_words_agrees_with_them(pair: tuple[Path, str, str, str]) -> None:
    folder, _, second, free = pair
    turned, straight = opened(folder, second), opened(folder, free)
    texts = [["php", "mysql"], ["payroll"], ["specialist", "audit", "gst"]]

    one, other = turned.sentences.encode(texts), straight.sentences.encode(texts)

    assert one @ one.T == pytest.approx(other @ other.T, abs=1e-3)
    check_canary(turned)
    table, token = turned.relation("similar"), turned.lexicon[0].token
    ids, scores = table.row(0)
    rows = [turned.words.row(turned.lexicon[other].token) or 0 for other in ids.tolist()]
    cosines = units(turned.words)[rows] @ units(turned.words)[turned.words.row(token) or 0]
    assert cosines == pytest.approx(scores, abs=1e-5)


def test_the_diff_shows_how_it_was_turned(pair: tuple[Path, str, str, str]) -> None:
    folder, first, second, free = pair
    store = Store(folder / "store")

    def diff(after: str) -> ReleaseDiff:
        sides = [Side(open_release(store, name), store.manifest(name)) for name in (first, after)]
        return release_diff(*sides)

    (found,) = diff(second).alignments
    assert (found.space, found.release, found.neighbours_changed) == (layout.WORDS, first, 0)
    assert diff(free).alignments == []
    assert "Spaces rotated onto those of an earlier release" in diff_page(diff(second))
    assert "Spaces rotated" not in diff_page(diff(free))


def test_a_second_run_finds_the_first_whatever_is_live(tmp_path: Path) -> None:
    toy.write(tmp_path / "candidates.jsonl", toy.candidates())
    store = Store(tmp_path / "store", create=True)
    first = toy.train(recipe(tmp_path))[0].release
    store.activate(first)
    second = toy.train(recipe(tmp_path, seed=2))[0].release
    store.activate(second)

    for seed, made in ((2, second), (1, first)):
        again, recorder = toy.train(recipe(tmp_path, seed=seed))
        assert (again.release, again.reused, recorder.made) == (made, True, [])

    # In another work folder the words are trained anew, are the same, and turned as before.
    elsewhere, recorder = toy.train(recipe(tmp_path, seed=2, work="elsewhere"))
    assert "aligned" in recorder.made
    assert elsewhere.release != second or elsewhere.reused
    assert toy.hashes(recipe(tmp_path), elsewhere.release) == toy.hashes(recipe(tmp_path), second)


def test_a_reindexed_release_is_turned_to_like_its_parent(tmp_path: Path) -> None:
    toy.write(tmp_path / "candidates.jsonl", toy.candidates())
    store = Store(tmp_path / "store", create=True)
    store.activate(toy.train(recipe(tmp_path))[0].release)
    parent = store.current()
    live = reindex(recipe(tmp_path), Quiet()).release

    second = toy.train(recipe(tmp_path, seed=2))[0].release

    facts = opened(tmp_path, second).words.parameters[ALIGNMENT]
    assert facts["release"] == live
    assert facts["vectors"] == store.manifest(str(parent)).files[WORDS].sha256
    assert opened(tmp_path, live).words.parameters.get(ALIGNMENT) is None


@pytest.mark.parametrize("knobs", [{"word2vec": {"dimension": 8}}, {"alignment": {"enabled": False}}])
def test_another_dimension_or_the_recipe_leaves_it_as_it_is(tmp_path: Path, knobs: dict[str, Any]) -> None:
    toy.write(tmp_path / "candidates.jsonl", toy.candidates())
    store = Store(tmp_path / "store", create=True)
    store.activate(toy.train(recipe(tmp_path))[0].release)

    second, recorder = toy.train(recipe(tmp_path, seed=2, **knobs))

    assert "aligned" not in recorder.made
    assert ALIGNMENT not in opened(tmp_path, second.release).words.parameters


def test_the_learned_encoder_is_turned_too_and_its_prefixes_stay(tmp_path: Path) -> None:
    knobs: dict[str, Any] = {
        "sentences": {"kind": "static"},
        "static": {"dimension": 8, "prefixes": [4], "batch": 32, "epochs": 3},
    }
    toy.write(tmp_path / "candidates.jsonl", toy.candidates())
    store = Store(tmp_path / "store", create=True)
    store.activate(toy.train(recipe(tmp_path, **knobs))[0].release)

    made, recorder = toy.train(recipe(tmp_path, seed=2, **knobs))

    assert {"aligned", "turned"} <= set(recorder.made)
    encoder = opened(tmp_path, made.release).sentences
    (straight,) = (
        folder for folder in (tmp_path / "work").glob("static-*") if other_than_first(folder, store)
    )
    trained = StaticEncoder.open(straight)
    assert isinstance(encoder, StaticEncoder)
    assert encoder.tokens.parameters[ALIGNMENT]["release"] == store.current()
    texts = [["php", "mysql"], ["payroll"], ["specialist", "audit", "gst"]]
    for one, other in ((encoder, trained), (encoder.shortened(4), trained.shortened(4))):
        turned, plain = one.encode(texts), other.encode(texts)
        assert turned @ turned.T == pytest.approx(plain @ plain.T, abs=1e-4)
    again, recorder = toy.train(recipe(tmp_path, seed=2, **knobs))
    assert (again.release, recorder.made) == (made.release, [])


def test_glove_and_subwords_are_turned_too(tmp_path: Path) -> None:
    knobs: dict[str, Any] = {
        "glove": {"enabled": True, "dimension": 8, "min_count": 2, "epochs": 3, "workers": 1},
        "fasttext": {"enabled": True, "dimension": 8, "min_count": 2, "workers": 1, "bucket": 2000},
    }
    toy.write(tmp_path / "candidates.jsonl", toy.candidates())
    store = Store(tmp_path / "store", create=True)
    store.activate(toy.train(recipe(tmp_path, **knobs))[0].release)

    made, recorder = toy.train(recipe(tmp_path, seed=2, **knobs))
    assert {"aligned_glove", "aligned_fasttext"} <= set(recorder.made)
    again, recorder = toy.train(recipe(tmp_path, seed=2, **knobs))
    assert (again.release, recorder.made) == (made.release, [])
    free = toy.train(recipe(tmp_path, seed=2, alignment={"enabled": False}, **knobs))[0].release

    folder = store.path(made.release)
    found = opened(tmp_path, made.release).alignments
    assert list(found) == [layout.WORDS, layout.GLOVE, layout.FASTTEXT]
    for facts in found.values():
        assert (facts["release"], facts["neighbours_changed"]) == (store.current(), 0)
        assert facts["residual"] < facts["residual_before"]
    turned, straight, old = (
        SubwordSpace.open(store.path(name) / layout.FASTTEXT)
        for name in (made.release, free, str(store.current()))
    )
    words = ["php", "mysql", "phpp", "never_seen"]
    rotation = turned.words.rotation
    assert rotation is not None
    assert turned.vectors(words) == pytest.approx(straight.vectors(words) @ rotation, abs=1e-5)
    assert rotation @ rotation.T == pytest.approx(np.eye(8), abs=1e-5)
    skills = [skill.token for skill in opened(tmp_path, free).lexicon]
    assert cosine(turned, old, skills) > cosine(straight, old, skills) + 0.2
    damaged = tmp_path / "damaged"
    shutil.copytree(folder, damaged)
    for path in [damaged, *damaged.rglob("*")]:
        path.chmod(0o755 if path.is_dir() else 0o644)
    (damaged / layout.GLOVE / "space.json").write_text("{")
    with pytest.raises(ReleaseCorruptError, match="description of spaces/glove cannot be read"):
        open_folder(damaged, "damaged", {})


def cosine(one: SubwordSpace, other: SubwordSpace, words: list[str]) -> float:
    """Mean cosine of the same words in two spaces."""
    pairs = [
        vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
        for vectors in (one.vectors(words), other.vectors(words))
    ]
    return float(np.mean(np.sum(pairs[0] * pairs[1], axis=1)))


def other_than_first(folder: Path, store: Store) -> bool:
    live = store.path(str(store.current())) / layout.SENTENCES / "tokens" / "vectors.npy"
    return (folder / "tokens" / "vectors.npy").read_bytes() != live.read_bytes()


def test_a_store_that_is_not_there_has_nothing_to_turn_to(tmp_path: Path) -> None:
    assert reference(tmp_path / "none", layout.WORDS, tmp_path, "0" * 64) is None
