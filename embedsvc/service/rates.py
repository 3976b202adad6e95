"""So many requests a minute for each caller: a token bucket each.

Our own, as it stands in the way of every request: `limits`, the usual library, takes ten times as long for a
hit and its figures. Where several processes serve, their buckets lie in a file that all of them map.
"""

from __future__ import annotations

import fcntl
import hashlib
import math
import mmap
import os
import struct
import time
import weakref
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from math import ceil
from pathlib import Path

from embedsvc.service.metrics import FOLDER

MAX_CALLERS = 10_000
PLACES = 16_384  # of 32 bytes each
_PLACE = struct.Struct("<16sdd")  # whose, what was left, when
_NOBODY = bytes(16)
_TRIES = 8
Headers = list[tuple[bytes, bytes]]


@dataclass(slots=True)
class _Bucket:
    left: float
    at: float


class RateLimiter:
    """Counts requests of callers; a bucket of a minute's requests refills evenly.

    Args:
        per_minute: Requests a minute, and at once after a minute's silence.
        clock: Seconds, never going back.
    """

    def __init__(self, per_minute: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._most = float(per_minute)
        self._rate = per_minute / 60
        self._clock = clock
        self._buckets: OrderedDict[str, _Bucket] = OrderedDict()
        self._limit = (b"ratelimit-limit", b"%d" % per_minute)
        self._policy = (b"ratelimit-policy", b"%d;w=60" % per_minute)

    def take(self, caller: str) -> tuple[float, Headers]:
        """Count a request: seconds to wait before the next try (0 where it may pass), and the headers.

        `RateLimit-Remaining` is what is left, `RateLimit-Reset` the seconds until all is there again.
        """
        passed, left = self._draw(caller, self._clock())
        wait = 0.0 if passed else (1.0 - left) / self._rate
        reset = ceil((self._most - left) / self._rate)
        return wait, [
            self._limit,
            self._policy,
            (b"ratelimit-remaining", b"%d" % left),
            (b"ratelimit-reset", b"%d" % reset),
        ]

    def _draw(self, caller: str, now: float) -> tuple[bool, float]:
        """Whether there was a request left in the caller's bucket, and how much is left now."""
        bucket = self._buckets.get(caller)
        if bucket is None:
            bucket = self._buckets[caller] = _Bucket(self._most, now)
            if len(self._buckets) > MAX_CALLERS:
                self._buckets.popitem(last=False)
        else:
            bucket.left = min(self._most, bucket.left + (now - bucket.at) * self._rate)
            bucket.at = now
        if bucket.left < 1.0:
            return False, bucket.left
        bucket.left -= 1.0
        return True, bucket.left


class SharedRateLimiter(RateLimiter):
    """The same over all processes of one machine that open the same file: two flocks dearer.

    The kernel lets go of the lock of a process that dies, and the clock is the machine's. A caller's bucket
    is in one of a few places that a hash of its name gives; where others hold them all, the one longest not
    seen goes, as in one process the oldest of so many.

    Args:
        per_minute: As above.
        path: The file; made where it is missing.
        clock: As above, and the same in all processes.
    """

    def __init__(self, per_minute: int, path: Path, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__(per_minute, clock)
        self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        weakref.finalize(self, os.close, self._file)
        os.ftruncate(self._file, PLACES * _PLACE.size)
        self._map = mmap.mmap(self._file, PLACES * _PLACE.size)
        self._key = lru_cache(maxsize=MAX_CALLERS)(_key_of)

    def _draw(self, caller: str, now: float) -> tuple[bool, float]:
        key = self._key(caller)
        fcntl.flock(self._file, fcntl.LOCK_EX)
        try:
            offset, left, at = self._bucket(key, now)
            left = min(self._most, left + max(0.0, now - at) * self._rate)
            passed = left >= 1.0
            left -= passed
            _PLACE.pack_into(self._map, offset, key, left, now)
        finally:
            fcntl.flock(self._file, fcntl.LOCK_UN)
        return passed, left

    def _bucket(self, key: bytes, now: float) -> tuple[int, float, float]:
        """Where the bucket lies, what was left in it, and when."""
        first = int.from_bytes(key[:8], "little")
        oldest, since = 0, math.inf
        for step in range(_TRIES):
            offset = (first + step) % PLACES * _PLACE.size
            held, left, at = _PLACE.unpack_from(self._map, offset)
            if held == key:
                return offset, left, at
            if held == _NOBODY:
                return offset, self._most, now
            if at < since:
                oldest, since = offset, at
        return oldest, self._most, now


def open_limiter(per_minute: int) -> RateLimiter | None:
    """What limits callers to so many requests a minute, over all workers of the service; None for 0."""
    if not per_minute:
        return None
    folder = os.environ.get(FOLDER)
    return SharedRateLimiter(per_minute, Path(folder) / "limits") if folder else RateLimiter(per_minute)


def _key_of(caller: str) -> bytes:
    return hashlib.blake2b(caller.encode(), digest_size=len(_NOBODY)).digest()
