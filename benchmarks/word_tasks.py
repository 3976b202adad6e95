"""Word similarity and analogies: how well vectors agree with people, for benchmarks of word spaces."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.stats import spearmanr

FREQUENT = 30_000  # words that may answer an analogy
_BATCH = 512

Matrix = npt.NDArray[np.float32]


def judge_words(folder: Path, keys: Sequence[str], vectors: Matrix) -> dict[str, float]:
    """Score vectors on the tasks of a folder; pairs and questions with an unknown word are left out.

    Args:
        folder: Holds `eval_wordsim_<name>.jsonl.gz` ({"w1", "w2", "score"}) and `eval_analogies.jsonl.gz`
            ({"a", "b", "c", "d"}: a is to b as c is to d).
        keys: The most frequent first.
        vectors: (keys, dimension)

    Returns:
        Spearman's correlation by name, and the share of right `analogies` (3CosAdd, Mikolov et al. 2013)
        among those whose words are all frequent.
    """
    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    rows = {key: row for row, key in enumerate(keys)}
    scores = {
        path.name.removeprefix("eval_wordsim_").removesuffix(".jsonl.gz"): _similarity(path, rows, unit)
        for path in sorted(folder.glob("eval_wordsim_*.jsonl.gz"))
    }
    analogies = folder / "eval_analogies.jsonl.gz"
    if analogies.exists():
        scores["analogies"] = _analogies(analogies, rows, unit[:FREQUENT])
    return scores


def _records(path: Path) -> Iterator[dict[str, Any]]:
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        yield from map(json.loads, lines)


def _similarity(path: Path, rows: dict[str, int], unit: Matrix) -> float:
    records = [
        (rows.get(each["w1"].lower()), rows.get(each["w2"].lower()), each["score"]) for each in _records(path)
    ]
    known = [each for each in records if None not in each]
    found = [float(unit[one] @ unit[other]) for one, other, _ in known]
    return round(float(spearmanr(found, [score for *_, score in known]).statistic), 4)


def _analogies(path: Path, rows: dict[str, int], unit: Matrix) -> float:
    questions = [[rows.get(each[side].lower(), len(unit)) for side in "abcd"] for each in _records(path)]
    asked = np.array([question for question in questions if max(question) < len(unit)])
    right = 0
    for start in range(0, len(asked), _BATCH):
        a, b, c, d = asked[start : start + _BATCH].T
        scores = (unit[b] - unit[a] + unit[c]) @ unit.T
        for given in (a, b, c):
            scores[np.arange(len(a)), given] = -np.inf
        right += int((scores.argmax(axis=1) == d).sum())
    return round(right / len(asked), 4)
