"""The loss of word2vec on a fixed sample of its corpus, from epoch to epoch: its training curve.

gensim counts its own loss in one float32 for each thread, which rounds away what later batches add. This one
is the mean over the same words, contexts and noise words each time, so that its values can be compared.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import islice
from pathlib import Path
from typing import NamedTuple, Self

import numpy as np
import numpy.typing as npt

from embedsvc.spaces.space import Matrix

SAMPLE = 4_000  # lines
_POWER = 0.75  # of the counts that noise words are drawn by


class Sampled(NamedTuple):
    """A file to take a sample of: its path, its lines, and the words to each side that are context."""

    path: Path
    lines: int
    window: int


class LossProbe:
    """A sample of predictions: each word by its context, beside noise words.

    Args:
        words: (n,) rows of the words to predict.
        contexts: (m,) rows of their contexts, one word's after the other's.
        starts: (n,) where each word's context begins in `contexts`.
        noise: (n, negative) rows of noise words.
    """

    def __init__(
        self,
        words: npt.NDArray[np.int64],
        contexts: npt.NDArray[np.int64],
        starts: npt.NDArray[np.int64],
        noise: npt.NDArray[np.int64],
    ) -> None:
        self._words = words
        self._contexts = contexts
        self._starts = starts
        self._noise = noise

    @classmethod
    def draw(
        cls,
        files: Iterable[Sampled],
        rows: Mapping[str, int],
        counts: npt.NDArray[np.int64],
        *,
        negative: int,
        whole_context: bool,
        seed: int,
    ) -> Self:
        """Draw a word of each of SAMPLE lines, evenly spread over the files.

        Args:
            files: Of one space-separated line of words each.
            rows: Row of each word that has vectors.
            counts: (rows,) occurrences.
            negative: Noise words a word.
            whole_context: True takes all of the context (CBOW), False one word of it (skip-gram).
            seed: Of what is drawn.
        """
        generator = np.random.default_rng(seed)
        files = list(files)
        every = max(1, sum(file.lines for file in files) // SAMPLE)
        words: list[int] = []
        contexts: list[int] = []
        starts: list[int] = []
        for path, _, window in files:
            with path.open(encoding="utf-8") as lines:
                for line in islice(lines, 0, None, every):
                    known = [row for word in line.split() if (row := rows.get(word)) is not None]
                    if len(known) < 2:
                        continue
                    at = int(generator.integers(len(known)))
                    near = known[max(0, at - window) : at] + known[at + 1 : at + 1 + window]
                    words.append(known[at])
                    starts.append(len(contexts))
                    contexts += near if whole_context else [near[int(generator.integers(len(near)))]]
        share = counts.astype(np.float64) ** _POWER
        noise = generator.choice(len(counts), (len(words), negative), p=share / share.sum())
        return cls(np.array(words, int), np.array(contexts, int), np.array(starts, int), noise)

    def loss(self, inputs: Matrix, outputs: Matrix) -> float | None:
        """The mean loss of a word, or None where no line has two words.

        -log s(o_w . h) - sum of log s(-o_n . h) over the noise words n, where h is the mean of the input
        vectors of the context and s the logistic function (Mikolov et al. 2013, equation 4).

        Args:
            inputs: (rows, dimension) input vectors.
            outputs: (rows, dimension) output vectors.
        """
        if not len(self._words):
            return None
        sums = np.add.reduceat(inputs[self._contexts], self._starts, axis=0)
        sizes = np.diff(np.append(self._starts, len(self._contexts)))
        hidden = (sums / sizes[:, None]).astype(np.float32)
        right = np.einsum("nd,nd->n", outputs[self._words], hidden)
        wrong = np.einsum("nkd,nd->nk", outputs[self._noise], hidden)
        return float(np.mean(np.logaddexp(0.0, -right) + np.logaddexp(0.0, wrong).sum(axis=1)))
