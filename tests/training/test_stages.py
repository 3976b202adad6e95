"""Stages: their keys, and the lines and bars that tell of them."""

from __future__ import annotations

import io
import subprocess
import sys
from pathlib import Path

import pytest
from rich.console import Console

from training.progress import Bars, Lines, Quiet, Reporter, reporter
from training.stages import Workspace


@pytest.fixture
def work(tmp_path: Path) -> Workspace:
    return Workspace(tmp_path / "work", Quiet())


def test_a_key_depends_on_facts_and_not_on_their_order(work: Workspace) -> None:
    assert work.key({"a": 1, "b": {"c": 2, "d": [3]}}) == work.key({"b": {"d": [3], "c": 2}, "a": 1})
    assert work.key({"a": 1}) != work.key({"a": 2})
    assert work.key({"a": 1}) != work.key({"a": 1.5})
    assert work.key({"a": [1, 2]}) != work.key({"a": [2, 1]})


def test_a_key_is_the_same_in_another_process_and_at_another_place(work: Workspace, tmp_path: Path) -> None:
    here = work.key({"folder": work.root / "words-1", "name": "ü", "share": 0.1})

    program = (
        "from pathlib import Path; from training.progress import Quiet; "
        "from training.stages import Workspace; "
        f"w = Workspace(Path({str(tmp_path)!r}) / 'moved', Quiet()); "
        "print(w.key({'share': 0.1, 'name': '\\u00fc', 'folder': w.root / 'words-1'}))"
    )
    there = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert there.stdout.strip() == here


def test_a_fact_that_cannot_be_told_apart_is_refused(work: Workspace) -> None:
    with pytest.raises(TypeError):
        work.key({"a": object()})


def test_a_stage_is_made_once(work: Workspace) -> None:
    made: list[Path] = []

    def make(folder: Path, _: object) -> None:
        made.append(folder)
        (folder / "result").write_text("done")

    first = work.run("words", {"a": 1}, make)
    again = work.run("words", {"a": 1}, make)
    other = work.run("words", {"a": 2}, make)

    assert first == again != other
    assert len(made) == 2
    assert (first / "result").read_text() == "done"
    assert not made[0].exists()


def test_lines_say_what_is_done_and_what_was_found() -> None:
    stream = io.StringIO()
    lines = Lines(stream)
    with lines.stage("words") as meter:
        meter.update(1, 2, "half")
    lines.reused("corpus")

    first, second = stream.getvalue().splitlines()
    assert first.startswith("words: done in 0.")
    assert second == "corpus: reused"


def test_lines_say_on_the_way_how_far_it_is_with_the_loss_and_what_is_left(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    seconds = iter([0.0, 0.0, 5.0, 30.0, 50.0, 90.0, 900.0, 990.0, 1000.0])
    monkeypatch.setattr("training.progress.time.monotonic", lambda: next(seconds))
    stream = io.StringIO()
    with Lines(stream, every=30.0).stage("words") as meter:
        meter.update(1, 10, "too soon")
        meter.update(2, 10, "epoch 1/5, loss 2.310")
        meter.update(3, 10, "too soon again")
        meter.update(4, 10)
        meter.update(6, 10, "epoch 3/5, loss 1.900")
        meter.update(10, 10, "over")

    assert stream.getvalue().splitlines() == [
        "words: 20%, epoch 1/5, loss 2.310, about 2 min left",
        "words: 40%, about 2 min left",
        "words: 60%, epoch 3/5, loss 1.900, about 10 min left",
        "words: done in 1000.0 s",
    ]


def test_a_stage_that_fails_is_not_called_done() -> None:
    stream = io.StringIO()
    with pytest.raises(ZeroDivisionError), Lines(stream).stage("words"):
        raise ZeroDivisionError

    assert stream.getvalue() == ""


def test_bars_name_their_stages() -> None:
    stream = io.StringIO()
    bars = Bars(Console(file=stream, force_terminal=True, width=100))
    with bars.stage("words") as meter:
        meter.update(1, 2, "half")
    bars.reused("corpus")

    assert "words" in stream.getvalue()
    assert "reused" in stream.getvalue()


@pytest.mark.parametrize(("quiet", "kind"), [(True, Quiet), (False, Lines)])
def test_the_reporter_suits_what_is_there(quiet: bool, kind: type[Reporter]) -> None:
    assert type(reporter(quiet=quiet)) is kind
