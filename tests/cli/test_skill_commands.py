"""`embedsvc gap`, `search-string` and `explain`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from embedsvc.cli.app import app
from embedsvc.queries import explain, search_string, skill_gap
from embedsvc.releases.opening import Release
from embedsvc.schemas import ExplainQuery, GapRequest, SearchStringQuery
from tests.conftest import Sample

CV, JOB = "Wrote Java and Spring for five years", "Java, MySQL and payroll"


@pytest.fixture
def files(tmp_path: Path) -> tuple[str, str]:
    for name, text in (("cv", CV), ("job", JOB)):
        (tmp_path / name).write_text(text)
    return str(tmp_path / "cv"), str(tmp_path / "job")


def ran(sample: Sample, *arguments: str) -> str:
    told = CliRunner().invoke(app, [*arguments, "--store", str(sample.store)])
    assert told.exit_code == 0, told.output
    return told.stdout


def test_json_is_the_querys_answer(sample: Sample, release: Release, files: tuple[str, str]) -> None:
    told = json.loads(ran(sample, "gap", *files, "--least", "0.5", "--json"))
    assert told == skill_gap(release, GapRequest(cv=CV, job=JOB, least=0.5)).model_dump()
    told = json.loads(ran(sample, "search-string", "java", "--similar", "2", "--json"))
    assert told == search_string(release, SearchStringQuery(skill="java", similar=2)).model_dump()
    told = json.loads(ran(sample, "explain", "java", "-k", "3", "--json"))
    assert told == explain(release, ExplainQuery(skill="java", k=3)).model_dump()


def test_tables(sample: Sample, release: Release, files: tuple[str, str]) -> None:
    table = ran(sample, "gap", *files)
    assert "covered" in table.splitlines()[0]
    assert {"java", "mysql", "payroll"} <= set(table.lower().split())
    assert ran(sample, "search-string", "java").startswith('("')
    nearest = explain(release, ExplainQuery(skill="java", k=1)).explained[0].skill
    assert nearest in ran(sample, "explain", "java", "-k", "1")
