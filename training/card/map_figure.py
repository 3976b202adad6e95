"""The map of skills as a drawing: dots coloured by cluster, labels that never overlap."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product
from typing import NamedTuple

import numpy as np

from training.card.drawing import HUES, Drawing, Scale, shortened, text_width
from training.card.measured import SkillMap


class Format(NamedTuple):
    """How a map is drawn: its box, how many skills, sizes of the letters, the longest label in pixels."""

    width: float
    height: float
    skills: int
    labels: int
    cluster_size: float
    skill_size: float
    longest: float


WIDE = Format(1080, 780, 1_200, 110, 14, 12, 220)
NARROW = Format(390, 600, 500, 24, 12, 11.5, 130)
_MARGIN = 14

Box = tuple[float, float, float, float]


def map_chart(skills: SkillMap, form: Format) -> Drawing:
    """The map in a format; a dot's size tells how many candidates name the skill."""
    drawing = Drawing(form.width, form.height, "Map of the most used skills, coloured by cluster")
    count = min(form.skills, len(skills.skills))
    across = Scale(0, 1, _MARGIN, form.width - _MARGIN)
    upwards = Scale(0, 1, form.height - _MARGIN, _MARGIN)
    places = [(across(x), upwards(y)) for x, y in zip(skills.x, skills.y, strict=True)]
    looks = _looks(skills)
    most = max(skills.candidates)
    for number in reversed(range(count)):  # the most used on top
        color, shape = looks[skills.cluster[number]]
        radius = 2.2 + 4.0 * (skills.candidates[number] / most) ** 0.5
        tip = f"{skills.skills[number]}: {skills.candidates[number]:,} candidates"
        drawing.mark(*places[number], radius, f"c{color}", shape, tip if form is WIDE else "")
    taken: list[Box] = []
    for cluster, names in enumerate(skills.clusters):
        _name_cluster(drawing, form, taken, _heart(skills, places, cluster), names, looks[cluster])
    named = {name for names in skills.clusters for name in names}
    shown = [number for number in range(count) if skills.skills[number] not in named][: form.labels]
    for number in shown:
        text = shortened(skills.skills[number], form.longest, form.skill_size)
        box = _free(places[number], text_width(text, form.skill_size), form.skill_size, form, taken)
        if box is not None:
            taken.append(box)
            drawing.text(box[0] + 2, box[3] - 3, text, form.skill_size, style="halo")
    return drawing


def _name_cluster(
    drawing: Drawing,
    form: Format,
    taken: list[Box],
    place: tuple[float, float],
    names: Sequence[str],
    look: tuple[int, int],
) -> None:
    """A cluster's most used skills, one a line, in a box with its mark that covers no other."""
    size = form.cluster_size
    lines = [shortened(name, form.longest, size) for name in names[: 2 if form is NARROW else 3]]
    step, mark = size + 3, size * 0.3
    width = max(text_width(line, size) for line in lines) * 1.17 + 14 + 3 * mark
    box = _around(place, width, step * len(lines) + 6, form, taken)
    if box is None:
        return
    taken.append(box)
    color = f"c{look[0]}"
    drawing.rect(box[0], box[1], box[2] - box[0], box[3] - box[1], "paper", 0.84, edge=color)
    drawing.mark(box[0] + 6 + mark, box[1] + step / 2 + 2, mark, color, look[1])
    for number, line in enumerate(lines):
        drawing.text(box[0] + 9 + 3 * mark, box[1] + step * (number + 1) - 1, line, size, weight=650)


def _looks(skills: SkillMap) -> list[tuple[int, int]]:
    """(colour, shape) of each cluster: none twice, and never one colour for clusters that touch."""
    hearts = [
        _heart(skills, list(zip(skills.x, skills.y, strict=True)), c) for c in range(len(skills.clusters))
    ]
    looks: list[tuple[int, int]] = []
    for cluster, heart in enumerate(hearts):
        free = [look for look in product(range(HUES), range(3)) if look not in looks]
        used = [shape for _, shape in looks]
        shape = min(range(3), key=lambda each: (used.count(each) >= HUES, each))

        def distance(
            look: tuple[int, int], heart: tuple[float, float] = heart, before: int = cluster
        ) -> float:
            same = [hearts[other] for other in range(before) if looks[other][0] == look[0]]
            return min((float(np.hypot(x - heart[0], y - heart[1])) for x, y in same), default=9.0)

        looks.append(
            max((look for look in free if look[1] == shape), key=lambda look: (distance(look), -look[0]))
        )
    return looks


def _heart(skills: SkillMap, places: Sequence[tuple[float, float]], cluster: int) -> tuple[float, float]:
    """Where a cluster is at home: the median of its skills."""
    inside = np.array([place for place, each in zip(places, skills.cluster, strict=True) if each == cluster])
    x, y = np.median(inside, axis=0)
    return float(x), float(y)


def _around(
    place: tuple[float, float], width: float, height: float, form: Format, taken: Sequence[Box]
) -> Box | None:
    """The free box nearest to being centred on `place`."""
    steps = [(0.0, 0.0)]
    for ring in range(1, 60):
        reach = 9.0 * ring
        steps += [(reach * np.cos(turn) * 1.4, reach * np.sin(turn)) for turn in np.linspace(0, 6.28, 16)]
    for right, down in steps:
        x = min(max(place[0] + right - width / 2, 2), form.width - width - 2)
        y = min(max(place[1] + down - height / 2, 2), form.height - height - 2)
        box = (x, y, x + width, y + height)
        if not any(_overlap(box, other) for other in taken):
            return box
    return None


def _free(
    place: tuple[float, float], width: float, size: float, form: Format, taken: Sequence[Box]
) -> Box | None:
    """A box beside, above or below a dot that lies inside the map and covers no other label."""
    for x, y in _beside(place, width, size):
        box = (x - 2, y, x + width + 3, y + size + 3)
        inside = x >= 2 and y >= 2 and box[2] <= form.width - 2 and box[3] <= form.height - 2
        if inside and not any(_overlap(box, other) for other in taken):
            return box
    return None


def _beside(place: tuple[float, float], width: float, size: float) -> Iterator[tuple[float, float]]:
    x, y = place
    yield x + 7, y - size / 2 - 2
    yield x - 7 - width, y - size / 2 - 2
    yield x - width / 2, y - size - 9
    yield x - width / 2, y + 6


def _overlap(one: Box, other: Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]
