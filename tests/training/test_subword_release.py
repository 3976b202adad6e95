"""A recipe that asks for fastText: what is released, what it answers, and what a damaged part does."""

from __future__ import annotations

import json
import random
import shutil
from pathlib import Path

import numpy as np
import pytest

from embedsvc.errors import ReleaseCorruptError, UnknownSkillError
from embedsvc.queries import related, resolve
from embedsvc.queries.guess import best_guesses
from embedsvc.releases import Store, layout
from embedsvc.releases.opening import Release, open_folder, open_release
from embedsvc.schemas import RelatedQuery
from embedsvc.text import Alias, Lexicon, Skill
from tests.embedsvc.queries.test_guess import space
from tests.training import toy
from training.trainers.fasttext import skill_guesses
from training.trainers.fasttext.made_up import made_up_words, misspelt_skills, other_words

KNOBS = {"enabled": True, "dimension": 16, "min_count": 2, "epochs": 5, "workers": 1, "bucket": 5000}


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Release]:
    folder = tmp_path_factory.mktemp("subwords")
    toy.write(folder / "candidates.jsonl", toy.candidates())
    located = toy.recipe(folder, fasttext=KNOBS)
    result, _ = toy.train(located)
    store = Store(located.store)
    return store.path(result.release), open_release(store, result.release)


def test_the_release_holds_the_space_and_answers_by_it(trained: tuple[Path, Release]) -> None:
    folder, release = trained

    assert {file.name for file in (folder / layout.FASTTEXT).iterdir()} == {
        "space.json",
        "keys.arrow",
        "vectors.npy",
        "vectors_scales.npy",
        "buckets.npy",
        "buckets_scales.npy",
        "bucket_ids.npy",
    }
    assert release.skill_vectors is not None
    assert len(release.skill_vectors) == len(release.lexicon)
    # Twelve skills say too little about what a skill looks like.
    assert (release.skill_vectors.threshold, release.skill_vectors.seen_threshold) == (0.9, 0.9)
    assert release.skill_vectors.calibration["misspelt"] > 0
    row, step = resolve(release, "mmachinee learningg")
    assert (release.lexicon[row].name, step) == ("Machine Learning", "subwords")
    with pytest.raises(UnknownSkillError):
        resolve(release, "carpentry")
    asked = RelatedQuery(skill="php", space="fasttext", k=5)
    answer = related(release, asked)
    vectors = release.skill_vectors.vectors
    rows = {skill.name: skill.row for skill in release.lexicon}
    assert len(answer.related) == 5
    assert [each.score for each in answer.related] == pytest.approx(
        [float(vectors[rows["PHP"]] @ vectors[rows[each.skill]]) for each in answer.related], abs=1e-4
    )


def test_a_part_that_is_damaged_or_of_another_lexicon_is_refused(
    trained: tuple[Path, Release], tmp_path: Path
) -> None:
    folder = tmp_path / "release"
    shutil.copytree(trained[0], folder)
    vectors = folder / layout.SUBWORDS / "vectors.npy"
    vectors.chmod(0o600)
    np.save(vectors, np.load(vectors)[:-1])
    with pytest.raises(ReleaseCorruptError, match="knows 11 skills and the lexicon has 12"):
        open_folder(folder, "damaged", {})
    shutil.rmtree(folder / layout.FASTTEXT)
    with pytest.raises(ReleaseCorruptError, match="cannot be opened"):
        open_folder(folder, "damaged", {})


def test_the_space_keeps_what_it_was_trained_with(trained: tuple[Path, Release]) -> None:
    told = json.loads((trained[0] / layout.FASTTEXT / "space.json").read_text())

    assert told["kind"] == "fasttext"
    assert told["parameters"]["epochs"] == 5
    assert told["subwords"] == {"buckets": 5000, "shortest": 3, "longest": 6}
    size = sum(file.stat().st_size for file in (trained[0] / layout.FASTTEXT).iterdir())
    assert size < 0.25 * told["parameters"]["bin_bytes"]


LEXICON = Lexicon(
    [Skill(row, name, name, 9) for row, name in enumerate(["javascript", "bookkeeping", "welding"])],
    [Alias("ecmascript", 0, 2, "mined")],
)


def test_queries_that_calibrate_are_new_to_the_ladder_and_the_same_for_a_seed() -> None:
    typed = misspelt_skills(LEXICON, 50, 1)
    made_up = made_up_words(LEXICON, 50, 1)
    words = other_words(LEXICON, ["carpentry", "welding", "weldin", "cat", "audit", "ecmascript"], 9, 1)

    assert typed == misspelt_skills(LEXICON, 50, 1)
    assert typed != misspelt_skills(LEXICON, 50, 2)
    assert len(typed) == len({query for query, _ in typed}) == 50
    for query, row in typed:
        assert LEXICON.find(query) is None
        assert LEXICON.correction(query) is None
        assert query[0] == LEXICON[row].name[0]
    assert made_up == made_up_words(LEXICON, 50, 1)
    assert all(LEXICON.find(word) is None and 4 <= len(word) <= 40 for word in made_up)
    assert sorted(words) == ["audit", "carpentry"]
    assert made_up_words(Lexicon([]), 5, 1) == []
    assert misspelt_skills(Lexicon([]), 5, 1) == []


def test_thresholds_are_what_one_in_a_hundred_words_reaches() -> None:
    draw = random.Random(4)
    syllables = [
        "ba",
        "co",
        "du",
        "fe",
        "gi",
        "lo",
        "mar",
        "net",
        "pos",
        "ri",
        "sa",
        "tur",
        "va",
        "wil",
        "xen",
    ]
    names = sorted({"".join(draw.choices(syllables, k=4)) for _ in range(600)})
    lexicon = Lexicon([Skill(row, name, name, 9) for row, name in enumerate(names)])

    skills = skill_guesses(space(), lexicon, 1)

    made_up = made_up_words(lexicon, 1000, 1)
    reached = np.array([score for _, score in best_guesses(lexicon, skills, made_up)])
    assert skills.calibration["made_up"] == len(made_up) > 200
    assert skills.threshold == pytest.approx(np.percentile(reached, 99), abs=1e-4)
    assert 0.005 <= float((reached >= skills.threshold).mean()) <= 0.015
    assert skills.seen_threshold == max(0.9, skills.threshold)
