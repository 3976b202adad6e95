"""Simple ways to tell how alike texts are, beside which sentence encoders are judged."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from embedsvc.spaces import Space
from embedsvc.spaces.pooling import means, to_unit
from embedsvc.spaces.space import Matrix

Texts = Sequence[Sequence[str]]


def tfidf_rows(texts: Texts) -> Any:
    """(texts, words) sparse unit rows: words counted, each less the more of these texts have it.

    Salton and Buckley 1988 with a smoothed idf, as scikit-learn has it; no row where no text has a word.
    """
    from sklearn.feature_extraction.text import TfidfVectorizer  # takes a second to load

    if not any(texts):
        return np.zeros((len(texts), 1))
    return TfidfVectorizer(analyzer=_same).fit_transform(texts)


def _same(tokens: Sequence[str]) -> Sequence[str]:
    return tokens


def word_means(space: Space, texts: Texts) -> Matrix:
    """(texts, dimension) unit vectors: the mean of each text's word vectors, all words alike."""
    return to_unit(means([space.rows(text) for text in texts], space.vectors, None))


def row_cosines(one: Any, other: Any) -> Any:
    """(n,) float64 cosines of the unit rows of two matrices, dense or sparse, row by row."""
    if isinstance(one, np.ndarray):
        return np.einsum("nd,nd->n", one, other, dtype=np.float64)
    return np.asarray(one.multiply(other).sum(axis=1), np.float64).ravel()
