"""Candidates to vectors, and vectors to the candidates index; shared by training and re-indexing."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import orjson

from embedsvc.errors import EmptyCorpusError, OptionalDependencyError, RecipeError
from embedsvc.releases.candidates import FILE as TABLE
from embedsvc.releases.candidates import CandidateTableWriter, Kind
from embedsvc.spaces import TextEncoder
from embedsvc.spaces.space import Matrix
from indexes import MissingBackendError, get_backend
from indexes.tune import tune
from indexes.tuning import Goal, Tuning
from training.held_queries import HeldQueries
from training.preparation.prepared_corpus import Document
from training.recipe import IndexSection

VECTORS = "vectors.f32"
_COUNTS = "embedding.json"
_BATCH = 1_000


def embed_candidates(
    documents: Iterable[Document],
    encoder: TextEncoder,
    folder: Path,
    columns: Mapping[str, Kind],
    tick: Callable[[int], None] | None = None,
) -> Path:
    """Write the table of candidates and their vectors, streamed; rows agree.

    A candidate of whom no word is known has no vector and is left out: nothing could find them, and an
    index would rank them, with score 0, above all that point away from the query.

    Args:
        documents: The searchable candidates.
        encoder: Of the release.
        folder: Gets `candidates.arrow`, `vectors.f32`, what `embedding_counts` reads, and `held_queries`.
        columns: What candidates are filtered by.
        tick: Told the candidates done.

    Returns:
        The file of vectors, raw float32 rows.

    Raises:
        EmptyCorpusError: There is no candidate, or none of whom a word is known.
    """
    vectors, done, kept, truncated = folder / VECTORS, 0, 0, 0
    held = HeldQueries()
    with CandidateTableWriter(folder, columns) as table, vectors.open("wb") as out:
        for batch in _batches(documents):
            for each in batch:
                held.add(each)
            texts = [[*each.title_tokens, *each.tokens] for each in batch]
            encoded = encoder.encode(texts)
            if encoder.max_tokens is not None:
                truncated += int(encoder.lengths(texts).truncated.sum())
            known = np.flatnonzero(encoded.any(axis=1))
            encoded[known].tofile(out)
            findable = [batch[row] for row in known.tolist()]
            table.write([_row(each, columns) for each in findable])
            done, kept = done + len(batch), kept + len(findable)
            if tick is not None:
                tick(done)
    if not done:
        raise EmptyCorpusError("No candidate is searchable; mark at least one source so in the recipe.")
    if not kept:
        raise EmptyCorpusError(
            f"None of the {done:,} searchable candidates holds a word that has a vector; check the fields "
            "that the recipe maps, or lower word2vec.min_count."
        )
    held.write(encoder, folder)
    counts = {"candidates": done, "unknown": done - kept, "truncated": truncated}
    (folder / _COUNTS).write_bytes(orjson.dumps(counts))
    return vectors


def _row(document: Document, columns: Mapping[str, Kind]) -> tuple[str | float | None, ...]:
    known = {**document.metadata, "location": document.location}
    facts = (document.id, document.title, document.label, document.updated_at)
    return (*facts, *(None if known.get(name) == "" else known.get(name) for name in columns))


def embedding_counts(folder: Path) -> dict[str, int]:
    """Of the candidates embedded: how many there were, held no known word, and were read only in part."""
    counts: dict[str, int] = orjson.loads((folder / _COUNTS).read_bytes())
    return counts


def open_vectors(path: Path, dimension: int) -> Matrix:
    """The vectors `embed_candidates` wrote, (candidates, dimension) float32, memory-mapped."""
    return np.memmap(path, np.float32, mode="r").reshape(-1, dimension)


def index_candidates(
    vectors: Matrix,
    section: IndexSection,
    folder: Path,
    progress: Callable[[int, int], None] | None = None,
    *,
    workers: int = 0,
    queries: Matrix | None = None,
    seed: int = 1,
) -> None:
    """Build the candidates index over (n, dimension) vectors and save it into `folder`.

    Args:
        vectors: Unit vectors.
        section: Parameters.
        folder: Made where missing.
        progress: Told (vectors done, vectors in all).
        workers: Threads, 0 = all cores; with 1 the same vectors give the same bytes twice, unless tuned.
        queries: Held back, (q, dimension), for the backend `auto`; without any it compares all vectors.
        seed: Of the sample that `auto` draws of many vectors.

    Raises:
        OptionalDependencyError: The backend's library is not installed.
        RecipeError: The backend can do nothing with these arguments and vectors.
    """
    try:
        if section.backend == "auto":
            asked = np.empty((0, vectors.shape[1]), np.float32) if queries is None else queries
            goal = Goal(section.recall, max_bytes=section.max_bytes, mapped=section.mapped)
            built, tuning = tune(
                vectors, asked, goal=goal, seed=seed, progress=progress, threads=workers or None
            )
            built.save(folder)
            tuning.save(folder)
            return
        backend = get_backend(section.backend)
        args = backend.args_type(**_arguments(section))
        built = backend.build(vectors, metric="cosine", args=args, progress=progress, threads=workers or None)
    except MissingBackendError as error:
        raise OptionalDependencyError(f'[index] backend = "{section.backend}": {error}') from error
    except ValueError as error:
        raise RecipeError(f"[index] cannot be used: {error}.") from error
    built.save(folder)


def _arguments(section: IndexSection) -> dict[str, Any]:
    """The backend's arguments, of the keys of the recipe that are its own."""
    graph = {
        "m": section.links,
        "ef_construction": section.build_effort,
        "ef_search": section.search_effort,
    }
    of_backend: dict[str, dict[str, Any]] = {
        "faiss_hnsw": graph,
        "hnswlib": graph,
        "faiss_factory": {
            "factory": section.factory,
            "probes": section.probes,
            "refine": section.refine,
        },
        "milvus": {"uri": section.uri, **graph},
        "annoy": {"trees": section.trees, "search_nodes": section.search_nodes},
        "exact": {},
    }
    return of_backend[section.backend]


def tuned(folder: Path) -> dict[str, Any]:
    """What was tried for the index in `folder`, for a manifest; empty where it was not tuned."""
    tuning = Tuning.load(folder)
    return {} if tuning is None else {"index": tuning.as_json()}


def copy_table(embeddings: Path, folder: Path) -> None:
    """Put the table of candidates beside their index."""
    shutil.copyfile(embeddings / TABLE, folder / TABLE)


def _batches(documents: Iterable[Document]) -> Iterator[list[Document]]:
    stream = iter(documents)
    while batch := list(islice(stream, _BATCH)):
        yield batch
