"""The manifest: what a release holds, what it was made from, how good it was found to be."""

from __future__ import annotations

import json
import platform
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, JsonValue, ValidationError, model_validator

from embedsvc import __version__
from embedsvc.errors import ReleaseCorruptError, StoreError
from embedsvc.releases.names import MANIFEST_NAME, is_release_name, path_fault

SCHEMA_VERSION = 1
_MAX_BYTES = 64 * 1024 * 1024


def _safe_path(relative: str) -> str:
    fault = path_fault(relative)
    if fault or relative == MANIFEST_NAME:
        raise ValueError(f"path {relative[:80]!a} {fault or 'is the manifest itself'}")
    return relative


def _safe_name(name: str) -> str:
    if not is_release_name(name):
        raise ValueError(f"{name[:80]!a} is not a release name")
    return name


def _utc_time(text: str) -> str:
    if datetime.fromisoformat(text).utcoffset() != UTC.utcoffset(None):
        raise ValueError("must be a UTC time in ISO 8601")
    return text


ReleaseName = Annotated[str, AfterValidator(_safe_name)]
RelativePath = Annotated[str, AfterValidator(_safe_path)]
Facts = dict[str, JsonValue]


class FileEntry(BaseModel):
    """One file of a release."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    bytes: Annotated[int, Field(ge=0)]
    sha256: Annotated[str, Field(pattern=r"\A[0-9a-f]{64}\z")]


class Manifest(BaseModel):
    """Everything known of a release; written last, so a release without it does not exist.

    Dictionaries hold JSON values only; a number that JSON cannot write (NaN, infinity) becomes null.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    schema_version: Literal[1] = 1
    name: ReleaseName
    created: Annotated[str, AfterValidator(_utc_time), Field(description="UTC, ISO 8601, microseconds.")]
    kind: Annotated[str, Field(min_length=1, max_length=64)] = "train"
    parent: ReleaseName | None = None
    recipe: Facts
    files: dict[RelativePath, FileEntry]
    bytes: Annotated[int, Field(ge=0, description="Sum over files; what is shared with a parent counts too.")]
    metrics: Facts
    canary: Facts
    notes: Facts = {}
    embedsvc: str = __version__
    python: str = Field(default_factory=platform.python_version)

    @model_validator(mode="after")
    def _bytes_add_up(self) -> Self:
        if self.bytes != sum(entry.bytes for entry in self.files.values()):
            raise ValueError("bytes is not the sum of the files' bytes")
        return self

    def to_json(self) -> str:
        """The manifest as it is stored: indented JSON."""
        return self.model_dump_json(indent=1) + "\n"


def new_manifest(files: dict[str, FileEntry], *, created: datetime, **facts: Any) -> Manifest:
    """Describe a release made at that time (UTC).

    Raises:
        StoreError: A fact is no JSON value; the message says which.
    """
    total = sum(entry.bytes for entry in files.values())
    try:
        return Manifest(created=created.isoformat(timespec="microseconds"), files=files, bytes=total, **facts)
    except ValidationError as error:
        raise StoreError(
            f"The release cannot be described ({_first_fault(error)}); give plain JSON values."
        ) from error


def read_manifest(folder: Path) -> Manifest:
    """Read and check the manifest of the release in `folder`, whose name the folder bears.

    Raises:
        ReleaseCorruptError: It is missing, is not JSON, breaks a rule, or names another release.
        StoreError: It follows a layout that this version does not know.
    """
    name = folder.name
    document = _load(folder / MANIFEST_NAME, name)
    version = document.get("schema_version")
    if type(version) is not int or version != SCHEMA_VERSION:
        raise StoreError(
            f"Release {name} follows manifest schema {str(version)[:20]!r}, and embedsvc {__version__} "
            f"knows only {SCHEMA_VERSION}; open it with the embedsvc that made it, or train again.",
            details={"release": name},
        )
    try:
        manifest = Manifest.model_validate(document, strict=True)
    except ValidationError as error:
        raise _corrupt(name, _first_fault(error)) from error
    if manifest.name != name:
        raise _corrupt(name, f"it names release {manifest.name}")
    return manifest


def _load(path: Path, name: str) -> dict[str, Any]:
    try:
        if path.is_symlink():
            raise _corrupt(name, "it is a symbolic link")
        with path.open("rb") as file:
            data = file.read(_MAX_BYTES + 1)
    except OSError as error:
        raise _corrupt(name, error.strerror or str(error)) from error
    if len(data) > _MAX_BYTES:
        raise _corrupt(name, f"it is larger than {_MAX_BYTES} bytes")
    try:
        document = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise _corrupt(name, "it is not JSON") from error
    if not isinstance(document, dict):
        raise _corrupt(name, "it is not a JSON object")
    return document


def _corrupt(name: str, reason: str) -> ReleaseCorruptError:
    return ReleaseCorruptError(
        f"The manifest of release {name} cannot be used ({reason}); roll back or publish the release again.",
        details={"release": name, "file": MANIFEST_NAME},
    )


def _first_fault(error: ValidationError) -> str:
    first = error.errors(include_url=False, include_input=False, include_context=False)[0]
    where = ".".join(ascii(part)[1:-1] if isinstance(part, str) else str(part) for part in first["loc"])
    return f"{where[:200]}: {first['msg']}" if where else str(first["msg"])
