"""Two releases by hand, for what compares them."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import numpy as np

from embedsvc.queries import make_canary
from embedsvc.releases import Store, layout
from embedsvc.releases.opening import open_folder
from embedsvc.text import Alias, Lexicon, Skill
from indexes import NeighbourTable
from tests.service.handmade import SKILLS, WIDTH, publish


def scored(value: float, low: float, high: float, task: str = "hidden skill", **more: Any) -> dict[str, Any]:
    return {
        "task": task,
        "metric": "R@10",
        "value": value,
        "low": low,
        "high": high,
        "items": 9,
        "baselines": {},
        **more,
    }


def two_releases(folder: Path) -> Store:
    """`old`, and `new`: "payroll" gave way to "<payroll>", and of "php" all neighbours but one."""
    store = Store(folder, create=True)
    publish(store, "base")
    copy(store, "old", [scored(0.3, 0.28, 0.32), scored(0.5, 0.4, 0.6, "label")])
    names = ["<payroll>" if name == "payroll" else name for name in SKILLS]
    skills = [Skill(row, name, f"t{row}", 100 - 10 * row) for row, name in enumerate(names)]
    lexicon = Lexicon(skills, [Alias("JS", 1, 7, "mined"), Alias("pee aitch pee", 0, 5, "mined")])
    rows = (np.arange(len(SKILLS))[:, None] + np.arange(1, WIDTH + 1)) % len(SKILLS)
    rows[0] = [5, 6, 7, 8, 9]
    copy(store, "new", [scored(0.4, 0.33, 0.45), scored(0.55, 0.45, 0.65, "label")], lexicon, rows)
    return store


def copy(
    store: Store,
    name: str,
    scores: list[dict[str, Any]],
    lexicon: Lexicon | None = None,
    similar: np.ndarray | None = None,
    **recipe: Any,
) -> None:
    with store.draft(name) as draft:
        for part in store.path("base").iterdir():
            if part.is_dir():
                shutil.copytree(part, draft.path / part.name)
        if lexicon is not None:
            shutil.rmtree(draft.path / layout.LEXICON)
            lexicon.save(draft.path / layout.LEXICON)
        if similar is not None:
            scores_of = np.tile(0.9 - np.arange(WIDTH) / 10, (len(SKILLS), 1)).astype(np.float32)
            place = draft.path / layout.RELATIONS["similar"]
            shutil.rmtree(place)
            NeighbourTable.from_rows(similar, scores_of).save(place)
        canary = make_canary(open_folder(draft.path, name, {}))
        draft.publish(recipe=recipe, metrics={"scores": scores}, canary=canary)
