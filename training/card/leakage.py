"""A probe: do the vectors of texts tell the gender they speak of, once gendered words are taken out?"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice

import numpy as np
import numpy.typing as npt
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold, cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from threadpoolctl import threadpool_limits

from embedsvc.spaces import TextEncoder
from training.card.association import FEMALE, MALE
from training.card.measured import Leakage
from training.preparation.prepared_corpus import Document

_READ = 50_000
_EACH = 1_000
_LEAST = 40
_RESAMPLES = 500

Float64 = npt.NDArray[np.float64]


def leakage(documents: Iterable[Document], encoder: TextEncoder, seed: int) -> Leakage:
    """The probe over texts that hold female words alone or male words alone.

    Args:
        documents: The first 50,000 are read.
        encoder: Of the release.
        seed: Of the folds and of the resampling.
    """
    male, female = set(MALE), set(FEMALE)
    texts: tuple[list[list[str]], list[list[str]]] = ([], [])
    for document in islice(documents, _READ):
        tokens = [*document.title_tokens, *document.tokens]
        held = set(tokens)
        is_female = not held.isdisjoint(female)
        if is_female == (not held.isdisjoint(male)) or len(texts[is_female]) >= _EACH:
            continue
        texts[is_female].append([token for token in tokens if token not in male and token not in female])
    of_men, of_women = texts
    if min(len(of_men), len(of_women)) < _LEAST:
        return Leakage(female=len(of_women), male=len(of_men))
    vectors = encoder.encode([*of_men, *of_women])
    truth = np.repeat([0, 1], [len(of_men), len(of_women)])
    probe = make_pipeline(StandardScaler(), LogisticRegression(C=0.1, max_iter=500))
    folds = StratifiedKFold(5, shuffle=True, random_state=seed)
    with threadpool_limits(1):
        told = cross_val_predict(probe, vectors, truth, cv=folds, method="decision_function")
    auc, low, high = _auc(told[truth == 1], told[truth == 0], seed)
    return Leakage(female=len(of_women), male=len(of_men), auc=auc, low=low, high=high)


def _auc(positive: Float64, negative: Float64, seed: int) -> tuple[float, float, float]:
    """The share of pairs in their right order, equal ones by half, and its bootstrap interval over texts."""
    wins = (positive[:, None] > negative[None, :]) + 0.5 * (positive[:, None] == negative[None, :])
    generator = np.random.default_rng(seed)
    drawn = []
    for _ in range(_RESAMPLES):
        one, other = (
            generator.multinomial(count, np.full(count, 1 / count)) / count
            for count in (len(positive), len(negative))
        )
        drawn.append(float(one @ wins @ other))
    low, high = np.percentile(drawn, [2.5, 97.5])
    return round(float(wins.mean()), 4), round(float(low), 4), round(float(high), 4)
