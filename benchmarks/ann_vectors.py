"""Vectors and queries of the index benchmarks, their truth, and how a search is timed."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from indexes.exact import ExactIndex
from indexes.vectors import Float32, Float64, Int64

K, QUERIES = 10, 1_000
_ALONE = 200


def generated(rows: int, queries: int = QUERIES) -> tuple[Float32, Float32]:
    """128 dimensions in 1,000 clusters of unequal size, and held-out vectors of the same."""
    rng = np.random.default_rng(1)
    centers = rng.normal(size=(1_000, 128))
    size = rng.pareto(1.5, 1_000) + 0.1
    home = rng.choice(1_000, rows + queries, p=size / size.sum())
    vectors = np.empty((len(home), 128), np.float32)
    for start in range(0, len(home), 65_536):
        part = home[start : start + 65_536]
        vectors[start : start + 65_536] = centers[part] + 0.7 * rng.normal(size=(len(part), 128))
    return vectors[:rows], vectors[rows:]


def read(path: Path, queries: int = QUERIES) -> tuple[Float32, Float32]:
    """Vectors of a file; where it brings no queries, so many of the vectors are held out."""
    loaded = np.load(path, allow_pickle=False)
    if isinstance(loaded, np.ndarray):
        held = np.zeros(len(loaded), bool)
        held[:: max(1, len(loaded) // queries)] = True
        # Word vectors come by frequency, and frequent words are found in another time than rare ones.
        shuffled = np.random.default_rng(1).permutation(loaded[held])
        return loaded[~held].astype(np.float32), shuffled.astype(np.float32)
    return loaded["base"].astype(np.float32), loaded["queries"].astype(np.float32)


def unit(vectors: Float32) -> Float32:
    """Scaled to length 1; a zero vector stays."""
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return (vectors / np.where(lengths > 0, lengths, 1)).astype(np.float32)


def truth(vectors: Float32, queries: Float32) -> Int64:
    """The ten nearest by cosine."""
    return ExactIndex.build(vectors).search(queries, K).ids


def batch_us(run: Callable[[Float32], object], queries: Float32, size: int = 100) -> Float64:
    """Microseconds a query of each batch of `size`, three at most."""
    taken = []
    for start in range(0, min(len(queries), 3 * size), size):
        part = queries[start : start + size]
        began = time.perf_counter()
        run(part)
        taken.append((time.perf_counter() - began) / len(part))
    return np.asarray(taken) * 1e6


def alone_us(run: Callable[[Float32], object], queries: Float32) -> Float64:
    """Microseconds of each query asked alone, the last two hundred."""
    taken = []
    for row in range(max(0, len(queries) - _ALONE), len(queries)):
        one = queries[row : row + 1]
        began = time.perf_counter()
        run(one)
        taken.append(time.perf_counter() - began)
    return np.asarray(taken) * 1e6
