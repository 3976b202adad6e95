"""The search for a fastText classifier's parameters in a given time.

A pattern search (Hooke and Jeeves 1961): from the best so far one knob is turned; what helped is turned
again, what did not gives way to the next, and where nothing helps two are turned at once. The library's own
autotune begins with five epochs at a small step and draws every knob at once: it needs many more trials.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from itertools import chain, permutations
from typing import Any

from embedsvc.errors import RecipeError

_SUBWORDS = (3, 6)
_BUCKETS = 200_000  # of subwords and of words in a row, together
_MARGIN = 1.2  # what learning takes longer than foreseen


@dataclass(frozen=True, slots=True)
class Settings:
    """What is searched for.

    Attributes:
        epochs: Passes over the texts.
        rate: Step size at the start.
        dimension: Of the vectors.
        words: So many words in a row are a feature too.
        subwords: Whether pieces of words are.
        vectors: Whether the word space gives the first vectors, and the dimension.
    """

    epochs: int
    rate: float
    dimension: int = 50
    words: int = 2
    subwords: bool = False
    vectors: bool = False

    def parameters(self) -> dict[str, Any]:
        """As arguments of the library's `train_supervised`."""
        shortest, longest = _SUBWORDS if self.subwords else (0, 0)
        return {
            "epoch": self.epochs,
            "lr": self.rate,
            "dim": self.dimension,
            "wordNgrams": self.words,
            "minn": shortest,
            "maxn": longest,
            "bucket": _BUCKETS if self.subwords or self.words > 1 else 0,
        }

    def work(self) -> float:
        """What learning costs, in a unit of its own."""
        return self.epochs * (self.dimension + 30.0) * (1.5 if self.subwords else 1.0)


@dataclass(frozen=True, slots=True)
class Trial:
    """Settings, the share of the tuning texts whose likeliest label was right, and how long it took."""

    settings: Settings
    right: float
    seconds: float

    def told(self, trials: int) -> dict[str, Any]:
        """As facts of a classifier."""
        return {**asdict(self.settings), "right": round(self.right, 4), "trials": trials}


Try = Callable[[Settings, float | None], float | None]
"""The share of the tuning texts that settings get right, or None where the seconds given were up."""

_TURNS: Sequence[Callable[[Settings], Settings]] = (
    lambda at: replace(at, epochs=min(200, at.epochs * 2)),
    lambda at: replace(at, rate=min(5.0, at.rate * 2)),
    lambda at: replace(at, vectors=not at.vectors),
    lambda at: replace(at, dimension=min(400, at.dimension * 2)),
    lambda at: replace(at, words=min(4, at.words + 1)),
    lambda at: replace(at, subwords=not at.subwords),
    lambda at: replace(at, rate=max(0.01, at.rate / 2)),
    lambda at: replace(at, dimension=max(5, at.dimension // 2)),
    lambda at: replace(at, words=max(1, at.words - 1)),
    lambda at: replace(at, epochs=max(1, at.epochs // 2)),
)


@dataclass(frozen=True, slots=True)
class Search:
    """A search with a limit.

    Attributes:
        starts: Where to begin; the first is tried even if that takes longer than there is time.
        dimension: Of the word space, 0 where it has too few of the texts' words to help.
        seconds: In all, with learning anew in the end.
        again: So many times a trial's time that takes.
        seed: Of the order in which two knobs are turned at once.
    """

    starts: Sequence[Settings]
    dimension: int
    seconds: float
    again: float
    seed: int

    def best(self, attempt: Try, tell: Callable[[float, str], None]) -> tuple[Trial, int]:
        """The best trial, and how many there were.

        Args:
            attempt: Tries settings.
            tell: Told (seconds gone, note) after each trial.

        Raises:
            RecipeError: All that was tried diverged or asked for too much memory.
        """
        begun, generator = time.monotonic(), random.Random(self.seed)  # noqa: S311 - order, not secrecy
        best: Trial | None = None
        pace, turn, trials = 0.0, 0, 0  # pace: seconds for a unit of work
        tried: set[Settings] = set()
        problem = None
        while True:
            limit = self._limit(time.monotonic() - begun, best) if trials else None
            within = [each for each in self.starts if each not in tried]
            at = self.starts[0] if best is None else best.settings
            proposed = chain(((turn, each) for each in within), self._proposals(at, turn, generator))
            fits = (
                (number, each)
                for number, each in proposed
                if each not in tried and (limit is None or each.work() * pace <= limit)
            )
            found = next(fits, None)
            if found is None or (limit is not None and limit <= 0):
                break
            turn, settings = found
            tried.add(settings)
            trials += 1
            start = time.monotonic()
            try:
                right = attempt(settings, limit)
            except RecipeError as error:
                right, problem = None, error
            took = time.monotonic() - start
            pace = max(pace, took / settings.work()) if right is None else took / settings.work()
            if right is not None and (best is None or right > best.right):
                best = Trial(settings, right, took)
            else:
                turn = (turn + 1) % len(_TURNS)
            known = "nothing" if best is None else f"{best.right:.1%}"
            tell(time.monotonic() - begun, f"trial {trials}, best {known} right")
        if best is None:
            raise problem or RecipeError(
                "No parameters could be tried in classifier.autotune_seconds; raise it."
            )
        return best, trials

    def _limit(self, gone: float, best: Trial | None) -> float:
        """Seconds that a trial may take, so that whatever wins can be learned anew."""
        left = self.seconds - gone
        if best is None:
            return left
        reserve = self.again * _MARGIN
        return min(left / (1 + reserve), left - best.seconds * reserve)

    def _proposals(
        self, at: Settings, first: int, generator: random.Random
    ) -> Iterator[tuple[int, Settings]]:
        """Settings one turn away, from turn `first` on, then two; with the number of the turn."""
        order = [(first + number) % len(_TURNS) for number in range(len(_TURNS))]
        for number in order:
            yield number, self._turned(at, number)
        pairs = list(permutations(order, 2))
        generator.shuffle(pairs)
        for one, other in pairs:
            yield one, self._turned(self._turned(at, one), other)

    def _turned(self, at: Settings, number: int) -> Settings:
        found = _TURNS[number](at)
        if not found.vectors:
            return found
        return replace(found, dimension=self.dimension) if self.dimension else at
