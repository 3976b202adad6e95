"""What may happen to a candidate between two releases: put in, or erased."""

from __future__ import annotations

import base64
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from embedsvc.spaces.space import Matrix
from embedsvc.text.candidate import Candidate


@dataclass(frozen=True, slots=True)
class Put:
    """A candidate put in, or put in the place of an older version.

    Attributes:
        seq: Its number in the journal, from 1; later changes have higher ones.
        at: When, in UTC, ISO 8601.
        candidate: Its clean, scrubbed texts.
        encoder: Which encoder made the vector.
        vector: float32 bytes.
    """

    seq: int
    at: str
    candidate: Candidate
    encoder: str
    vector: bytes

    def row(self) -> Matrix:
        """The vector, (1, dimension)."""
        found: Matrix = np.frombuffer(self.vector, np.float32)[None, :]
        return found


@dataclass(frozen=True, slots=True)
class Erasure:
    """A candidate erased for good.

    Attributes:
        seq: As of `Put`.
        at: When, in UTC, ISO 8601.
        who: The keyed hash of the id, in hex; the id itself is not kept.
        release: The release that was live then.
        rows: Where the candidate lies in that release's index.
    """

    seq: int
    at: str
    who: str
    release: str
    rows: tuple[int, ...]


Change = Put | Erasure


def as_json(change: Change) -> dict[str, Any]:
    """JSON values of a change."""
    facts: dict[str, Any] = {"seq": change.seq, "at": change.at}
    if isinstance(change, Erasure):
        return {**facts, "erased": change.who, "release": change.release, "rows": list(change.rows)}
    given = {name: value for name, value in asdict(change.candidate).items() if value not in ("", (), None)}
    vector = base64.b64encode(change.vector).decode()
    return {**facts, "put": given, "encoder": change.encoder, "vector": vector}


def of_json(facts: dict[str, Any]) -> Change:
    """The change that `as_json` wrote.

    Raises:
        KeyError, TypeError, ValueError: It is none.
    """
    seq, at = int(facts["seq"]), str(facts["at"])
    if "erased" in facts:
        rows = tuple(map(int, facts["rows"]))
        return Erasure(seq, at, str(facts["erased"]), str(facts["release"]), rows)
    given = dict(facts["put"])
    for name in ("skills", "other_labels"):
        given[name] = tuple(given.get(name, ()))
    given["metadata"] = tuple((column, value) for column, value in given.get("metadata", ()))
    return Put(seq, at, Candidate(**given), str(facts["encoder"]), base64.b64decode(facts["vector"]))
