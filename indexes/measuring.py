"""Measures indexes on held-back queries: recall against exact search, and the time of a query asked alone."""

import statistics
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace

import numpy as np
import numpy.typing as npt

from indexes.approximate import ApproximateIndex
from indexes.base import Index, Progress
from indexes.exact import ExactIndex
from indexes.families import Family
from indexes.registry import get_backend
from indexes.tuning import Goal, Trial
from indexes.vectors import Float32, Int64, Metric

_TIMED = 100  # queries
_ROUNDS = 5
_LONG = 0.2  # seconds of one round of one index
_WARMING = 0.05  # seconds of other queries before them
_HOPELESS = 3.0  # times as slow as the quickest that holds the recall
_ROUNDING = 1e-5
_ONE_SIDED = 1.64  # standard errors that a mean exceeds by chance in one case of twenty


@dataclass(frozen=True)
class Entry:
    """An index and how it was measured."""

    index: Index
    trial: Trial


class Contest:
    """Indexes over the same vectors, asked the same queries."""

    def __init__(
        self,
        rows: Float32,
        ids: Int64 | None,
        queries: Float32,
        metric: Metric,
        goal: Goal,
        threads: int | None,
        scale: float = 1.0,
    ) -> None:
        """Measure nothing yet.

        Args:
            rows: read-only, shape (n, d).
            ids: of the rows.
            queries: held back, shape (q, d).
            metric: what a score means.
            goal: the recall that is to be held.
            threads: for building and for recalls.
            scale: what the bytes of an index are multiplied by, where `rows` are a sample.
        """
        self._rows, self._ids, self._queries = rows, ids, queries
        self._metric, self._goal, self._threads, self._scale = metric, goal, threads, scale
        began = time.perf_counter()
        self._exact = ExactIndex.build(rows, ids, metric=metric)
        seconds = time.perf_counter() - began
        self._truth = self._exact.search(queries, goal.k, threads=threads).scores
        size = round(rows.nbytes * scale)
        self.exact = Entry(self._exact, self._trial(self._exact, 1.0, 0.0, size, seconds))
        self._quickest = self.exact.trial.microseconds

    def sweep(self, family: Family, progress: Progress | None) -> list[Entry]:
        """Raise the effort of each variant until it holds the recall; all that was measured on the way.

        Raises:
            MissingBackendError: the library is not installed.
        """
        maker = get_backend(family.backend)
        if not issubclass(maker, ApproximateIndex):
            raise TypeError(f"{family.backend} has no effort to raise")
        began = time.perf_counter()
        built = maker.build(
            self._rows,
            self._ids,
            metric=self._metric,
            args=maker.args_type(**family.built),
            progress=progress,
            threads=self._threads,
        )
        seconds, size = time.perf_counter() - began, round(built.searched_bytes() * self._scale)
        found = []
        for variant in family.variants:
            for effort in family.efforts(len(self._rows) - 1):
                index = built.with_args(**variant, **{built.effort_arg: effort})
                trial = self._measured(index, size, seconds)
                found.append(Entry(index, trial))
                if trial.holds(self._goal.recall):
                    self._quickest = min(self._quickest, trial.microseconds)
                    break
                if trial.microseconds > _HOPELESS * self._quickest:
                    break
        return found

    def in_turns(self, entries: Sequence[Entry]) -> list[Entry]:
        """Time them in turns, so that a busy moment of the machine does not meet one alone.

        Of each query the least of its rounds counts, and the mean of these.
        """
        asked = [self._asked(each.index) for each in entries]
        rounds = [
            [self._warm(each, queries) for each, queries in zip(entries, asked, strict=True)]
            for _ in range(_ROUNDS)
        ]
        taken = [np.min(times, axis=0) for times in zip(*rounds, strict=True)]
        return [
            replace(each, trial=replace(each.trial, microseconds=_rounded(_mean(seconds)), final=True))
            for each, seconds in zip(entries, taken, strict=True)
        ]

    def _warm(self, entry: Entry, asked: Float32) -> list[float]:
        """Seconds of each query after many others, as in a service: who came before left the caches cold."""
        many = max(1, int(_WARMING * 1e6 / max(1.0, entry.trial.microseconds)))
        entry.index.search(self._queries[-many:], self._goal.k, threads=1)
        return _alone(entry.index, asked, self._goal.k)

    def _measured(self, index: ApproximateIndex, size: int, build_seconds: float) -> Trial:
        found = index.search(self._queries, self._goal.k, threads=self._threads).scores
        # Scores are compared, not ids: of duplicates any is as good as another.
        slack = _ROUNDING * np.maximum(1.0, np.abs(self._truth[:, -1:]))
        shares = (found >= self._truth[:, -1:] - slack).mean(axis=1, dtype=np.float64)
        margin = _ONE_SIDED * float(shares.std()) / len(shares) ** 0.5
        return self._trial(index, float(shares.mean()), margin, size, build_seconds)

    def _trial(self, index: Index, recall: float, margin: float, size: int, build_seconds: float) -> Trial:
        queries = self._asked(index)
        return Trial(
            backend=index.backend,
            args=asdict(index.args),
            rows=len(self._rows),
            recall=round(recall, 4),
            margin=round(margin, 4),
            microseconds=_rounded(_middle(_alone(index, queries, self._goal.k))),
            bytes=size,
            build_seconds=round(build_seconds, 2),
        )

    def _asked(self, index: Index) -> Float32:
        """So many queries that a round is soon over."""
        if not len(self._queries):
            return self._queries
        first = _middle(_alone(index, self._queries[:3], self._goal.k))
        return self._queries[: max(1, min(_TIMED, int(_LONG / first)))]


def _alone(index: Index, queries: Float32, k: int) -> list[float]:
    """Seconds of each query, asked alone in one thread."""
    taken = []
    for row in range(len(queries)):
        begun = time.perf_counter()
        index.search(queries[row : row + 1], k, threads=1)
        taken.append(time.perf_counter() - begun)
    return taken


def _middle(taken: list[float]) -> float:
    """The median, which a busy machine moves least."""
    return statistics.median(taken) if taken else 0.0


def _mean(taken: npt.NDArray[np.float64]) -> float:
    return float(taken.mean()) if len(taken) else 0.0


def _rounded(seconds: float) -> float:
    return float(f"{seconds * 1e6:.3g}")
