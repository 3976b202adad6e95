"""What a recipe can be fed by mistake: each gives one clear sentence, and nothing is published."""

from __future__ import annotations

import gzip
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from embedsvc.errors import (
    BrokenSourceError,
    CorpusError,
    EmbedsvcError,
    EmptyCorpusError,
    RecipeError,
    SourceNotFoundError,
    StoreFullError,
)
from embedsvc.queries import check_canary, related, search
from embedsvc.releases import Store, disk
from embedsvc.releases.opening import Release, open_release
from embedsvc.schemas import RelatedQuery, SearchRequest
from tests.training import toy
from training.card import card_of, markdown
from training.recipe import load_recipe, parse_recipe


def refused(folder: Path, kind: type[EmbedsvcError], **knobs: Any) -> str:
    """The sentence that a run ends with; nothing was published and no stage is left half made."""
    located = toy.recipe(folder, **knobs)
    with pytest.raises(kind) as error:
        toy.train(located)
    assert Store(located.store, create=True).list() == []
    if located.work.is_dir():
        assert not [path for path in located.work.iterdir() if path.name.startswith(".")]
    assert "\n" not in error.value.message
    return error.value.message


def opened(folder: Path, release: str) -> Release:
    return open_release(Store(folder / "store"), release)


@pytest.mark.parametrize("content", ["", "\n\n  \n"])
def test_an_empty_corpus(tmp_path: Path, content: str) -> None:
    (tmp_path / "candidates.jsonl").write_text(content)

    assert refused(tmp_path, EmptyCorpusError) == (
        "The corpus is empty: the sources hold no candidate; check the paths in the recipe."
    )


def test_a_missing_file(tmp_path: Path) -> None:
    assert "There is no file" in refused(tmp_path, SourceNotFoundError)


def test_a_pattern_without_a_match(tmp_path: Path) -> None:
    assert "No file matches" in refused(
        tmp_path, SourceNotFoundError, corpus={"sources": [{"path": "parts/*.jsonl"}]}
    )


@pytest.mark.parametrize("share", [0.3, 0.99])
def test_a_gzip_cut_short(tmp_path: Path, share: float) -> None:
    lines = toy.write(tmp_path / "plain", toy.candidates()).read_bytes()
    data = gzip.compress(lines)
    (tmp_path / "candidates.jsonl").write_bytes(data[: int(share * len(data))])

    assert "cannot be read to its end" in refused(tmp_path, BrokenSourceError)


def test_gzip_is_read_whatever_its_name(tmp_path: Path) -> None:
    lines = toy.write(tmp_path / "plain", toy.candidates()).read_bytes()
    (tmp_path / "candidates.jsonl").write_bytes(gzip.compress(lines))

    result, _ = toy.train(toy.recipe(tmp_path))

    assert result.report["sources"]["candidates"] == 150


def test_too_many_bad_lines(tmp_path: Path) -> None:
    lines = toy.write(tmp_path / "candidates.jsonl", toy.candidates()).read_text().splitlines()
    lines[10:10] = ["{not json"] * 3
    (tmp_path / "candidates.jsonl").write_text("\n".join(lines) + "\n")

    sentence = refused(tmp_path, BrokenSourceError)

    assert "3 of 153 lines are bad, more than the allowed share 0.01" in sentence
    assert "candidates.jsonl:11: not JSON" in sentence
    result, _ = toy.train(
        toy.recipe(tmp_path, corpus={"max_bad_share": 0.02, "sources": [{"path": "candidates.jsonl"}]})
    )
    assert result.report["sources"]["bad_lines"] == 3
    assert [line.split(": ")[0].rsplit(":", 1)[1] for line in result.report["sources"]["first_bad"]] == [
        "11",
        "12",
        "13",
    ]


def test_no_skill_anywhere(tmp_path: Path) -> None:
    people = [{"id": str(n), "summary": "php developer", "key_skills": ["php"]} for n in range(30)]
    toy.write(tmp_path / "candidates.jsonl", people)

    assert refused(tmp_path, EmptyCorpusError).startswith(
        "None of the 30 candidates names a skill; map `skills`"
    )
    mapped = [{"path": "candidates.jsonl", "fields": {"skills": "key_skills"}}]
    assert "No skill has a neighbour" in refused(tmp_path, EmptyCorpusError, corpus={"sources": mapped})


