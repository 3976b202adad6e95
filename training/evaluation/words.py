"""Word similarity and analogies: how well word vectors agree with people, without any task of ours.

Pairs and questions with a word that a space has no vector for are left out, and `coverage` says how many
stay. A space of subwords composes the words it has not seen.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from embedsvc.spaces import Space
from embedsvc.spaces.pooling import to_unit
from embedsvc.spaces.space import Matrix
from training.evaluation import gold
from training.evaluation.correlation import spearman
from training.evaluation.gold import JudgedPair
from training.evaluation.score import Measures, Score, score
from training.evaluation.task import Subject, Task

SIMILARITY_TASK, ANALOGY_TASK = "word similarity", "analogies"
FREQUENT = 30_000  # words that may answer an analogy, and of which it may be made
_BATCH = 512
_GRAM = 3

Compose = Callable[[Sequence[str]], Matrix]
Mask = npt.NDArray[np.bool_]


class WordVectors:
    """Words and their vectors, made unit length.

    Args:
        keys: Words, the most frequent first.
        vectors: (keys, dimension)
        compose: Gives words that are no keys (n, dimension) vectors, zeros where it cannot; or None.
        key_of: The key that stands for a word as people write it.
    """

    def __init__(
        self,
        keys: Sequence[str],
        vectors: Matrix,
        compose: Compose | None = None,
        key_of: Callable[[str], str] = str.lower,
    ) -> None:
        self.unit = to_unit(np.array(vectors, np.float32))
        self._rows = {key: row for row, key in enumerate(keys)}
        self._compose = compose
        self._key_of = key_of

    def row(self, word: str) -> int | None:
        """Row of a word, or None."""
        return self._rows.get(self._key_of(word))

    def vectors(self, words: Sequence[str]) -> Matrix:
        """(words, dimension) unit vectors, zeros for a word that has none."""
        rows = [self.row(word) for word in words]
        vectors = np.zeros((len(words), self.unit.shape[1]), np.float32)
        for place, row in enumerate(rows):
            if row is not None:
                vectors[place] = self.unit[row]
        unseen = [place for place, row in enumerate(rows) if row is None]
        if self._compose is not None and unseen:
            vectors[unseen] = to_unit(self._compose([self._key_of(words[place]) for place in unseen]))
        return vectors


def word_similarity(words: WordVectors, pairs: Sequence[JudgedPair]) -> tuple[Measures, Mask]:
    """Cosines beside what people say.

    Returns:
        (pairs with two known words, 2), whose statistic is `spearman`; and (pairs,) which those are.
    """
    one, other = words.vectors([pair.one for pair in pairs]), words.vectors([pair.other for pair in pairs])
    known = np.asarray(one.any(axis=1) & other.any(axis=1))
    cosines = np.einsum("nd,nd->n", one, other, dtype=np.float64)
    return np.column_stack([cosines, [pair.score for pair in pairs]])[known], known


def analogies(
    words: WordVectors, questions: Iterable[Sequence[str]], *, without_first: bool = False
) -> tuple[Measures, Mask]:
    """Questions answered by the word nearest to b - a + c (3CosAdd, Mikolov et al. 2013), of a, b and c none.

    Args:
        words: Its first FREQUENT are asked and answer.
        questions: (a, b, c, d)
        without_first: Whether to ask for b + c alone; what that finds is no analogy (Linzen 2016).

    Returns:
        (questions of such words alone,) 1 for each that is answered rightly, else 0; and (questions,) which
        those are.
    """
    unit = words.unit[:FREQUENT]
    rows = [[len(unit) if row is None else row for row in map(words.row, asked)] for asked in questions]
    known = np.array([max(row) < len(unit) for row in rows], bool)
    asked = np.array(rows, np.int64).reshape(-1, 4)[known]
    right = np.zeros(len(asked))
    for start in range(0, len(asked), _BATCH):
        a, b, c, d = asked[start : start + _BATCH].T
        wanted = unit[b] + unit[c] if without_first else unit[b] - unit[a] + unit[c]
        scores = wanted @ unit.T
        for given in (a, b, c):
            scores[np.arange(len(a)), given] = -np.inf
        right[start : start + _BATCH] = scores.argmax(axis=1) == d
    return right, known


def spaces(subject: Subject) -> Iterator[tuple[str, WordVectors]]:
    """Every word space of a release by the name of its kind."""
    release = subject.release

    def key_of(word: str) -> str:
        tokens = release.tokenizer.tokens(word)
        return tokens[0] if len(tokens) == 1 else word.lower()

    named: list[Space] = [release.words, *([subject.glove] if subject.glove is not None else [])]
    for space in named:
        yield space.kind, WordVectors(space.keys, space.vectors, None, key_of)
    if release.skill_vectors is not None:
        subwords = release.skill_vectors.space
        yield (
            "fasttext",
            WordVectors(subwords.keys, subwords.vectors(subwords.keys), subwords.composed, key_of),
        )


def _similarities(subject: Subject) -> list[Score]:
    found: list[Score] = []
    judged = {name: list(gold.word_pairs(path)) for name, path in subject.files.word_pairs.items()}
    for kind, words in spaces(subject) if judged else ():
        for name, pairs in judged.items():
            task = f"{SIMILARITY_TASK}, {name}, {kind}"
            measures, known = word_similarity(words, pairs)
            if len(measures):
                baselines = _baselines([pairs[row] for row in np.flatnonzero(known)], subject.seed)
                found += [
                    score(task, "Spearman", measures, baselines, statistic=spearman),
                    score(task, "coverage", known.astype(np.float64), {}),
                ]
    return found


def _baselines(pairs: Sequence[JudgedPair], seed: int) -> dict[str, float]:
    judged = np.array([pair.score for pair in pairs])
    shared = [_shared_grams(pair.one, pair.other) for pair in pairs]
    chance = np.random.default_rng(seed).random(len(pairs))
    ways: dict[str, Any] = {"random": chance, "letters shared": shared}
    return {name: spearman(np.column_stack([way, judged])) for name, way in ways.items()}


def _shared_grams(one: str, other: str) -> float:
    """Jaccard similarity of the trigrams of two words, their ends marked."""
    grams = [
        {marked[at : at + _GRAM] for at in range(len(marked) - _GRAM + 1)}
        for marked in (f"<{word.lower()}>" for word in (one, other))
    ]
    return len(grams[0] & grams[1]) / max(1, len(grams[0] | grams[1]))


def _analogies(subject: Subject) -> list[Score]:
    found: list[Score] = []
    path = subject.files.analogies
    questions = list(gold.analogies(path)) if path is not None else []
    for kind, words in spaces(subject) if questions else ():
        right, known = analogies(words, questions)
        if len(right):
            simple, _ = analogies(words, questions, without_first=True)
            chance = 1 / max(1, min(len(words.unit), FREQUENT) - 3)
            baselines = {"random": chance, "b + c": float(simple.mean())}
            found += [
                score(f"{ANALOGY_TASK}, {kind}", "accuracy", right, baselines),
                score(f"{ANALOGY_TASK}, {kind}", "coverage", known.astype(np.float64), {}),
            ]
    return found


WORD_SIMILARITY = Task(SIMILARITY_TASK, primary="Spearman", judge=_similarities)
ANALOGIES = Task(ANALOGY_TASK, primary="accuracy", judge=_analogies)
