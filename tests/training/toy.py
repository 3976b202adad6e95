"""A corpus of two worlds, small enough to train on in half a second, and its recipe."""

from __future__ import annotations

import json
import random
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from embedsvc.releases import Store
from embedsvc.releases.opening import Release, open_release
from training.pipeline import Pipeline, TrainingResult
from training.progress import Meter, Quiet
from training.recipe import LocatedRecipe, parse_recipe

WORLDS = {
    "Information Technology": ["PHP", "MySQL", "JavaScript", "HTML", "CSS", "Machine Learning"],
    "Finance": ["Payroll", "Tally", "SAP FICO", "GST", "Audit", "Accounts Payable"],
}
KNOBS: dict[str, Any] = {
    "seed": 1,
    "lexicon": {"min_candidates": 3},
    "word2vec": {"dimension": 12, "workers": 1, "min_count": 2, "epochs": 3},
    "relations": {"min_candidates": 2, "neighbours": 8},
    "classifier": {"kind": "fasttext", "epochs": 5},
    "card": {"enabled": False},  # it holds timings, and takes longer than all the rest
}


def candidates(count: int = 150, seed: int = 1, first: int = 0) -> list[dict[str, Any]]:
    generator = random.Random(seed)
    found = []
    for number in range(first, first + count):
        label = generator.choice(sorted(WORLDS))
        one, two, three, four = generator.sample(WORLDS[label], 4)
        found.append(
            {
                "id": f"c{number}",
                "title": f"{label} Specialist",
                "summary": f"Worked with {one} and {two} for clients. Report{number} built in {three}.",
                "experience": f"Led a team of {generator.randint(2, 9)} people using {four}.",
                "skills": [one, two, three, four],
                "label": label,
                "updated_at": "2026-01-01",
            }
        )
    return found


def write(path: Path, records: Sequence[dict[str, Any]]) -> Path:
    path.write_text("".join(json.dumps(record) + "\n" for record in records))
    return path


def recipe(folder: Path, *, path: str = "candidates.jsonl", **knobs: Any) -> LocatedRecipe:
    """The toy's recipe in `folder`; `word2vec={"epochs": 4}` changes one knob of a section."""
    document = {"corpus": {"sources": [{"path": path}]}, **KNOBS}
    for name, value in knobs.items():
        document[name] = document.get(name, {}) | value if isinstance(value, dict) else value
    return parse_recipe(document, folder)


class Recorder(Quiet):
    """Keeps which stages were made and which reused."""

    def __init__(self) -> None:
        self.made: list[str] = []
        self.found: list[str] = []

    @contextmanager
    def stage(self, name: str) -> Iterator[Meter]:
        self.made.append(name)
        with super().stage(name) as meter:
            yield meter

    def reused(self, name: str) -> None:
        self.found.append(name)


def train(located: LocatedRecipe) -> tuple[TrainingResult, Recorder]:
    recorder = Recorder()
    return Pipeline(located, recorder).run(), recorder


def hashes(located: LocatedRecipe, release: str) -> dict[str, str]:
    files = Store(located.store).manifest(release).files
    return {path: entry.sha256 for path, entry in files.items()}


def served(folder: Path, records: Sequence[dict[str, Any]]) -> Path:
    """Train on the records in `folder` and let the release go live."""
    write(folder / "candidates.jsonl", records)
    result, _ = train(recipe(folder))
    Store(folder / "store").activate(result.release)
    return folder


def copied(trained: Path, folder: Path) -> Path:
    """The store and the candidates for one test; no work folder, which a re-index must not need."""
    shutil.copytree(trained / "store", folder / "store")
    shutil.copyfile(trained / "candidates.jsonl", folder / "candidates.jsonl")
    return folder


def live(folder: Path) -> Release:
    """The live release of the store in `folder`."""
    store = Store(folder / "store")
    name = store.current()
    assert name is not None
    return open_release(store, name)
