"""Embeddings and vector search for recruiting: the Python SDK.

from embedsvc import Client

with Client("http://127.0.0.1:8000") as client:
    for other in client.skills.related("php").related:
        print(other.skill, other.score)
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from embedsvc.errors import (
    BrokenSourceError,
    ChangesFullError,
    CorpusError,
    EmbedsvcError,
    EmptyCorpusError,
    ErasedCandidateError,
    ForbiddenError,
    FormatError,
    GateError,
    IdempotencyKeyError,
    InputError,
    JobEndedError,
    JobRunningError,
    LeakError,
    NoActiveReleaseError,
    NotReadyError,
    OptionalDependencyError,
    OverloadedError,
    PayloadTooLargeError,
    RateLimitError,
    RecipeError,
    ReleaseCorruptError,
    ReleaseExistsError,
    ServeError,
    SourceNotFoundError,
    StoreError,
    StoreFullError,
    TransportError,
    TransportTimeoutError,
    UnauthorizedError,
    UnknownCandidateError,
    UnknownJobError,
    UnknownNameError,
    UnknownReleaseError,
    UnknownSkillError,
    UnsupportedError,
)

if TYPE_CHECKING:
    from embedsvc.client import AsyncClient, Client

__version__ = "0.1.0"

__all__ = [
    "AsyncClient",
    "BrokenSourceError",
    "ChangesFullError",
    "Client",
    "CorpusError",
    "EmbedsvcError",
    "EmptyCorpusError",
    "ErasedCandidateError",
    "ForbiddenError",
    "FormatError",
    "GateError",
    "IdempotencyKeyError",
    "InputError",
    "JobEndedError",
    "JobRunningError",
    "LeakError",
    "NoActiveReleaseError",
    "NotReadyError",
    "OptionalDependencyError",
    "OverloadedError",
    "PayloadTooLargeError",
    "RateLimitError",
    "RecipeError",
    "ReleaseCorruptError",
    "ReleaseExistsError",
    "ServeError",
    "SourceNotFoundError",
    "StoreError",
    "StoreFullError",
    "TransportError",
    "TransportTimeoutError",
    "UnauthorizedError",
    "UnknownCandidateError",
    "UnknownJobError",
    "UnknownNameError",
    "UnknownReleaseError",
    "UnknownSkillError",
    "UnsupportedError",
    "__version__",
]


def __getattr__(name: str) -> Any:
    """Import the clients, and httpx with them, when one is asked for: the service needs neither."""
    if name not in ("AsyncClient", "Client"):
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from embedsvc import client

    return getattr(client, name)
