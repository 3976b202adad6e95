"""A hash table of counts that grows up to a limit of memory."""

from __future__ import annotations

import numpy as np

from training.trainers.glove.sweep import FREE, Counts, Keys, copy_into

_SLOT_BYTES = 16  # a key and a count
_LEAST = 1 << 12  # slots to begin with


class CountTable:
    """A table that doubles until it has as many slots as it may.

    Args:
        most_bytes: Upper limit of its memory, met by the nearest power of two below.
        span: Entries that must fit beyond those it reports as full; sets the least size.
    """

    def __init__(self, most_bytes: int, span: int) -> None:
        least = 1 << (4 * span).bit_length()
        # While it doubles, the old and the new table are there together.
        self._most = max(least, 1 << max((most_bytes * 2 // (3 * _SLOT_BYTES)).bit_length() - 1, 0))
        self._span = span
        self.used = 0
        self.keys, self.counts = _arrays(min(self._most, max(least, _LEAST)))

    @property
    def room(self) -> int:
        """Entries at which a caller that adds up to `span` at once must stop."""
        return len(self.keys) * 2 // 3 - self._span

    def grow(self) -> bool:
        """Double; False where the limit is reached and the table must be emptied instead."""
        if len(self.keys) >= self._most:
            return False
        keys, counts = _arrays(2 * len(self.keys))
        copy_into(self.keys, self.counts, keys, counts)
        self.keys, self.counts = keys, counts
        return True

    def clear(self) -> None:
        """Forget all entries, keep the slots."""
        self.keys.fill(FREE)
        self.used = 0


def _arrays(slots: int) -> tuple[Keys, Counts]:
    return np.full(slots, FREE, np.int64), np.empty(slots, np.float64)
