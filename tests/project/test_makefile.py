"""What `make` would do, on a copy of the Makefile where nothing has been installed."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("Makefile", "pyproject.toml", "constraints.txt"):
        shutil.copy(ROOT / name, tmp_path / name)
    return tmp_path


def make(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    # What the make that runs these tests was told is not meant for this one.
    environment = {key: value for key, value in os.environ.items() if not key.startswith(("MAKE", "MFLAGS"))}
    return subprocess.run(
        ["make", *arguments], cwd=folder, env=environment, capture_output=True, text=True, timeout=60
    )


def demo_command(ran: subprocess.CompletedProcess[str]) -> list[str]:
    joined = ran.stdout.replace("\\\n", " ")
    (line,) = [line for line in joined.splitlines() if "embedsvc demo" in line]
    return line.split()


def test_make_alone_lists_every_target(folder: Path) -> None:
    ran = make(folder)
    phony = re.search(r"^\.PHONY: (.*)$", (folder / "Makefile").read_text("utf-8"), re.MULTILINE)

    assert ran.returncode == 0
    assert phony is not None
    assert re.findall(r"^  ([a-z]+) ", ran.stdout, re.MULTILINE) == phony[1].split()


def test_a_machine_without_python_is_told_what_to_install(folder: Path) -> None:
    ran = make(folder, "test", f"PYTHON={folder}/none")

    assert ran.returncode == 2
    assert ran.stderr.splitlines()[0] == (
        "embedsvc needs Python 3.11 or newer with its venv module, and found none; "
        "install it, or name it: make PYTHON=/path/to/python3.11 ..."
    )
    assert not (folder / ".venv").exists()


def test_the_demo_passes_on_what_it_is_given(folder: Path) -> None:
    assert demo_command(make(folder, "-n", "demo")) == [".venv/bin/embedsvc", "demo", "--serve"]
    given = make(folder, "-n", "demo", "SERVE=0", "CANDIDATES=1000", "SEED=3", "PORT=8123")
    assert demo_command(given)[2:] == ["--candidates", "1000", "--seed", "3", "--port", "8123", "--no-serve"]


def test_a_changed_pin_is_installed_once(folder: Path) -> None:
    stamps = folder / ".venv" / ".stamps"
    stamps.mkdir(parents=True)
    for name in ("venv", "dev"):
        (stamps / name).touch()
        os.utime(stamps / name, (2**31, 2**31))
    assert "pip" not in make(folder, "-n", "test").stdout

    os.utime(folder / "constraints.txt", (2**31 + 1, 2**31 + 1))
    again = make(folder, "-n", "test").stdout
    assert "install -c constraints.txt" in again
    assert "-e '.[dev]'" in again
    assert "-m venv" not in again


@pytest.mark.parametrize(
    ("present", "user", "said"),
    [
        (("chromium", "apt-get"), "0", ""),
        (("apt-get",), "1000", "No chromium here, and only root can install Debian's"),
        ((), "0", "No chromium here, and only root can install Debian's"),
        (("apt-get",), "0", "Installing Debian's chromium for tests/browser.\n"),
    ],
)
def test_a_browser_is_installed_where_that_can_be(
    folder: Path, present: tuple[str, ...], user: str, said: str
) -> None:
    programs = {"id": f"echo {user}", "apt-get": f'echo "$@" >>{folder}/asked', "chromium": ""}
    (folder / "bin").mkdir()
    for name in ("id", *present):
        (folder / "bin" / name).write_text(f"#!/bin/sh\n{programs[name]}\n")
        (folder / "bin" / name).chmod(0o755)
    command = [shutil.which("make") or "make", "browser"]
    ran = subprocess.run(
        command, cwd=folder, env={"PATH": f"{folder}/bin"}, capture_output=True, text=True, timeout=60
    )

    assert (ran.returncode, ran.stderr) == (0, "")
    assert ran.stdout.startswith(said) if said else ran.stdout == ""
    asked = (folder / "asked").read_text() if (folder / "asked").exists() else ""
    wanted = "update -qq\ninstall -qq -y --no-install-recommends chromium\n"
    assert asked == (wanted if said.startswith("Installing") else "")


def test_a_browser_that_cannot_be_had_stops_nothing(folder: Path) -> None:
    (folder / "bin").mkdir()
    for name, does in (("id", "echo 0"), ("apt-get", "exit 100")):
        (folder / "bin" / name).write_text(f"#!/bin/sh\n{does}\n")
        (folder / "bin" / name).chmod(0o755)
    command = [shutil.which("make") or "make", "browser"]
    ran = subprocess.run(
        command, cwd=folder, env={"PATH": f"{folder}/bin"}, capture_output=True, text=True, timeout=60
    )

    assert ran.returncode == 0
    assert ran.stdout.splitlines()[-1] == "It cannot be had: tests/browser will skip themselves."


def test_the_continuous_check_is_make_check_and_test() -> None:
    script = ROOT / ".ci" / "run"

    assert os.access(script, os.X_OK)
    assert script.read_text("utf-8").splitlines()[-2:] == ["make browser", "exec make check test"]
