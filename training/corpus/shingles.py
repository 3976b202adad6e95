"""What a candidate says as a set of shingles, and the MinHash signatures of such sets.

A shingle is four words in a row of the texts, or one skill; case, marks and order of skills do not count.
Its hash is that of its bytes under a polynomial modulo 2^64 (Rabin and Karp), mixed (Steele et al. 2014,
SplitMix), so that the hashes of all shingles of a text come from one running sum.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from rensa import RMinHash

from training.corpus.candidate import Candidate

WORDS_A_SHINGLE = 4
LEAST_SHINGLES = 12  # of text: somebody who says less is nobody's near-duplicate
SIGNATURE = 128  # numbers a signature, 4 bytes each

Hashes = npt.NDArray[np.uint64]
Signatures = npt.NDArray[np.uint32]

_TEXTS = ("summary", "experience", "projects", "education")
_SEED = 1
_BASE = 0x9E3779B97F4A7C15
_CHUNK = 1 << 16  # bytes a running sum; longer texts are cut at a word
_SPACE = ord(" ")


def _table() -> bytes:
    return bytes(
        byte if byte >= 128 else ord(chr(byte).lower()) if chr(byte).isalnum() else _SPACE
        for byte in range(256)
    )


_TABLE = _table()


def _powers(base: int) -> Hashes:
    powers: Hashes = np.cumprod(np.full(_CHUNK + 1, base, np.uint64), dtype=np.uint64)
    return powers * np.uint64(pow(base, -1, 1 << 64))


_POWERS, _INVERSES = _powers(_BASE), _powers(pow(_BASE, -1, 1 << 64))


def shingles(candidate: Candidate) -> tuple[Hashes, bool]:
    """The hashes of a candidate's shingles, and whether the text is long enough to tell people apart.

    Args:
        candidate: With clean text.

    Returns:
        (n,) uint64, n at least 1, repeated where the text repeats; True from `LEAST_SHINGLES` on.
    """
    found = _of_text(" ".join(getattr(candidate, name) for name in _TEXTS), WORDS_A_SHINGLE)
    of_text = sum(map(len, found))
    found += _of_text(" ".join("_".join(_words(skill)) for skill in candidate.skills), 1)
    return (np.concatenate(found) if found else np.zeros(1, np.uint64)), of_text >= LEAST_SHINGLES


def signatures(sets: Sequence[Hashes]) -> Signatures:
    """MinHash signatures (n, SIGNATURE) of sets of shingles (Broder 1997)."""
    ends = np.cumsum([0, *map(len, sets)], dtype=np.uint64)
    matrix = RMinHash.digest_matrix_from_flat_token_hashes(np.concatenate(sets), ends, SIGNATURE, _SEED)
    return np.array(matrix.to_rows(), np.uint32).reshape(len(sets), SIGNATURE)


def _words(text: str) -> list[str]:
    return text.encode("utf-8", "ignore").translate(_TABLE).decode("utf-8", "ignore").split()


def _of_text(text: str, words: int) -> list[Hashes]:
    flat = b" ".join(text.encode("utf-8", "ignore").translate(_TABLE).split()) + b" "
    found, start = [], 0
    while len(flat) - start > 1:
        end = start + _CHUNK
        end = len(flat) if end >= len(flat) else (flat.rfind(b" ", start, end) + 1 or end)
        found.append(_of_chunk(np.frombuffer(flat[start:end], np.uint8), words))
        start = end
    return found


def _of_chunk(flat: npt.NDArray[np.uint8], words: int) -> Hashes:
    sums = np.zeros(len(flat) + 1, np.uint64)
    np.cumsum(flat * _POWERS[: len(flat)], out=sums[1:])
    ends = np.flatnonzero(flat == _SPACE)
    starts = np.concatenate(([0], ends[:-1] + 1)) if len(ends) else np.zeros(1, np.int64)
    last = ends[words - 1 :] if len(ends) >= words else np.array([len(flat) - 1])
    first = starts[: len(last)]
    hashes: Hashes = (sums[last] - sums[first]) * _INVERSES[first]
    hashes ^= hashes >> np.uint64(30)
    hashes *= np.uint64(0xBF58476D1CE4E5B9)
    hashes ^= hashes >> np.uint64(27)
    hashes *= np.uint64(0x94D049BB133111EB)
    return hashes ^ (hashes >> np.uint64(31))
