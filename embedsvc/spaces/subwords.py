"""fastText's subwords: the rows of the input matrix whose mean is a word's vector, for many words at once.

Bojanowski et al. 2017, Enriching Word Vectors with Subword Information; the hash and the order are those of
`Dictionary::computeSubwords` in fastText 0.9. The order matters: float32 sums depend on it in the last bit.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from embedsvc.spaces.space import Matrix

# fastText's name for the end of a line; it has no subwords.
END_OF_LINE = b"</s>"
_FNV_BASIS, _FNV_PRIME = 2166136261, 16777619
_LONGEST_CHARACTER = 4  # bytes, in UTF-8

Rows = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Subwords:
    """How a model cuts words.

    Attributes:
        words: Words of the model; the rows of subwords come after theirs.
        buckets: Rows that subwords are hashed into; 0 for none.
        shortest: Characters of the shortest subword.
        longest: Characters of the longest; 0 for none.
    """

    words: int
    buckets: int
    shortest: int
    longest: int

    LONGEST: ClassVar[int] = 255  # that a model may ask for

    def vectors(self, words: Sequence[bytes], first: int, matrix: Matrix) -> Matrix:
        """Vectors of consecutive words, (n, dimension) float32: the mean of their rows of `matrix`.

        Args:
            words: Valid UTF-8.
            first: Row of the first of them.
            matrix: (words + buckets, dimension) float32 input matrix.
        """
        sums = np.array(matrix[first : first + len(words)], np.float32)
        if not self.buckets or self.longest < max(1, self.shortest):
            return sums
        rows, counts = self.rows(words)
        # One summand of every word at a time, so that each sum runs in fastText's order.
        order = np.argsort(-counts, kind="stable")
        falling, begins = counts[order], (np.cumsum(counts) - counts)[order]
        partial = sums[order]
        for place in range(int(falling[0]) if len(falling) else 0):
            active = int(np.searchsorted(-falling, -place, side="left"))
            partial[:active] += matrix[rows[begins[:active] + place]]
        partial *= (1.0 / (falling + 1)).astype(np.float32)[:, None]
        sums[order] = partial
        return sums

    def rows(self, words: Sequence[bytes]) -> tuple[Rows, Rows]:
        """Rows of the subwords of each word, in order and one word after another, and their number a word."""
        padded = [b"" if word == END_OF_LINE else b"<" + word + b">" for word in words]
        text = np.frombuffer(b"".join(padded), np.uint8)
        lengths = np.array([len(word) for word in padded], np.int64)
        starts = np.flatnonzero((text & 0xC0) != 0x80)
        owner = np.repeat(np.arange(len(words)), lengths)[starts]
        # Characters before this one in its word, and from this one on to the word's end.
        per_word = np.bincount(owner, minlength=len(words))
        before = np.arange(len(starts)) - (np.cumsum(per_word) - per_word)[owner]
        after = per_word[owner] - before
        hashed, valid = self._hashes(text, starts, before, after)
        counts = np.bincount(owner, valid.sum(axis=1), minlength=len(words)).astype(np.int64)
        return self.words + hashed[valid].astype(np.int64) % self.buckets, counts

    def _hashes(
        self, text: npt.NDArray[np.uint8], starts: Rows, before: Rows, after: Rows
    ) -> tuple[npt.NDArray[np.uint32], npt.NDArray[np.bool_]]:
        """FNV-1a of the subword of each length at each character, and which of them there are.

        fastText takes bytes as signed chars, so those above 127 are extended by ones to 32 bits.
        """
        extended = text.astype(np.int8).astype(np.uint32)
        ends = np.append(starts[1:], len(text))
        shape = (len(starts), self.longest - self.shortest + 1)
        hashes, valid = np.zeros(shape, np.uint32), np.zeros(shape, np.bool_)
        running = np.full(len(starts), _FNV_BASIS, np.uint32)
        for length in range(1, self.longest + 1):
            live = np.flatnonzero(after >= length)
            last = live + length - 1  # the character that this length adds
            for step in range(_LONGEST_CHARACTER):
                has = starts[last] + step < ends[last]
                byte = extended[(starts[last] + step)[has]]
                running[live[has]] = (running[live[has]] ^ byte) * np.uint32(_FNV_PRIME)
            if length < self.shortest:
                continue
            # A single "<" or ">" says nothing.
            edge = (length == 1) & ((before[live] == 0) | (after[live] == 1))
            kept = live[~edge]
            hashes[kept, length - self.shortest] = running[kept]
            valid[kept, length - self.shortest] = True
        return hashes, valid