def test_no_skill_passes_the_floor(tmp_path: Path) -> None:
    toy.write(tmp_path / "candidates.jsonl", toy.candidates())

    sentence = refused(tmp_path, EmptyCorpusError, lexicon={"min_candidates": 1000})

    assert sentence.startswith("No skill is named by 1000 candidates")


def test_an_alias_file_that_is_missing(tmp_path: Path) -> None:
    toy.write(tmp_path / "candidates.jsonl", toy.candidates())

    sentence = refused(tmp_path, SourceNotFoundError, lexicon={"aliases": "none.csv"})

    assert "none.csv cannot be read" in sentence


def test_an_alias_file_that_is_not_one(tmp_path: Path) -> None:
    toy.write(tmp_path / "candidates.jsonl", toy.candidates())
    (tmp_path / "aliases.csv").write_text("one,two,three\n")

    refused(tmp_path, CorpusError, lexicon={"aliases": "aliases.csv"})


def test_no_word_is_frequent_enough(tmp_path: Path) -> None:
    toy.write(tmp_path / "candidates.jsonl", toy.candidates())

    assert "lower word2vec.min_count" in refused(tmp_path, EmptyCorpusError, word2vec={"min_count": 10_000})


@pytest.mark.parametrize("trainer", ["glove", "fasttext"])
def test_no_word_is_frequent_enough_for_another_space(tmp_path: Path, trainer: str) -> None:
    toy.write(tmp_path / "candidates.jsonl", toy.candidates())
    knobs = {trainer: {"enabled": True, "min_count": 10_000, "workers": 1}}

    sentence = refused(tmp_path, EmptyCorpusError, **knobs)

    assert sentence.startswith("No word occurs 10000 times")
    assert f"lower {trainer}.min_count" in sentence


def test_one_word_is_no_corpus(tmp_path: Path) -> None:
    person = {"title": "php", "summary": "php", "experience": "php", "skills": ["php"], "label": "a"}
    toy.write(tmp_path / "candidates.jsonl", [person | {"id": str(n)} for n in range(40)])

    assert refused(tmp_path, EmptyCorpusError) == (
        "No word occurs 2 times; give more candidates or lower word2vec.min_count."
    )


def test_more_dimensions_than_words_in_every_space(tmp_path: Path) -> None:
    toy.write(tmp_path / "candidates.jsonl", toy.candidates())
    wide = {"dimension": 300, "workers": 1, "min_count": 2, "epochs": 1}
    knobs = {"glove": wide | {"enabled": True}, "fasttext": wide | {"enabled": True, "bucket": 500}}

    result, _ = toy.train(toy.recipe(tmp_path, word2vec=wide, **knobs))

    release = opened(tmp_path, result.release)
    assert len(release.words) < release.words.dimension == 300
    assert np.isfinite(release.words.vectors).all()
    assert {each.skill for each in related(release, RelatedQuery(skill="php")).related} <= {
        skill.name for skill in release.lexicon
    }


def test_a_sentence_encoder_wider_than_its_words_says_which_to_change(tmp_path: Path) -> None:
    toy.write(tmp_path / "candidates.jsonl", toy.candidates())

    assert refused(tmp_path, RecipeError, sentences={"kind": "static"}, static={"dimension": 13}) == (
        "static.dimension is 13 and the word space has 12; lower it or raise word2vec.dimension."
    )


def test_a_label_of_one_document_is_no_label_to_learn(tmp_path: Path) -> None:
    people = toy.candidates()
    people[7]["label"] = "Lone"
    toy.write(tmp_path / "candidates.jsonl", people)

    result, _ = toy.train(toy.recipe(tmp_path))

    classifier = opened(tmp_path, result.release).classifier("label")
    assert classifier.labels == sorted(toy.WORLDS)
    rare = {"labels": 1, "documents": 1, "least": 5, "named": {"Lone": 1}}
    assert classifier.facts["left_out"] == rare
    card = markdown(card_of(Store(tmp_path / "store"), result.release))
    assert "Labels left out: 1; documents with one: 1; Lone (1)." in card
    assert "Mean squared hinge loss of the texts learned from" in card


