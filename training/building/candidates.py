"""Stages that embed candidates and index them."""

from __future__ import annotations

from pathlib import Path

from embedsvc.spaces import Space, open_encoder
from embedsvc.spaces.encoder import saved_dimension
from embedsvc.spaces.space import Matrix
from training.embedding import VECTORS, copy_table, embed_candidates, index_candidates, open_vectors
from training.held_queries import open_queries
from training.preparation.prepared_corpus import PreparedCorpus
from training.progress import Meter
from training.recipe import CandidatesSection, IndexSection, Word2VecSection


def embeddings(
    corpus: Path, words: Path, sentences: Path, section: CandidatesSection, folder: Path, meter: Meter
) -> None:
    """Embed every searchable candidate."""
    prepared = PreparedCorpus(corpus)
    total = prepared.report().searchable
    encoder = open_encoder(sentences, Space.open(words))
    searchable = (each for each in prepared.documents() if each.searchable)
    embed_candidates(searchable, encoder, folder, section.columns, lambda done: meter.update(done, total))


def candidate_vectors(embeddings: Path, dimension: int) -> Matrix:
    """The vectors of the candidates, (candidates, dimension) float32, memory-mapped."""
    return open_vectors(embeddings / VECTORS, dimension)


def candidates(
    embeddings: Path,
    sentences: Path,
    words: Word2VecSection,
    section: IndexSection,
    seed: int,
    folder: Path,
    meter: Meter,
) -> None:
    """Build the candidates index beside its table."""
    vectors = candidate_vectors(embeddings, saved_dimension(sentences))
    queries = open_queries(embeddings, vectors.shape[1])
    index_candidates(
        vectors, section, folder, meter.update, workers=words.workers, queries=queries, seed=seed
    )
    copy_table(embeddings, folder)
