"""What no file may hold: unpickling, the folders of one machine, too many lines."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PRODUCT = ("indexes", "embedsvc", "training", "benchmarks")
CODE = (*PRODUCT, "tests")
MAX_LINES = 400

# Whatever reads a pickle runs what the file says; none of these reads a file of ours.
_UNPICKLING_MODULES = {"pickle", "cPickle", "_pickle", "dill", "cloudpickle", "joblib", "shelve", "marshal"}
_UNSAFE_CALLS = {"torch.load", "yaml.load", "yaml.unsafe_load", "yaml.full_load", "eval", "exec"}
# A folder of one machine (a word in braces or angle brackets, or a variable, is nobody's folder).
_MACHINE_PATH = re.compile(r"(?<![\w.$}])/(?:root|work|home|Users|tmp)/[A-Za-z0-9_.]")


def python_files(*folders: str) -> list[Path]:
    return sorted(path for top in folders for path in (ROOT / top).rglob("*.py"))


def text_files() -> Iterator[Path]:
    kinds = {".py", ".md", ".toml", ".txt", ".yml", ".yaml", ".csv", ".json", ".sh", ".html", ".js"}
    yield from (
        path
        for top in (*CODE, "docs", ".ci")
        for path in sorted((ROOT / top).rglob("*"))
        if path.is_file() and (path.suffix in kinds or path.suffix == "")
    )
    yield from (path for path in sorted(ROOT.iterdir()) if path.is_file() and path.name != ".gitignore")


def unsafe_reading(source: str) -> list[str]:
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found += [
                f"{node.lineno}: import {each.name}"
                for each in node.names
                if each.name.split(".")[0] in _UNPICKLING_MODULES
            ]
        elif isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] in _UNPICKLING_MODULES:
            found.append(f"{node.lineno}: from {node.module}")
        elif isinstance(node, ast.Call):
            if (called := ast.unparse(node.func)) in _UNSAFE_CALLS:
                found.append(f"{node.lineno}: {called}()")
            found += [
                f"{node.lineno}: allow_pickle"
                for each in node.keywords
                if each.arg == "allow_pickle" and ast.unparse(each.value) != "False"
            ]
    return found


def test_nothing_is_unpickled() -> None:
    # A test may write a pickle, to show that nothing reads it.
    found = {
        str(path.relative_to(ROOT)): unsafe_reading(path.read_text("utf-8"))
        for path in python_files(*PRODUCT)
    }

    assert {path: faults for path, faults in found.items() if faults} == {}


@pytest.mark.parametrize(
    ("source", "faults"),
    [
        ("import pickle", ["1: import pickle"]),
        ("def f():\n    from joblib import load", ["2: from joblib"]),
        ("np.load(path, allow_pickle=True)", ["1: allow_pickle"]),
        ("np.load(path, allow_pickle=trusted)", ["1: allow_pickle"]),
        ("np.load(path, allow_pickle=False)", []),
        ("yaml.load(text)", ["1: yaml.load()"]),
        ("yaml.safe_load(text)", []),
        ("torch.load(path)", ["1: torch.load()"]),
    ],
)
def test_a_planted_unpickling_is_found(source: str, faults: list[str]) -> None:
    assert unsafe_reading(source) == faults


def test_no_module_is_longer_than_a_reader_can_bear() -> None:
    lengths = {
        str(path.relative_to(ROOT)): len(path.read_text("utf-8").splitlines()) for path in python_files(*CODE)
    }

    assert {path: length for path, length in lengths.items() if length > MAX_LINES} == {}


def test_no_file_names_a_folder_of_one_machine() -> None:
    found = [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()[:100]}"
        for path in text_files()
        for number, line in enumerate(path.read_text("utf-8", "replace").splitlines(), 1)
        if _MACHINE_PATH.search(line)
    ]

    assert found == []


@pytest.mark.parametrize(
    ("line", "is_one"),
    [
        ("open('" + "/ro" + "ot/x')", True),
        ("cp a " + "/ho" + "me/ann/b", True),
        ("- /tmp", False),
        ("https://example.org/work/1", False),
        ("/work/", False),
    ],
)
def test_a_planted_machine_path_is_found(line: str, is_one: bool) -> None:
    assert bool(_MACHINE_PATH.search(line)) is is_one