def test_candidates_without_a_word_teach_nothing(tmp_path: Path) -> None:
    nobody = [{"id": f"e{number}", "summary": "", "skills": []} for number in range(30)]
    toy.write(tmp_path / "candidates.jsonl", nobody)

    assert refused(tmp_path, EmptyCorpusError).startswith("None of the 30 candidates has any text")


def test_candidates_who_are_all_alike(tmp_path: Path) -> None:
    # So short that they are not taken for one person.
    person = toy.candidates(1)[0] | {"skills": ["PHP", "MySQL", "CSS"], "experience": ""}
    toy.write(tmp_path / "candidates.jsonl", [person | {"id": str(n)} for n in range(60)])

    result, _ = toy.train(toy.recipe(tmp_path))

    release = opened(tmp_path, result.release)
    assert {each.skill for each in related(release, RelatedQuery(skill="php")).related} == {"MySQL", "CSS"}
    assert related(release, RelatedQuery(skill="php", relation="used_with")).related == []
    (found,) = search(release, SearchRequest(queries=["Worked with clients"], k=60)).results
    assert found.hits is not None
    assert len({hit.id for hit in found.hits}) == 60
    check_canary(release)


def test_sixty_copies_of_one_candidate_are_one_candidate(tmp_path: Path) -> None:
    person = toy.candidates(1)[0]
    toy.write(tmp_path / "candidates.jsonl", [person | {"id": str(n)} for n in range(60)])

    assert refused(tmp_path, EmptyCorpusError).startswith("No skill is named by 3 candidates")


def test_a_vocabulary_of_one(tmp_path: Path) -> None:
    toy.write(
        tmp_path / "candidates.jsonl",
        [{"id": str(n), "summary": "php php", "skills": ["php"]} for n in range(40)],
    )

    sentence = refused(tmp_path, EmptyCorpusError)

    assert sentence == (
        "No skill has a neighbour, so no question has an answer; train on more candidates, or lower "
        "relations.min_candidates and word2vec.min_count."
    )


def test_nobody_to_find(tmp_path: Path) -> None:
    toy.write(tmp_path / "candidates.jsonl", toy.candidates())

    sentence = refused(
        tmp_path,
        EmptyCorpusError,
        corpus={"sources": [{"path": "candidates.jsonl", "searchable": False}]},
    )

    assert sentence == "No candidate is searchable; mark at least one source so in the recipe."


@pytest.mark.parametrize("label", [None, "the only one"])
def test_no_labels_to_learn_give_a_release_without_their_classifier(
    tmp_path: Path, label: str | None
) -> None:
    toy.write(tmp_path / "candidates.jsonl", [person | {"label": label} for person in toy.candidates()])

    result, _ = toy.train(toy.recipe(tmp_path))

    assert set(opened(tmp_path, result.release).classifiers) == {"section"}
    assert {score.task for score in result.scores} <= {
        "hidden skill",
        "section",
        "candidates index",
        "title finds label",
    }


def test_nothing_held_back_gives_no_scores_and_a_release(tmp_path: Path) -> None:
    toy.write(tmp_path / "candidates.jsonl", toy.candidates())
    nothing_held = {"sources": [{"path": "candidates.jsonl"}], "dev_share": 0, "test_share": 0}

    result, _ = toy.train(toy.recipe(tmp_path, corpus=nothing_held))

    assert result.scores == []
    check_canary(opened(tmp_path, result.release))


def test_names_of_any_script_and_sign(tmp_path: Path) -> None:
    """Hostile and foreign text goes through every stage and comes back as it was."""
    people = toy.candidates()
    for person in people:
        person["skills"] += ["日本語", "C++", "C#", ".NET"]
        person["summary"] += (
            " \u0000\u2028\x85 ＰＨＰ 日本語 C++ <script>x</script> __label__0 </s> \U0001f600"
        )
        person["label"] = f'{person["label"]}\u2028 / "日本" __label__'
    toy.write(tmp_path / "candidates.jsonl", people)

    result, _ = toy.train(toy.recipe(tmp_path))

    release = opened(tmp_path, result.release)
    assert {"日本語", "C++", "C#", ".NET"} <= {skill.name for skill in release.lexicon}
    assert set(release.classifier("label").labels) == {person["label"] for person in people}


