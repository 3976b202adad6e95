"""One kind of work on many batches, by one process or several; results come in the order of the batches."""

from __future__ import annotations

import multiprocessing
import os
import threading
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from multiprocessing.context import BaseContext
from typing import Any, Generic, TypeVar

Batch = TypeVar("Batch")
Result = TypeVar("Result")
Make = Callable[..., Callable[[Batch], Result]]

_ALONE = 2  # batches before others are called in: a small corpus is done before they are there
_AHEAD = 2  # batches a process that wait for it

_IMPORTED = ("training.preparation.preparer",)  # which imports all that crews need

_work: Callable[[Any], Any]


class Crew(Generic[Batch, Result]):
    """Does `make(*args)(batch)` for every batch; the results are the same for any number of workers.

    Args:
        make: Called once in each process; a function of a module, with arguments that can be sent there.
        args: Its arguments.
        workers: Processes, 0 = one a core. With 1 everything is done in this process.
    """

    def __init__(self, make: Make[Batch, Result], args: tuple[Any, ...], workers: int) -> None:
        self._make = make
        self._args = args
        self._workers = workers or os.cpu_count() or 1

    def results(self, batches: Iterable[Batch]) -> Generator[Result, None, None]:
        """Yield a result for each batch; few batches are held at a time.

        Raises:
            BrokenProcessPool: A process was killed, for want of memory as a rule.
        """
        stream = iter(batches)
        work = self._make(*self._args)
        for done, batch in enumerate(stream, 1):
            yield work(batch)
            if self._workers > 1 and done == _ALONE:
                yield from self._together(stream, work)

    def _together(
        self, stream: Iterator[Batch], work: Callable[[Batch], Result]
    ) -> Generator[Result, None, None]:
        pool = ProcessPoolExecutor(self._workers, _context(), _begin, (self._make, self._args))
        try:
            ready = [pool.submit(_wait_for_all, self._workers) for _ in range(self._workers)]
            # Until the others have started there is time to work alone.
            while not any(future.done() for future in ready):
                batch = next(stream, None)
                if batch is None:
                    return
                yield work(batch)
            waiting: deque[Future[Result]] = deque()
            for batch in stream:
                waiting.append(pool.submit(_do, batch))
                if len(waiting) > _AHEAD * self._workers:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


def _context() -> BaseContext:
    """How processes begin: not by a fork of this one, for a child would wait for the threads of libraries.

    They are forked from a server that has done nothing but import, once for all crews of a run.
    """
    if "forkserver" not in multiprocessing.get_all_start_methods():
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(list(_IMPORTED))
    return context


def _begin(make: Make[Any, Any], args: tuple[Any, ...]) -> None:
    global _work
    threading.Thread(target=_leave_with_parent, daemon=True).start()
    _work = make(*args)


def _leave_with_parent() -> None:
    """A parent that was killed cannot say so; without this its children would wait for ever."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _wait_for_all(_workers: int) -> None:
    """Done when a process has begun."""


def _do(batch: Any) -> Any:
    return _work(batch)
