"""The card tells what was tried for an index that was asked to hold a recall."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from indexes.tuning import Trial, Tuning
from tests.training.card.handmade_origin import ORIGIN
from tests.training.card.svg_nodes import nodes
from training.card import compose, markdown
from training.card.front import Point, front_chart


def trial(microseconds: float, recall: float, **facts: Any) -> Trial:
    usual: dict[str, Any] = {
        "backend": "faiss_factory",
        "args": {"factory": "IVF90,SQ8", "probes": 4, "refine": 2},
        "rows": 4321,
        "margin": 0.004,
        "bytes": 1_500_000,
        "build_seconds": 2.25,
    }
    return Trial(**(usual | facts), microseconds=microseconds, recall=recall)


SAMPLED = trial(10.0, 0.99, rows=1_000)
FAILED = trial(20.0, 0.9, args={"factory": "IVF90,SQ8", "probes": 2, "refine": 2})
HELD = trial(40.0, 0.97, final=True)
EXACT = trial(500.0, 1.0, backend="exact", args={"block": 512}, margin=0.0, bytes=2_000_000, final=True)
TUNING = Tuning(0.95, 10, None, 4321, 32, "cosine", 800, HELD, [SAMPLED, EXACT, FAILED, HELD])


def test_the_card_says_what_was_tried_and_chosen() -> None:
    card = compose(replace(ORIGIN, metrics={**ORIGIN.metrics, "index": TUNING.as_json()}))
    text = markdown(card)
    assert "4 settings were tried for a recall of 0.95, on 800 queries held back for this alone" in text
    assert "Chosen: `IVF90,SQ8`, which finds 97.0% (by chance up to 0.4% too much) in 40 microseconds" in text
    assert "tried on a sample alone is not drawn" in text
    rows = [[cell.strip() for cell in line.strip("| ").split("|")] for line in text.splitlines()]
    assert ["IVF90,SQ8, refine 2 (chosen)", "4", "0.9700", "40", "1.5", "2.2"] in rows
    assert ["exact", "all", "1.0000", "500", "2.0", "2.2"] in rows
    assert len([row for row in rows if row[0].startswith("IVF90")]) == 1
    assert [figure.name for figure in card.figures()].count("tuning") == 1


def test_an_index_that_was_not_tuned_says_nothing_of_it() -> None:
    assert "settings were tried" not in markdown(compose(ORIGIN))


def test_a_point_lies_where_its_numbers_are() -> None:
    points = [Point(1_000.0, 0.9, "a"), Point(100.0, 1.0, "b"), Point(10.0, 0.2, "left out")]
    drawing = front_chart({"graph": points, "none": points[2:]}, 0.95, points[1])
    found = drawing.alone()
    tips = [node.text for node in nodes(found, "title")]
    assert tips == ["graph: a", "graph: b", "chosen: b"]
    first, second, _ = (
        (float(node.attrib["cx"]), float(node.attrib["cy"])) for node in nodes(found, "circle")
    )  # and that of the legend
    assert first[0] > second[0]
    assert first[1] > second[1]
    texts = [node.text for node in nodes(found, "text")]
    assert {"asked for: 0.95", "chosen", "graph"} <= set(texts)
    assert "none" not in texts


@pytest.mark.parametrize("content", [[], {}, {"format": 1}, {"format": 1, "chosen": {}, "trials": [3]}])
def test_what_is_no_record_is_refused(content: Any) -> None:
    with pytest.raises(ValueError, match=r"not of format|missing or strange"):
        Tuning.from_json(content)


def test_more_curves_than_hues_are_told_apart():
    curves = {f"way {number}": [Point(10.0 + number, 0.9, ""), Point(5.0, 0.99, "")] for number in range(9)}
    paths = nodes(front_chart(curves, 0.95).alone(), "path")
    looks = [
        (node.attrib["stroke"], node.get("stroke-dasharray")) for node in paths if "stroke" in node.attrib
    ]
    assert len(set(looks)) == len(looks) == 9
