"""What subword spaces are judged by: word pairs, misspelt skills, and the memory of opening one."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.stats import spearmanr

from embedsvc.queries.guess import best_guesses
from embedsvc.spaces.skill_vectors import SkillVectors
from embedsvc.spaces.subword_space import SubwordSpace
from embedsvc.text import Lexicon
from embedsvc.text.skills import token_of
from training.trainers.fasttext.made_up import made_up_words, misspelt_skills

_DRAWS = 500  # of the bootstrap
_QUERIES = 2000
_SEED = 71  # not that of training, whose threshold saw other made-up words
_OPEN = """
import os, sys
def resident():
    return int(open("/proc/self/statm").read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6
words = ["unseen%dword" % number for number in range(200)]
if sys.argv[1].endswith(".bin"):
    import fasttext
    before = resident()
    model = fasttext.load_model(sys.argv[1])
    for word in words: model.get_word_vector(word)
else:
    from pathlib import Path
    from embedsvc.spaces.subword_space import SubwordSpace
    before = resident()
    model = SubwordSpace.open(Path(sys.argv[1]))
    for word in words: model.vector(word)
print(resident() - before)
"""

Scores = npt.NDArray[np.float64]
Guess = tuple[int | None, float]


def judge_words(folder: Path, spaces: dict[str, SubwordSpace]) -> dict[str, dict[str, Any]]:
    """Spearman's correlation on WordSim353 and MTurk-771 by space, and its loss against the first space."""
    rows: dict[str, dict[str, Any]] = {name: {} for name in spaces}
    for task in ("ws353", "mturk771"):
        with gzip.open(folder / f"eval_wordsim_{task}.jsonl.gz", "rt", encoding="utf-8") as lines:
            pairs = [json.loads(line) for line in lines]
        people = np.array([pair["score"] for pair in pairs])
        for how in ("known", "unseen"):
            found = {name: _cosines(space, pairs, how) for name, space in spaces.items()}
            whole = next(iter(found.values()))
            for name, cosines in found.items():
                rows[name][f"{task} {how}"] = round(_agreement(cosines, people), 4)
                if cosines is not whole:
                    rows[name][f"{task} {how} loss"] = _loss(whole, cosines, people)
    return rows


def _cosines(space: SubwordSpace, pairs: list[dict[str, Any]], how: str) -> Scores:
    look = space.vectors if how == "known" else space.composed
    sides = [look([pair[side].lower() for pair in pairs]).astype(np.float64) for side in ("w1", "w2")]
    unit = [side / np.maximum(np.linalg.norm(side, axis=1, keepdims=True), 1e-12) for side in sides]
    products: Scores = (unit[0] * unit[1]).sum(axis=1)
    return products


def _agreement(found: Scores, people: Scores) -> float:
    return float(spearmanr(found, people).statistic)


def _loss(whole: Scores, part: Scores, people: Scores) -> str:
    draw = np.random.default_rng(_SEED)
    losses = []
    for _ in range(_DRAWS):
        rows = draw.integers(0, len(people), len(people))
        losses.append(1 - _agreement(part[rows], people[rows]) / _agreement(whole[rows], people[rows]))
    return _shown(1 - _agreement(part, people) / _agreement(whole, people), losses)


def _shown(loss: float, losses: list[float]) -> str:
    low, high = np.percentile(losses, [2.5, 97.5])
    return f"{loss:.2%} [{low:.2%}, {high:.2%}]"


def judge_skills(lexicon: Lexicon, spaces: dict[str, SubwordSpace]) -> dict[str, dict[str, Any]]:
    """Misspelt skills found by each space, and by cosine or spelling alone."""
    typed = misspelt_skills(lexicon, _QUERIES, _SEED)
    nonsense = made_up_words(lexicon, _QUERIES // 2, _SEED)
    queries, meant = [query for query, _ in typed], np.array([row for _, row in typed])
    tokens = [skill.token for skill in lexicon]
    rows: dict[str, dict[str, Any]] = {}
    first = None
    for name, space in spaces.items():
        skills = SkillVectors.of_tokens(space, tokens)
        asked, drawn = (best_guesses(lexicon, skills, part) for part in (queries, nonsense))
        rows[name], hits = _judged(asked, drawn, meant)
        if first is None:
            first = hits
        else:
            rows[name]["found loss"] = _hit_loss(first, hits)
    whole = SkillVectors.of_tokens(next(iter(spaces.values())), tokens)
    alone: dict[str, Callable[[str], npt.NDArray[np.float32]]] = {
        "cosine alone": lambda query: whole.cosines([token_of(query)])[0],
        "spelling alone": lexicon.closeness,
    }
    for name, score in alone.items():
        asked, drawn = ([_top(score(query)) for query in part] for part in (queries, nonsense))
        rows[name], _ = _judged(asked, drawn, meant)
    return rows


def _top(scores: npt.NDArray[np.float32]) -> Guess:
    return int(scores.argmax()), float(scores.max())


def _judged(
    asked: list[Guess], nonsense: list[Guess], meant: npt.NDArray[np.int64]
) -> tuple[dict[str, Any], npt.NDArray[np.bool_]]:
    threshold = float(np.percentile([score for _, score in nonsense], 99))
    hits = np.array([row == right for (row, _), right in zip(asked, meant.tolist(), strict=True)])
    accepted = np.array([score >= threshold for _, score in asked])
    return {
        "queries": len(meant),
        "found": round(float(hits.mean()), 4),
        "threshold": round(threshold, 3),
        "accepted": round(float(accepted.mean()), 4),
        "right": round(float(hits[accepted].mean()), 4),
    }, hits


def _hit_loss(whole: npt.NDArray[np.bool_], part: npt.NDArray[np.bool_]) -> str:
    draw = np.random.default_rng(_SEED)
    samples = [draw.integers(0, len(whole), len(whole)) for _ in range(_DRAWS)]
    return _shown(
        float(1 - part.mean() / whole.mean()),
        [float(1 - part[rows].mean() / whole[rows].mean()) for rows in samples],
    )


def opened_megabytes(path: Path) -> float:
    """Resident megabytes that a process grows by when it opens a `.bin` or a space and asks 200 words."""
    done = subprocess.run([sys.executable, "-c", _OPEN, str(path)], capture_output=True, check=True)
    return round(float(done.stdout), 1)
