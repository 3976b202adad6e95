"""What was tried for an index of candidates that was asked to hold a recall."""

from __future__ import annotations

from collections.abc import Iterator

from indexes.tuning import Trial, Tuning
from training.card.blocks import Block, Figure, Table
from training.card.front import Point, front_chart
from training.card.origin import Origin

_EFFORTS = frozenset({"ef_search", "probes", "search_nodes"})
_HIDDEN = frozenset({"factory", "block", "seed"})


def tried(origin: Origin) -> Iterator[Block]:
    """A drawing of all trials and a table of those that hold the recall; nothing where none were made."""
    content = origin.metrics.get("index")
    if content is None:
        return
    tuning = Tuning.from_json(content)
    whole = [trial for trial in tuning.trials if trial.rows == tuning.size]
    families: dict[str, list[Point]] = {}
    for trial in whole:
        families.setdefault(_family(trial), []).append(_point(trial))
    caption = (
        f"{len(tuning.trials):,} settings were tried for a recall of {tuning.recall:g}, on "
        f"{tuning.queries:,} queries held back for this alone, each asked by itself in one thread. "
        f"Chosen: `{tuning.chosen.name}`, which finds {tuning.chosen.recall:.1%} (by chance up to "
        f"{tuning.chosen.margin:.1%} too much) in {tuning.chosen.microseconds:,.0f} microseconds."
    )
    if len(whole) < len(tuning.trials):
        caption += (
            " What was tried on a sample alone is not drawn; `tuning.json` beside the index has it all."
        )
    yield Figure("tuning", front_chart(families, tuning.recall, _point(tuning.chosen)), caption)
    finals = sorted((trial for trial in whole if trial.final), key=lambda trial: trial.microseconds)
    rows = [
        (
            f"{_family(trial)}{' (chosen)' if trial == tuning.chosen else ''}",
            _effort(trial),
            f"{trial.recall:.4f}",
            f"{trial.microseconds:,.0f}",
            f"{trial.bytes / 1e6:,.1f}",
            f"{trial.build_seconds:,.1f}",
        )
        for trial in finals
    ]
    head = ["that hold the recall", "effort", "recall@10", "microseconds", "MB", "build, s"]
    yield Table(head, rows, frozenset({1, 2, 3, 4, 5}), compact=True)


def _family(trial: Trial) -> str:
    """Its name and all that sets it apart from others of the name, but the effort."""
    told = [
        f"{name} {value}"
        for name, value in trial.args.items()
        if name not in _HIDDEN and name not in _EFFORTS
    ]
    return ", ".join([trial.name, *told])


def _effort(trial: Trial) -> str:
    return next((str(value) for name, value in trial.args.items() if name in _EFFORTS), "all")


def _point(trial: Trial) -> Point:
    tip = f"effort {_effort(trial)}, recall {trial.recall:.4f}, {trial.microseconds:g} microseconds"
    return Point(1e6 / max(trial.microseconds, 0.01), trial.recall, tip)
