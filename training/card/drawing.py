"""SVG by hand: a drawing of a fixed size whose colours follow the reader's theme, with no script.

Our own, for a page that needs nothing else: plotting libraries write one theme, fonts as paths or pictures,
and weigh more than all of training.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from html import escape
from typing import NamedTuple

# Okabe and Ito's palette without yellow, which is hard to see on white, and with ink for black.
HUES = 7
_LIGHT = {
    "paper": "#ffffff", "ink": "#1f2328", "muted": "#59636e", "line": "#d1d9e0", "shade": "#f3f5f8",
    "c0": "#0072b2", "c1": "#d55e00", "c2": "#009e73", "c3": "#cc79a7", "c4": "#e69f00", "c5": "#56b4e9",
    "c6": "#3c3f44",
}  # fmt: skip
_DARK = {
    "paper": "#0d1117", "ink": "#e6edf3", "muted": "#9aa4af", "line": "#3a424c", "shade": "#1a2029",
    "c0": "#3d9bd6", "c1": "#f07f36", "c2": "#1fb98c", "c3": "#dd94bb", "c4": "#edb233", "c5": "#7cc6f2",
    "c6": "#c4cad2",
}  # fmt: skip
_WIDE, _NARROW = set("mwMW@%&—"), set("iljtfrI.,:;'|!()[] -")


def theme() -> str:
    """The colours as CSS variables of the root, for light and dark."""
    light, dark = (";".join(f"--{name}:{value}" for name, value in each.items()) for each in (_LIGHT, _DARK))
    return f":root{{color-scheme:light dark;{light}}}@media(prefers-color-scheme:dark){{:root{{{dark}}}}}"


FIGURE_STYLE = (
    "svg.fig{font-family:system-ui,-apple-system,'Segoe UI',Roboto,'DejaVu Sans',sans-serif}"
    "svg.fig text{fill:var(--ink)}svg.fig .m{fill:var(--muted)}"
    "svg.fig .halo{paint-order:stroke;stroke:var(--paper);stroke-width:3px;stroke-linejoin:round}"
)


def text_width(text: str, size: float) -> float:
    """About how wide a text is in a sans-serif font; a little too much rather than too little."""
    units = sum(
        0.92 if sign in _WIDE else 0.36 if sign in _NARROW else 0.72 if sign.isupper() else 0.6
        for sign in text
    )
    return units * size


def shortened(text: str, most: float, size: float) -> str:
    """`text`, cut with an ellipsis to be at most so wide."""
    if text_width(text, size) <= most:
        return text
    while text and text_width(f"{text}…", size) > most:
        text = text[:-1]
    return f"{text.rstrip()}…"


class Scale(NamedTuple):
    """Values to pixels; `low` may lie right of or below `high`."""

    low: float
    high: float
    start: float
    end: float
    log: bool = False

    def __call__(self, value: float) -> float:
        """Where `value` lies."""
        low, high = self.low, self.high
        if self.log:
            low, high, value = math.log10(low), math.log10(high), math.log10(value)
        return self.start + (value - low) / ((high - low) or 1.0) * (self.end - self.start)


def ticks(low: float, high: float, most: int = 6) -> list[float]:
    """Round numbers between `low` and `high`, at most about `most`."""
    span = (high - low) or 1.0
    power = 10.0 ** math.floor(math.log10(span / most))
    step = next(step * power for step in (1, 2, 2.5, 5, 10) if span / (step * power) <= most)
    first = math.ceil(low / step - 1e-9)
    return [round(number * step, 10) for number in range(first, math.floor(high / step + 1e-9) + 1)]


def plain(value: float) -> str:
    """A number as an axis shows it."""
    if abs(value) >= 1_000:
        return f"{value:,.0f}"
    return f"{value:g}"


class Drawing:
    """Elements in a box of `width` by `height`; coordinates in pixels from the top left.

    Args:
        width: Of the box.
        height: Of the box.
        title: What a screen reader says.
    """

    def __init__(self, width: float, height: float, title: str) -> None:
        self.width, self.height, self.title = width, height, title
        self._elements: list[str] = []

    def line(
        self,
        x1: float,
        y1: float,
        x2: float,
        y2: float,
        color: str = "line",
        width: float = 1,
        dash: str = "",
    ) -> None:
        """A straight line."""
        dashed = f' stroke-dasharray="{dash}"' if dash else ""
        self._elements.append(
            f'<line x1="{_n(x1)}" y1="{_n(y1)}" x2="{_n(x2)}" y2="{_n(y2)}" '
            f'stroke="var(--{color})" stroke-width="{_n(width)}"{dashed}/>'
        )

    def rect(
        self,
        x: float,
        y: float,
        width: float,
        height: float,
        color: str,
        opacity: float = 1,
        tip: str = "",
        edge: str = "",
    ) -> None:
        """A filled box; `edge` is the colour of its rim."""
        rim = f'rx="4" stroke="var(--{edge})" stroke-width="1.5"' if edge else 'rx="1"'
        size = f'width="{_n(max(width, 0))}" height="{_n(max(height, 0))}"'
        shape = f'<rect x="{_n(x)}" y="{_n(y)}" {size} {rim}'
        self._fill(shape, "rect", color, opacity, tip)

    def path(
        self, points: Sequence[tuple[float, float]], color: str, width: float = 2, dash: str = ""
    ) -> None:
        """Points joined by lines."""
        steps = "L".join(f"{_n(x)} {_n(y)}" for x, y in points)
        dashed = f' stroke-dasharray="{dash}"' if dash else ""
        self._elements.append(
            f'<path d="M{steps}" fill="none" stroke="var(--{color})" stroke-width="{_n(width)}" '
            f'stroke-linejoin="round"{dashed}/>'
        )

    def area(self, points: Sequence[tuple[float, float]], color: str, opacity: float) -> None:
        """A filled outline."""
        steps = "L".join(f"{_n(x)} {_n(y)}" for x, y in points)
        self._fill(f'<path d="M{steps}Z"', "path", color, opacity, "")

    def mark(self, x: float, y: float, radius: float, color: str, shape: int = 0, tip: str = "") -> None:
        """A dot (shape 0), a square (1) or a diamond (2)."""
        if shape == 0:
            self._fill(f'<circle cx="{_n(x)}" cy="{_n(y)}" r="{_n(radius)}"', "circle", color, 1, tip)
            return
        r = radius * (0.9 if shape == 1 else 1.25)
        square = f"M{_n(x - r)} {_n(y - r)}h{_n(2 * r)}v{_n(2 * r)}h{_n(-2 * r)}Z"
        diamond = f"M{_n(x)} {_n(y - r)}l{_n(r)} {_n(r)}l{_n(-r)} {_n(r)}l{_n(-r)} {_n(-r)}Z"
        self._fill(f'<path d="{square if shape == 1 else diamond}"', "path", color, 1, tip)

    def text(
        self,
        x: float,
        y: float,
        text: str,
        size: float = 13,
        *,
        anchor: str = "start",
        style: str = "",
        weight: int = 400,
        color: str = "",
        turn: bool = False,
    ) -> None:
        """A line of text on the baseline `y`; `style` is of FIGURE_STYLE; `turn` reads upwards."""
        attributes = [f'x="{_n(x)}" y="{_n(y)}" font-size="{_n(size)}"']
        attributes += [f'text-anchor="{anchor}"'] * (anchor != "start")
        attributes += [f'class="{style}"'] * bool(style) + [f'font-weight="{weight}"'] * (weight != 400)
        attributes += [f'style="fill:var(--{color})"'] * bool(color)
        attributes += [f'transform="rotate(-90 {_n(x)} {_n(y)})"'] * turn
        self._elements.append(f"<text {' '.join(attributes)}>{escape(text, quote=False)}</text>")

    def _fill(self, shape: str, tag: str, color: str, opacity: float, tip: str) -> None:
        faint = f' fill-opacity="{_n(opacity)}"' if opacity != 1 else ""
        told = f"><title>{escape(tip, quote=False)}</title></{tag}>" if tip else "/>"
        self._elements.append(f'{shape} fill="var(--{color})"{faint}{told}')

    def inline(self) -> str:
        """For a page that has `theme` and FIGURE_STYLE; drawn hardly larger than it was made for."""
        return self._svg(f' style="max-width:{self.width * 1.2:.0f}px"', "")

    def alone(self) -> str:
        """A file of its own, on its own paper."""
        paper = '<rect width="100%" height="100%" fill="var(--paper)"/>'
        size = f' width="{_n(self.width)}" height="{_n(self.height)}"'
        return self._svg(size, f"<style>{theme()}{FIGURE_STYLE}</style>{paper}") + "\n"

    def _svg(self, size: str, head: str) -> str:
        named = escape(self.title)
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" class="fig"{size} '
            f'viewBox="0 0 {_n(self.width)} {_n(self.height)}" role="img" aria-label="{named}">'
            f"{head}{''.join(self._elements)}</svg>"
        )


def _n(value: float) -> str:
    """A coordinate, to a tenth of a pixel or a hundredth below one."""
    return f"{round(value, 2 if abs(value) < 1 else 1):g}" if abs(value) < 1e5 else f"{value:.0f}"
