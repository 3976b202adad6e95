"""An index that holds a recall: families are measured on held-back queries, the quickest that holds is taken.

Recall is against exact search over the vectors as they were given. A family's effort is raised until it holds
the recall with what chance may have added taken off; those that do are then timed again, in turns.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from indexes.base import Index, Progress
from indexes.families import Family, usual_families
from indexes.measuring import Contest, Entry
from indexes.tuning import Goal, Trial, Tuning
from indexes.vectors import Float32, Metric, as_matrix, check_ids, check_metric

SMALL = 1 << 19  # numbers in all vectors up to which a scan is quick enough (`benchmarks/ann.py`)
SAMPLE = 100_000  # vectors on which families compete where there are more than twice as many
FINALISTS = 2  # families of the sample that are built from all vectors
_QUERIES = 2_000
_TIE = 1.02


def tune(
    vectors: npt.ArrayLike,
    queries: npt.ArrayLike,
    ids: npt.ArrayLike | None = None,
    *,
    metric: str = "cosine",
    goal: Goal | None = None,
    families: Sequence[Family] | None = None,
    seed: int = 1,
    progress: Progress | None = None,
    threads: int | None = None,
) -> tuple[Index, Tuning]:
    """Build the quickest index that holds a recall.

    Few vectors (up to `SMALL` numbers) are scanned. Else each family is built: from a sample where there are
    many vectors, and then the most promising from all of them. Of what holds the recall within the limit,
    exact search with it, the quickest is taken; of those within 2 % of it the smallest.

    Args:
        vectors: real numbers, shape (n, d); kept, not copied, where they need not be: leave them as they are.
        queries: held back for this alone, and such as searches will be; shape (q, d). The first 2,000 count.
        ids: as in `Index.build`.
        metric: what a score means.
        goal: recall, k and memory; the defaults of `Goal`.
        families: what is tried beside exact search; `usual_families` by default.
        seed: of the sample.
        progress: called with (vectors indexed, vectors to be indexed in all).
        threads: for building and for recalls; searches are timed with one.

    Returns:
        The index, its default effort being the one that holds the recall, and all that was tried.

    Raises:
        InvalidVectorsError: as `Index.build` and `Index.search`.
        ValueError: nothing that holds the recall fits into `max_bytes`; the message says what would.
        MissingBackendError: the library of a family is not installed.
    """
    wish, measure = goal or Goal(), check_metric(metric)
    asked = as_matrix(queries, what="queries")[:_QUERIES]
    rows = as_matrix(vectors, what="vectors").view()
    rows.flags.writeable = False  # so that nobody below copies it
    tried = list(usual_families(wish, measure, rows.shape[1]) if families is None else families)
    contest = Contest(rows, check_ids(ids, len(rows)), asked, measure, wish, threads)
    if not len(asked) or (rows.size <= SMALL and contest.exact.trial.fits(wish)):
        tried = []
    steps = _Steps(progress, len(rows), len(tried))
    heats: list[Trial] = []
    if steps.sampled:
        heats, tried = _heats(rows, asked, measure, wish, tried, seed, threads, steps)
    entries = [contest.exact]
    for family in tried:
        entries += contest.sweep(family, steps.next(len(rows)))
    finalists = contest.in_turns(_finalists(entries, wish))
    best = _best(finalists)
    steps.done()
    final = {id(each.index): each.trial for each in finalists}
    return best.index, Tuning(
        recall=wish.recall,
        k=wish.k,
        max_bytes=wish.max_bytes,
        size=len(rows),
        dimension=rows.shape[1],
        metric=measure,
        queries=len(asked),
        chosen=best.trial,
        trials=[*heats, *(final.get(id(each.index), each.trial) for each in entries)],
    )


def _heats(
    rows: Float32,
    asked: Float32,
    metric: Metric,
    goal: Goal,
    families: Sequence[Family],
    seed: int,
    threads: int | None,
    steps: "_Steps",
) -> tuple[list[Trial], list[Family]]:
    """Everything measured on a sample, and the families that were the most promising there."""
    chosen = np.sort(np.random.default_rng(seed).choice(len(rows), SAMPLE, replace=False))
    contest = Contest(rows[chosen], None, asked, metric, goal, threads, scale=len(rows) / SAMPLE)
    trials, best = [contest.exact.trial], {}
    for place, family in enumerate(families):
        found = [each.trial for each in contest.sweep(family, steps.next(SAMPLE))]
        trials += found
        good = [each for each in found if each.holds(goal.recall) and each.fits(goal)]
        if good:
            best[place] = min(good, key=lambda trial: trial.microseconds)
    return trials, [families[place] for place in _promising(best)]


def _promising(best: Mapping[int, Trial]) -> list[int]:
    """The place of the quickest family, and of the smallest of those that take at most twice as long.

    What is small gains on the others as vectors outgrow the caches: of 1,000,000 codes of four bits take half
    the time of half floats, of 100,000 as long (`benchmarks/ann.py`).

    Args:
        best: of each place the quickest trial that does what is asked.
    """
    if not best:
        return []
    first, *others = sorted(best, key=lambda place: best[place].microseconds)
    near = [place for place in others if best[place].microseconds <= 2.0 * best[first].microseconds]
    second = [min(near, key=lambda place: best[place].bytes)] if near else others[:1]
    return [first, *second][:FINALISTS]


def _finalists(entries: Sequence[Entry], goal: Goal) -> list[Entry]:
    """Those that do what is asked.

    Raises:
        ValueError: there are none.
    """
    found = [each for each in entries if each.trial.holds(goal.recall) and each.trial.fits(goal)]
    if not found:
        least = min(
            (each.trial for each in entries if each.trial.holds(goal.recall)), key=lambda one: one.bytes
        )
        raise ValueError(
            f"nothing that was tried holds a recall of {goal.recall:g} within {goal.max_bytes:,} bytes; "
            f"{least.name} takes {least.bytes:,}: allow so much, or ask for a lower recall"
        )
    return found


def _best(finalists: Sequence[Entry]) -> Entry:
    """The smallest of those about as quick as the quickest; of equally small ones the quickest."""
    quickest = min(each.trial.microseconds for each in finalists)
    near = [each for each in finalists if each.trial.microseconds <= _TIE * quickest]
    return min(near, key=lambda each: (each.trial.bytes, each.trial.microseconds))


class _Steps:
    """Progress of several builds as that of one."""

    def __init__(self, progress: Progress | None, rows: int, families: int) -> None:
        self.sampled = families > FINALISTS and rows > 2 * SAMPLE
        self._progress = progress
        self._total = SAMPLE * families + rows * FINALISTS if self.sampled else max(1, rows * families)
        self._done = 0

    def next(self, rows: int) -> Progress | None:
        """What the next build, of so many rows, is told to call."""
        begun, self._done = self._done, self._done + rows
        told = self._progress
        if told is None:
            return None
        return lambda done, _: told(begun + done, self._total)

    def done(self) -> None:
        """Say that all is done."""
        if self._progress is not None:
            self._progress(self._total, self._total)
