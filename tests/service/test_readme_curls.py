"""Every curl line of the README, run as it stands against a trained release."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.conftest import Sample
from tests.service.serving import serving

README = Path(__file__).resolve().parents[2] / "README.md"
LINES = [
    command.strip()
    for block in re.findall(r"^```sh\n(.*?)^```", README.read_text(encoding="utf-8"), re.M | re.S)
    for command in re.split(r"\n(?! )(?!curl.*--data-binary @-)", block)
    if "curl" in command
]


@pytest.fixture(scope="module")
def trained(sample: Sample, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("readme")
    shutil.copytree(sample.store, folder / "store")
    with serving(folder / "store", folder / "log") as address:
        yield address


@pytest.fixture(scope="module")
def somebody(trained: str) -> str:
    """The id of a candidate, in place of the README's."""
    found = httpx.post(f"{trained}/v1/search", json={"queries": ["java"], "k": 1}).json()
    name: str = found["results"][0]["hits"][0]["id"]
    return name


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
@pytest.mark.parametrize("command", LINES)
def test_it_works_as_written(trained: str, somebody: str, command: str) -> None:
    asked = (
        command.replace("http://127.0.0.1:8000", trained)
        .replace("/c17", f"/{somebody}")
        .replace("curl ", "curl -sS --fail-with-body ")
    )
    ran = subprocess.run(["bash", "-c", asked], capture_output=True, text=True, timeout=60)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    answers = [json.loads(line) for line in ran.stdout.splitlines()]
    assert answers
    for answer in answers:
        assert answer.get("release") or answer.get("releases") or answer.get("jobs") == [], answer
        for result in answer.get("results", [answer]):
            assert result.get("error") is None, result


def test_they_are_found() -> None:
    assert len(LINES) >= 14
    assert all(line.count("curl ") == 1 for line in LINES)
