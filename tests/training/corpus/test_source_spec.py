"""What the recipe may say of a source."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from embedsvc.errors import RecipeError
from training.corpus import FieldMapping, Source, open_source
from training.corpus.presets import PRESETS
from training.intake import Intake
from training.recipe import Recipe, parse_recipe

DATABASE = {"url": "postgresql://app:secret@h/d"}


def parsed(**source: Any) -> Source:
    (one,) = parse_recipe({"corpus": {"sources": [source]}}, Path()).recipe.corpus.sources
    return one


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ({}, "a source has either `path`, for files of this machine, or `url`"),
        ({"path": "a.csv", "url": "s3://b/a.csv"}, "either `path`"),
        ({"path": "a.csv", "table": "t"}, "`table` does not go with files"),
        ({"path": "a.csv", "collection": "t"}, "`collection` does not go with files"),
        ({"url": "a.csv"}, "is no URL"),
        (DATABASE, "a database needs `table` or `query`"),
        ({**DATABASE, "table": "t", "query": "SELECT 1"}, "a database needs `table` or `query`"),
        ({**DATABASE, "collection": "t"}, "`collection` does not go with a database"),
        ({**DATABASE, "table": "t", "format": "csv"}, "`format` does not go with a database"),
        ({"url": "mongodb://app:secret@h/d"}, "a MongoDB needs `collection`"),
        ({"url": "mongodb://app:secret@h/d", "query": "SELECT 1"}, "`query` does not go with a MongoDB"),
        ({"url": "mysql://app:secret@h/d", "table": "t"}, "mysql:// is not read"),
        ({"path": "a.jsonl", "format": "jsonl", "delimiter": ";"}, "`delimiter` goes with CSV files only"),
        ({"path": "a.csv", "format": "xls"}, "Input should be 'auto', 'jsonl'"),
        ({"path": "a.csv", "encoding": "utf-9"}, "there is no encoding 'utf-9'"),
        ({"path": "a.csv", "delimiter": ";;"}, "at most 1 character"),
        ({"path": "a.csv", "preset": "monster"}, "Input should be 'ours', 'naukri'"),
        ({"path": "a.csv", "preset": "naukri", "fields": {"skill": "x"}}, "fields.skill: unknown key"),
        ({"path": "a.csv", "preset": ["naukri"]}, "preset: Input should be"),
    ],
)
def test_keys_that_do_not_go_together_are_refused_in_one_sentence(source: dict[str, Any], said: str):
    with pytest.raises(RecipeError) as caught:
        parsed(**source)
    assert said in caught.value.message
    assert "secret" not in caught.value.message


def test_what_a_variable_holds_is_checked_when_it_is_opened(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("WHERE", "mongodb://h/d")
    with pytest.raises(RecipeError, match="`table` does not go with a MongoDB"):
        open_source(parsed(url="${WHERE}", table="t"), Path())


def test_fields_lie_over_the_preset():
    source = parsed(path="a.jsonl", preset="naukri", fields={"title": "designation", "label": []})
    assert source.fields == FieldMapping(**{**PRESETS["naukri"], "title": ("designation",), "label": ()})
    assert parsed(path="a", preset="flat", fields=FieldMapping(experience=("cv",))).fields == FieldMapping(
        **{**PRESETS["flat"], "experience": ("cv",)}
    )
    assert parsed(path="a").fields == FieldMapping()


def test_a_recipe_that_is_stored_reads_back_and_holds_no_password():
    located = parse_recipe(
        {"corpus": {"sources": [{**DATABASE, "table": "t", "preset": "indeed"}, {"path": "a.csv"}]}}, Path()
    )
    stored = located.recipe.model_dump(mode="json")
    assert stored["corpus"]["sources"][0]["url"] == "postgresql://app:***@h/d"
    assert "secret" not in repr(located.recipe)
    again = Recipe.model_validate(stored)
    assert again.model_dump(mode="json") == stored
    assert again.corpus.sources[0].fields == located.recipe.corpus.sources[0].fields


def test_the_fingerprint_changes_with_the_mapping_and_not_with_the_password(tmp_path: Path):
    (tmp_path / "c.jsonl").write_text("{}\n")
    url = "memory://spec/c.jsonl?token="

    def print_of(**source: Any) -> Any:
        return Intake(parse_recipe({"corpus": {"sources": [source]}}, tmp_path)).fingerprint()

    assert print_of(path="c.jsonl") == print_of(path="c.jsonl")
    assert print_of(path="c.jsonl") != print_of(path="c.jsonl", preset="flat")
    assert Source(url=f"{url}one").model_dump(mode="json") == Source(url=f"{url}two").model_dump(mode="json")
