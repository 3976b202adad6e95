"""`STORE/current`: which release is active, and which were before it."""

from __future__ import annotations

from collections.abc import Container
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from embedsvc.errors import StoreError
from embedsvc.releases import disk
from embedsvc.releases.manifest import ReleaseName

MAX_PREVIOUS = 100
_MAX_BYTES = 64 * 1024

Token = tuple[int, int, int]


class Pointer(BaseModel):
    """The content of `current`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    release: ReleaseName
    activated_at: str
    previous: Annotated[list[ReleaseName], Field(max_length=MAX_PREVIOUS)] = []

    def moved_to(self, release: str) -> Pointer:
        """The pointer after `release` is activated: what was active becomes the first to roll back to."""
        return pointing_at(release, [self.release, *self.previous])

    def moved_back(self, there: Container[str]) -> Pointer | None:
        """The pointer after a roll back to the nearest earlier release that is still `there`."""
        for position, name in enumerate(self.previous):
            if name in there and name != self.release:
                return pointing_at(name, self.previous[position + 1 :])
        return None

    def reachable(self, there: Container[str], steps: int) -> set[str]:
        """The active release and the `steps` distinct ones still `there` that roll back reaches first."""
        earlier = [name for name in dict.fromkeys(self.previous) if name in there and name != self.release]
        return {self.release, *earlier[:steps]}


def pointing_at(release: str, previous: list[str]) -> Pointer:
    """A pointer made now."""
    return Pointer(
        release=release,
        activated_at=datetime.now(UTC).isoformat(timespec="microseconds"),
        previous=previous[:MAX_PREVIOUS],
    )


def read_pointer(path: Path) -> Pointer | None:
    """Read `current`; None where nothing has been activated.

    Raises:
        StoreError: The file cannot be read or makes no sense.
    """
    try:
        with path.open("rb") as file:
            return Pointer.model_validate_json(file.read(_MAX_BYTES))
    except FileNotFoundError:
        return None
    except (OSError, ValidationError) as error:
        raise StoreError(
            f"The file {disk.shown(path)}, which names the active release, cannot be used; "
            "activate a release again."
        ) from error


def write_pointer(path: Path, pointer: Pointer) -> None:
    """Replace `current` in one durable step; the caller holds the store's lock.

    Raises:
        OSError: The disk refused; the old pointer stands.
    """
    disk.replace_durably(path, pointer.model_dump_json().encode() + b"\n")


def change_token(path: Path) -> Token | None:
    """Differs after every replacement of `current`; one stat call. None where it is missing."""
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_ino, status.st_mtime_ns, status.st_size
