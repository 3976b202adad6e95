"""Queries held back to tune the index of candidates by: titles, but none that the index is judged by."""

from __future__ import annotations

from hashlib import blake2b
from pathlib import Path

import numpy as np

from embedsvc.spaces import TextEncoder
from embedsvc.spaces.space import Matrix
from training.preparation.prepared_corpus import Document

QUERIES = "queries.f32"
_MOST = 1_000
_WORDS = 10  # of a candidate without a title


class HeldQueries:
    """Draws up to 1,000 different texts from the candidates as they stream by; the same ones every time.

    A text is a title, or the first words of whoever has none. What a candidate of the test part is called is
    never drawn: by such titles the evaluation measures the recall of the index.
    """

    def __init__(self) -> None:
        self._drawn: dict[int, str] = {}
        self._judged: set[int] = set()

    def add(self, document: Document) -> None:
        """Take a candidate into account."""
        text = document.title_text or " ".join(document.tokens[:_WORDS])
        if not text:
            return
        place = int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "big")
        if document.part == "test":
            self._judged.add(place)
            return
        self._drawn[place] = text
        if len(self._drawn) > 8 * _MOST:
            self._drawn = {place: self._drawn[place] for place in sorted(self._drawn)[: 4 * _MOST]}

    def write(self, encoder: TextEncoder, folder: Path) -> None:
        """Write the vectors of those drawn into `folder`; texts without a known word ask for nothing."""
        places = [place for place in sorted(self._drawn) if place not in self._judged][:_MOST]
        vectors = encoder.encode([self._drawn[place].split() for place in places])
        vectors[vectors.any(axis=1)].tofile(folder / QUERIES)


def open_queries(folder: Path, dimension: int) -> Matrix:
    """What `HeldQueries.write` wrote, (queries, dimension) float32; none where nothing was."""
    path = folder / QUERIES
    if not path.is_file():
        return np.empty((0, dimension), np.float32)
    return np.fromfile(path, np.float32).reshape(-1, dimension)
