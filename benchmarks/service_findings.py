"""What a part of `benchmarks.service` found, what was aimed at, and the table of both."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

Side = Literal["least", "most"]


@dataclass(frozen=True, slots=True)
class Finding:
    """A figure.

    Attributes:
        part: Of the benchmark.
        what: It is.
        value: Of it.
        unit: Of the value; empty for a share or a count.
        aim: The value aimed at; None for a figure that only tells what others are to be compared with.
        side: Whether the aim is the least or the most that will do.
    """

    part: str
    what: str
    value: float
    unit: str = ""
    aim: float | None = None
    side: Side = "most"

    @property
    def met(self) -> bool | None:
        """Whether the value is what was aimed at; None where nothing was; NaN never is."""
        if self.aim is None:
            return None
        return self.value >= self.aim if self.side == "least" else self.value <= self.aim

    def as_json(self) -> dict[str, Any]:
        """All of it."""
        return {**asdict(self), "met": self.met}


def table(findings: Sequence[Finding]) -> str:
    """Lay findings out for people."""
    lines = [f"{'part':<12}{'what':<58}{'found':>14}  {'aim':>12}  met"]
    part = ""
    for each in findings:
        aim = "" if each.aim is None else f"{'>=' if each.side == 'least' else '<='} {_shown(each.aim)}"
        met = {None: "", True: "yes", False: "NO"}[each.met]
        name = "" if each.part == part else each.part
        found = f"{_shown(each.value)} {each.unit}".rstrip()
        lines.append(f"{name:<12}{each.what:<58}{found:>14}  {aim:>12}  {met}".rstrip())
        part = each.part
    return "\n".join(lines)


def _shown(value: float) -> str:
    """Three digits of what is small, all of what is large."""
    return f"{value:,.0f}" if abs(value) >= 100 or value == int(value) else f"{value:.3g}"
