"""Health, and the releases of the store."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from embedsvc.schemas.base import Answer


class LiveResponse(Answer):
    """The process answers."""

    status: Literal["live"] = "live"


class ReadyResponse(Answer):
    """A canary query on the live release gave its known answer."""

    status: Literal["ready"] = "ready"
    release: str
    canary: str = Field(description="The skill that was asked.")


class ReleaseInfo(Answer):
    """One release of the store."""

    name: str
    created: str
    active: bool
    bytes: int
    parent: str | None = None


class ReleaseListResponse(Answer):
    """All releases, newest first."""

    releases: list[ReleaseInfo]


class ActivateResponse(Answer):
    """The release that is live now, and the one that was."""

    release: str
    before: str | None
