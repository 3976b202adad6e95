"""Search by meaning: does a title find its own label; does the index find what exact search finds."""

from __future__ import annotations

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
OF_THE_INDEX = (LABEL_TASK, INDEX_TASK)
_QUERIES = 500
_K = 10
_VECTORS_A_BLOCK = 100_000


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
    asked = [document for document in corpus.sample("test", _QUERIES) if document.title_tokens]
    queries = release.sentences.encode([document.title_tokens for document in asked])
    # A title without a known word asks for nothing, and any answer to it is as good as another.
    known = np.flatnonzero(queries.any(axis=1))
    if len(known) == 0:
        return []
    asked, queries = [asked[row] for row in known.tolist()], queries[known]
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
    return score(INDEX_TASK, "recall@10", recall_at_k(found, _nearest(vectors, queries)), {"exact": 1.0})


def _nearest(vectors: Matrix, queries: Matrix) -> npt.NDArray[np.int64]:
    """The ids exact search finds, (queries, 10), -1 where fewer; a block of vectors in memory at a time."""
    ids = np.full((len(queries), _K), -1, np.int64)
    scores = np.full((len(queries), _K), -np.inf, np.float32)
    for begin in range(0, len(vectors), _VECTORS_A_BLOCK):
        block = vectors[begin : begin + _VECTORS_A_BLOCK]
        found = ExactIndex.build(block, metric="cosine").search(queries, _K)
        scores = np.hstack([scores, found.scores])
        ids = np.hstack([ids, np.where(found.ids < 0, -1, found.ids + begin)])
        best = np.argsort(-scores, axis=1, kind="stable")[:, :_K]
        ids, scores = np.take_along_axis(ids, best, axis=1), np.take_along_axis(scores, best, axis=1)
    return ids


def _same_label(
    candidates: CandidateIndex, asked: list[Document], found: npt.NDArray[np.int64]
) -> list[Score]:
    table = candidates.table
    shares = table.label_counts()
    precision, chance = [], []
    for document, rows in zip(asked, found.tolist(), strict=True):
        if document.label is None:
            continue
        cards = [table.card(row) for row in rows if row >= 0]
        others = [card.label for card in cards if card.id != document.id][:_K]
        if others:
            precision.append(np.mean([label == document.label for label in others]))
            chance.append(shares.get(document.label, 0) / len(table))
    if not precision:
        return []
    return [score(LABEL_TASK, "P@10", np.array(precision), {"chance": float(np.mean(chance))})]