def test_a_source_whose_name_is_not_utf8(tmp_path: Path) -> None:
    name = os.fsdecode(b"caf\xe9.jsonl")
    toy.write(tmp_path / name, toy.candidates())

    result, _ = toy.train(toy.recipe(tmp_path, corpus={"sources": [{"path": "caf*.jsonl"}]}))

    assert result.report["sources"]["candidates"] == 150


def test_a_recipe_in_a_folder_whose_name_is_not_utf8(tmp_path: Path) -> None:
    folder = tmp_path / os.fsdecode(b"caf\xe9")
    folder.mkdir()
    toy.write(folder / "candidates.jsonl", toy.candidates())
    recipe = folder / "embedsvc.toml"
    recipe.write_text('[[corpus.sources]]\npath = "candidates.jsonl"\n')

    with pytest.raises(RecipeError, match=r"`store` is not UTF-8: .*caf\\xe9/store; name another folder"):
        toy.train(load_recipe(recipe))

    elsewhere = toy.recipe(folder, store=str(tmp_path / "store"), work=str(tmp_path / "work"))
    assert toy.train(elsewhere)[0].report["sources"]["candidates"] == 150


def test_a_disk_that_fills_in_a_stage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """fastText's C++ says nothing of a full disk: the stage asks the file system before it counts as done."""
    toy.write(tmp_path / "candidates.jsonl", toy.candidates())
    monkeypatch.setattr(disk, "is_full", lambda folder: folder.name.startswith(".classifier"))

    with pytest.raises(StoreFullError, match="stages that are done are kept"):
        toy.train(toy.recipe(tmp_path))

    monkeypatch.undo()
    _, recorder = toy.train(toy.recipe(tmp_path))
    assert recorder.made == ["classifier", "sections", "evaluate", "publish"]


def test_a_write_that_finds_the_disk_full(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    toy.write(tmp_path / "candidates.jsonl", toy.candidates())

    def fill(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("training.building.words", fill)

    assert "No space is left in the work folder" in refused(tmp_path, StoreFullError)


@pytest.mark.parametrize(
    ("document", "sentence"),
    [
        ({}, "corpus: Field required"),
        ({"corpus": {"sources": []}}, "corpus.sources: List should have at least 1 item"),
        ({"colour": 1}, "colour: unknown key"),
        ({"corpus": {"sources": [{"path": "x", "speed": 1}]}}, "corpus.sources.0.speed: unknown key"),
        ({"word2vec": {"dimension": 0}}, "word2vec.dimension: Input should be greater than or equal to 2"),
        ({"word2vec": {"algorithm": "magic"}}, "word2vec.algorithm: Input should be 'skip-gram' or 'cbow'"),
        (
            {"corpus": {"sources": [{"path": "x"}], "dev_share": 0.6, "test_share": 0.4}},
            "corpus: dev_share and test_share",
        ),
        ({"seed": -1}, "seed: Input should be greater than or equal to 0"),
        ({"corpus": "text"}, "corpus: Input should be a valid dictionary"),
    ],
)
def test_a_recipe_that_cannot_be_used_says_which_key(
    document: dict[str, Any], sentence: str, tmp_path: Path
) -> None:
    with pytest.raises(RecipeError) as error:
        parse_recipe({"corpus": {"sources": [{"path": "x"}]}, **document} if document else {}, tmp_path)

    assert error.value.message.startswith("The recipe cannot be used. ")
    assert sentence in error.value.message


@pytest.mark.parametrize("content", [b"seed = ", b"\xff\xfe", b"[corpus]\n[corpus]\n"])
def test_a_recipe_that_is_not_toml(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "embedsvc.toml").write_bytes(content)

    with pytest.raises(RecipeError, match=r"embedsvc\.toml cannot be read"):
        load_recipe(tmp_path / "embedsvc.toml")


def test_a_recipe_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(RecipeError, match=r"There is no recipe at .*embedsvc\.toml"):
        load_recipe(tmp_path / "embedsvc.toml")
    with pytest.raises(RecipeError, match="cannot be read"):
        load_recipe(tmp_path)


def test_paths_are_relative_to_the_recipe(tmp_path: Path) -> None:
    located = toy.recipe(tmp_path, store="made/store", work=str(tmp_path / "absolute"))

    assert located.store == tmp_path / "made" / "store"
    assert located.work == tmp_path / "absolute"
