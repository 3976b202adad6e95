"""What a linear classifier reads of a text: hashed words and pairs of words, of three zones.

    all     the whole text
    latest  what the work history begins with, which in a CV is the latest job's title and employer;
            the text's own start where no work history is marked
    dated   what stands around a month or "present": the heads of the jobs

A feature is the zone and one token (a skill is one token), or two tokens in a row, as a hash of 64 bits: a
model holds no word that could be read. With 10^6 features two share a hash with chance 3e-8 (birthday bound).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from hashlib import blake2b

import numpy as np
import numpy.typing as npt

from embedsvc.classifiers.base import WORK

ZONES = ("all", "latest", "dated")
LATEST = 20  # tokens
AROUND = 8  # tokens in front of a date and behind it

_MONTHS = """
    january february march april may june july august september october november december
    jan feb mar apr jun jul aug sep sept oct nov dec
"""
_DATES = frozenset([*_MONTHS.split(), "present", "current"])
_CACHED_TOKENS = 1 << 18
_PAIR, _MIX = np.uint64(0xD6E8FEB86659FD93), (np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB))

Hashes = npt.NDArray[np.uint64]


def features(tokens: Sequence[str], pairs: Sequence[str]) -> Iterator[tuple[Hashes, npt.NDArray[np.int64]]]:
    """Of each of ZONES, the hashes of its features, ascending and distinct, and how often each is there.

    Args:
        tokens: Of one text; may hold WORK.
        pairs: The zones whose pairs of tokens are features too.
    """
    words = [token for token in tokens if token != WORK]
    hashes = np.array([_hash(word) for word in words], np.uint64)
    begin = tokens.index(WORK) if WORK in tokens else 0
    dates = [place for place, word in enumerate(words) if word in _DATES]
    chosen = {
        "all": np.ones(len(words), bool),
        "latest": _between(len(words), [(begin, begin + LATEST)]),
        "dated": _between(len(words), [(place - AROUND, place + AROUND + 1) for place in dates]),
    }
    for number, zone in enumerate(ZONES):
        found = [hashes[chosen[zone]]]
        if zone in pairs and len(words) > 1:
            both = chosen[zone][:-1] & chosen[zone][1:]
            found.append(_mixed(hashes[:-1][both] * _PAIR + hashes[1:][both]))
        # The whole text's features keep their own hashes; a zone's differ from them by its number.
        of_zone = np.concatenate(found) + np.uint64(number)
        yield np.unique(_mixed(of_zone), return_counts=True)


def _between(length: int, stretches: Sequence[tuple[int, int]]) -> npt.NDArray[np.bool_]:
    inside = np.zeros(length, bool)
    for start, end in stretches:
        inside[max(0, start) : end] = True
    return inside


@lru_cache(maxsize=_CACHED_TOKENS)
def _hash(token: str) -> int:
    return int.from_bytes(blake2b(token.encode("utf-8", "replace"), digest_size=8).digest())


def _mixed(hashes: Hashes) -> Hashes:
    """SplitMix64's finaliser (Steele et al. 2014)."""
    hashes = (hashes ^ (hashes >> np.uint64(30))) * _MIX[0]
    hashes = (hashes ^ (hashes >> np.uint64(27))) * _MIX[1]
    mixed: Hashes = hashes ^ (hashes >> np.uint64(31))
    return mixed
