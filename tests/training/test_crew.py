"""Work on many batches: the same results in the same order by one process or several."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator

import pytest

from training.crew import Crew


def squaring(add: int) -> Callable[[int], tuple[int, int]]:
    def square(number: int) -> tuple[int, int]:
        # The first ones take longest, so that order is not given for nothing.
        time.sleep(0.002 * (number % 3 == 0))
        return number * number + add, os.getpid()

    return square


def failing() -> Callable[[int], int]:
    return lambda number: 1 // (number - 40)


def slowly() -> Callable[[int], int]:
    def wait(number: int) -> int:
        time.sleep(0.02)
        return number

    return wait


@pytest.mark.parametrize("workers", [1, 2, 3])
@pytest.mark.parametrize("count", [0, 1, 3, 20])
def test_results_come_in_order(workers: int, count: int) -> None:
    results = list(Crew(squaring, (7,), workers).results(iter(range(count))))

    assert [value for value, _ in results] == [number * number + 7 for number in range(count)]


def test_results_of_other_processes_come_in_order_too() -> None:
    processes: set[int] = set()

    def numbers() -> Iterator[int]:
        """Go on until others have been at work for a while."""
        left = 200
        for number in range(100_000):
            left -= len(processes) > 1
            if not left:
                return
            yield number

    results = []
    for value, process in Crew(squaring, (7,), 2).results(numbers()):
        results.append(value)
        processes.add(process)

    assert len(processes) > 1
    assert results == [number * number + 7 for number in range(len(results))]


def test_an_error_in_another_process_is_raised_here() -> None:
    def numbers() -> Iterator[int]:
        yield from (0, 1, 2)
        while True:
            time.sleep(0.01)
            yield 40

    with pytest.raises(ZeroDivisionError):
        list(Crew(failing, (), 2).results(numbers()))


def test_few_batches_are_read_ahead() -> None:
    read = 0

    def numbers() -> Iterator[int]:
        nonlocal read
        while True:
            read += 1
            yield read

    results = Crew(slowly, (), 2).results(numbers())
    done = [next(results) for _ in range(150)]
    ahead = read - len(done)
    results.close()

    assert done == list(range(1, 151))
    assert ahead <= 2 * 2 + 2
