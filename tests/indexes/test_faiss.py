"""FAISS beyond the contract: how its graphs are linked, and whose threads are bounded."""

import numpy as np
import pytest

from indexes import recall_at_k
from indexes.exact import ExactIndex
from indexes.faiss_backend import FaissHnswArgs, FaissHnswIndex
from indexes.faiss_library import OpenmpThreads, faiss


def lowest_links(index: FaissHnswIndex, links: int) -> np.ndarray:
    """Of each vector those of the lowest level, -1 where there is none."""
    offsets = faiss.vector_to_array(index._graph.hnsw.offsets)[:-1].astype(np.int64)
    neighbours = faiss.vector_to_array(index._graph.hnsw.neighbors)
    return neighbours[offsets[:, None] + np.arange(links)]


def test_a_graph_uses_the_room_of_its_links():
    rng = np.random.default_rng(0)
    vectors = rng.normal(size=(40, 16))[rng.integers(0, 40, 3_000)] + 0.3 * rng.normal(size=(3_000, 16))
    index = FaissHnswIndex.build(vectors, args=FaissHnswArgs(m=8, ef_construction=60), threads=1)
    # FAISS leaves a fifth free when it prunes a full list; by diversity alone it would leave most of it.
    assert (lowest_links(index, 16) >= 0).sum(axis=1).min() >= 12
    queries = vectors[:200] + 0.1 * rng.normal(size=(200, 16))
    truth = ExactIndex.build(vectors).search(queries, 10).ids
    assert recall_at_k(index.search(queries, 10, effort=32).ids, truth).mean() >= 0.98


@pytest.mark.parametrize("wanted", [None, 0, 1, 3])
def test_the_threads_of_faiss_are_as_they_were(wanted: int | None):
    before = faiss.omp_get_max_threads()

    def within() -> int:
        with OpenmpThreads(wanted):
            found = int(faiss.omp_get_max_threads())
            raise KeyError(found)

    with pytest.raises(KeyError) as caught:
        within()
    assert caught.value.args[0] == (before if wanted is None else max(1, wanted))
    assert faiss.omp_get_max_threads() == before
