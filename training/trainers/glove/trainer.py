"""GloVe: word vectors from how often words stand together. No package trains it on a current Python.

Pennington, Socher, Manning 2014, GloVe: Global Vectors for Word Representation. Counting and training are
compiled (see `compiled`), run on all cores, and give the scores of the authors' program in a fraction of its
time: `benchmarks/glove.py`.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np

from embedsvc.errors import EmptyCorpusError, RecipeError
from embedsvc.spaces import Space
from training.recipe import GloveSection
from training.trainers.glove.compiled import seeded
from training.trainers.glove.counting import count_pairs, list_context, text_context
from training.trainers.glove.descent import descend
from training.trainers.glove.pairs import TiledPairs, weigh_pairs
from training.trainers.glove.parameters import initial_rows, row_bytes, vectors_of
from training.trainers.glove.tiles import Tiling
from training.trainers.glove.tokens import NumberedCorpus, number_corpus

Progress = Callable[[float, float, str], None]


def train_glove(
    text: Path,
    lists: Path,
    section: GloveSection,
    seed: int,
    scratch: Path,
    progress: Progress | None = None,
) -> Space:
    """Train on files of one space-separated token line each.

    Args:
        text: Sentences.
        lists: Skill lists, a list a line; may be empty.
        section: Parameters.
        seed: Of the initial vectors and the order of the pairs; with `workers = 1` the same bytes come out
            twice.
        scratch: Folder for what does not fit the memory; emptied again.
        progress: Told (tokens done, tokens in all, note) while counting, then (pairs seen, pairs to see,
            note with the loss) while training.

    Returns:
        The space, most frequent key first, all float32. `vectors` are the sums of word and context vectors,
        which the paper finds to be better than either and its program writes; `output` are the context
        vectors. So a word's own vector is `vectors - output`, and its product with another's context vector
        says how often the two stand together. `parameters` holds the `loss` of each epoch and the `pairs`.

    Raises:
        EmptyCorpusError: Fewer than two words occur `min_count` times, or none beside another.
        RecipeError: The learning rate is so high that the vectors became infinite.
    """
    workers = section.workers or os.cpu_count() or 1
    with tempfile.TemporaryDirectory(prefix="glove-", dir=scratch) as folder:
        corpus = number_corpus([text, lists], section.min_count, Path(folder))
        if len(corpus.words) < 2:
            raise EmptyCorpusError(
                f"Only one word occurs {section.min_count} times, and one word has no neighbours; "
                "give more candidates or lower glove.min_count."
            )
        pairs = _pairs(corpus, section, workers, seed, Path(folder), progress)
        if not len(pairs):
            raise EmptyCorpusError(
                "No line holds two words that occur often enough; "
                "give more candidates or lower glove.min_count."
            )
        words, contexts = initial_rows(
            len(corpus.words), section.dimension, section.learning_rate, seeded(seed, 1)
        )
        losses = descend(
            pairs,
            words,
            contexts,
            section.learning_rate,
            section.epochs,
            workers,
            seeded(seed, 2),
            progress,
        )
    output = vectors_of(contexts, section.dimension)
    vectors = vectors_of(words, section.dimension) + output
    if not np.isfinite(vectors).all():
        raise RecipeError(
            f"Training GloVe at glove.learning_rate = {section.learning_rate} ran off to infinity; lower it."
        )
    parameters = {**section.model_dump(exclude={"enabled"}), "loss": losses, "pairs": len(pairs)}
    return Space("glove", corpus.words, corpus.counts, vectors, output, parameters)


def _pairs(
    corpus: NumberedCorpus,
    section: GloveSection,
    workers: int,
    seed: int,
    folder: Path,
    progress: Progress | None,
) -> TiledPairs:
    text, lists = corpus.streams
    contexts = [
        text_context(text, section.window),
        list_context(lists, section.list_window, share=section.list_weight == "shared"),
    ]
    tiling = Tiling.fitting(len(corpus.words), row_bytes(section.dimension), symmetric=section.symmetric)
    memory = int(section.memory * 2**30)

    def counting(done: float, total: float) -> None:
        if progress is not None:
            progress(done, total, "counting pairs")

    counted = count_pairs(contexts, tiling, folder, memory, workers, counting)
    return weigh_pairs(counted, section.x_max, section.alpha, seeded(seed, 0), folder, memory)
