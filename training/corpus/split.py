"""Which part of the corpus a candidate belongs to: train, dev or test."""

from __future__ import annotations

import hashlib
import math
import re
from typing import Literal, NamedTuple

from embedsvc.errors import RecipeError
from training.corpus.candidate import Candidate

Part = Literal["train", "dev", "test"]

_NOT_ALPHANUMERIC = re.compile(r"[\W_]+")
_RANGE = 1 << 64


class Shares(NamedTuple):
    """The share of each part; they add up to 1."""

    train: float = 0.9
    dev: float = 0.05
    test: float = 0.05


DEFAULT_SHARES = Shares()


def fingerprint(candidate: Candidate) -> int:
    """A 64-bit hash of what a candidate says, whatever its id, spacing, case, marks and order of skills.

    Made from skills, summary and experience; from all other text where those are empty, and from the id
    where there is no text at all, so that empty candidates do not all count as one.
    """
    skills = sorted(_plain(skill) for skill in candidate.skills)
    content = [*skills, "|", _plain(candidate.summary), _plain(candidate.experience)]
    if not any(part.strip("| ") for part in content):
        content = [_plain(part) for part in (candidate.title, candidate.education, candidate.projects)]
    if not any(part.strip() for part in content):
        content = [candidate.id]
    return int.from_bytes(hashlib.blake2b("\n".join(content).encode(), digest_size=8).digest())


def part_of(group: int, shares: Shares = DEFAULT_SHARES, seed: int = 0) -> Part:
    """The part that a group of candidates belongs to; the same for the same group, shares and seed.

    Args:
        group: What must stay together. For exact duplicates the `fingerprint`; for near-duplicates one
            fingerprint chosen for the whole group.
        shares: How much each part gets.
        seed: Another seed gives another split.

    Raises:
        RecipeError: A share is negative, or they do not add up to 1.
    """
    if min(shares) < 0 or not math.isclose(sum(shares), 1.0, abs_tol=1e-9):
        raise RecipeError(f"The shares of train, dev and test are {tuple(shares)}; they must add up to 1.")
    mixed = hashlib.blake2b(f"{seed}:{group}".encode(), digest_size=8).digest()
    place = int.from_bytes(mixed) / _RANGE
    if place < shares.test:
        return "test"
    return "dev" if place < shares.test + shares.dev else "train"


def _plain(text: str) -> str:
    return _NOT_ALPHANUMERIC.sub(" ", text.lower()).strip()
