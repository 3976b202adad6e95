"""Correlation of what we score with what people score."""

from __future__ import annotations

import numpy as np
from scipy.stats import rankdata

from training.evaluation.score import Measures


def spearman(measures: Measures) -> float:
    """Spearman's rank correlation of the two columns, ties by their mean rank; 0 where either is constant.

    Args:
        measures: (items, 2)
    """
    ranks = rankdata(measures, axis=0)
    ranks -= ranks.mean(axis=0)
    lengths = np.linalg.norm(ranks, axis=0)
    return float(ranks[:, 0] @ ranks[:, 1] / lengths.prod()) if lengths.all() else 0.0
