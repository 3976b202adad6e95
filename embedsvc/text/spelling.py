"""Spelling: skills whose normal form is nearly what was typed.

`near` gives suggestions. `correction` gives a skill only where the typing error is beyond doubt:

* edits are insertions, deletions, replacements and swaps of neighbours (optimal string alignment);
* one edit where the typed normal form has 4 to 7 characters, up to two where it has 8 or more; shorter
  ones are never corrected ("go", "r", "aws" are one edit from too much);
* the first character and all digits are the same ("oracle 10g" is not an error for "oracle 11g");
* the signs "+" and "#" are the same ("c++" is not an error for "c");
* of the skills at the smallest distance the most used wins, if it has at least 4 times the candidates of
  the next one; otherwise it is ambiguous and there is no correction.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt
from rapidfuzz import process
from rapidfuzz.distance import OSA

_LONGEST_WORD = 100  # characters of a normal form; beyond it nothing is near
_LEAST_SCORE = 0.6
_CLEAR_LEAD = 4
_EXACT_PART = re.compile(r"[0-9+#]")


class Speller:
    """Near forms among the normal forms of a lexicon.

    Args:
        rows: Row of the skill by normal form.
        candidates: Distinct candidates by row.
    """

    def __init__(self, rows: Mapping[str, int], candidates: Sequence[int]) -> None:
        self._keys = list(rows)
        self._rows = list(rows.values())
        self._row_of_key = np.array(self._rows, np.int64)
        self._candidates = candidates

    def near(self, key: str, limit: int) -> list[tuple[int, float]]:
        """Return up to `limit` (row, 1 - edits / longer length), best first, then the more used."""
        if not 0 < len(key) <= _LONGEST_WORD or limit <= 0:
            return []
        best: dict[int, float] = {}
        for _, score, at in process.extract(
            key, self._keys, scorer=OSA.normalized_similarity, score_cutoff=_LEAST_SCORE, limit=None
        ):
            row = self._rows[at]
            best[row] = max(score, best.get(row, 0.0))
        return sorted(best.items(), key=lambda pair: (-pair[1], pair[0]))[:limit]

    def closeness(self, key: str) -> npt.NDArray[np.float32]:
        """(rows,) 1 - edits / longer length to the nearest form of each row, in [0, 1]."""
        closeness = np.zeros(len(self._candidates), np.float32)
        if self._keys and 0 < len(key) <= _LONGEST_WORD:
            found = process.cdist([key], self._keys, scorer=OSA.normalized_similarity, dtype=np.float32)
            np.maximum.at(closeness, self._row_of_key, found[0])
        return closeness

    def correction(self, key: str) -> int | None:
        """Return the row that `key` surely means, by the rule of this module, or None."""
        if not 4 <= len(key) <= _LONGEST_WORD:
            return None
        edits = 1 if len(key) < 8 else 2
        nearest: dict[int, int] = {}
        for form, distance, at in process.extract(
            key, self._keys, scorer=OSA.distance, score_cutoff=edits, limit=None
        ):
            if form[0] == key[0] and _EXACT_PART.findall(form) == _EXACT_PART.findall(key):
                row = self._rows[at]
                nearest[row] = min(distance, nearest.get(row, edits))
        if not nearest:
            return None
        least = min(nearest.values())
        ranked = sorted((row for row in nearest if nearest[row] == least), key=lambda r: -self._candidates[r])
        clear = len(ranked) == 1 or self._candidates[ranked[0]] >= _CLEAR_LEAD * self._candidates[ranked[1]]
        return ranked[0] if clear else None
