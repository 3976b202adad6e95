"""Publishes, activates and collects, killed (SIGKILL) before its n-th touch of the store, for every n.

Run by test_crashes.py in a process of its own, for it forks. Prints one JSON line for each n.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import sys
from pathlib import Path
from typing import Any

from embedsvc.releases import Store

TOUCHES = {"open", "os.mkdir", "os.rename", "os.chmod", "os.link", "os.remove", "os.rmdir", "fcntl.flock"}


def write(store: Store, name: str) -> None:
    with store.draft(name, parent="old") as draft:
        draft.share("old", "shared")
        (draft.path / "deep/er").mkdir(parents=True)
        (draft.path / "deep/er/file").write_bytes(name.encode() * 1000)
        draft.publish(recipe={}, metrics={}, canary={})
    store.activate(name)
    store.collect(1)


def killed_at(step: int, root: Path) -> bool:
    """Whether the child was killed; False when it was through before `step`."""
    child = os.fork()
    if child == 0:
        touches = 0

        def watch(event: str, args: tuple[Any, ...]) -> None:
            nonlocal touches
            if event in TOUCHES:
                touches += 1
                if touches == step:
                    os.kill(os.getpid(), signal.SIGKILL)

        sys.addaudithook(watch)
        write(Store(root), "new")
        os._exit(0)
    status = os.waitpid(child, 0)[1]
    return os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL


def state(root: Path) -> dict[str, Any]:
    """What a survivor finds, and what is left after it has made a draft."""
    store = Store(root)
    names = sorted(info.name for info in store.list())
    for name in names:
        store.verify(name)
    found = {"active": store.current(), "releases": names, "broken": sorted(store.broken())}
    with store.draft("next") as draft:
        staged = [folder for folder in (root / "staging").iterdir() if folder != draft.path.parent]
    if "new" not in names:
        write(store, "new")
    store.activate("new")
    return found | {"left_in_staging": len(staged), "active_after": store.current()}


def main(folder: Path) -> None:
    template = folder / "template"
    store = Store(template, create=True)
    for name in ("ancient", "old"):
        with store.draft(name) as draft:
            (draft.path / "shared").write_bytes(name.encode() * 100)
            draft.publish(recipe={}, metrics={}, canary={})
    store.activate("old")
    step, killed = 0, True
    while killed:
        step += 1
        root = folder / f"store-{step}"
        shutil.copytree(template, root)
        killed = killed_at(step, root)
        sys.stdout.write(json.dumps({"step": step, "killed": killed} | state(root)) + "\n")
        shutil.rmtree(root)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
