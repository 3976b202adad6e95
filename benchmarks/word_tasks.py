"""Word similarity and analogies: how well vectors agree with people, for benchmarks of word spaces."""

from __future__ import annotations

import gzip
import json
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.stats import spearmanr

FREQUENT = 30_000  # words that may answer an analogy
_BATCH = 512

Matrix = npt.NDArray[np.float32]
Measures = npt.NDArray[np.float64]


def judge_words(folder: Path, keys: Sequence[str], vectors: Matrix) -> dict[str, float]:
    """The value of each of `asked_of`'s tasks, rounded."""
    return {task: round(STATISTICS[task](each), 4) for task, each in asked_of(folder, keys, vectors).items()}


def asked_of(folder: Path, keys: Sequence[str], vectors: Matrix) -> dict[str, Measures]:
    """What vectors answer on the tasks of a folder; pairs and questions with an unknown word are left out.

    Args:
        folder: Holds `eval_wordsim_<name>.jsonl.gz` ({"w1", "w2", "score"}) and `eval_analogies.jsonl.gz`
            ({"a", "b", "c", "d"}: a is to b as c is to d).
        keys: The most frequent first.
        vectors: (keys, dimension)

    Returns:
        By name, (pairs, 2) cosines and people's scores, whose statistic is Spearman's correlation; and for
        `analogies` (questions,) 1 for each that is answered rightly (3CosAdd, Mikolov et al. 2013), of those
        whose words are all frequent.
    """
    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    rows = {key: row for row, key in enumerate(keys)}
    answers = {
        path.name.removeprefix("eval_wordsim_").removesuffix(".jsonl.gz"): _similarity(path, rows, unit)
        for path in sorted(folder.glob("eval_wordsim_*.jsonl.gz"))
    }
    analogies = folder / "eval_analogies.jsonl.gz"
    if analogies.exists():
        answers["analogies"] = _analogies(analogies, rows, unit[:FREQUENT])
    return answers


def _correlation(answers: Measures) -> float:
    return float(spearmanr(answers[:, 0], answers[:, 1]).statistic)


STATISTICS: defaultdict[str, Callable[[Measures], float]] = defaultdict(
    lambda: _correlation, analogies=lambda answers: float(answers.mean())
)


def _records(path: Path) -> Iterator[dict[str, Any]]:
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        yield from map(json.loads, lines)


def _similarity(path: Path, rows: dict[str, int], unit: Matrix) -> Measures:
    found = [
        (float(unit[rows[one]] @ unit[rows[other]]), float(each["score"]))
        for each in _records(path)
        if (one := each["w1"].lower()) in rows and (other := each["w2"].lower()) in rows
    ]
    return np.array(found).reshape(-1, 2)


def _analogies(path: Path, rows: dict[str, int], unit: Matrix) -> Measures:
    questions = [[rows.get(each[side].lower(), len(unit)) for side in "abcd"] for each in _records(path)]
    asked = np.array([question for question in questions if max(question) < len(unit)])
    right = []
    for start in range(0, len(asked), _BATCH):
        a, b, c, d = asked[start : start + _BATCH].T
        scores = (unit[b] - unit[a] + unit[c]) @ unit.T
        for given in (a, b, c):
            scores[np.arange(len(a)), given] = -np.inf
        right.append(scores.argmax(axis=1) == d)
    return np.concatenate(right).astype(np.float64)
