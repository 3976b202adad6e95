"""The loss: of all second texts at hand, which one belongs to this first one?

As of the static encoder (`training.trainers.sentences.pair_loss`), with torch's gradients: what
sentence-transformers calls MultipleNegativesRanking (Henderson et al. 2017), both ways round, and on prefixes
of the vectors too (Kusupati et al. 2022). With triplets every pair brings one more text to be told from.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import Tensor


def ranking_loss(
    first: Tensor, second: Tensor, apart: Tensor, scale: float, prefixes: Sequence[int] = ()
) -> Tensor:
    """Mean cross-entropy of finding second[i] by first[i] and the other way round, by cosine.

    Args:
        first: (n, d)
        second: (n + m, d) row i < n belongs to row i of `first`, the rest to nobody.
        apart: (n, n + m) bool, pairs that may be told apart; the diagonal is True.
        scale: What cosines are multiplied by; 1 / temperature.
        prefixes: First numbers of a vector that must do alone; those below d count.
    """
    import torch
    from torch.nn import functional

    places = torch.arange(len(first), device=first.device)
    dimension = first.shape[1]
    lengths = [*sorted({each for each in prefixes if each < dimension}), dimension]
    losses = []
    for length in lengths:
        one, two = (functional.normalize(each[:, :length], dim=1) for each in (first, second))
        scores = (scale * one @ two.T).masked_fill(~apart, float("-inf"))
        back = scores[:, : len(first)].T
        losses.append((functional.cross_entropy(scores, places) + functional.cross_entropy(back, places)) / 2)
    return torch.stack(losses).mean()
