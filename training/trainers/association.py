"""First-order association: how much more often two skills stand in one list than chance would have it."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Float64 = npt.NDArray[np.float64]


def normalised_pmi(together: Float64, one: float, others: Float64, total: float) -> Float64:
    """log(p(a, b) / (p(a) p(b))) / -log p(a, b) of one skill with others, in [-1, 1].

    Bouma 2009, Normalized (Pointwise) Mutual Information in Collocation Extraction. All arguments are counts
    or weights of one kind, `total` that of everything.
    """
    if total == 0 or one == 0:
        return np.zeros(len(together))
    pmi = np.log(together * total / (one * others))
    surprise = -np.log(together / total)
    # Two skills that stand in every list carry no surprise: no association, rather than 0 / 0.
    return np.divide(pmi, surprise, out=np.zeros_like(pmi), where=surprise > 0)


def damped(score: Float64, together: Float64, damping: float) -> Float64:
    """The score times n / (n + damping), n the lists that hold both (after Pantel and Lin 2002).

    It keeps pairs seen once or twice from the top.
    """
    return np.asarray(score * together / (together + damping))


def damped_npmi(together: Float64, one: float, others: Float64, count: int, damping: float) -> Float64:
    """Damped normalised PMI of one skill with others, in [-1, 1]; all arguments are counts of lists."""
    return damped(normalised_pmi(together, one, others, count), together, damping)


def vote(weight: Float64, others: Float64, power: float, popularity: float) -> Float64:
    """What one skill of a list says for others: weight^power / n^popularity, n the lists that hold the other.

    A power below 1 lets several weak hints outvote a strong one; a popularity above 0 takes from skills that
    stand in many lists. Negative weights count as 0 and those above 1 as 1, so that votes are in [0, 1].

    Args:
        weight: Of one skill for each other one.
        others: Lists that hold each other one, at least 1.
        power: Above 0.
        popularity: 0 or more.
    """
    return np.asarray(np.clip(weight, 0, 1) ** power / others**popularity)
