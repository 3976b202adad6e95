"""Recall against speed of several kinds of index in one drawing: what was tried, and what was chosen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from training.card.drawing import HUES, Drawing, Scale, plain, text_width, ticks

_LEFT, _RIGHT, _TOP, _AXIS, _ROW = 52, 26, 34, 46, 20
_PLOT = 210
_LEAST = 0.6


class Point(NamedTuple):
    """One setting: queries a second, recall, and what is said of it."""

    speed: float
    recall: float
    tip: str


class _Look(NamedTuple):
    """How a curve is told from others: by hue; where these are used up, by squares on a dashed line."""

    hue: str
    shape: int
    dash: str

    @classmethod
    def of(cls, place: int) -> _Look:
        again = place >= HUES
        return cls(f"c{place % HUES}", int(again), "4 3" if again else "")


def front_chart(
    families: Mapping[str, Sequence[Point]], goal: float, chosen: Point | None = None, width: float = 460
) -> Drawing:
    """A curve a family, queries a second on a logarithmic axis; points below a recall of 0.6 are left out.

    Args:
        families: By name, each with points in the order of rising effort.
        goal: The recall that was asked for, drawn as a line.
        chosen: Is marked.
        width: In pixels.
    """
    shown = {
        name: [point for point in points if point.recall >= min(_LEAST, goal)]
        for name, points in families.items()
    }
    shown = {name: points for name, points in shown.items() if points}
    rows = _rows(list(shown), width - _LEFT)
    drawing = Drawing(
        width, _TOP + _PLOT + _AXIS + _ROW * len(rows), "Recall against speed of what was tried"
    )
    every = [point for points in shown.values() for point in points] or [Point(1.0, 1.0, "")]
    x = Scale(
        min(point.speed for point in every) / 1.25,
        max(point.speed for point in every) * 1.25,
        _LEFT,
        width - _RIGHT,
        log=True,
    )
    bottom = min(goal, *(point.recall for point in every)) - 0.01
    y = Scale(bottom, 1.0, _TOP + _PLOT, _TOP + 6)
    _axes(drawing, x, y, bottom)
    drawing.line(_LEFT, y(goal), width - _RIGHT, y(goal), "ink", 1.2, "4 3")
    drawing.text(_LEFT + 4, y(goal) + 14, f"asked for: {goal:g}", 12, style="halo")
    looks = {name: _Look.of(place) for place, name in enumerate(shown)}
    for name, points in shown.items():
        hue, shape, dash = looks[name]
        drawing.path([(x(point.speed), y(point.recall)) for point in points], hue, 1.6, dash)
        for point in points:
            drawing.mark(x(point.speed), y(point.recall), 2.8, hue, shape, tip=f"{name}: {point.tip}")
    if chosen is not None:
        drawing.mark(x(chosen.speed), y(chosen.recall), 5.5, "ink", 2, tip=f"chosen: {chosen.tip}")
        drawing.text(x(chosen.speed) + 8, y(chosen.recall) - 7, "chosen", 12, style="halo", weight=600)
    for number, row in enumerate(rows):
        left, base = float(_LEFT), _TOP + _PLOT + _AXIS + _ROW * number + 8
        for name in row:
            hue, shape, dash = looks[name]
            drawing.line(left - 4, base - 4, left + 14, base - 4, hue, 1.6, dash)
            drawing.mark(left + 5, base - 4, 3.4, hue, shape)
            drawing.text(left + 19, base, name, 12)
            left += _legend_width(name)
    return drawing


def _axes(drawing: Drawing, x: Scale, y: Scale, bottom: float) -> None:
    floor, right = _TOP + _PLOT, drawing.width - _RIGHT
    drawing.text(0, 15, "recall@10", 14, weight=600)
    for tick in ticks(bottom, 1.0, 5):
        drawing.line(_LEFT, y(tick), right, y(tick))
        drawing.text(_LEFT - 7, y(tick) + 4, plain(tick), 12, anchor="end", style="m")
    taken = 0.0
    for tick in (digit * 10.0**power for power in range(9) for digit in (1, 2, 5)):
        half = text_width(plain(tick), 12) / 2
        if x.low <= tick <= x.high and x(tick) - half > taken:
            drawing.line(x(tick), floor, x(tick), floor + 4, "muted")
            drawing.text(x(tick), floor + 18, plain(tick), 12, anchor="middle", style="m")
            taken = x(tick) + half + 6
    drawing.line(_LEFT, floor, right, floor, "muted")
    middle = (_LEFT + right) / 2
    drawing.text(middle, floor + 36, "queries a second, asked alone", 12, anchor="middle", style="m")


def _rows(names: Sequence[str], room: float) -> list[list[str]]:
    """Names of the legend, as many in a row as there is room for."""
    rows: list[list[str]] = []
    left = room
    for name in names:
        if left + _legend_width(name) > room:
            rows.append([])
            left = 0.0
        rows[-1].append(name)
        left += _legend_width(name)
    return rows


def _legend_width(name: str) -> float:
    return text_width(name, 12) + 37
