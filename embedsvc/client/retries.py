"""When to ask again, and how long to wait before."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import httpx

RETRIED_STATUSES = frozenset({429, 502, 503, 504})
MAX_RETRY_AFTER_SECONDS = 60.0
FIRST_PAUSE_SECONDS = 0.2
MAX_PAUSE_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """Decides from an attempt's outcome whether and when there is another one.

    Pauses double and are shortened by up to half at random, so that many clients do not come back at
    once. A `Retry-After` is obeyed up to a minute; beyond that, waiting is the caller's decision.

    Attributes:
        retries: Attempts after the first.
        jitter: Returns a number in [0, 1).
    """

    retries: int = 2
    jitter: Callable[[], float] = random.random

    def pause(self, attempt: int, outcome: httpx.Response | httpx.RequestError) -> float | None:
        """Return the seconds to wait before the next attempt, or None to give up.

        Args:
            attempt: Attempts made before this outcome; 0 after the first.
            outcome: The answer, or why there was none.
        """
        if attempt >= self.retries:
            return None
        pause: float = min(MAX_PAUSE_SECONDS, FIRST_PAUSE_SECONDS * 2**attempt) * (1 - self.jitter() / 2)
        if isinstance(outcome, httpx.RequestError):
            return pause if _may_pass(outcome) else None
        if outcome.status_code not in RETRIED_STATUSES:
            return None
        asked = _retry_after(outcome)
        if asked is None:
            return pause
        return asked if asked <= MAX_RETRY_AFTER_SECONDS else None


def _may_pass(error: httpx.RequestError) -> bool:
    """Connections that fail or break may work next time; who waited for an answer in vain waits no longer."""
    if isinstance(error, httpx.TimeoutException):
        return isinstance(error, httpx.ConnectTimeout)
    return isinstance(error, httpx.NetworkError | httpx.RemoteProtocolError | httpx.ProxyError)


def _retry_after(response: httpx.Response) -> float | None:
    """Read Retry-After in either of its forms, seconds or a date (RFC 9110, 10.2.3)."""
    value = response.headers.get("Retry-After", "").strip()
    if value.isdecimal():
        return float(value)
    try:
        moment = parsedate_to_datetime(value)
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return max(0.0, (moment - datetime.now(UTC)).total_seconds())
