"""word2vec through gensim's fastest path: corpus files read by worker threads without the GIL.

Two kinds of context train one space, taking turns epoch by epoch under one falling learning rate: text,
with the usual window, and skill lists, whose order means nothing, with a window wide enough for a whole
list. Mikolov et al. 2013, Distributed Representations of Words and Phrases and their Compositionality.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import numpy as np
import numpy.typing as npt
from gensim.models import Word2Vec

from embedsvc.errors import EmptyCorpusError, RecipeError
from embedsvc.spaces import Space
from training.recipe import Word2VecSection
from training.trainers.loss_probe import LossProbe, Sampled

_FINAL_RATE = 1e-4


def train_word2vec(
    text: Path,
    lists: Path,
    section: Word2VecSection,
    seed: int,
    progress: Callable[[float, float, str], None] | None = None,
) -> Space:
    """Train on files of one space-separated token line each.

    Args:
        text: Sentences.
        lists: Skill lists, a list a line; may be empty.
        section: Parameters.
        seed: Of the initial vectors; with `workers = 1` the same bytes come out twice.
        progress: Told (tokens done, tokens in all, note with the loss) after each half epoch.

    Returns:
        The space, most frequent key first, input and output vectors, all float32. `parameters` holds the
        `loss` before training and after each epoch, where any line has two words.

    Raises:
        EmptyCorpusError: No word occurs `min_count` times.
        RecipeError: The learning rate is so high that the vectors became infinite.
    """
    workers = section.workers or os.cpu_count() or 1
    contexts = [_Context(text, section.window), _Context(lists, section.list_window)]
    contexts = [context for context in contexts if context.words]
    counts: Counter[str] = Counter()
    for context in contexts:
        counts.update(context.counts)
    model = Word2Vec(
        vector_size=section.dimension,
        window=section.window,
        min_count=section.min_count,
        sg=int(section.algorithm == "skip-gram"),
        negative=section.negative,
        sample=section.sample,
        alpha=section.learning_rate,
        min_alpha=_FINAL_RATE,
        workers=workers,
        seed=seed,
        epochs=section.epochs,
    )
    frequent = {word: count for word, count in sorted(counts.items()) if count >= section.min_count}
    if not frequent:
        raise EmptyCorpusError(
            f"No word occurs {section.min_count} times; give more candidates or lower word2vec.min_count."
        )
    model.build_vocab_from_freq(frequent, corpus_count=sum(context.lines for context in contexts))
    probe = _probe(model, contexts, section, seed)
    losses = [probe.loss(model.wv.vectors, model.syn1neg)]
    total = float(section.epochs * sum(context.words for context in contexts))
    done = 0.0
    for epoch in range(section.epochs):
        for context in contexts:
            start, end = (
                _rate(section.learning_rate, share / total) for share in (done, done + context.words)
            )
            context.train(model, start, end)
            done += context.words
            if progress is not None:
                progress(done, total, _note(epoch, section.epochs, losses[-1]))
        if not (np.isfinite(model.wv.vectors).all() and np.isfinite(model.syn1neg).all()):
            raise RecipeError(
                f"Training word2vec at word2vec.learning_rate = {section.learning_rate:g} ran off to "
                "infinity; lower it."
            )
        losses.append(probe.loss(model.wv.vectors, model.syn1neg))
    return _space(model, section, [loss for loss in losses if loss is not None])


class _Context:
    """One corpus file, its counts, and the window it is read with."""

    def __init__(self, path: Path, window: int) -> None:
        self.path = path
        self.window = window
        self.counts: Counter[str] = Counter()
        self.lines = 0
        with path.open(encoding="utf-8") as lines:
            for line in lines:
                self.counts.update(line.split())
                self.lines += 1
        self.words = self.counts.total()

    def train(self, model: Word2Vec, start: float, end: float) -> None:
        """One epoch over the file while the learning rate falls from `start` to `end`."""
        model.window = self.window
        model.train(
            corpus_file=str(self.path),
            total_examples=self.lines,
            total_words=self.words,
            epochs=1,
            start_alpha=start,
            end_alpha=end,
        )


def _probe(model: Word2Vec, contexts: list[_Context], section: Word2VecSection, seed: int) -> LossProbe:
    files = [Sampled(context.path, context.lines, context.window) for context in contexts]
    counts = _counts(model)
    return LossProbe.draw(
        files,
        model.wv.key_to_index,
        counts,
        negative=section.negative,
        whole_context=section.algorithm == "cbow",
        seed=seed,
    )


def _note(epoch: int, epochs: int, loss: float | None) -> str:
    return f"epoch {epoch + 1}/{epochs}" + ("" if loss is None else f", loss {loss:.3f}")


def _counts(model: Word2Vec) -> npt.NDArray[np.int64]:
    return np.array([model.wv.get_vecattr(key, "count") for key in model.wv.index_to_key], np.int64)


def _rate(first: float, share: float) -> float:
    return first - (first - _FINAL_RATE) * share


def _space(model: Word2Vec, section: Word2VecSection, losses: list[float]) -> Space:
    keys = list(model.wv.index_to_key)
    parameters = {**section.model_dump(), "loss": losses}
    return Space("word2vec", keys, _counts(model), model.wv.vectors, model.syn1neg, parameters)
