"""Trains a small network to put the right candidate of each question first.

The loss is the cross entropy of the softmax over a question's candidates (ListNet, Cao et al. 2007, with one
relevant candidate), lowered by Adam (Kingma and Ba 2015) with a falling step.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from embedsvc.spaces.completion import Network

Float32 = npt.NDArray[np.float32]
Layers = list[tuple[Float32, Float32]]
Progress = Callable[[float, float, str], None]

_BATCH = 64  # questions
_MOMENTS = 0.9, 0.999
_LEAST_STEP = 0.01  # of the first one, at the end


@dataclass(frozen=True)
class Questions:
    """Candidates of each question, padded at the end to one width.

    Attributes:
        features: float32, (questions, width, features).
        counts: int64, (questions,): candidates that are no padding, at least one.
        right: int64, (questions,): the place of the right one among them.
    """

    features: Float32
    counts: npt.NDArray[np.int64]
    right: npt.NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.counts)

    def part(self, chosen: slice | npt.NDArray[np.int64]) -> Questions:
        """Some of the questions."""
        return Questions(self.features[chosen], self.counts[chosen], self.right[chosen])


@dataclass(frozen=True)
class Fitted:
    """A trained network.

    Attributes:
        network: As it was after the epoch of the least loss on questions held back.
        loss: (epochs done, mean loss on the questions learned from, on those held back).
    """

    network: Network
    loss: list[tuple[int, float, float]]


def fit(
    questions: Questions,
    held: Questions,
    *,
    hidden: Sequence[int],
    epochs: int,
    learning_rate: float,
    seed: int,
    progress: Progress | None = None,
) -> Fitted:
    """Train on `questions`, choose the epoch by `held`.

    Args:
        questions: At least one.
        held: At least one, not learned from.
        hidden: Widths of the hidden layers.
        epochs: Passes over the questions.
        learning_rate: Size of a first step; it falls linearly.
        seed: Of the first weights and the order.
        progress: Told (epochs done, epochs in all, the loss).
    """
    generator = np.random.default_rng(seed)
    network = _untrained(questions, hidden, generator)
    layers, best = network.layers, network.layers
    optimiser = _Adam(layers)
    steps, done = epochs * -(-len(questions) // _BATCH), 0
    curve: list[tuple[int, float, float]] = []
    for epoch in range(1, epochs + 1):
        total = 0.0
        for batch in _batches(len(questions), generator):
            loss, gradients = _loss(layers, network, questions.part(batch))
            rate = learning_rate * max(1 - done / steps, _LEAST_STEP)
            layers = optimiser.step(layers, gradients, rate)
            total += loss * len(batch)
            done += 1
        ahead = _mean_loss(layers, network, held)
        if ahead < min((each for *_, each in curve), default=np.inf):
            best = layers
        curve.append((epoch, round(total / len(questions), 5), round(ahead, 5)))
        if progress is not None:
            progress(epoch, epochs, f"loss {ahead:.3f}")
    return Fitted(Network(network.mean, network.deviation, best), curve)


def _untrained(questions: Questions, hidden: Sequence[int], generator: np.random.Generator) -> Network:
    """A network that knows the scale of the features; first weights small, after LeCun et al. 1998."""
    real = questions.features[np.arange(questions.features.shape[1]) < questions.counts[:, None]]
    deviation = real.std(axis=0, dtype=np.float64)
    layers: Layers = []
    for inputs, outputs in pairwise([real.shape[1], *hidden, 1]):
        weights = generator.normal(0, np.sqrt(1 / (3 * inputs)), (inputs, outputs)).astype(np.float32)
        layers.append((weights, np.zeros(outputs, np.float32)))
    # A feature that never varies says nothing; it must not be divided by nearly nothing.
    return Network(
        real.mean(axis=0, dtype=np.float64).astype(np.float32),
        np.where(deviation > 1e-6, deviation, 1.0).astype(np.float32),
        layers,
    )


def _batches(size: int, generator: np.random.Generator) -> Iterator[npt.NDArray[np.int64]]:
    order = generator.permutation(size)
    for start in range(0, size, _BATCH):
        yield order[start : start + _BATCH]


def _mean_loss(layers: Layers, scale: Network, questions: Questions) -> float:
    total = 0.0
    for start in range(0, len(questions), _BATCH):
        part = questions.part(slice(start, start + _BATCH))
        loss, _ = _loss(layers, scale, part)
        total += loss * len(part)
    return total / len(questions)


def _loss(layers: Layers, scale: Network, batch: Questions) -> tuple[float, Layers]:
    """Mean cross entropy of a batch, and its gradient by back-propagation; `scale` scales features."""
    questions, width = batch.features.shape[:2]
    values = [scale.standard(batch.features).reshape(questions * width, -1)]
    for number, (weights, biases) in enumerate(layers):
        value = values[-1] @ weights + biases
        values.append(value if number == len(layers) - 1 else np.maximum(value, 0))
    scores = values[-1].reshape(questions, width)
    scores = np.where(np.arange(width) < batch.counts[:, None], scores, -np.inf)
    scores -= scores.max(axis=1, keepdims=True)
    shares = np.exp(scores)
    sums = shares.sum(axis=1)
    everyone = np.arange(questions)
    loss = float(np.mean(np.log(sums) - scores[everyone, batch.right]))
    slope = shares / sums[:, None]
    slope[everyone, batch.right] -= 1
    back = (slope / np.float32(questions)).reshape(-1, 1).astype(np.float32)
    gradients: Layers = []
    for number in range(len(layers) - 1, -1, -1):
        gradients.append((values[number].T @ back, back.sum(axis=0)))
        if number:
            back = (back @ layers[number][0].T) * (values[number] > 0)
    return loss, gradients[::-1]


class _Adam:
    """Kingma and Ba 2015, algorithm 1."""

    def __init__(self, layers: Layers) -> None:
        self._first = [np.zeros_like(each) for layer in layers for each in layer]
        self._second = [np.zeros_like(each) for layer in layers for each in layer]
        self._steps = 0

    def step(self, layers: Layers, gradients: Layers, rate: float) -> Layers:
        """The layers a step further; those given stay as they are."""
        self._steps += 1
        kept, kept_squares = _MOMENTS
        moved: list[Float32] = []
        pairs = zip(
            (each for layer in layers for each in layer),
            (each for layer in gradients for each in layer),
            self._first,
            self._second,
            strict=True,
        )
        for value, gradient, first, second in pairs:
            first += (1 - kept) * (gradient - first)
            second += (1 - kept_squares) * (gradient**2 - second)
            mean = first / np.float32(1 - kept**self._steps)
            square = second / np.float32(1 - kept_squares**self._steps)
            moved.append((value - np.float32(rate) * mean / (np.sqrt(square) + 1e-8)).astype(np.float32))
        return list(zip(moved[::2], moved[1::2], strict=True))
