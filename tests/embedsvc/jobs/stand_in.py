"""Stands in for the process of a job: does what its recipe's only word says."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from embedsvc.jobs import LAST_STAGE, JobFolder, JobVoice
from embedsvc.schemas import ReindexOutcome

MADE = ReindexOutcome(
    release="new", parent="old", activated=True, candidates=3, recall=0.5, lines=4, bad_lines=1
)


def main() -> None:
    given = dict(zip(sys.argv[1::2], sys.argv[2::2], strict=True))
    recipe = Path(given["--recipe"])
    folder = JobFolder(Path(given["--store"]) / "jobs", given["--job"])
    os.set_inheritable(int(given["--lock"]), False)
    voice = JobVoice(folder, every=0.0)
    act = recipe.read_text()
    if act == "silent":
        time.sleep(600)
    voice.begin()
    if act == "die":
        os.kill(os.getpid(), signal.SIGKILL)
    if act == "deaf":
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    with voice.stage("embed") as meter:
        meter.update(1, 2)
        if act == "crowd":
            child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
            recipe.with_name("child").write_text(str(child.pid))
        if act in {"wait", "deaf", "crowd"}:
            time.sleep(600)
        meter.update(2, 2)
    if act == "refuse":
        voice.fail("invalid_recipe", "The recipe cannot be used.")
        return
    if act == "publish":
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        with voice.stage(LAST_STAGE):
            while not recipe.with_name("go").exists():
                time.sleep(0.01)
    voice.succeed(MADE)


if __name__ == "__main__":
    main()
