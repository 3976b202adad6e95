"""Which part of the corpus a candidate belongs to: train, dev or test."""

from __future__ import annotations

import hashlib
import re
from typing import Literal

from embedsvc.errors import RecipeError
from embedsvc.text.candidate import Candidate

Part = Literal["train", "dev", "test"]

_ASCII_MARKS = bytes(code for code in range(128) if not chr(code).isalnum())
_BEYOND_ASCII = re.compile(r"[^\x00-\x7f]+")
_MARKS = re.compile(r"[\W_]+")
_RANGE = 1 << 64


def fingerprint(candidate: Candidate) -> int:
    """A 64-bit hash of what a candidate says, whatever its id, spacing, case, marks and order of skills.

    Made from skills, summary and experience; from all other text where those are empty, and from the id
    where there is no text at all, so that empty candidates do not all count as one.
    """
    skills = sorted(_plain(skill) for skill in candidate.skills)
    content = [",".join(skills), _plain(candidate.summary), _plain(candidate.experience)]
    if not any(content):
        content = [_plain(text) for text in (candidate.title, candidate.education, candidate.projects)]
    if not any(content):
        content = [candidate.id]
    return _hash("\n".join(content))


def part_of(group: int, *, dev_share: float = 0.05, test_share: float = 0.05, seed: int = 0) -> Part:
    """The part that a group of candidates belongs to; the same for the same group, shares and seed.

    A candidate in the test part stays there while only `dev_share` changes.

    Args:
        group: What must stay together. For exact duplicates the `fingerprint`; for near-duplicates one
            fingerprint chosen for the whole group.
        dev_share: Share of the groups, 0 to 1, in "dev".
        test_share: Share of the groups, 0 to 1, in "test"; "train" has the rest.
        seed: Another seed gives another split.

    Raises:
        RecipeError: A share is not in [0, 1], or nothing is left to train on.
    """
    if not (0.0 <= dev_share < 1.0 and 0.0 <= test_share < 1.0 and dev_share + test_share < 1.0):
        raise RecipeError(
            f"dev_share {dev_share} and test_share {test_share} leave nothing to train on; "
            "give shares from 0 that add up to less than 1."
        )
    place = _hash(f"{seed}:{group}") / _RANGE
    if place < test_share:
        return "test"
    return "dev" if place < test_share + dev_share else "train"


def _hash(text: str) -> int:
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest())


def _plain(text: str) -> str:
    """Lower-case letters and digits of any script, nothing between them."""
    # Bytes first: most text is ASCII, and this is several times faster than one regular expression.
    kept = text.lower().encode().translate(None, _ASCII_MARKS).decode()
    return kept if kept.isascii() else _BEYOND_ASCII.sub(lambda run: _MARKS.sub("", run[0]), kept)
