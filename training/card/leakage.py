"""A probe: do the vectors of texts tell the gender they speak of, once gendered words are taken out?"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
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
    generator = np.random.default_rng(seed)
    drawn: list[float] = []
    while len(drawn) < _RESAMPLES:
        rows = generator.integers(0, len(truth), len(truth))
        if 0 < truth[rows].sum() < len(rows):
            drawn.append(float(roc_auc_score(truth[rows], told[rows])))
    low, high = np.percentile(drawn, [2.5, 97.5])
    auc, low, high = (round(float(each), 4) for each in (roc_auc_score(truth, told), low, high))
    return Leakage(female=len(of_women), male=len(of_men), auc=auc, low=low, high=high)
