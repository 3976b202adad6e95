"""The search for fastText's parameters, on a clock of its own: what it finds, and how long it takes."""

from __future__ import annotations

from dataclasses import replace

import pytest

from embedsvc.errors import RecipeError
from training.trainers import fasttext_search
from training.trainers.fasttext_search import Search, Settings

START = Settings(epochs=25, rate=0.5)


class Clock:
    """Trials that take a hundredth of their work in seconds, and what is right of them."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, wanted: Settings, pace: float = 0.01) -> None:
        self.now = 1000.0
        self.tried: list[Settings] = []
        self.limits: list[float | None] = []
        self.told: list[tuple[float, str]] = []
        self._wanted = wanted
        self._pace = pace
        monkeypatch.setattr(fasttext_search.time, "monotonic", lambda: self.now)

    def attempt(self, settings: Settings, limit: float | None) -> float | None:
        """The share of knobs that are as wanted, unless the time is up before."""
        self.tried.append(settings)
        self.limits.append(limit)
        took = settings.work() * self._pace
        self.now += took if limit is None else min(took, limit)
        if limit is not None and took > limit:
            return None
        names = ("epochs", "rate", "dimension", "words", "subwords", "vectors")
        return sum(getattr(settings, name) == getattr(self._wanted, name) for name in names) / len(names)

    def tell(self, gone: float, note: str) -> None:
        """Remember what was told."""
        self.told.append((gone, note))


def search(seconds: float, **knobs: object) -> Search:
    return replace(Search([START], dimension=64, seconds=seconds, again=1.25, seed=3), **knobs)  # type: ignore[arg-type]


def test_every_knob_finds_its_place(monkeypatch: pytest.MonkeyPatch) -> None:
    wanted = Settings(epochs=50, rate=1.0, dimension=64, words=3, subwords=True, vectors=True)
    clock = Clock(monkeypatch, wanted)

    best, trials = search(2000.0).best(clock.attempt, clock.tell)

    assert best.settings == wanted
    assert best.right == 1.0
    assert trials == len(clock.tried) == len(set(clock.tried))
    assert clock.told[0] == (pytest.approx(START.work() * 0.01), "trial 1, best 0.0% right")


@pytest.mark.parametrize("seconds", [50.0, 100.0, 400.0])
def test_whatever_wins_can_be_learned_again_in_time(seconds: float, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock(monkeypatch, Settings(epochs=200, rate=4.0, dimension=400))

    best, _ = search(seconds).best(clock.attempt, clock.tell)

    gone = clock.now - 1000.0
    assert gone + 1.25 * best.seconds <= seconds
    assert clock.limits[0] is None
    assert None not in clock.limits[1:]


def test_the_first_trial_ends_even_if_it_is_late(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock(monkeypatch, START)

    best, trials = search(1.0).best(clock.attempt, clock.tell)

    assert best.settings == START
    assert trials == 1


def test_a_space_without_the_words_is_not_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock(monkeypatch, replace(START, vectors=True))

    search(500.0, dimension=0).best(clock.attempt, clock.tell)

    assert len(clock.tried) > 10
    assert not any(settings.vectors for settings in clock.tried)


def test_a_word_spaces_vectors_keep_its_dimension(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock(monkeypatch, replace(START, vectors=True, dimension=64))

    search(500.0).best(clock.attempt, clock.tell)

    assert {settings.dimension for settings in clock.tried if settings.vectors} == {64}


def test_what_diverges_is_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock(monkeypatch, replace(START, rate=0.25))

    def attempt(settings: Settings, limit: float | None) -> float | None:
        if settings.rate >= 0.5:
            clock.now += 1.0
            raise RecipeError("It diverged.")
        return clock.attempt(settings, limit)

    best, _ = search(500.0).best(attempt, clock.tell)

    assert best.settings.rate == 0.25
    assert clock.told[0] == (1.0, "trial 1, best nothing right")


def test_where_all_diverge_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock(monkeypatch, START)

    def attempt(_settings: Settings, _limit: float | None) -> float | None:
        clock.now += 20.0
        raise RecipeError("It diverged.")

    with pytest.raises(RecipeError, match="It diverged"):
        search(100.0).best(attempt, clock.tell)

    assert clock.now <= 1000.0 + 120.0
