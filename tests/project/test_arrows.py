"""Imports go one way: ARROWS is the whole list of who may import what, and CONTRIBUTING.md shows it."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
OURS = ("indexes", "embedsvc", "training")

_MODELS = "embedsvc.text embedsvc.spaces embedsvc.classifiers"
_ANSWERS = f"embedsvc.errors embedsvc.schemas {_MODELS} embedsvc.releases"
_FOR_JOBS = f"embedsvc.errors {_MODELS} embedsvc.releases embedsvc.queries indexes"
_JOB_TOOLS = "numpy orjson pydantic rich"

# Part of the house -> (parts of ours, packages of others) that it may import beside itself and the
# standard library. The longest name that fits a module counts.
ARROWS: dict[str, tuple[str, str]] = {
    "indexes": ("", "numpy"),
    "indexes.annoy_backend": ("", "numpy annoy"),
    "indexes.faiss_library": ("", "numpy faiss"),
    "indexes.hnswlib_backend": ("", "numpy hnswlib"),
    "indexes.milvus_library": ("", "pymilvus milvus_lite"),
    "embedsvc": ("embedsvc.errors embedsvc.client", ""),
    "embedsvc.errors": ("", "pydantic"),
    "embedsvc.schemas": ("", "pydantic"),
    "embedsvc.settings": ("", "pydantic pydantic_settings"),
    "embedsvc.text": (
        "embedsvc.errors indexes",
        "numpy pyarrow ahocorasick_rs rapidfuzz selectolax snowballstemmer",
    ),
    "embedsvc.spaces": ("embedsvc.errors indexes", "numpy pyarrow"),
    "embedsvc.spaces.transformer_runtime": ("embedsvc.errors", "numpy onnxruntime tokenizers"),
    "embedsvc.formats": ("embedsvc.errors embedsvc.spaces", "numpy pyarrow"),
    "embedsvc.classifiers": ("embedsvc.errors indexes", "numpy fasttext"),
    "embedsvc.releases": (
        f"embedsvc.errors embedsvc.schemas {_MODELS} indexes",
        "numpy orjson pyarrow pydantic",
    ),
    "embedsvc.queries": (f"{_ANSWERS} indexes", "numpy orjson pydantic"),
    "embedsvc.jobs": ("embedsvc.errors embedsvc.schemas embedsvc.releases", "orjson pydantic"),
    "embedsvc.client": ("embedsvc.errors embedsvc.schemas", "httpx pydantic pydantic_core"),
    "embedsvc.client.local": ("embedsvc.errors embedsvc.service embedsvc.settings", "anyio fastapi httpx"),
    "embedsvc.service": (
        f"{_ANSWERS} embedsvc.queries embedsvc.jobs embedsvc.settings indexes",
        "anyio fastapi numpy orjson prometheus_client pydantic starlette structlog uvicorn",
    ),
    "embedsvc.service.tracing": (
        "embedsvc.errors embedsvc.queries embedsvc.service embedsvc.settings",
        "opentelemetry starlette structlog",
    ),
    "embedsvc.cli": ("embedsvc training indexes", "pydantic rich typer"),
    "training": (_FOR_JOBS, _JOB_TOOLS),
    "training.job": ("embedsvc.errors embedsvc.schemas embedsvc.jobs", ""),
    "training.corpus.bytestream": ("embedsvc.errors", "pyarrow"),
    "training.corpus.sources.parquet": ("embedsvc.errors", "pyarrow"),
    "training.corpus.sources.remote": ("embedsvc.errors", "fsspec"),
    "training.corpus.sources.sql": ("embedsvc.errors", "sqlalchemy"),
    "training.corpus.sources.mongo": ("embedsvc.errors", "pymongo"),
    "training.corpus.shingles": ("embedsvc.text", "numpy rensa"),
    "training.corpus.duplicates": ("", "numpy scipy"),
    "training.preparation.clean_corpus": (_FOR_JOBS, f"{_JOB_TOOLS} pyarrow"),
    "training.preparation.languages": ("embedsvc.errors", "py3langid"),
    "training.trainers": (_FOR_JOBS, f"{_JOB_TOOLS} fasttext gensim scipy"),
    "training.trainers.planes": (_FOR_JOBS, f"{_JOB_TOOLS} scipy sklearn"),
    "training.trainers.fasttext": (f"{_FOR_JOBS} embedsvc.formats", f"{_JOB_TOOLS} fasttext"),
    "training.trainers.glove": (_FOR_JOBS, f"{_JOB_TOOLS} numba"),
    "training.trainers.transformer": (
        _FOR_JOBS,
        f"{_JOB_TOOLS} huggingface_hub onnxruntime sentence_transformers torch transformers",
    ),
    "training.evaluation.correlation": (_FOR_JOBS, "numpy scipy"),
    "training.evaluation.simple_texts": (_FOR_JOBS, "numpy sklearn"),
    "training.card": (_FOR_JOBS, f"{_JOB_TOOLS} sklearn threadpoolctl"),
    "training.lexicon": (_FOR_JOBS, f"{_JOB_TOOLS} rapidfuzz"),
}

# The command line answers `--help` at once and speaks where only the SDK is installed: when it is
# loaded it imports no more than this; the rest is imported inside the command that needs it.
CLI_WHEN_LOADED = {
    "embedsvc",
    "embedsvc.cli",
    "embedsvc.errors",
    "embedsvc.schemas",
    "pydantic",
    "rich",
    "typer",
}

# Backends are found by name; nobody else imports by a name that is not in the source.
IMPORTS_BY_NAME = {"indexes.registry"}


@dataclass(frozen=True)
class Import:
    """One imported module: its dotted name, where, and whether it is imported when the file is loaded."""

    name: str
    line: int
    when_loaded: bool


def module_name(path: Path, root: Path) -> str:
    parts = path.relative_to(root).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports_of(tree: ast.AST, modules: set[str], *, when_loaded: bool = True) -> Iterator[Import]:
    """Every import below `tree`, also inside functions and under TYPE_CHECKING."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.Import):
            yield from (Import(alias.name, node.lineno, when_loaded) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            source = "." * node.level + (node.module or "")
            for alias in node.names:
                name = "client" if source == "embedsvc" and alias.name.endswith("Client") else alias.name
                whole = f"{source}.{name}"
                yield Import(whole if whole in modules else source, node.lineno, when_loaded)
        else:
            inside = isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
            typing_only = isinstance(node, ast.If) and ast.unparse(node.test).endswith("TYPE_CHECKING")
            loaded = when_loaded and not inside and not typing_only
            yield from imports_of(node, modules, when_loaded=loaded)


def part_of(module: str) -> str:
    """The part of the house that a module of ours belongs to: `embedsvc.text`, `indexes`, `training`."""
    first, *rest = module.split(".")
    return f"{first}.{rest[0]}" if first == "embedsvc" and rest else first


def allowance(module: str) -> tuple[set[str], set[str]]:
    parts = module.split(".")
    names = [".".join(parts[:length]) for length in range(len(parts), 0, -1)]
    # `embedsvc` speaks for embedsvc/__init__.py alone: a new part of it needs a line of its own.
    known = (ARROWS[name] for name in names if name in ARROWS and (name != "embedsvc" or module == name))
    ours, others = next(known, ("", ""))
    return set(ours.split()), set(others.split())


def is_allowed(module: str, imported: str) -> bool:
    top = imported.split(".")[0]
    if top in sys.stdlib_module_names:
        return True
    ours, others = allowance(module)
    if top not in OURS:
        return top in others
    # The bare package holds `__version__` and loads nothing but the SDK.
    return part_of(imported) in {part_of(module), *ours, "embedsvc"} or top in ours


def violations(root: Path) -> list[str]:
    """Every import below `root` that ARROWS does not allow, as `file:line module -> imported`."""
    paths = {path: module_name(path, root) for top in OURS for path in sorted((root / top).rglob("*.py"))}
    modules = set(paths.values())
    found = []
    for path, module in paths.items():
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for each in imports_of(tree, modules):
            fault = not is_allowed(module, each.name)
            if part_of(module) == "embedsvc.cli" and each.when_loaded:
                top = each.name.split(".")[0]
                known = part_of(each.name) if top in OURS else top
                fault |= known not in CLI_WHEN_LOADED and top not in sys.stdlib_module_names
            fault |= each.name == "importlib" and module not in IMPORTS_BY_NAME
            if fault:
                found.append(f"{path.relative_to(root)}:{each.line} {module} -> {each.name}")
    return found


def test_no_import_goes_against_an_arrow() -> None:
    assert violations(ROOT) == []


@pytest.mark.parametrize(
    ("file", "source", "fault"),
    [
        ("indexes/exact.py", "from embedsvc.errors import InputError", "1 indexes.exact -> embedsvc.errors"),
        ("indexes/exact.py", "import faiss", "1 indexes.exact -> faiss"),
        (
            "embedsvc/text/a.py",
            "from embedsvc.releases import Store",
            "1 embedsvc.text.a -> embedsvc.releases",
        ),
        ("embedsvc/text/a.py", "from embedsvc import service", "1 embedsvc.text.a -> embedsvc.service"),
        ("embedsvc/client/a.py", "import numpy as np", "1 embedsvc.client.a -> numpy"),
        (
            "embedsvc/client/a.py",
            "def ask():\n    from embedsvc.queries import related",
            "2 embedsvc.client.a -> embedsvc.queries",
        ),
        (
            "embedsvc/service/a.py",
            "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import training.pipeline",
            "3 embedsvc.service.a -> training.pipeline",
        ),
        ("embedsvc/service/a.py", "from embedsvc import Client", "1 embedsvc.service.a -> embedsvc.client"),
        ("embedsvc/service/a.py", "from embedsvc import __version__", None),
        ("embedsvc/cli/a.py", "from embedsvc.service import run", "1 embedsvc.cli.a -> embedsvc.service"),
        ("embedsvc/cli/a.py", "def serve():\n    from embedsvc.service import run", None),
        ("embedsvc/new/a.py", "import json, numpy", "1 embedsvc.new.a -> numpy"),
        ("training/a.py", "import gensim", "1 training.a -> gensim"),
        ("training/trainers/a.py", "import gensim.models", None),
        ("training/a.py", "from embedsvc.service import run", "1 training.a -> embedsvc.service"),
        ("training/a.py", "from . import b", "1 training.a -> ."),
        ("training/a.py", "from importlib import import_module", "1 training.a -> importlib"),
    ],
)
def test_a_planted_import_is_found(tmp_path: Path, file: str, source: str, fault: str | None) -> None:
    path = tmp_path / file
    path.parent.mkdir(parents=True)
    path.write_text(source)
    for part in ("client", "service"):
        package = tmp_path / "embedsvc" / part / "__init__.py"
        package.parent.mkdir(parents=True, exist_ok=True)
        package.touch()

    assert violations(tmp_path) == ([] if fault is None else [f"{file}:{fault}"])


def test_every_part_of_the_house_has_an_arrow_and_every_arrow_a_part() -> None:
    modules = {module_name(path, ROOT) for top in OURS for path in (ROOT / top).rglob("*.py")}

    assert {part_of(module) for module in modules} - set(ARROWS) == set()
    assert {
        name for name in ARROWS if not any(f"{each}.".startswith(f"{name}.") for each in modules)
    } == set()


def test_contributing_shows_the_same_arrows() -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `([a-z_.]+)` \| (.*?) \| (.*?) \|$", text, re.MULTILINE)
    shown = {
        name: (set(re.findall(r"`(.+?)`", ours)), set(re.findall(r"`(.+?)`", others)))
        for name, ours, others in rows
    }

    assert shown == {
        name: (set(ours.split()), set(others.split())) for name, (ours, others) in ARROWS.items()
    }
