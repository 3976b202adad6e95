"""What a candidate says as a set of shingles, and the MinHash signatures of such sets.

A shingle is four words in a row of the texts, or one skill; case, marks and order of skills do not count.
The hash of a word is that of its bytes under a polynomial modulo 2^64 (Rabin and Karp), that of a shingle a
polynomial of its words', mixed (Steele et al. 2014, SplitMix): all come from one running sum over a text.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from rensa import RMinHash

from embedsvc.text.candidate import Candidate

WORDS_A_SHINGLE = 4
LEAST_SHINGLES = 12  # of text: somebody who says less is nobody's near-duplicate
SIGNATURE = 128  # numbers a signature, 4 bytes each

Hashes = npt.NDArray[np.uint64]
Signatures = npt.NDArray[np.uint32]

_TEXTS = ("summary", "experience", "projects", "education")
_SEED = 1
_BASE, _OF_WORDS = 0x9E3779B97F4A7C15, 0xD6E8FEB86659FD93
_CHUNK = 1 << 16  # bytes a running sum; longer texts are cut at a word
_SPACE = ord(" ")


def _table() -> bytes:
    return bytes(
        byte if byte >= 128 else ord(chr(byte).lower()) if chr(byte).isalnum() else _SPACE
        for byte in range(256)
    )


_TABLE = _table()
# Of a skill nothing but letters and digits is left; a new line parts two.
_MARKS = bytes(byte for byte in range(128) if not chr(byte).isalnum() and byte != ord("\n"))


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
    found += _of_skills(candidate.skills)
    return (np.concatenate(found) if found else np.zeros(1, np.uint64)), of_text >= LEAST_SHINGLES


def signatures(sets: Sequence[Hashes]) -> Signatures:
    """MinHash signatures (n, SIGNATURE) of sets of shingles (Broder 1997)."""
    ends = np.cumsum([0, *map(len, sets)], dtype=np.uint64)
    matrix = RMinHash.digest_matrix_from_flat_token_hashes(np.concatenate(sets), ends, SIGNATURE, _SEED)
    return np.array(matrix.to_rows(), np.uint32).reshape(len(sets), SIGNATURE)


def _of_text(text: str, words: int) -> list[Hashes]:
    return _of_flat(text.encode("utf-8", "ignore").translate(_TABLE) + b" ", words)


def _of_skills(skills: Sequence[str]) -> list[Hashes]:
    return _of_flat("\n".join(skills).encode("utf-8", "ignore").translate(_TABLE, _MARKS) + b" ", 1)


def _of_flat(flat: bytes, words: int) -> list[Hashes]:
    found, start = [], 0
    while start < len(flat):
        end = start + _CHUNK
        end = len(flat) if end >= len(flat) else (flat.rfind(b" ", start, end) + 1 or end)
        found.append(_of_chunk(np.frombuffer(flat, np.uint8, end - start, start), words))
        start = end
    return found


def _of_chunk(flat: npt.NDArray[np.uint8], words: int) -> Hashes:
    is_space = flat == _SPACE
    edges = np.flatnonzero(is_space[1:] != is_space[:-1]) + 1
    if not is_space[0]:
        edges = np.concatenate(([0], edges))
    if not is_space[-1]:
        edges = np.append(edges, len(flat))
    starts, ends = edges[::2], edges[1::2]
    sums = np.zeros(len(flat) + 1, np.uint64)
    np.cumsum(flat * _POWERS[: len(flat)], out=sums[1:])
    of_words: Hashes = (sums[ends] - sums[starts]) * _INVERSES[starts]
    # A text of fewer words is one shingle.
    width = min(words, len(of_words))
    last = len(of_words) - width + 1
    hashes = of_words[:last] if width else of_words
    for place in range(1, width):
        hashes = hashes * np.uint64(_OF_WORDS) + of_words[place : last + place]
    return _mixed(hashes)


def _mixed(hashes: Hashes) -> Hashes:
    hashes = (hashes ^ (hashes >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    hashes = (hashes ^ (hashes >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    mixed: Hashes = hashes ^ (hashes >> np.uint64(31))
    return mixed
