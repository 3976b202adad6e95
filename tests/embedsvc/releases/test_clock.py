"""The order of releases and of changes does not hang on a clock that only goes forward."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta, tzinfo

import pytest

from embedsvc.releases import Manifest, Store, draft
from embedsvc.releases.names import new_release_name

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[datetime]:
    """What the clock shows when a release is made."""
    shown = [NOON]

    class Clock(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override]
            return shown[0].astimezone(tz)

    monkeypatch.setattr(draft, "datetime", Clock)
    return shown


def test_the_newest_release_is_the_one_made_last(
    store: Store, publish: Callable[..., Manifest], clock: list[datetime]
) -> None:
    hours = {"noon": 0, "next-day": 24, "back": 0, "far-back": -48, "later": 30}
    for name, jump in hours.items():
        clock[0] = NOON + timedelta(hours=jump)
        publish(name)
    assert [each.name for each in store.list()] == ["later", "far-back", "back", "next-day", "noon"]
    created = {each.name: datetime.fromisoformat(each.created) - NOON for each in store.list()}
    assert created["next-day"] == timedelta(hours=24)
    assert created["far-back"] == timedelta(hours=24, microseconds=2)
    assert created["later"] == timedelta(hours=30)
    store.activate("noon")
    assert set(store.collect(2)) == {"back", "next-day"}


def test_names_made_at_the_same_moment_differ() -> None:
    assert len({new_release_name(NOON) for _ in range(50)}) == 50
