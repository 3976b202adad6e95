"""Search by meaning: does a title find its own label; does the index find what exact search finds."""

from __future__ import annotations

from collections import Counter
from itertools import islice
from pathlib import Path

import numpy as np
import numpy.typing as npt

from embedsvc.releases.opening import CandidateIndex, Release
from embedsvc.spaces.space import Matrix
from indexes import Index, open_index, recall_at_k
from indexes.exact import ExactIndex
from training.evaluation.score import Score, score
from training.preparation import Document, PreparedCorpus

LABEL_TASK = "title finds label"
INDEX_TASK = "candidates index"
_QUERIES = 500
_K = 10


def search(release: Release, corpus: PreparedCorpus, vectors: Matrix) -> list[Score]:
    """Same-label precision of the first ten beside chance, and the index's recall against exact search.

    Args:
        release: The release with its candidates index.
        corpus: The prepared corpus.
        vectors: (candidates, dimension) the vectors the index was built from.
    """
    candidates = release.candidates
    if candidates is None:
        return []
    held = (document for document in corpus.documents() if document.part == "test" and document.title_tokens)
    asked = list(islice(held, _QUERIES))
    if not asked:
        return []
    queries = release.sentences.encode([document.title_tokens for document in asked])
    found = candidates.index.search(queries, _K + 1).ids
    return [*_same_label(candidates, asked, found), _recall(candidates.index, vectors, queries)]


def index_recall(folder: Path, vectors: Matrix, seed: int) -> Score:
    """Recall@10 of a saved index for queries drawn from its own vectors, beside exact search.

    Args:
        folder: The saved index.
        vectors: (n, dimension) the vectors it was built from.
        seed: Of the choice of queries.
    """
    chosen = np.random.default_rng(seed).choice(len(vectors), min(_QUERIES, len(vectors)), replace=False)
    return _recall(open_index(folder), vectors, vectors[np.sort(chosen)])


def _recall(index: Index, vectors: Matrix, queries: Matrix) -> Score:
    found = index.search(queries, _K).ids
    truth = ExactIndex.build(vectors, metric="cosine").search(queries, _K).ids
    return score(INDEX_TASK, "recall@10", recall_at_k(found, truth), {"exact": 1.0})


def _same_label(
    candidates: CandidateIndex, asked: list[Document], found: npt.NDArray[np.int64]
) -> list[Score]:
    labels = candidates.table.labels()
    shares = Counter(label for label in labels if label is not None)
    precision, chance = [], []
    for document, rows in zip(asked, found.tolist(), strict=True):
        if document.label is None:
            continue
        others = [row for row in rows if row >= 0 and candidates.table.card(row).id != document.id][:_K]
        if others:
            precision.append(np.mean([labels[row] == document.label for row in others]))
            chance.append(shares[document.label] / len(labels))
    if not precision:
        return []
    return [score(LABEL_TASK, "P@10", np.array(precision), {"chance": float(np.mean(chance))})]
