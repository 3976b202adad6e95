"""API keys: random, known to the service by their sha256 alone.

A key is a line of the key file, or of EMBEDSVC_API_KEYS where `,` parts lines:

    NAME:SCOPE:SHA256[:LAST-DAY]        ci:read:9f86d0...:2027-01-31

`embedsvc key` makes a key and its line. The scope is `read` (every question) or `admin` (also what changes
the service). To rotate a key add the line of a new one, under the same name if you like, hand out the new
key, and take the old line away: the file is read again within a second of a change.

A key has 256 random bits, so that a fast hash of it tells nothing; a password would need a slow one.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Final, Literal, get_args

import structlog

from embedsvc.errors import InputError

Scope = Literal["read", "admin"]
PREFIX: Final = "esk_"
MAX_KEY_LENGTH: Final = 200
_NAME = re.compile(r"[A-Za-z0-9._-]{1,64}")
_DIGEST = re.compile(r"[0-9a-f]{64}")
_LOOK_SECONDS = 1.0
_log = structlog.get_logger("embedsvc.service")


@dataclass(frozen=True, slots=True)
class Key:
    """Who asks, and what they may do.

    Attributes:
        name: For logs and limits; several keys may share it while one replaces another.
        scope: `read` or `admin`.
        digest: sha256 of the key.
        last_day: The last day on which it is taken (UTC), or None.
    """

    name: str
    scope: Scope
    digest: bytes
    last_day: date | None = None


def new_key(name: str, scope: Scope, last_day: date | None = None) -> tuple[str, str]:
    """A fresh key, and its line for the key file, which does not tell the key.

    Raises:
        InputError: The name has other characters than letters, digits, `.`, `_` and `-`, or over 64.
    """
    secret = PREFIX + secrets.token_urlsafe(32)
    parts = [name, scope, hashlib.sha256(secret.encode()).hexdigest()]
    line = ":".join(parts if last_day is None else [*parts, last_day.isoformat()])
    read_keys([line])
    return secret, line


def read_keys(lines: Iterable[str]) -> list[Key]:
    """The keys of lines; blank ones and those that begin with `#` are left out.

    Raises:
        InputError: A line is none; the message says which, and nothing of it.
    """
    keys = []
    for number, line in enumerate(lines, start=1):
        if line.strip() and not line.lstrip().startswith("#"):
            keys.append(_read_key(line.strip(), number))
    return keys


def _read_key(line: str, number: int) -> Key:
    name, _, rest = line.partition(":")
    scope, _, rest = rest.partition(":")
    digest, _, last = rest.partition(":")
    try:
        last_day = date.fromisoformat(last) if last else None
    except ValueError:
        last_day, digest = None, ""
    if not _NAME.fullmatch(name) or scope not in get_args(Scope) or not _DIGEST.fullmatch(digest):
        raise InputError(
            f"API key {number} is no NAME:SCOPE:SHA256 line (scope read or admin, a last day may follow); "
            "make one with: embedsvc key NAME"
        )
    return Key(name, "admin" if scope == "admin" else "read", bytes.fromhex(digest), last_day)


class Keyring:
    """The keys that are taken; of a file, those that it holds now.

    Args:
        written: Lines of the environment, parted by `,`.
        path: The key file, or None.

    Raises:
        InputError: A line is no key, or the file cannot be read, or holds none and nothing else does.
    """

    def __init__(self, written: str, path: Path | None) -> None:
        self._fixed = read_keys(written.split(","))
        self._path = path
        self._keys = list(self._fixed)
        self._seen: tuple[int, int, int] | None = None
        self._next_look = 0.0
        if path is not None:
            self._read(path)
            if not self._keys:
                raise InputError(f"The key file {path} holds no key; make one with: embedsvc key NAME")

    def __bool__(self) -> bool:
        """Whether keys are asked for at all."""
        return self._path is not None or bool(self._fixed)

    def find(self, secret: bytes) -> Key | None:
        """The key, or None for one that is not taken; compared in constant time with every one."""
        if self._path is not None and time.monotonic() >= self._next_look:
            self._look(self._path)
        if len(secret) > MAX_KEY_LENGTH:
            return None
        digest, found = hashlib.sha256(secret).digest(), None
        for key in self._keys:
            if hmac.compare_digest(key.digest, digest):
                found = key
        if found is None or (found.last_day is not None and datetime.now(UTC).date() > found.last_day):
            return None
        return found

    def _look(self, path: Path) -> None:
        """Read the file again where it changed; what cannot be read leaves the keys as they were."""
        self._next_look = time.monotonic() + _LOOK_SECONDS
        try:
            if _stamp(path) != self._seen:
                self._read(path)
                _log.info("keys_read", keys=len(self._keys))
        except InputError as error:
            _log.error("keys_not_read", reason=error.message)

    def _read(self, path: Path) -> None:
        try:
            seen, text = _stamp(path), path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise InputError(f"The key file {path} cannot be read ({type(error).__name__}).") from error
        self._keys = [*self._fixed, *read_keys(text.splitlines())]
        self._seen = seen


def _stamp(path: Path) -> tuple[int, int, int]:
    try:
        found = path.stat()
    except OSError as error:
        raise InputError(f"The key file {path} cannot be read ({type(error).__name__}).") from error
    return found.st_mtime_ns, found.st_size, found.st_ino
