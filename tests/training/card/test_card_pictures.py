"""Pictures: round ticks, honest scales, labels inside the box that cover no other."""

from __future__ import annotations

import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.training.card.handmade_origin import MEASURED
from tests.training.card.svg_nodes import nodes, tip
from training.card.charts import (
    association_chart,
    bar_chart,
    confused_chart,
    curve_chart,
    histogram_chart,
    interval_mark,
    loss_chart,
    matrix_chart,
)
from training.card.drawing import Drawing, Scale, plain, shortened, text_width, ticks
from training.card.map_figure import NARROW, WIDE, Format, map_chart
from training.card.measured import Curve, Effort, SkillMap


def texts(drawing: Drawing) -> list[tuple[str, float, float, float, float]]:
    """(text, left, top, right, bottom) of every upright text."""
    found = []
    for node in nodes(drawing.alone(), "text"):
        if "transform" in node.attrib:
            continue
        size, x, y = (float(node.attrib[name]) for name in ("font-size", "x", "y"))
        width = text_width(node.text or "", size)
        left = x - {"start": 0.0, "middle": 0.5, "end": 1.0}[node.attrib.get("text-anchor", "start")] * width
        found.append((node.text or "", left, y - size, left + width, y + 0.2 * size))
    return found


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        (0, 1, [0, 0.2, 0.4, 0.6, 0.8, 1]),
        (-0.2, 1, [-0.2, 0, 0.2, 0.4, 0.6, 0.8, 1]),
        (0.838, 1.0, [0.85, 0.9, 0.95, 1.0]),
        (2.4, 5.1, [2.5, 3, 3.5, 4, 4.5, 5]),
        (0, 5, [0, 1, 2, 3, 4, 5]),
    ],
)
def test_ticks_are_round_numbers(low: float, high: float, expected: list[float]) -> None:
    assert ticks(low, high) == pytest.approx(expected)


@given(st.floats(-1e6, 1e6), st.floats(0.001, 1e6))
def test_ticks_lie_inside_and_are_few(low: float, span: float) -> None:
    found = ticks(low, low + span)

    assert len(found) <= 8
    assert all(low - span * 1e-6 <= tick <= low + span * (1 + 1e-6) for tick in found)


def test_scales_put_values_where_they_belong() -> None:
    assert Scale(0, 10, 100, 200)(2.5) == 125
    assert Scale(0, 1, 300, 100)(0.25) == 250
    assert Scale(10, 1_000, 0, 80, log=True)(100) == pytest.approx(40)
    assert Scale(3, 3, 10, 20)(3) == 10


def test_numbers_of_an_axis() -> None:
    assert [plain(value) for value in (0.25, 5.0, 20_000, -0.1)] == ["0.25", "5", "20,000", "-0.1"]


def test_a_long_name_is_cut_with_an_ellipsis() -> None:
    assert shortened("php", 100, 12) == "php"
    cut = shortened("certified information systems auditor", 120, 12)
    assert cut == "certified informati…"
    assert text_width(cut, 12) <= 120


DRAWINGS = {
    "loss": loss_chart(MEASURED.losses[0]),
    "histogram": histogram_chart(MEASURED.histograms[0]),
    "bars": bar_chart("candidates", {"read": 64_471, "held back, test": 3_241, "none": 0}),
}
if MEASURED.curve is not None and MEASURED.bias is not None:
    DRAWINGS |= {"curve": curve_chart(MEASURED.curve), "association": association_chart(MEASURED.bias)}


@pytest.mark.parametrize("name", sorted(DRAWINGS))
def test_no_text_leaves_the_picture(name: str) -> None:
    drawing = DRAWINGS[name]
    for text, left, top, right, bottom in texts(drawing):
        assert left >= -1, text
        assert top >= -1, text
        assert right <= drawing.width + 1, text
        assert bottom <= drawing.height + 1, text


def test_a_bar_is_as_long_as_its_count() -> None:
    drawing = bar_chart("counts", {"all": 200, "half": 100, "none": 0})
    bars = [node for node in nodes(drawing.alone(), "rect") if tip(node)]
    widths = [float(node.attrib["width"]) for node in bars]

    assert widths[1] == pytest.approx(widths[0] / 2, abs=0.2)
    assert widths[2] == 1
    assert [tip(node) for node in bars] == ["all: 200", "half: 100", "none: 0"]


