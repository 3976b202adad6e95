"""Search by meaning: does a title find its own label; does the index find what exact search finds."""

from __future__ import annotations

from collections.abc import Set
from pathlib import Path

import numpy as np
import numpy.typing as npt

from embedsvc.releases.candidate_index import CandidateIndex
from embedsvc.spaces.space import Matrix
from indexes import Index, open_index
from indexes.exact import ExactIndex
from training.evaluation.score import Score, score
from training.evaluation.task import Subject, Task
from training.preparation.prepared_corpus import Document

LABEL_TASK = "title finds label"
INDEX_TASK = "candidates index"
OF_THE_INDEX = (LABEL_TASK, INDEX_TASK)
_QUERIES = 500
_K = 10
_VECTORS_A_BLOCK = 100_000
_ROUNDING = 1e-5


def _titles(subject: Subject) -> list[Score]:
    """Same-label precision of the first ten beside chance."""
    candidates = subject.release.candidates
    if candidates is None:
        return []
    asked, queries = _asked(subject)
    if not asked:
        return []
    # More than ten, for those that do not count.
    found = candidates.index.search(queries, 3 * _K).ids
    return _same_label(candidates, asked, subject.corpus.copies("test"), found)


def _index(subject: Subject) -> list[Score]:
    """The index's recall against exact search, asked by titles."""
    candidates = subject.release.candidates
    if candidates is None:
        return []
    asked, queries = _asked(subject)
    return [_recall(candidates.index, subject.vectors, queries)] if asked else []


def _asked(subject: Subject) -> tuple[list[Document], Matrix]:
    """Titles of the test part and their vectors.

    A title without a known word asks for nothing, and any answer to it is as good as another.
    """
    asked = [document for document in subject.corpus.sample("test", _QUERIES) if document.title_tokens]
    queries = subject.release.sentences.encode([document.title_tokens for document in asked])
    known = np.flatnonzero(queries.any(axis=1))
    return [asked[row] for row in known.tolist()], queries[known]


def index_recall(folder: Path, vectors: Matrix, seed: int) -> Score:
    """Recall@10 of a saved index for queries drawn from its own vectors, beside exact search.

    Args:
        folder: The saved index.
        vectors: (n, dimension) the vectors it was built from.
        seed: Of the choice of queries.
    """
    chosen = np.random.default_rng(seed).choice(len(vectors), min(_QUERIES, len(vectors)), replace=False)
    return INDEX.marked(_recall(open_index(folder), vectors, vectors[np.sort(chosen)]))


def _recall(index: Index, vectors: Matrix, queries: Matrix) -> Score:
    """Share of the ten found that score no less than the tenth of exact search.

    Scores are compared and not ids, as in ann-benchmarks: of duplicates any is as good as another.
    """
    truth = _best_scores(vectors, queries)
    found = index.search(queries, truth.shape[1]).scores
    right = (found >= truth[:, -1:] - _ROUNDING).mean(axis=1, dtype=np.float64)
    return score(INDEX_TASK, "recall@10", right, {"exact": 1.0})


def _best_scores(vectors: Matrix, queries: Matrix) -> Matrix:
    """The ten best scores of exact search, best first; a block of vectors is in memory at a time."""
    scores = np.zeros((len(queries), 0), np.float32)
    for begin in range(0, len(vectors), _VECTORS_A_BLOCK):
        block = ExactIndex.build(vectors[begin : begin + _VECTORS_A_BLOCK], metric="cosine")
        scores = np.hstack([scores, block.search(queries, min(_K, block.size)).scores])
        scores = -np.sort(-scores, axis=1)[:, :_K]
    return scores


def _same_label(
    candidates: CandidateIndex, asked: list[Document], copies: Set[str], found: npt.NDArray[np.int64]
) -> list[Score]:
    """Who asks is no answer, nor is a copy: to find the same CV again is no understanding."""
    table = candidates.table
    shares = table.label_counts()
    precision, chance = [], []
    for document, rows in zip(asked, found.tolist(), strict=True):
        if document.label is None:
            continue
        cards = [table.card(row) for row in rows if row >= 0]
        others = [card.label for card in cards if card.id != document.id and card.id not in copies][:_K]
        if others:
            precision.append(np.mean([label == document.label for label in others]))
            chance.append(shares.get(document.label, 0) / len(table))
    if not precision:
        return []
    return [score(LABEL_TASK, "P@10", np.array(precision), {"chance": float(np.mean(chance))})]


TITLES = Task(LABEL_TASK, primary="P@10", judge=_titles)
INDEX = Task(INDEX_TASK, primary="recall@10", judge=_index)
