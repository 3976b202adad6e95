"""Relations of skills against pairs that people relate: does a skill's list begin with those paired with it?

A pair counts both ways and only where the lexicon knows both skills, in whatever spelling; `coverage` says of
how many pairs that is true. What a neighbour table does not hold is not found, and the baselines are cut to
as many answers.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from itertools import islice

import numpy as np

from embedsvc.text import Lexicon
from indexes import NeighbourTable
from training.evaluation import gold
from training.evaluation.gold import JudgedPair
from training.evaluation.score import Measures, Score, score
from training.evaluation.skills import ItemCosine
from training.evaluation.task import Subject, Task
from training.trainers.cooccurrence import cooccurrences

TASK = "related skills"
_K = 10
_DISCOUNTS = 1.0 / np.log2(np.arange(2, _K + 2))
_RELATIONS = ("similar", "used_with")

Ranking = Callable[[int], Iterable[int]]
"""All answers to the skill of a row, best first; itself perhaps among them."""
Gains = Mapping[int, float]
"""What finding each skill is worth."""


def known_pairs(
    lexicon: Lexicon, pairs: Iterable[JudgedPair]
) -> tuple[dict[int, dict[int, float]], Measures]:
    """Look the skills of pairs up.

    Returns:
        For each known skill what finding each that it is paired with is worth, the greatest weight of the
        pair; and (pairs,) 1 where both skills are known and two, else 0.
    """
    gains: defaultdict[int, dict[int, float]] = defaultdict(dict)
    known = []
    for pair in pairs:
        one, other = lexicon.find(pair.one), lexicon.find(pair.other)
        found = one is not None and other is not None and one.row != other.row
        known.append(float(found))
        if one is not None and other is not None and found and pair.score > 0:
            for row, mate in ((one.row, other.row), (other.row, one.row)):
                gains[row][mate] = max(pair.score, gains[row].get(mate, 0.0))
    return dict(gains), np.array(known)


def ndcg(order: Sequence[int], gains: Gains) -> float:
    """Normalised discounted cumulative gain of the first ten (Jarvelin and Kekalainen 2002), gains linear."""
    found = np.array([gains.get(row, 0.0) for row in order[:_K]])
    ideal = np.sort(list(gains.values()))[::-1][:_K]
    return float(found @ _DISCOUNTS[: len(found)] / (ideal @ _DISCOUNTS[: len(ideal)]))


def average_precision(order: Sequence[int], gains: Gains) -> float:
    """Mean over the skills wanted of the precision at the rank of each; 0 for one that is not found."""
    hits = np.array([row in gains for row in order], np.float64)
    if not hits.any():
        return 0.0
    return float((np.cumsum(hits) / np.arange(1, len(hits) + 1)) @ hits / len(gains))


_METRICS = {"nDCG@10": ndcg, "MAP": average_precision}


def related_skills(
    task: str,
    relations: Mapping[str, tuple[Ranking, int]],
    baselines: Mapping[str, Ranking],
    gains: Mapping[int, Gains],
) -> list[Score]:
    """nDCG@10 and MAP of each relation over the skills asked.

    Args:
        task: Name of the gold file.
        relations: Ranking and how many answers it has at most.
        baselines: Other rankings, cut to as many.
        gains: For each skill asked, what finding others is worth.
    """
    found = []
    for relation, (ranking, width) in relations.items():
        ours = _measured(ranking, width, gains)
        others = {name: _measured(each, width, gains) for name, each in baselines.items()}
        for column, metric in enumerate(_METRICS):
            simple = {name: float(each[:, column].mean()) for name, each in others.items()}
            found.append(score(f"{task}, {relation}", metric, ours[:, column], simple))
    return found


def _measured(ranking: Ranking, width: int, gains: Mapping[int, Gains]) -> Measures:
    """(skills asked, metrics)."""
    rows = []
    for asked, wanted in gains.items():
        order = list(islice((row for row in ranking(asked) if row != asked), width))
        rows.append([measure(order, wanted) for measure in _METRICS.values()])
    return np.array(rows, np.float64)


def _judge(subject: Subject) -> list[Score]:
    release, found = subject.release, list[Score]()
    tables = {name: release.relations[name] for name in _RELATIONS if name in release.relations}
    if not subject.files.skill_pairs or not tables:
        return found
    size = len(release.lexicon)
    (together,), _ = cooccurrences(subject.corpus.skill_rows(release.lexicon), size)
    cosines = ItemCosine(together)
    baselines: dict[str, Ranking] = {
        "random": lambda row: np.random.default_rng([subject.seed, row]).permutation(size).tolist(),
        "popularity": lambda _row: range(size),  # rows of the lexicon, the most used first
        "item cosine": lambda row: cosines.ranked([row]),
    }
    relations = {name: (partial(_row_of, table), table.width) for name, table in tables.items()}
    for name, path in subject.files.skill_pairs.items():
        gains, known = known_pairs(release.lexicon, gold.skill_pairs(path))
        task = f"{TASK}, {name}"
        if gains:
            found += related_skills(task, relations, baselines, gains)
            found.append(score(task, "coverage", known, {}))
    return found


def _row_of(table: NeighbourTable, row: int) -> list[int]:
    found: list[int] = table.row(row)[0].tolist()
    return found


RELATED = Task(TASK, primary="nDCG@10", judge=_judge)
