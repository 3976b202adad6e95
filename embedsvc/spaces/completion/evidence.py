"""What speaks for each candidate skill of a list, as numbers that a network weighs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from embedsvc.spaces.completion.pairs import Pairs

Float32 = npt.NDArray[np.float32]
Words = Sequence[frozenset[str]]

_STRONG = 20.0  # lists by which a share of few lists is drawn to that of all; so is _WEAK
_WEAK = 2.0
_HINT = 0.01  # from which weight on a given skill counts as one that speaks for a candidate

FEATURES: Final = (
    "weight, sum",
    "votes, sum",
    "votes, log",
    "weight, best",
    "weight, second",
    "given skills of a weight",
    "lift, mean of strongly smoothed logs",
    "lift, mean of weakly smoothed logs",
    "lift, least",
    "lift, best",
    "given skills named together",
    "cosine, sum",
    "cosine, best",
    "lists, log",
    "given skills, log",
    "share of the given one's lists, mean",
    "share of the given one's lists, best",
    "share of its own lists, best",
    "share of its own lists, mean",
    "lists together, log of the most",
    "rank by votes, log",
    "words that given skills have",
    "lists of given skills, mean log",
)


@dataclass(frozen=True)
class Evidence:
    """Candidates for a list, the most voted first.

    Attributes:
        rows: int64, (candidates,).
        features: float32, (candidates, len(FEATURES)).
    """

    rows: npt.NDArray[np.int64]
    features: Float32


def gather(
    given: Sequence[int],
    pairs: Sequence[Pairs],
    lists: npt.NDArray[np.floating],
    total: int,
    words: Words,
    most: int,
) -> Evidence:
    """The skills that most is said for by those of a list, and what.

    Args:
        given: Rows of the list's skills, each once; at least one.
        pairs: What is known of each of them.
        lists: (skills,) lists that name each skill.
        total: Lists in all.
        words: The words of each skill's name.
        most: Candidates at most.
    """
    others = np.concatenate([each.others for each in pairs])
    owner = np.repeat(np.arange(len(given)), [len(each.others) for each in pairs])
    scores = np.concatenate([each.scores for each in pairs])
    votes = np.bincount(others, weights=scores, minlength=len(lists)).astype(np.float64)
    votes[np.asarray(given)] = 0.0
    rows = _best(votes, most)
    place = np.full(len(lists), -1)
    place[rows] = np.arange(len(rows))
    taken = place[others] >= 0
    at = owner[taken], place[others[taken]]
    weights, counts = np.zeros((2, len(given), len(rows)))
    weights[at] = np.concatenate([each.weights for each in pairs])[taken]
    counts[at] = np.concatenate([each.counts for each in pairs])[taken]
    known = frozenset[str]().union(*(words[row] for row in given))
    shared = np.array([len(words[row] & known) / max(len(words[row]), 1) for row in rows.tolist()])
    columns = _columns(votes[rows], weights, counts, lists[rows], lists[np.asarray(given)], total, shared)
    return Evidence(rows, columns)


def _best(votes: npt.NDArray[np.float64], most: int) -> npt.NDArray[np.int64]:
    """Rows of the most votes, above 0; of equal ones the first."""
    rows = np.flatnonzero(votes > 0)
    if len(rows) > most:
        least = np.partition(votes[rows], len(rows) - most)[len(rows) - most]
        rows = rows[votes[rows] >= least]
    return rows[np.argsort(-votes[rows], kind="stable")[:most]]


def _columns(
    votes: npt.NDArray[np.float64],
    weights: npt.NDArray[np.float64],
    counts: npt.NDArray[np.float64],
    own: npt.NDArray[np.floating],
    givens: npt.NDArray[np.floating],
    total: int,
    shared: npt.NDArray[np.float64],
) -> Float32:
    """The features, in the order of FEATURES."""
    # Halves, where a skill left out of its only list is counted.
    lists, beside = np.maximum(own, 0.5), np.maximum(givens, 0.5)[:, None]
    chance = lists / max(total, 1)
    strongly = np.log((counts + _STRONG * chance) / (beside + _STRONG) / chance)
    weakly = np.log((counts + _WEAK * chance) / (beside + _WEAK) / chance)
    cosines = counts / np.sqrt(beside * lists)
    best = np.sort(weights, axis=0)[::-1]
    ones = np.ones(len(votes))
    return np.array(
        [
            weights.sum(0),
            votes,
            np.log(votes + 0.01),
            best[0],
            best[1] if len(best) > 1 else 0 * ones,
            (weights > _HINT).mean(0),
            strongly.mean(0),
            weakly.mean(0),
            strongly.min(0),
            strongly.max(0),
            (counts > 0).mean(0),
            cosines.sum(0),
            cosines.max(0),
            np.log(lists),
            np.log(len(givens)) * ones,
            (counts / beside).mean(0),
            (counts / beside).max(0),
            (counts / lists).max(0),
            (counts / lists).mean(0),
            np.log(counts.max(0) + 1),
            np.log(np.arange(len(votes)) + 1.0),
            shared,
            np.log(beside).mean() * ones,
        ],
        np.float32,
    ).T
