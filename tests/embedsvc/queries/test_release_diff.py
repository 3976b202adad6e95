"""What a release diff says of two releases of which every answer is known."""

from __future__ import annotations

from pathlib import Path

import pytest

from embedsvc.cli.release_diff import diff_page
from embedsvc.queries import ReleaseDiff, Side, release_diff
from embedsvc.releases import Store
from embedsvc.releases.opening import open_release
from tests.embedsvc.queries.two_releases import copy, scored, two_releases
from tests.service.handmade import SKILLS, neighbours


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return two_releases(tmp_path / "store")


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


def test_less_is_better_where_the_score_says_so(store: Store) -> None:
    for name, low in (("high", 0.3), ("low", 0.1)):
        copy(store, name, [scored(low + 0.05, low, low + 0.1, metric="ECE", higher_is_better=False)])
    high, low = (Side(open_release(store, name), store.manifest(name)) for name in ("high", "low"))

    assert [each.verdict for each in release_diff(high, low).scores] == ["better"]
    assert [each.verdict for each in release_diff(low, high).scores] == ["worse"]
    assert "ECE (less is better)" in diff_page(release_diff(low, high))


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
