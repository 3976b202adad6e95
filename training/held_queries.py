"""Queries held back to tune the index of candidates by: titles, but none that the index is judged by."""

from __future__ import annotations

from hashlib import blake2b
from pathlib import Path

import numpy as np

from embedsvc.spaces import TextEncoder
from embedsvc.spaces.space import Matrix
from training.preparation.prepared_corpus import Document

QUERIES = "queries.f32"
_MOST = 2_000
_WORDS = 10  # of a candidate, where titles are few


class HeldQueries:
    """Draws up to 2,000 different texts from the candidates as they stream by; the same ones every time.

    Titles are drawn, and where there are not so many the first words of candidates. A title or an opening of
    the test part is never drawn: by such titles the evaluation measures the recall of the index.
    """

    def __init__(self) -> None:
        self._titles = _Draw()
        self._openings = _Draw()

    def add(self, document: Document) -> None:
        """Take a candidate into account."""
        judged = document.part == "test"
        self._titles.add(document.title_text, judged=judged)
        self._openings.add(" ".join(document.tokens[:_WORDS]), judged=judged)

    def write(self, encoder: TextEncoder, folder: Path) -> None:
        """Write the vectors of those drawn into `folder`; texts without a known word ask for nothing."""
        texts = list(dict.fromkeys([*self._titles.drawn(), *self._openings.drawn()]))[:_MOST]
        vectors = encoder.encode([text.split() for text in texts])
        vectors[vectors.any(axis=1)].tofile(folder / QUERIES)


class _Draw:
    """Of many texts the different ones with the least hashes."""

    def __init__(self) -> None:
        self._texts: dict[int, str] = {}
        self._judged: set[int] = set()

    def add(self, text: str, *, judged: bool) -> None:
        if not text:
            return
        place = int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "big")
        if judged:
            self._judged.add(place)
            return
        self._texts[place] = text
        if len(self._texts) > 8 * _MOST:
            self._texts = {place: self._texts[place] for place in sorted(self._texts)[: 4 * _MOST]}

    def drawn(self) -> list[str]:
        return [self._texts[place] for place in sorted(self._texts) if place not in self._judged][:_MOST]


def open_queries(folder: Path, dimension: int) -> Matrix:
    """What `HeldQueries.write` wrote, (queries, dimension) float32; none where nothing was."""
    path = folder / QUERIES
    if not path.is_file():
        return np.empty((0, dimension), np.float32)
    return np.fromfile(path, np.float32).reshape(-1, dimension)
