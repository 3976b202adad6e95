"""Which names may reach the file system.

A release's name comes from a URL, a command line or a file; the paths inside a release come from its
manifest. Neither is used before it has passed one of the two functions here.
"""

from __future__ import annotations

import re
import secrets
from datetime import datetime

from embedsvc.errors import InputError

NAME_PATTERN = r"^[a-z0-9][a-z0-9._-]{0,63}$"
MANIFEST_NAME = "manifest.json"
MAX_PATH_LENGTH = 1_000

_NAME = re.compile(NAME_PATTERN)
_PART = re.compile(r"[^\x00-\x1f\x7f/\\\ud800-\udfff]{1,255}")


def is_release_name(name: str) -> bool:
    """Whether `name` may be a release's name: 1 to 64 of `a-z 0-9 . _ -`, no `..`, no leading mark."""
    # fullmatch: `$` alone would accept a trailing newline.
    return _NAME.fullmatch(name) is not None and ".." not in name


def release_name(name: str) -> str:
    """Return `name` unchanged if it may be a release's name.

    Raises:
        InputError: It may not.
    """
    if not is_release_name(name):
        raise InputError(
            f"{name[:80]!a} is not a release name: use 1 to 64 of a-z, 0-9, '.', '_' and '-', "
            "starting with a letter or digit, without '..'."
        )
    return name


def new_release_name(now: datetime) -> str:
    """A name for a release made at `now` (UTC): `YYYYMMDD-HHMMSS-xxxxxx`, the end random."""
    return f"{now:%Y%m%d-%H%M%S}-{secrets.token_hex(3)}"


def path_fault(relative: str) -> str | None:
    """What is wrong with a path inside a release, or None.

    Paths are POSIX, relative and already in their simplest form, so that two different texts never
    mean the same file.
    """
    if not relative or len(relative) > MAX_PATH_LENGTH:
        return f"must have 1 to {MAX_PATH_LENGTH} characters"
    if relative.startswith("/"):
        return "must not be absolute"
    for part in relative.split("/"):
        if part in {"", ".", ".."}:
            return "must not hold empty, '.' or '..' parts"
        if not _PART.fullmatch(part) or len(part.encode()) > 255:
            return "must not hold control characters, backslashes, broken Unicode or parts over 255 bytes"
    return None
