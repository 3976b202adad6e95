"""Progress of long work: bars on a terminal, lines elsewhere, silence when asked."""

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


class _LineMeter:
    def __init__(self, stream: TextIO, name: str, every: float) -> None:
        self._stream = stream
        self._name = name
        self._every = every
        self._begun = self._told = time.monotonic()

    def update(self, done: float, total: float | None = None, note: str = "") -> None:
        """A line: how far, the note, and what is left at the pace so far."""
        now = time.monotonic()
        if now - self._told < self._every or not total or not 0 < done < total:
            return
        self._told = now
        left = (now - self._begun) * (total - done) / done
        said = f"{done / total:.0%}{', ' if note else ''}{note}, about {_duration(left)} left"
        self._stream.write(f"{self._name}: {said}\n")
        self._stream.flush()


def _duration(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 100 else f"{seconds / 60:.0f} min"


class Lines:
    """For logs: a line when a stage is done, and on the way one every so many seconds."""

    def __init__(self, stream: TextIO | None = None, every: float = 30.0) -> None:
        self._stream = stream or sys.stderr
        self._every = every

    @contextmanager
    def stage(self, name: str) -> Iterator[Meter]:
        """Open a stage."""
        begun = time.monotonic()
        yield _LineMeter(self._stream, name, self._every)
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
