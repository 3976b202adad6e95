"""The fronts that `benchmarks.ann` found, as a drawing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from training.card.front import Point, front_chart


def front(rows: Sequence[dict[str, Any]], recall: float) -> str:
    """SVG of recall against queries asked alone a second, a curve a family; `auto` is marked."""
    families: dict[str, list[Point]] = {}
    for row in rows:
        point = Point(1e6 / row["alone_us"], row["recall"], f"{row['setting']}, {row['recall']:.4f}")
        families.setdefault(row["family"], []).append(point)
    families = {name: _leading(points) for name, points in families.items()}
    (auto,) = families.pop("auto")
    families.pop("auto, unmapped", None)
    return front_chart(families, recall, auto, width=640).alone()


def _leading(points: list[Point]) -> list[Point]:
    """Those that no other of the family beats in both."""
    kept: list[Point] = []
    for point in sorted(points, reverse=True):
        if not kept or point.recall > kept[-1].recall:
            kept.append(point)
    return kept[::-1]
