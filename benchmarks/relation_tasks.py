"""Lists, gold pairs and measures of the two tasks of `benchmarks.relations`."""

from __future__ import annotations

import gzip
import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from embedsvc.text import normal_form

LIST_FILES = (
    "skills_jd_skill2vec",
    "skills_jd_dice",
    "skills_jd_naukri",
    "skills_so2017",
    "skills_so2019",
    "cv_it_multilabel",
)
LEAST = 5  # lists that a skill must stand in
UNSEEN = 4_000
K = 10
GOLD = {"tag network recall@10": "gold_so_tag_network", "compared hit@10": "gold_tech_compared"}

Scores = npt.NDArray[np.float64]
Scorer = Callable[[int], Scores]  # scores of all skills to one


@dataclass(frozen=True, slots=True)
class Lists:
    """Skill lists as rows of the skills of at least LEAST of them, the most frequent skill first."""

    names: list[str]
    rows: list[list[int]]


def indexed(lists: Sequence[Sequence[str]]) -> Lists:
    """Give each frequent skill a row."""
    counts = Counter(skill for skills in lists for skill in skills)
    names = [skill for skill, count in counts.most_common() if count >= LEAST]
    places = {skill: row for row, skill in enumerate(names)}
    return Lists(names, [[places[skill] for skill in skills if skill in places] for skills in lists])


def completion(
    data: Path, form: Callable[[str], str], settings: bool = False, draw: int = 0
) -> tuple[Lists, list[tuple[list[int], int]]]:
    """Lists of skill2vec to learn from; and of unseen ones the given skills and the hidden one.

    Known are the skills of at least LEAST lists of the whole file; lists of fewer than two are left out
    (35,804 lists and 11,483 skills of it stay when names are taken as written). A seeded order of them makes
    the first UNSEEN the test and the next UNSEEN those that settings are chosen on. Another draw tests on the
    first UNSEEN of another order, none of those that settings are chosen on among them.

    Args:
        data: Folder of the files.
        form: What makes two names one skill.
        settings: Ask those that settings are chosen on, and learn from neither them nor the test.
        draw: Which one.
    """
    known = indexed(list(_lists(data, LIST_FILES[0], form)))
    lists = [rows for rows in known.rows if len(rows) >= 2]
    generator = np.random.default_rng(0)
    order = generator.permutation(len(lists))
    if draw:
        chosen_on_them = order[UNSEEN : 2 * UNSEEN]
        generator = np.random.default_rng(draw)
        others = np.setdiff1d(order, chosen_on_them)
        order = np.concatenate([generator.permutation(others), chosen_on_them])
    asked = []
    for place in order[: 2 * UNSEEN]:
        rows = lists[place]
        hidden = rows[int(generator.integers(len(rows)))]
        asked.append(([row for row in rows if row != hidden], hidden))
    if settings:
        learned, asked = order[2 * UNSEEN :], asked[UNSEEN:]
    else:
        learned, asked = order[UNSEEN:], asked[:UNSEEN]
    return Lists(known.names, [lists[place] for place in learned]), asked


def everything(data: Path) -> Lists:
    """All lists, skills by their normal form, as the lexicon groups them."""
    return indexed([skills for name in LIST_FILES for skills in _lists(data, name, normal_form)])


def gold(data: Path, names: Sequence[str]) -> dict[str, dict[int, set[int]]]:
    """For each gold file and each known skill in it, the known skills it is paired with."""
    places = {name: row for row, name in enumerate(names)}
    related: dict[str, dict[int, set[int]]] = {}
    for task, name in GOLD.items():
        pairs: dict[int, set[int]] = defaultdict(set)
        for record in _records(data, name):
            one, other = places.get(normal_form(record["a"])), places.get(normal_form(record["b"]))
            if one is not None and other is not None and one != other:
                pairs[one].add(other)
                pairs[other].add(one)
        related[task] = dict(pairs)
    return related


def chosen_on(name: str) -> bool:
    """Whether a gold query belongs to the half that settings were chosen on."""
    return hashlib.blake2b(name.encode(), digest_size=1).digest()[0] % 2 == 0


def found_hidden(score: Scorer, asked: Sequence[tuple[list[int], int]], skills: int) -> Scores:
    """1 where the hidden skill is among the first K by the sum of scores to the given ones, else 0.

    Among equal scores the hidden skill stands in the middle.
    """
    found = np.zeros(len(asked))
    for place, (given, hidden) in enumerate(asked):
        votes = np.zeros(skills)
        for row in given:
            votes += score(row)
        own = votes[hidden]
        votes[given] = -np.inf
        equal = int((votes == own).sum()) - 1
        found[place] = (votes > own).sum() + equal / 2 < K
    return found


def agreement(score: Scorer, task: str, pairs: dict[int, set[int]]) -> Scores:
    """For each query the share of its pairs (at most K) among the first K; for a hit whether any is."""
    measured = []
    for row, expected in pairs.items():
        scores = score(row).copy()
        scores[row] = -np.inf
        best = np.argsort(-scores, kind="stable")[:K]
        right = len(expected & {int(other) for other in best if np.isfinite(scores[other])})
        measured.append(float(right > 0) if "hit" in task else right / min(K, len(expected)))
    return np.array(measured)


def plain(surface: str) -> str:
    """A skill as it is written, but for case and outer spaces."""
    return surface.strip().lower()


def _lists(data: Path, name: str, form: Callable[[str], str]) -> Iterator[list[str]]:
    for record in _records(data, name):
        skills = list(dict.fromkeys(filter(None, map(form, record["skills"]))))
        if len(skills) > 1:
            yield skills


def _records(data: Path, name: str) -> Iterator[dict[str, Any]]:
    with gzip.open(data / f"{name}.jsonl.gz", "rt", encoding="utf-8") as lines:
        yield from map(json.loads, lines)
