"""A release by hand with two relations, noise floors and counts, whose every answer can be worked out."""

from __future__ import annotations

import numpy as np

from embedsvc.releases.evidence import Evidence
from embedsvc.releases.opening import Release
from embedsvc.spaces import SifEncoder, Space
from embedsvc.spaces.noise_floor import NoiseFloor
from embedsvc.text import Alias, Lexicon, Skill
from indexes import NeighbourTable

NAMES = ["python", "django", "flask", "go", "docker", "kubernetes", "payroll", "salt"]
# Of each skill, neighbours and scores; relatedness of a score s is 2 s - 1 from 0.5 on, see NOISE.
SIMILAR = {0: {1: 0.95, 2: 0.9, 3: 0.6}, 1: {2: 0.97, 0: 0.95}, 3: {0: 0.6}, 4: {5: 0.99}}
USED_WITH = {0: {1: 0.8, 4: 0.3}, 3: {7: 0.6, 4: 0.5, 5: 0.4}, 4: {5: 0.7}}
# Half of random pairs score 0 and one in 10,000 scores 0.8: 0.9 is half way from 0.8 to 1.
NOISE = NoiseFloor(9, 0.2, 0.1, (0.0, 0.2, 0.4, 0.6, 0.8))
NAMED = [50, 20, 10, 8, 16, 12, 4, 3]
TOGETHER = {(0, 1): 20, (0, 2): 4, (0, 4): 8, (3, 4): 2}
LISTS, FLOOR = 100, 4


def small_release(*, noise: bool = True, counted: bool = True) -> Release:
    """`go` and `salt` mostly mean something else; `python` has aliases that no operator may come out of."""
    shares = {"go": 0.01, "salt": 0.001}
    skills = [
        Skill(row, name, name, 100 - 10 * row, shares.get(name, 0.9), 0.9) for row, name in enumerate(NAMES)
    ]
    aliases = [
        Alias("python3", 0, 40, "mined", 0.9, 0.9),
        Alias('py" OR "x', 0, 30, "mined", 0.9, 0.9),
        Alias("Py", 0, 20, "acronym", 0.9, 0.9),
        Alias("python_3", 0, 10, "mined", 0.9, 0.9),
        Alias("python 3", 0, 5, "mined", 0.9, 0.9),
        Alias("NOT python", 0, 4, "user", 0.9, 0.9),
        Alias("golang", 3, 9, "spelling", 0.9, 0.9),
    ]
    relations = {"similar": _table(SIMILAR), "used_with": _table(USED_WITH)}
    words = Space("word2vec", NAMES, np.ones(len(NAMES), np.int64), np.eye(len(NAMES), dtype=np.float32))
    evidence = None
    if counted:
        together = {relation: _together(table) for relation, table in relations.items()}
        evidence = Evidence(LISTS, FLOOR, np.array(NAMED, np.int32), together)
    return Release(
        "small",
        {},
        Lexicon(skills, aliases),
        words,
        SifEncoder.fit(words, []),
        relations,
        None,
        {},
        noise={"similar": NOISE} if noise else None,
        evidence=evidence,
    )


def _table(rows: dict[int, dict[int, float]]) -> NeighbourTable:
    ids, scores = np.full((len(NAMES), 3), -1, np.int32), np.zeros((len(NAMES), 3), np.float32)
    for row, found in rows.items():
        for column, (other, score) in enumerate(found.items()):
            ids[row, column], scores[row, column] = other, score
    return NeighbourTable.from_rows(ids, scores)


def _together(table: NeighbourTable) -> np.ndarray:
    counts = np.zeros(table.ids.shape, np.int32)
    for row, others in enumerate(table.ids.tolist()):
        for column, other in enumerate(others):
            counts[row, column] = TOGETHER.get((row, other), TOGETHER.get((other, row), 0))
    return counts
