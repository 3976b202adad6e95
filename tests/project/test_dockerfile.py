"""The image's recipe read line by line: no engine is needed to see what it would run, and as whom."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Instruction:
    """One instruction: its keyword and all that follows it on its (joined) line."""

    keyword: str
    value: str


def stages(text: str) -> list[list[Instruction]]:
    """The stages of a Dockerfile; each begins with its FROM."""
    code = "\n".join(line for line in text.splitlines() if not line.lstrip().startswith("#"))
    found: list[list[Instruction]] = []
    for line in re.sub(r"\\\n", " ", code).splitlines():
        if line.strip():
            keyword, _, value = line.strip().partition(" ")
            if keyword == "FROM":
                found.append([])
            if found:
                found[-1].append(Instruction(keyword, " ".join(value.split())))
    return found


def run_as_root(stage: list[Instruction]) -> bool:
    """Whether the stage's command would run as root."""
    users = [each.value for each in stage if each.keyword == "USER"]
    return not users or re.fullmatch(r"(root|0+)(:.*)?", users[-1]) is not None


@pytest.fixture(scope="module")
def dockerfile() -> list[list[Instruction]]:
    return stages((ROOT / "Dockerfile").read_text("utf-8"))


@pytest.fixture(scope="module")
def runtime(dockerfile: list[list[Instruction]]) -> list[Instruction]:
    return dockerfile[-1]


def _values(stage: list[Instruction], keyword: str) -> list[str]:
    return [each.value for each in stage if each.keyword == keyword]


def test_the_command_does_not_run_as_root(runtime: list[Instruction]) -> None:
    assert not run_as_root(runtime)
    assert [each.keyword for each in runtime if each.keyword in {"USER", "CMD"}] == ["USER", "CMD"]


@pytest.mark.parametrize(
    "text",
    ["FROM a\nCMD x", "FROM a\nUSER root\nCMD x", "FROM a\nUSER 0:0\n", "FROM a\nUSER b\nUSER root\n"],
)
def test_a_planted_root_is_found(text: str) -> None:
    assert run_as_root(stages(text)[-1])


def test_the_image_runs_and_checks_what_the_compose_file_does(runtime: list[Instruction]) -> None:
    api = yaml.safe_load((ROOT / "docker-compose.yml").read_text("utf-8"))["services"]["api"]
    (command,), (health,) = _values(runtime, "CMD"), _values(runtime, "HEALTHCHECK")

    assert json.loads(command) == api["command"] == ["embedsvc", "serve", "--host", "0.0.0.0"]  # noqa: S104 - in a container
    assert json.loads(health.partition(" CMD ")[2]) == api["healthcheck"]["test"][1:] == ["embedsvc", "ready"]
    assert _values(runtime, "USER") == [api["user"]]
    assert _values(runtime, "EXPOSE") == [api["ports"][0].rpartition(":")[2]] == ["8000"]


def test_every_file_that_is_copied_exists_and_reaches_the_builder(
    dockerfile: list[list[Instruction]],
) -> None:
    let_through = {
        line[1:] for line in (ROOT / ".dockerignore").read_text("utf-8").splitlines() if line.startswith("!")
    }
    copies = [value for stage in dockerfile for value in _values(stage, "COPY")]
    sources = {source for copy in copies if not copy.startswith("--from") for source in copy.split()[:-1]}

    assert sources == let_through
    assert {source for source in sources if not (ROOT / source).exists()} == set()
    assert [copy for copy in copies if copy.startswith("--from")] == [
        "--from=build /opt/embedsvc /opt/embedsvc"
    ]


def test_no_compiler_reaches_the_last_stage(dockerfile: list[list[Instruction]]) -> None:
    build, runtime = dockerfile

    assert "gcc" in " ".join(_values(build, "RUN"))
    assert re.findall(r"apt-get|pip install|gcc|curl", " ".join(_values(runtime, "RUN"))) == []
    assert _values(build, "FROM") == ["python:${PYTHON}-slim AS build"]
    assert _values(runtime, "FROM") == ["python:${PYTHON}-slim"]


def test_the_store_of_the_image_is_the_volume_of_the_compose_file(runtime: list[Instruction]) -> None:
    (environment,) = _values(runtime, "ENV")
    compose = yaml.safe_load((ROOT / "docker-compose.yml").read_text("utf-8"))

    store = re.search(r"EMBEDSVC_STORE=(\S+)", environment)
    assert store is not None
    assert compose["services"]["api"]["volumes"] == [f"store:{store[1]}"]
    # An empty named volume starts with what the image holds there: a store that can be opened.
    assert {f"{store[1]}/releases", f"{store[1]}/staging"} <= set(" ".join(_values(runtime, "RUN")).split())