def test_an_interval_lies_where_its_numbers_are() -> None:
    written = interval_mark(0.5, 0.25, 0.75, [0.0]).alone()
    bar = next(node for node in nodes(written, "line") if node.attrib["stroke-width"] == "4")

    assert (float(bar.attrib["x1"]), float(bar.attrib["x2"])) == (48, 132)
    assert [float(node.attrib["cx"]) for node in nodes(written, "circle")] == [90]


def test_a_fast_index_stands_right_of_a_slow_one() -> None:
    fast, slow = (
        Effort(effort=effort, recall=recall, queries_a_second=speed)
        for effort, recall, speed in ((16, 0.9, 50_000), (64, 1.0, 500))
    )
    curve = Curve(backend="annoy", size=9, queries=5, usual=slow, efforts=[fast, slow], exact=100)
    marks = {tip(node): float(node.attrib["cx"]) for node in nodes(curve_chart(curve).alone(), "circle")}

    assert set(marks) == {"as built (64): 1.0000", "16: 0.9000", "64: 1.0000"}
    assert marks["16: 0.9000"] - marks["64: 1.0000"] > 100


def test_a_matrix_shows_every_count_and_says_what_was_taken_for_what() -> None:
    drawing = matrix_chart(["nurse", "developer"], [[8, 2], [0, 5]], "classifier label")
    tips = {node.text for node in nodes(drawing.alone(), "title")}

    assert tips == {
        "nurse called nurse: 8 (80%)",
        "nurse called developer: 2 (20%)",
        "developer called developer: 5 (100%)",
    }
    assert {"8", "2", "5", "nurse", "developer"} <= {text for text, *_ in texts(drawing)}


def test_a_phone_is_shown_the_most_frequent_confusions_first() -> None:
    labels = ["nurse", "developer", "information-technology-and-networks"]
    drawing = confused_chart(labels, [[8, 2, 0], [1, 5, 9], [0, 0, 7]], "most confused")
    bars = [tip(node) for node in nodes(drawing.alone(), "rect") if tip(node)]

    assert bars == ["developer → information-tech…: 9", "nurse → developer: 2", "developer → nurse: 1"]
    assert drawing.width == 390
    assert max(right for *_, right, _ in texts(drawing)) <= 390


def crowded(count: int = 400) -> SkillMap:
    generator = np.random.default_rng(4)
    cluster = generator.integers(0, 14, count)
    hearts = generator.random((14, 2))
    x, y = (hearts[cluster] * 0.8 + 0.2 * generator.random((count, 2))).T
    names = [f"skill number {number} of many" for number in range(count)]
    return SkillMap(
        skills=names,
        candidates=sorted(generator.integers(5, 5_000, count).tolist(), reverse=True),
        x=x.tolist(),
        y=y.tolist(),
        cluster=cluster.tolist(),
        clusters=[[names[each] for each in np.flatnonzero(cluster == number)[:3]] for number in range(14)],
        kept=0.5,
    )


@pytest.mark.parametrize("form", [WIDE, NARROW])
def test_labels_of_a_crowded_map_are_inside_and_cover_no_other(form: Format) -> None:
    drawing = map_chart(crowded(), form)
    boxes = texts(drawing)

    assert len(boxes) > 28
    for text, left, top, right, bottom in boxes:
        assert left >= 0, text
        assert top >= 0, text
        assert right <= form.width, text
        assert bottom <= form.height, text
    for place, (one, left, top, right, bottom) in enumerate(boxes):
        for other, left2, top2, right2, bottom2 in boxes[:place]:
            apart = left >= right2 or left2 >= right or top + 3 >= bottom2 or top2 + 3 >= bottom
            assert apart, (one, other)


def test_seven_colours_in_two_shapes_tell_fourteen_clusters_apart() -> None:
    drawing = map_chart(crowded(), WIDE)
    rims = [node.attrib["stroke"] for node in nodes(drawing.alone(), "rect") if "stroke" in node.attrib]

    assert len(rims) == 14
    assert max(rims.count(color) for color in rims) == 2


def test_colours_are_variables_of_the_theme() -> None:
    written = map_chart(crowded(), WIDE).alone()

    assert "prefers-color-scheme:dark" in written
    assert re.findall(r'(?:fill|stroke)="(?!var\(--|none)', written) == []
