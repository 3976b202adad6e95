"""`embedsvc corpus stats`: the funnel of a recipe as a table and as JSON."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.training import toy

RECIPE = """
[lexicon]
min_candidates = 3
[[corpus.sources]]
path = "candidates.jsonl"
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    people = toy.candidates()
    people += [people[0] | {"id": "again"}, {"id": "nobody"}]
    toy.write(tmp_path / "candidates.jsonl", people)
    (tmp_path / "embedsvc.toml").write_text(RECIPE)
    return tmp_path


def stats(folder: Path, *more: str) -> str:
    command = [sys.executable, "-m", "embedsvc.cli", "corpus", "stats", *more]
    environment = {**os.environ, "COLUMNS": "120", "NO_COLOR": "1"}
    return subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, check=True, timeout=120, text=True
    ).stdout


def test_the_funnel_as_a_table_and_as_json(folder: Path) -> None:
    steps = {step["step"]: step for step in json.loads(stats(folder, "--json"))}

    assert steps["lines read"] == {"step": "lines read", "count": 152, "share": None}
    assert steps["empty"] == {"step": "empty", "count": 1, "share": 1 / 152}
    assert steps["exact duplicates"]["count"] == 1
    parts = sum(steps[f"part {part}"]["count"] for part in ("train", "dev", "test"))
    assert parts == steps["kept to train on"]["count"]

    table = stats(folder)
    rows = [[cell.strip() for cell in line.split("│")[1:-1]] for line in table.splitlines() if "│" in line]
    assert ["lines read", "152", ""] in rows
    assert ["empty", "1", "0.7%"] in rows
    assert len(rows) == len(steps)


def test_a_recipe_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(subprocess.CalledProcessError) as failed:
        stats(tmp_path)
    assert "There is no recipe at embedsvc.toml" in failed.value.stderr
