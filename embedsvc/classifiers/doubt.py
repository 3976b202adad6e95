"""How much of its probability a classifier takes back of a short text.

A few words can be sure in the wrong way: one rare word settles the margins of a text of eight, and is often
about something else. No temperature mends that, for it makes vague texts vaguer still. So a share of all
probability, which falls with the length of the text, is spread evenly over the labels: their order stays.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

SHORT, LONG = 4, 1024  # tokens; shorter and longer texts are like these

Matrix = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Doubt:
    """A share that is a sigmoid of a line in the logarithm of the length.

    Attributes:
        short: Log odds of the share for a text of SHORT tokens.
        long: The same for one of LONG tokens.
    """

    short: float
    long: float

    def shares(self, lengths: Sequence[int] | npt.NDArray[np.int64]) -> Matrix:
        """(n,) the share spread evenly, for texts of so many tokens."""
        logs = np.log(np.clip(np.asarray(lengths, np.float64), SHORT, LONG))
        odds = np.interp(logs, np.log([SHORT, LONG]), [self.short, self.long])
        return np.asarray(1 / (1 + np.exp(-odds)))

    def spread(self, probabilities: Matrix, lengths: Sequence[int] | npt.NDArray[np.int64]) -> Matrix:
        """Probabilities (n, labels) that sum to 1, with the share of each text spread over its labels."""
        share = self.shares(lengths)[:, None]
        return np.asarray((1 - share) * probabilities + share / probabilities.shape[1])
