"""Typeahead: the most used skills whose name, or another surface form, starts with what was typed."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence

import numpy as np

_AFTER_ALL = "\U0010ffff"


class Typeahead:
    """Surface forms in alphabetical order, each with its skill.

    A prefix is two binary searches; the best of the stretch between them are taken by a partial sort of
    rows (small rows are the most used skills), so even a one-letter prefix of 100,000 skills takes well
    under a millisecond.

    Args:
        forms: (surface form, row); of a skill's forms, its name comes first.
    """

    def __init__(self, forms: Sequence[tuple[str, int]]) -> None:
        keyed = sorted(
            (" ".join(surface.casefold().split()), row, at) for at, (surface, row) in enumerate(forms)
        )
        self._keys = [key for key, _, _ in keyed]
        self._forms = np.array([at for _, _, at in keyed], dtype=np.int64)
        self._rows = np.array([row for _, row, _ in keyed], dtype=np.int64)
        self._surfaces = [surface for surface, _ in forms]
        self._skills = len({row for _, row in forms})

    def find(self, prefix: str, limit: int) -> list[tuple[int, str]]:
        """Return up to `limit` (row, surface form), by row, one for each skill."""
        low = bisect_left(self._keys, prefix)
        high = bisect_left(self._keys, prefix + _AFTER_ALL, lo=low)
        limit = min(limit, self._skills, high - low)
        if limit <= 0:
            return []
        # Many forms of one skill may crowd the best ones: take more until `limit` skills are among them.
        rows, forms, taken = self._rows[low:high], self._forms[low:high], limit
        while True:
            taken = min(taken * 4, len(rows))
            best = np.argpartition(rows, taken - 1)[:taken] if taken < len(rows) else np.arange(len(rows))
            best = best[np.lexsort((forms[best], rows[best]))]
            found, first = np.unique(rows[best], return_index=True)
            # The last skill of a partial stretch may have a better form outside it: those before are sure.
            if taken == len(rows) or len(found) > limit:
                chosen = forms[best[first[:limit]]]
                return [(int(row), self._surfaces[at]) for row, at in zip(found[:limit], chosen, strict=True)]
