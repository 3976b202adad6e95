"""Hide one skill of a list nobody trained on and rank the rest by what is used with the others."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from embedsvc.queries.completion import completed
from embedsvc.releases.opening import Release
from training.evaluation.score import Score, score
from training.evaluation.task import Task
from training.preparation.prepared_corpus import PreparedCorpus
from training.trainers.cooccurrence import cooccurrences

TASK = "hidden skill"
_LISTS = 2_000


def hidden_skill(release: Release, corpus: PreparedCorpus, seed: int) -> list[Score]:
    """R@10 and MRR of the hidden skill as served, beside popularity, the cosine of items, and votes."""
    generator = np.random.default_rng(seed)
    held = _drawn(
        (rows for rows in corpus.skill_rows(release.lexicon, held=True) if len(rows) >= 3), generator
    )
    if not held:
        return []
    popular = _popularity(release, corpus)
    (together,), _ = cooccurrences(corpus.skill_rows(release.lexicon), release.relation("used_with").size)
    cosines = ItemCosine(together)
    ranks, popular_ranks, cosine_ranks, vote_ranks = [], [], [], []
    for rows in held:
        hidden = rows[int(generator.integers(len(rows)))]
        given = [row for row in rows if row != hidden]
        ranks.append(_rank([row for row, _ in completed(release, given)], given, hidden))
        vote_ranks.append(_rank(_votes(release, given), given, hidden))
        popular_ranks.append(_rank(popular, given, hidden))
        cosine_ranks.append(_rank(cosines.ranked(given), given, hidden))
    found = np.array(ranks)
    simple = {"popularity": np.array(popular_ranks), "item cosine": np.array(cosine_ranks)}
    if release.completer is not None:
        simple["votes of the table"] = np.array(vote_ranks)
    return [
        score(
            TASK,
            "R@10",
            (found <= 10).astype(float),
            {name: (each <= 10).mean() for name, each in simple.items()},
        ),
        score(TASK, "MRR", 1.0 / found, {name: (1.0 / each).mean() for name, each in simple.items()}),
    ]


def _drawn(lists: Iterable[list[int]], generator: np.random.Generator) -> list[list[int]]:
    """At most _LISTS of `lists`, each as likely as any other; holds no more (Vitter 1985, algorithm R)."""
    drawn: list[list[int]] = []
    for number, rows in enumerate(lists):
        if number < _LISTS:
            drawn.append(rows)
        elif (place := int(generator.integers(number + 1))) < _LISTS:
            drawn[place] = rows
    return drawn


def _popularity(release: Release, corpus: PreparedCorpus) -> list[int]:
    counts = Counter(row for rows in corpus.skill_rows(release.lexicon) for row in rows)
    return [row for row, _ in counts.most_common()]


def _votes(release: Release, given: Sequence[int]) -> list[int]:
    """Skills by the sum of their `used_with` scores to the given ones, best first."""
    table = release.relation("used_with")
    votes: Counter[int] = Counter()
    for row in given:
        ids, scores = table.row(row)
        for other, value in zip(ids.tolist(), scores.tolist(), strict=True):
            votes[other] += value
    return [row for row, _ in votes.most_common()]


class ItemCosine:
    """Ranks skills by the cosine of their incidence in lists to that of skills given.

    Args:
        together: (skills, skills) sparse, how often two stand in one list; see `cooccurrences`.
    """

    def __init__(self, together: Any) -> None:
        self._together = together
        self._lengths = np.sqrt(np.maximum(together.diagonal(), 1.0))

    def ranked(self, given: Sequence[int]) -> list[int]:
        """Rows by the sum of cosines to at least one given row, best first; those given are among them."""
        shares = self._together[given].multiply(1.0 / self._lengths[given][:, None])
        votes = np.asarray(shares.sum(axis=0)).ravel() / self._lengths
        voted = np.flatnonzero(votes > 0)
        found: list[int] = voted[np.argsort(-votes[voted], kind="stable")].tolist()
        return found


def _rank(order: Sequence[int], given: Sequence[int], hidden: int) -> float:
    """Rank of `hidden` from 1 among skills not given; infinite where it is not ranked."""
    known, rank = set(given), 0
    for row in order:
        if row in known:
            continue
        rank += 1
        if row == hidden:
            return float(rank)
    return float("inf")


HIDDEN_SKILL = Task(
    TASK,
    primary="R@10",
    judge=lambda subject: hidden_skill(subject.release, subject.corpus, subject.seed),
)
