"""Charts of one axis system: curves, histograms, bars, intervals."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from training.card.drawing import Drawing, Scale, plain, shortened, text_width, ticks
from training.card.measured import Bias, Curve, Histogram, Loss

WIDTH = 460
_HEIGHT = 290
_LEFT, _RIGHT, _TOP, _BOTTOM = 52, 26, 34, 46


def loss_chart(loss: Loss) -> Drawing:
    """One training curve."""
    drawing = Drawing(WIDTH, _HEIGHT, f"Training loss of {loss.space}")
    xs, ys = zip(*loss.points, strict=True)
    pad = (max(ys) - min(ys)) * 0.12 or 0.1
    x, y = _axes(
        drawing, (min(xs), max(xs)), (min(ys) - pad, max(ys) + pad), f"{loss.space}: loss", loss.unit
    )
    drawing.path([(x(at), y(value)) for at, value in loss.points], "c0")
    if len(loss.points) <= 30:
        for at, value in loss.points:
            drawing.mark(x(at), y(value), 3.2, "c0", tip=f"{value:.4f}")
    # The curve comes from above, so its last value stands below its end.
    drawing.text(x(xs[-1]), y(ys[-1]) + 18, f"{ys[-1]:.3f}", 13, anchor="end", style="halo", weight=600)
    return drawing


def histogram_chart(histogram: Histogram) -> Drawing:
    """Random pairs against neighbours, and the cosine that 95 % of the random pairs stay below."""
    drawing = Drawing(WIDTH, _HEIGHT, f"Similarities of {histogram.space}: random pairs against neighbours")
    most = max(*histogram.random, *histogram.near)
    title = f"{histogram.space}: cosine similarity"
    x, y = _axes(drawing, (histogram.low, histogram.high), (0, most * 1.12), title, "cosine", shares=True)
    step = (histogram.high - histogram.low) / len(histogram.random)
    for shares, color in ((histogram.random, "c1"), (histogram.near, "c0")):
        outline = [(x(histogram.low), y(0))]
        for place, share in enumerate(shares):
            left = histogram.low + place * step
            outline += [(x(left), y(share)), (x(left + step), y(share))]
        outline.append((x(histogram.high), y(0)))
        drawing.area(outline, color, 0.35)
        drawing.path(outline, color, 1.6)
    floor = x(histogram.floor)
    drawing.line(floor, y(0), floor, _TOP, "ink", 1.2, "4 3")
    # On whichever side of its line there is more room.
    side, shift = ("end", -6) if floor > WIDTH * 0.6 else ("start", 6)
    drawing.text(
        floor + shift, _TOP + 11, f"95 % of noise: {histogram.floor:.2f}", 12, anchor=side, style="halo"
    )
    _legend(drawing, {"random pairs": "c1", "neighbours": "c0"})
    return drawing


def curve_chart(curve: Curve) -> Drawing:
    """Recall@10 against queries a second, logarithmic; the usual effort is larger and of another colour."""
    drawing = Drawing(WIDTH, _HEIGHT, "Recall against speed of the candidates index")
    points = [*curve.efforts, curve.usual]
    speeds = [*(point.queries_a_second for point in points), curve.exact]
    lowest = min(point.recall for point in points)
    low, high = min(speeds) / 1.25, max(speeds) * 1.25
    bottom = min(lowest - (1 - lowest) * 0.15, 0.995)
    top, unit = 1 + (1 - bottom) * 0.13, "queries a second, one thread"
    x, y = _axes(drawing, (low, high), (bottom, top), "recall@10", unit, log=True)
    drawing.line(x(low), y(1), x(high), y(1), "muted", 1, "2 3")
    drawing.path([(x(point.queries_a_second), y(point.recall)) for point in curve.efforts], "c0")
    taken = [(x(curve.exact) - 18.0, y(1) - 24.0, x(curve.exact) + 18.0, y(1) + 3.0)]
    for place, point in enumerate((curve.usual, *curve.efforts)):
        at, height, usual = x(point.queries_a_second), y(point.recall), place == 0
        label = f"as built{f' ({point.effort})' if point.effort else ''}" if usual else str(point.effort)
        drawing.mark(
            at, height, 5 if usual else 3, "c1" if usual else "c0", tip=f"{label}: {point.recall:.4f}"
        )
        weight = 600 if usual else 400
        width = text_width(label, 12) * (1.17 if usual else 1)
        # Left below its point, which a falling curve leaves free; the one that matters may stand right of it.
        for left in (at - width - 7, at + 5)[: 1 + usual]:
            box = (left - 3, height + 2, left + width + 4, height + 19)
            inside = box[0] > _LEFT and box[2] < WIDTH and box[3] < _HEIGHT - _BOTTOM
            if inside and not any(_overlap(box, other) for other in taken):
                drawing.text(left, height + 16, label, 12, style="halo", weight=weight)
                taken.append(box)
                break
    drawing.mark(x(curve.exact), y(1), 4.5, "c2", 2, tip="exact search")
    drawing.text(x(curve.exact), y(1) - 9, "exact", 12, anchor="middle", style="halo")
    return drawing


def association_chart(bias: Bias, shown: int = 24) -> Drawing:
    """The occupations that lean most to either side, beside the range of random words."""
    strongest = sorted(bias.occupations.items(), key=lambda item: -abs(item[1]))[:shown]
    rows = sorted(strongest, key=lambda item: item[1])
    step, top, bottom = 19, 54, 36
    drawing = Drawing(
        WIDTH, top + bottom + step * len(rows), "Association of occupations with gendered words"
    )
    reach = 1.1 * max(*(abs(value) for _, value in rows), abs(bias.low), abs(bias.high), 0.01)
    left = 24 + max(text_width(name, 13) for name, _ in rows)
    x = Scale(-reach, reach, left, WIDTH - _RIGHT)
    end = top + step * len(rows)
    drawing.text(0, 15, "occupations and gendered words", 14, weight=600)
    drawing.text(x(-reach), 40, "← nearer to female words", 12, style="m")
    drawing.text(WIDTH - _RIGHT, 40, "nearer to male words →", 12, anchor="end", style="m")
    drawing.rect(x(bias.low), top, x(bias.high) - x(bias.low), end - top, "shade", tip="95 % of random words")
    drawing.line(x(0), top, x(0), end, "muted")
    for place, (name, value) in enumerate(rows):
        middle = top + step * (place + 0.5)
        drawing.text(left - 12, middle + 4.5, name, 13, anchor="end")
        begin, finish = sorted((x(0), x(value)))
        color = "c4" if value < 0 else "c0"
        drawing.rect(begin, middle - 5.5, finish - begin, 11, color, tip=f"{name} {value:+.3f}")
    for tick in ticks(-reach, reach, 6):
        drawing.text(x(tick), end + 17, plain(tick), 12, anchor="middle", style="m")
    return drawing


def bar_chart(title: str, bars: Mapping[str, int], width: float = 500) -> Drawing:
    """Counts as bars from the left, each with its number."""
    step, top = 28, 30
    drawing = Drawing(width, top + step * len(bars) + 4, title)
    drawing.text(0, 15, title, 14, weight=600)
    left = 12 + max(text_width(name, 13) for name in bars)
    room = max(text_width(f"{count:,}", 13) for count in bars.values()) + 12
    x = Scale(0, max(*bars.values(), 1), left, width - room)
    for place, (name, count) in enumerate(bars.items()):
        y = top + step * place
        drawing.text(left - 10, y + 15, name, 13, anchor="end")
        drawing.rect(left, y + 2, max(x(count) - left, 1), 18, "c0", tip=f"{name}: {count:,}")
        drawing.text(x(count) + 6, y + 15, f"{count:,}", 13, weight=600)
    return drawing


def interval_mark(value: float, low: float, high: float, baselines: Sequence[float]) -> Drawing:
    """A score between 0 and 1 with its interval, and its baselines as diamonds."""
    drawing = Drawing(180, 22, f"{value:.3f}, 95 % interval {low:.3f} to {high:.3f}")
    x = Scale(0, 1, 6, 174)
    drawing.line(6, 11, 174, 11, "line", 1)
    for tick in (0, 0.5, 1):
        drawing.line(x(tick), 7, x(tick), 15, "line", 1)
    for baseline in baselines:
        drawing.mark(x(_within(baseline)), 11, 3.6, "c4", 2, tip=f"baseline {baseline:.3f}")
    drawing.line(x(_within(low)), 11, x(_within(high)), 11, "c0", 4)
    drawing.mark(x(_within(value)), 11, 4.4, "c0", tip=f"{value:.3f}")
    return drawing


def matrix_chart(labels: Sequence[str], counts: Sequence[Sequence[int]], title: str) -> Drawing:
    """A confusion matrix: rows are the truth, columns what was said, darker is a greater share of the row."""
    size = len(labels)
    cell = max(20.0, min(46.0, 560 / size))
    names = [shortened(label, 190, 12) for label in labels]
    left = 16 + max(text_width(name, 12) for name in names)
    drawing = Drawing(left + cell * size + 24, 34 + cell * size + left, title)
    drawing.text(0, 15, title, 14, weight=600)
    font = 12 if cell >= 30 else 9.5
    for row, label in enumerate(labels):
        total, y = max(1, sum(counts[row])), 30 + cell * row
        drawing.text(left - 8, y + cell / 2 + 4, names[row], 12, anchor="end")
        drawing.text(left + cell * (row + 0.5) + 4, 40 + cell * size, names[row], 12, anchor="end", turn=True)
        for column, count in enumerate(counts[row]):
            share, x = count / total, left + cell * column
            tip = f"{label} called {labels[column]}: {count:,} ({share:.0%})"
            drawing.rect(x, y, cell - 1, cell - 1, "shade")
            if count:
                drawing.rect(x, y, cell - 1, cell - 1, "c0", 0.12 + 0.88 * share, tip=tip)
                # On a full cell the paper's colour reads best, on a pale one the ink's.
                color = "paper" if share > 0.55 else "ink"
                drawing.text(
                    x + cell / 2 - 0.5, y + cell / 2 + 4, str(count), font, anchor="middle", color=color
                )
    return drawing


def confused_chart(
    labels: Sequence[str], counts: Sequence[Sequence[int]], title: str, most: int = 12
) -> Drawing:
    """The most frequent confusions as bars, for small screens: the right label, then the one given."""
    pairs = [
        (count, f"{shortened(labels[row], 120, 13)} → {shortened(labels[column], 120, 13)}")
        for row, counted in enumerate(counts)
        for column, count in enumerate(counted)
        if count and row != column
    ]
    leading = sorted(pairs, key=lambda pair: -pair[0])[:most]
    return bar_chart(title, {name: count for count, name in leading} or {"none": 0}, 390)


def _axes(
    drawing: Drawing,
    across: tuple[float, float],
    upwards: tuple[float, float],
    title: str,
    unit: str,
    *,
    log: bool = False,
    shares: bool = False,
) -> tuple[Scale, Scale]:
    """Title, grid and numbers; the two scales."""
    x = Scale(*across, _LEFT, drawing.width - _RIGHT, log)
    y = Scale(*upwards, drawing.height - _BOTTOM, _TOP)
    drawing.text(0, 15, title, 14, weight=600)
    as_text: Callable[[float], str] = (lambda value: f"{value:.0%}") if shares else plain
    for tick in ticks(*upwards, 5):
        drawing.line(_LEFT, y(tick), drawing.width - _RIGHT, y(tick))
        drawing.text(_LEFT - 7, y(tick) + 4, as_text(tick), 12, anchor="end", style="m")
    places = _powers(*across) if log else ticks(*across)
    for tick in places:
        drawing.line(x(tick), drawing.height - _BOTTOM, x(tick), drawing.height - _BOTTOM + 4, "muted")
        drawing.text(x(tick), drawing.height - _BOTTOM + 18, plain(tick), 12, anchor="middle", style="m")
    drawing.line(_LEFT, drawing.height - _BOTTOM, drawing.width - _RIGHT, drawing.height - _BOTTOM, "muted")
    middle = (_LEFT + drawing.width - _RIGHT) / 2
    drawing.text(middle, drawing.height - 8, unit, 12, anchor="middle", style="m")
    return x, y


def _powers(low: float, high: float) -> list[float]:
    """1, 2 and 5 times the powers of ten between `low` and `high`; the powers alone where many."""
    found = [digit * 10.0**power for power in range(-3, 9) for digit in (1, 2, 5)]
    inside = [value for value in found if low <= value <= high]
    return inside if len(inside) <= 6 else [value for value in inside if str(value).startswith("1")]


def _legend(drawing: Drawing, names: Mapping[str, str]) -> None:
    right = drawing.width - _RIGHT
    for name, color in reversed(list(names.items())):
        width = text_width(name, 12)
        drawing.text(right, 15, name, 12, anchor="end")
        drawing.rect(right - width - 14, 5, 10, 10, color, 0.7)
        right -= width + 26


def _overlap(one: tuple[float, ...], other: tuple[float, ...]) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def _within(value: float) -> float:
    return min(1.0, max(0.0, value))
