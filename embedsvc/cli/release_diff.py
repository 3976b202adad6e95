"""`embedsvc release diff`: as tables, and as a page that needs nothing else."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape
from typing import TYPE_CHECKING, NamedTuple

from embedsvc.cli.screen import print_table, shown_metric

if TYPE_CHECKING:
    from embedsvc.queries import ReleaseDiff
    from embedsvc.queries.release_diff import Interval, ScoreChange

_SHOWN_FILES = 30

_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{title}</title><style>
body {{ font: 15px/1.5 system-ui, sans-serif; color: #1b1b1b }}
body {{ margin: 2rem auto; max-width: 70rem; padding: 0 1rem }}
table {{ border-collapse: collapse; margin: .5rem 0 2rem; width: 100% }}
caption {{ font-weight: 600; font-size: 1.1rem; text-align: left; padding: .3rem 0 }}
th, td {{ border-bottom: 1px solid #d5d5d5; padding: .3rem .6rem; text-align: left; vertical-align: top }}
th {{ border-bottom: 2px solid #777 }}
</style></head><body><h1>{title}</h1>
{tables}</body></html>
"""


class _Table(NamedTuple):
    title: str
    columns: Sequence[str]
    rows: list[Sequence[str]]


def show_diff(diff: ReleaseDiff) -> None:
    """Print a diff as tables."""
    for table in _tables(diff):
        print_table(*table)


def diff_page(diff: ReleaseDiff) -> str:
    """The diff as one HTML page, without scripts or anything to load."""
    tables = "".join(map(_html, _tables(diff)))
    return _PAGE.format(title=escape(f"{diff.before} to {diff.after}"), tables=tables)


def _tables(diff: ReleaseDiff) -> Iterator[_Table]:
    yield _Table(
        "Scores",
        ("task", "metric", "before", "after", "verdict"),
        [
            (each.task, _metric(each), _interval(each.before), _interval(each.after), each.verdict)
            for each in diff.scores
        ],
    )
    came_and_went = {
        "skills added": diff.skills_added,
        "skills gone": diff.skills_gone,
        "aliases added": diff.aliases_added,
        "aliases gone": diff.aliases_gone,
    }
    yield _Table(
        "Lexicon",
        ("what", "count", "first of them"),
        [(what, f"{found.count:,}", ", ".join(found.first)) for what, found in came_and_went.items()],
    )
    for relation in diff.relations:
        kept = "" if relation.kept is None else f", {relation.kept:.0%} of the neighbours stayed"
        yield _Table(
            f"{relation.relation}: {relation.skills:,} skills{kept}; those that moved most",
            ("skill", "stayed", "gained", "lost"),
            [
                (mover.skill, f"{mover.kept:.0%}", ", ".join(mover.gained), ", ".join(mover.lost))
                for mover in relation.movers
            ],
        )
    if diff.alignments:
        yield _Table(
            "Spaces rotated onto those of an earlier release",
            ("space", "onto", "shared keys", "distance", "as trained", "neighbours changed by that"),
            [
                (
                    each.space,
                    each.release,
                    f"{each.shared:,}",
                    _distance(each.residual),
                    _distance(each.residual_before),
                    f"{each.neighbours_changed:,}",
                )
                for each in diff.alignments
            ],
        )
    changed = [file for file in diff.files if not file.same]
    yield _Table(
        f"Files: {len(changed)} of {len(diff.files)} changed",
        ("file", "MB before", "MB after"),
        [(file.path, _megabytes(file.before), _megabytes(file.after)) for file in changed[:_SHOWN_FILES]],
    )


def _metric(change: ScoreChange) -> str:
    measured = change.after or change.before
    return shown_metric(change.metric, higher_is_better=measured is None or measured.higher_is_better)


def _interval(score: Interval | None) -> str:
    return "" if score is None else f"{score.value:.3f} ({score.low:.3f} to {score.high:.3f})"


def _distance(residual: float | None) -> str:
    return "too few keys" if residual is None else f"{residual:.3f}"


def _megabytes(size: int | None) -> str:
    return "" if size is None else f"{size / 1e6:.2f}"


def _html(table: _Table) -> str:
    head = "".join(f"<th>{escape(column)}</th>" for column in table.columns)
    rows = "".join(f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in row)}</tr>\n" for row in table.rows)
    return f"<table><caption>{escape(table.title)}</caption><tr>{head}</tr>\n{rows}</table>\n"
