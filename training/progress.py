"""Progress of long work: bars on a terminal, a line a stage elsewhere, silence when asked."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Protocol, TextIO

from rich.console import Console
from rich.progress import (
    BarColumn,
    Progress,
    SpinnerColumn,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)


class Meter(Protocol):
    """One piece of work under way."""

    def update(self, done: float, total: float | None = None, note: str = "") -> None:
        """Say how far it is; `note` is a word or two such as a loss."""
        ...


class Reporter(Protocol):
    """Shows work under way to whoever watches."""

    def stage(self, name: str) -> AbstractContextManager[Meter]:
        """Open a stage; it ends with the context."""
        ...

    def reused(self, name: str) -> None:
        """Say that a stage was found done."""
        ...


class _Silence:
    def update(self, done: float, total: float | None = None, note: str = "") -> None:
        """Nothing to show."""


class Quiet:
    """Shows nothing."""

    @contextmanager
    def stage(self, name: str) -> Iterator[Meter]:  # noqa: ARG002
        """Open a stage."""
        yield _Silence()

    def reused(self, name: str) -> None:
        """Nothing to show."""


class Lines:
    """A line when a stage is done: for logs."""

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = stream or sys.stderr

    @contextmanager
    def stage(self, name: str) -> Iterator[Meter]:
        """Open a stage."""
        begun = time.monotonic()
        yield _Silence()
        self._stream.write(f"{name}: done in {time.monotonic() - begun:.1f} s\n")
        self._stream.flush()

    def reused(self, name: str) -> None:
        """Say that a stage was found done."""
        self._stream.write(f"{name}: reused\n")


class _BarMeter:
    def __init__(self, progress: Progress, name: str) -> None:
        self._progress = progress
        self._task = progress.add_task(name, total=None, note="")

    def update(self, done: float, total: float | None = None, note: str = "") -> None:
        self._progress.update(self._task, completed=done, total=total, note=note)


class Bars:
    """A bar a stage on the terminal, with elapsed and remaining time."""

    def __init__(self, console: Console) -> None:
        self._console = console

    @contextmanager
    def stage(self, name: str) -> Iterator[Meter]:
        """Open a stage."""
        begun = time.monotonic()
        columns = (
            SpinnerColumn(),
            TextColumn("{task.description:<12}"),
            BarColumn(),
            TimeElapsedColumn(),
            TimeRemainingColumn(),
            TextColumn("{task.fields[note]}"),
        )
        with Progress(*columns, console=self._console, transient=True) as progress:
            yield _BarMeter(progress, name)
        self._console.print(f"[green]✓[/] {name:<12} {time.monotonic() - begun:6.1f} s")

    def reused(self, name: str) -> None:
        """Say that a stage was found done."""
        self._console.print(f"[dim]✓ {name:<12} reused[/]")


def reporter(*, quiet: bool = False) -> Reporter:
    """The reporter that suits standard error."""
    if quiet:
        return Quiet()
    console = Console(stderr=True)
    return Bars(console) if console.is_terminal else Lines()
