"""Runs a job that kills its own process in the middle: python -m tests.training.killed_run FOLDER WHERE."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path
from typing import Any, NoReturn

from tests.training import toy
from training import building, reindex
from training.progress import Quiet


def _die(*arguments: Any, **_: Any) -> NoReturn:
    for argument in arguments:
        if isinstance(argument, Path) and argument.is_dir() and argument.name.startswith("."):
            (argument / "half").write_bytes(b"half written")
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError


def main(folder: Path, where: str) -> None:
    located = toy.recipe(folder)
    if where == "reindex":
        reindex.copy_table = _die
        reindex.reindex(located, Quiet())
    elif where == "publish":
        from embedsvc.releases.draft import Draft

        Draft.publish = _die  # type: ignore[method-assign]
        toy.train(located)
    else:
        setattr(building, where, _die)
        toy.train(located)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
