"""`embedsvc classify` by examples."""

from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner

from embedsvc.cli.app import app
from embedsvc.errors import InputError
from tests.conftest import Sample

BY_EXAMPLES = [
    "--example",
    "Software=Java developer with Spring",
    "--example",
    "Care=Patient care in intensive care",
]


def test_labels_by_examples(sample: Sample) -> None:
    ran = CliRunner().invoke(
        app, ["classify", "Java and Spring", *BY_EXAMPLES, "--store", str(sample.store), "--json"]
    )

    assert ran.exit_code == 0, ran.output
    answer = json.loads(ran.stdout)
    assert answer["classifier"] == "examples"
    assert answer["results"][0]["labels"][0]["label"] == "Software"


@pytest.mark.parametrize("written", ["Software", "=text", "Software= "])
def test_an_example_without_a_label_or_text_is_refused(sample: Sample, written: str) -> None:
    ran = CliRunner().invoke(app, ["classify", "Java", "--example", written, "--store", str(sample.store)])

    assert isinstance(ran.exception, InputError)
    assert str(ran.exception) == (
        "--example: write LABEL=TEXT, for instance --example 'Cook=Prepared menus'."
    )
