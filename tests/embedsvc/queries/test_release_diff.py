"""What a release diff says of two releases of which every answer is known."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from embedsvc.cli.release_diff import diff_page
from embedsvc.queries import ReleaseDiff, Side, make_canary, release_diff
from embedsvc.releases import Store, layout
from embedsvc.releases.opening import open_folder, open_release
from embedsvc.text import Alias, Lexicon, Skill
from indexes import NeighbourTable
from tests.service.handmade import SKILLS, WIDTH, neighbours, publish


def scored(value: float, low: float, high: float, task: str = "hidden skill") -> dict[str, Any]:
    return {
        "task": task,
        "metric": "R@10",
        "value": value,
        "low": low,
        "high": high,
        "items": 9,
        "baselines": {},
    }


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """`old`, and `new`: "payroll" gave way to "<payroll>", and of "php" all neighbours but one."""
    store = Store(tmp_path / "store", create=True)
    publish(store, "base")
    _copy(store, "old", [scored(0.3, 0.28, 0.32), scored(0.5, 0.4, 0.6, "label")])
    names = ["<payroll>" if name == "payroll" else name for name in SKILLS]
    skills = [Skill(row, name, f"t{row}", 100 - 10 * row) for row, name in enumerate(names)]
    lexicon = Lexicon(skills, [Alias("JS", 1, 7, "mined"), Alias("pee aitch pee", 0, 5, "mined")])
    rows = (np.arange(len(SKILLS))[:, None] + np.arange(1, WIDTH + 1)) % len(SKILLS)
    rows[0] = [5, 6, 7, 8, 9]
    _copy(store, "new", [scored(0.4, 0.33, 0.45), scored(0.55, 0.45, 0.65, "label")], lexicon, rows)
    return store


def _copy(
    store: Store,
    name: str,
    scores: list[dict[str, Any]],
    lexicon: Lexicon | None = None,
    similar: np.ndarray | None = None,
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
        draft.publish(recipe={}, metrics={"scores": scores}, canary=canary)


@pytest.fixture
def diff(store: Store) -> ReleaseDiff:
    return release_diff(*(Side(open_release(store, name), store.manifest(name)) for name in ("old", "new")))


def test_scores_are_judged_by_their_intervals(diff: ReleaseDiff) -> None:
    assert [(each.task, each.verdict) for each in diff.scores] == [
        ("hidden skill", "better"),
        ("label", "no clear change"),
    ]
    first = diff.scores[0]
    assert first.before is not None
    assert first.after is not None
    assert (first.before.value, first.after.low) == (0.3, 0.33)


def test_the_other_way_round_it_is_worse(store: Store) -> None:
    sides = (Side(open_release(store, name), store.manifest(name)) for name in ("new", "old"))
    assert [each.verdict for each in release_diff(*sides).scores] == ["worse", "no clear change"]


def test_a_score_of_one_side_only(store: Store) -> None:
    sides = [Side(open_release(store, name), store.manifest(name)) for name in ("base", "new")]
    assert [each.verdict for each in release_diff(*sides).scores] == ["only after", "only after"]
    assert [each.verdict for each in release_diff(*reversed(sides)).scores] == ["only before", "only before"]


def test_skills_and_aliases_that_came_and_went(diff: ReleaseDiff) -> None:
    # The normal form of "<payroll>" is that of "payroll", but its name is another.
    assert (diff.skills_added.count, diff.skills_added.first) == (1, ["<payroll>"])
    assert (diff.skills_gone.count, diff.skills_gone.first) == (1, ["payroll"])
    assert diff.aliases_added.first == ["pee aitch pee = php"]
    assert diff.aliases_gone.first == ["ML = machine learning"]


def test_neighbours_gained_and_lost(diff: ReleaseDiff) -> None:
    similar, used_with = diff.relations
    assert (similar.relation, used_with.relation) == ("similar", "used_with")
    assert similar.skills == used_with.skills == len(SKILLS)
    assert used_with.kept == 1.0
    assert used_with.movers == []
    assert similar.kept == pytest.approx((9 + 0.2) / 10)
    (php,) = similar.movers
    before = [name for name, _ in neighbours("php")]
    assert php.skill == "php"
    assert php.kept == pytest.approx(0.2)
    assert php.lost == before[:4]
    # As the newer release calls them.
    assert php.gained == ["machine learning", "<payroll>", ".net", "日本語"]


def test_files_that_changed(diff: ReleaseDiff) -> None:
    changed = {file.path.rpartition("/")[0] for file in diff.files if not file.same}
    assert changed == {"lexicon", "indexes/similar"}
    assert all(file.before and file.after for file in diff.files)


def test_the_page_holds_everything_and_escapes_it(diff: ReleaseDiff) -> None:
    page = diff_page(diff)
    assert "<h1>old to new</h1>" in page
    assert "&lt;payroll&gt;" in page
    assert "<payroll>" not in page
    assert "0.300 (0.280 to 0.320)" in page
    assert "pee aitch pee = php" in page
    for outside in ("http:", "https:", "<script", "src="):
        assert outside not in page
