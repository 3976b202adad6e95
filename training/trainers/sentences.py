"""Static sentence vectors: word vectors trained so that the two texts of a pair find each other.

Every batch is a task of its own: of all second texts in the batch, which one belongs to this first one? That
is the loss that sentence-transformers calls MultipleNegativesRanking (Henderson et al. 2017, Efficient
Natural Language Response Suggestion), over the means of word vectors; it is also StarSpace's objective for
pairs of documents (Wu et al. 2017), by softmax instead of hinge loss. The same loss on prefixes of the
vectors makes these vectors too (Kusupati et al. 2022, Matryoshka Representation Learning).

The gradient is written down here: with scipy alone, a batch touches only the rows of its own words, which
took a fraction of the time of a dense optimiser, and the training of a release needs no torch.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix

from embedsvc.errors import RecipeError
from embedsvc.spaces import SifEncoder, Space, StaticEncoder
from embedsvc.spaces.space import Matrix
from training.recipe import StaticSection
from training.trainers.pair_batches import TextPairs

_EPSILON = 1e-8
_REPORTS_AN_EPOCH = 20
Progress = Callable[[float, float, str], None]


def train_static(
    pairs: TextPairs,
    start: Space,
    section: StaticSection,
    seed: int,
    progress: Progress | None = None,
) -> StaticEncoder:
    """Train on pairs, from `start_space`'s vectors.

    Args:
        pairs: What belongs together, by rows of `start`.
        start: The first vectors.
        section: Parameters.
        seed: Of the order of pairs; the same seed gives the same vectors on the same machine.
        progress: Told (pairs done, pairs in all, "loss 1.23").

    Raises:
        RecipeError: The learning rate is so high that training diverged.
    """
    model = _Model(start.vectors.astype(np.float32), section)
    generator = np.random.default_rng(seed)
    total, done = float(section.epochs * len(pairs)), 0
    step = max(1, len(pairs) // _REPORTS_AN_EPOCH)
    losses = []
    for _ in range(section.epochs):
        seen = 0.0
        for batch in pairs.batches(section.batch, section.area_run, generator):
            loss = model.learn(pairs, batch, 1.0 - done / total)
            if not np.isfinite(loss):
                raise RecipeError("Training of the sentence encoder diverged; lower static.learning_rate.")
            seen += loss * len(batch)
            before, done = done, done + len(batch)
            if progress is not None and before // step != done // step:
                progress(done, total, f"loss {loss:.3f}")
        losses.append(seen / len(pairs))
    parameters = {**section.model_dump(mode="json"), "loss": losses}
    return StaticEncoder(Space("static", start.keys, start.counts, model.vectors, None, parameters))


def start_space(encoder: SifEncoder, sample: Sequence[Sequence[str]], dimension: int | None = None) -> Space:
    """The word space whose plain means are the encoder's vectors, turned so that prefixes tell the most.

    A weighted mean less its common directions is linear in the word vectors, so the weight and the
    projection go into them. The axes are the principal ones of the sample's vectors.

    Args:
        encoder: Where to start from.
        sample: Tokenised texts, for the axes.
        dimension: Numbers to keep; all by default.
    """
    space, common = encoder.space, encoder.components
    vectors = space.vectors * encoder.weights[:, None]
    vectors -= (vectors @ common.T) @ common
    encoded = encoder.encode(sample).astype(np.float64)
    _, axes = np.linalg.eigh(encoded.T @ encoded)
    turned = vectors @ axes[:, ::-1][:, :dimension].astype(np.float32)
    scale = float(np.sqrt(np.mean(np.square(turned)))) or 1.0
    return Space("static", space.keys, space.counts, np.ascontiguousarray(turned / scale))


def pair_loss(
    first: Matrix, second: Matrix, apart: npt.NDArray[np.bool_], scale: float
) -> tuple[float, Matrix, Matrix]:
    """Mean cross-entropy of finding second[i] by first[i] and the other way round, by cosine.

    Args:
        first: (n, d)
        second: (n, d) row i belongs to row i of `first`.
        apart: (n, n) pairs that may be told apart; others are no negatives. The diagonal is True.
        scale: What cosines are multiplied by; 1 / temperature.

    Returns:
        The loss and its gradients by `first` and by `second`.
    """
    one, one_norm = _unit(first)
    two, two_norm = _unit(second)
    scores = np.where(apart, scale * (one @ two.T), np.float32(-np.inf))
    places = np.arange(len(first))
    loss, slope = 0.0, np.zeros_like(scores)
    for axis in (0, 1):
        raised = np.exp(scores - scores.max(axis=axis, keepdims=True))
        shares = raised / raised.sum(axis=axis, keepdims=True)
        loss -= float(np.mean(np.log(np.maximum(shares[places, places], 1e-30)))) / 2
        slope += shares / 2
    slope[places, places] -= 1
    slope *= scale / len(first)
    return loss, _through_unit(slope @ two, one, one_norm), _through_unit(slope.T @ one, two, two_norm)


def _unit(vectors: Matrix) -> tuple[Matrix, Matrix]:
    norms = np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), np.float32(_EPSILON))
    return vectors / norms, norms


def _through_unit(slope: Matrix, unit: Matrix, norms: Matrix) -> Matrix:
    """The gradient by a vector, from that by its unit vector."""
    along = np.sum(slope * unit, axis=1, keepdims=True)
    return np.asarray((slope - unit * along) / norms)


class _Model:
    """Word vectors under AdaGrad (Duchi et al. 2011), whose state is touched where a word is met."""

    def __init__(self, vectors: Matrix, section: StaticSection) -> None:
        self.vectors = vectors
        self._squares = np.zeros_like(vectors)
        self._rate = section.learning_rate
        self._scale = section.scale
        dimension = vectors.shape[1]
        self._prefixes = [*sorted({each for each in section.prefixes if each < dimension}), dimension]

    def learn(self, pairs: TextPairs, batch: npt.NDArray[np.int64], rate: float) -> float:
        """One step; the loss before it. `rate` is the share of the learning rate."""
        texts = csr_matrix(pairs.means(batch))
        rows, columns = np.unique(texts.indices, return_inverse=True)
        shape = (2 * len(batch), len(rows))
        mean = csr_matrix((texts.data, columns.astype(np.int32), texts.indptr), shape=shape)
        pooled = np.asarray(mean @ self.vectors[rows])
        first, second = pooled[: len(batch)], pooled[len(batch) :]
        apart, slope, loss = pairs.apart(batch), np.zeros_like(pooled), 0.0
        for prefix in self._prefixes:
            part, by_first, by_second = pair_loss(first[:, :prefix], second[:, :prefix], apart, self._scale)
            slope[: len(batch), :prefix] += by_first / len(self._prefixes)
            slope[len(batch) :, :prefix] += by_second / len(self._prefixes)
            loss += part / len(self._prefixes)
        self._descend(rows, np.asarray(mean.T @ slope), rate)
        return loss

    def _descend(self, rows: npt.NDArray[np.int32], slope: Matrix, rate: float) -> None:
        squares = self._squares[rows] + slope * slope
        self._squares[rows] = squares
        self.vectors[rows] -= (self._rate * rate) * slope / (np.sqrt(squares) + np.float32(_EPSILON))
