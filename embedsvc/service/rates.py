"""So many requests a minute for each caller: a token bucket each.

Our own, as it stands in the way of every request: `limits`, the usual library, takes ten times as long for a
hit and its figures. Buckets are those of one process.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from math import ceil

MAX_CALLERS = 10_000
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
        now = self._clock()
        bucket = self._buckets.get(caller)
        if bucket is None:
            bucket = self._buckets[caller] = _Bucket(self._most, now)
            if len(self._buckets) > MAX_CALLERS:
                self._buckets.popitem(last=False)
        else:
            bucket.left = min(self._most, bucket.left + (now - bucket.at) * self._rate)
            bucket.at = now
        wait = 0.0
        if bucket.left >= 1.0:
            bucket.left -= 1.0
        else:
            wait = (1.0 - bucket.left) / self._rate
        reset = ceil((self._most - bucket.left) / self._rate)
        return wait, [
            self._limit,
            self._policy,
            (b"ratelimit-remaining", b"%d" % bucket.left),
            (b"ratelimit-reset", b"%d" % reset),
        ]
