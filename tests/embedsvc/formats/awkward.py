"""Keys and vectors that are awkward to keep."""

from __future__ import annotations

import numpy as np

# Case twins, quotes, signs, other scripts, a separator of Unicode, numbers, what looks like a header.
KEYS = ["C", "c", '"', "'", "#", "-1.5", "400", "nan", "naïve", "東京", "a\u2028b", "a\xa0b", "</s>", "key"]


def awkward(rows: int, dimension: int) -> np.ndarray:
    """Float32 of all sizes, with a negative zero, the smallest and the largest number among them."""
    rng = np.random.default_rng(5)
    vectors = rng.normal(size=(rows, dimension)) * 10.0 ** rng.integers(-30, 30, (rows, dimension))
    vectors[0, :4] = [-0.0, np.finfo(np.float32).max, np.finfo(np.float32).smallest_subnormal, 1 / 3]
    return vectors.astype(np.float32)


def same_bits(left: np.ndarray, right: np.ndarray) -> bool:
    """Whether two matrices of float32 are the same bit for bit; -0.0 is not 0.0."""
    return left.shape == right.shape and bool((left.view(np.uint32) == right.view(np.uint32)).all())
