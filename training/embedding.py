"""Candidates to vectors, and vectors to the candidates index; shared by training and re-indexing."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from pathlib import Path

import numpy as np

from embedsvc.errors import EmptyCorpusError
from embedsvc.releases.candidates import FILE as TABLE
from embedsvc.releases.candidates import CandidateTableWriter
from embedsvc.spaces import TextEncoder
from embedsvc.spaces.space import Matrix
from indexes.faiss_backend import FaissHnswArgs, FaissHnswIndex
from training.preparation import Document
from training.recipe import IndexSection

VECTORS = "vectors.f32"
_BATCH = 1_000


def embed_candidates(
    documents: Iterable[Document],
    encoder: TextEncoder,
    folder: Path,
    tick: Callable[[int], None] | None = None,
) -> Path:
    """Write the table of candidates and their vectors, streamed; rows agree.

    A candidate of whom no word is known has a vector of zeros, and search does not find them.

    Args:
        documents: The searchable candidates.
        encoder: Of the release.
        folder: Gets `candidates.arrow` and `vectors.f32`.
        tick: Told the candidates done.

    Returns:
        The file of vectors, raw float32 rows.

    Raises:
        EmptyCorpusError: There is no candidate.
    """
    vectors, done = folder / VECTORS, 0
    with CandidateTableWriter(folder) as table, vectors.open("wb") as out:
        for batch in _batches(documents):
            encoder.encode([[*each.title_tokens, *each.tokens] for each in batch]).tofile(out)
            table.write([(each.id, each.title, each.label, each.updated_at) for each in batch])
            done += len(batch)
            if tick is not None:
                tick(done)
    if not done:
        raise EmptyCorpusError("No candidate is searchable; mark at least one source so in the recipe.")
    return vectors


def open_vectors(path: Path, dimension: int) -> Matrix:
    """The vectors `embed_candidates` wrote, (candidates, dimension) float32, memory-mapped."""
    return np.memmap(path, np.float32, mode="r").reshape(-1, dimension)


def index_candidates(
    vectors: Matrix, section: IndexSection, folder: Path, progress: Callable[[int, int], None] | None = None
) -> None:
    """Build the candidates index over (n, dimension) vectors and save it into `folder`."""
    args = FaissHnswArgs(
        m=section.links, ef_construction=section.build_effort, ef_search=section.search_effort
    )
    FaissHnswIndex.build(vectors, metric="cosine", args=args, progress=progress).save(folder)


def copy_table(embeddings: Path, folder: Path) -> None:
    """Put the table of candidates beside their index."""
    shutil.copyfile(embeddings / TABLE, folder / TABLE)


def _batches(documents: Iterable[Document]) -> Iterator[list[Document]]:
    stream = iter(documents)
    while batch := list(islice(stream, _BATCH)):
        yield batch
