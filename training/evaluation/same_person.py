"""Search by meaning among hard negatives: whose other text is this, among people of the same functional area?

Somebody's summary asks for what the same person did, and the first half of a work history for the second. The
answers are texts of the same kind by candidates held back: everybody's of the same area, so that to know the
area finds nothing, and others drawn by chance where these are few. Nobody is asked for whose area has fewer
than five others.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from embedsvc.spaces import TextEncoder
from training.corpus.split import Part
from training.evaluation.score import Measures, Score, score
from training.evaluation.simple_texts import tfidf_rows
from training.evaluation.task import Task
from training.preparation.candidate_pairs import TextPair

TASK = "same person"
KINDS = ("summary/experience", "earlier/later")
ANSWERS = 50  # to choose from, at least; so one in five is among the first ten by chance
_K = 10
_HARD = 5

Rows = Sequence[np.ndarray[Any, np.dtype[np.intp]]]


def same_person(encoder: TextEncoder, held: Iterable[tuple[Part, TextPair]], seed: int) -> list[Score]:
    """MRR and R@10 over pairs of the test part.

    Args:
        encoder: Is judged.
        held: Pairs of the parts held back; those of the dev part are answers alone.
        seed: Of the answers drawn.
    """
    known = list(held)
    generator = np.random.default_rng(seed)
    found: dict[str, list[Measures]] = {"ours": [], "TF-IDF": [], "answers": []}
    for kind in KINDS:
        of_kind = [(part, pair) for part, pair in known if pair.kind == kind]
        asked, answers = _questions(of_kind, generator)
        if not len(asked):
            continue
        sides = [pair.first.split() for _, pair in of_kind], [pair.second.split() for _, pair in of_kind]
        texts = [*sides[0], *sides[1]]
        for name, rows in (("ours", encoder.encode(texts)), ("TF-IDF", tfidf_rows(texts))):
            found[name].append(_ranks(rows[: len(of_kind)], rows[len(of_kind) :], asked, answers))
        found["answers"].append(np.array([len(each) for each in answers], np.float64))
    if not found["ours"]:
        return []
    ours, simple, sizes = (np.concatenate(each) for each in found.values())
    return [
        score(
            TASK,
            metric,
            measure(ours),
            {"random": float(np.mean(chance)), "TF-IDF": float(measure(simple).mean())},
        )
        for metric, measure, chance in (
            ("MRR", _reciprocal, [np.mean(1 / np.arange(1, size + 1)) for size in sizes]),
            ("R@10", _among_first, np.minimum(_K / sizes, 1)),
        )
    ]


def _questions(
    pairs: Sequence[tuple[Part, TextPair]], generator: np.random.Generator
) -> tuple[np.ndarray[Any, np.dtype[np.intp]], Rows]:
    """Which pairs are asked, and for each the pairs whose second texts may answer, its own the first."""
    areas = np.array([pair.area for _, pair in pairs], dtype=np.str_)
    asked, answers = [], []
    for row, (part, pair) in enumerate(pairs):
        same = np.flatnonzero(areas == areas[row])
        if part != "test" or not pair.area or len(same) <= _HARD:
            continue
        others = np.flatnonzero(areas != areas[row])
        drawn = generator.permutation(others)[: max(0, ANSWERS - len(same))]
        asked.append(row)
        answers.append(np.concatenate([[row], same[same != row], drawn]).astype(np.intp))
    return np.array(asked, np.intp), answers


def _ranks(first: Any, second: Any, asked: np.ndarray[Any, np.dtype[np.intp]], answers: Rows) -> Measures:
    """Rank from 1 of each question's own text among its answers, in the middle of those that score the same.

    Args:
        first: (pairs, dimension) unit rows, dense or sparse.
        second: The same of the second texts.
        asked: Rows of the questions.
        answers: Rows of the answers to each, its own the first.
    """
    ranks = []
    for row, rows in zip(asked.tolist(), answers, strict=True):
        product = second[rows] @ first[row].T
        scores = np.asarray(product.todense() if hasattr(product, "todense") else product).ravel()
        ranks.append(1 + (scores > scores[0]).sum() + ((scores == scores[0]).sum() - 1) / 2)
    return np.array(ranks, np.float64)


def _reciprocal(ranks: Measures) -> Measures:
    return 1.0 / ranks


def _among_first(ranks: Measures) -> Measures:
    return np.asarray(ranks <= _K, np.float64)


SAME_PERSON = Task(
    TASK,
    primary="MRR",
    judge=lambda subject: same_person(subject.release.sentences, subject.pairs(), subject.seed),
)
