"""Publishes into a store on a file system that is too small: `fill_the_disk.py FOLDER`.

Run by test_full_disk.py where FOLDER is a file system of a few hundred KiB. Prints JSON.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np

from embedsvc.errors import EmbedsvcError
from embedsvc.releases import Draft, Store


def outcome(do: Callable[[], object]) -> str:
    try:
        do()
    except EmbedsvcError as error:
        return type(error).__name__
    return "done"


def publish(store: Store, name: str, write: Callable[[Path], object]) -> None:
    with store.draft(name) as draft:
        write(draft.path)
        published(draft)


def published(draft: Draft) -> None:
    draft.publish(recipe={}, metrics={}, canary={})


def fill(folder: Path) -> None:
    with (folder / "filler").open("ab", buffering=0) as file:
        try:
            while file.write(b"\0" * 4096):
                pass
        except OSError:
            return


def full_before_publish(store: Store, folder: Path) -> None:
    with store.draft("late") as draft:
        (draft.path / "x").write_bytes(b"x")
        fill(folder)
        published(draft)


def full_before_activate(store: Store, folder: Path) -> None:
    fill(folder)
    store.activate("spare")


def main(folder: Path) -> None:
    store = Store(folder / "store", create=True)
    for name in ("old", "spare"):
        publish(store, name, lambda path: (path / "x").write_bytes(b"x" * 1000))
    store.activate("old")
    big = np.zeros(1_000_000)
    answers = {
        "bytes": outcome(lambda: publish(store, "big", lambda path: (path / "x").write_bytes(big.tobytes()))),
        "numpy": outcome(lambda: publish(store, "big", lambda path: np.save(path / "x.npy", big))),
        "publish": outcome(lambda: full_before_publish(store, folder)),
        "draft": outcome(lambda: publish(store, "none", lambda path: (path / "x").write_bytes(b"x"))),
        "activate": outcome(lambda: full_before_activate(store, folder)),
    }
    state = {
        "active": store.current(),
        "releases": sorted(info.name for info in store.list()),
        "staging": len(list((store.root / "staging").iterdir())),
        "verified": outcome(lambda: store.verify("old")),
    }
    (folder / "filler").unlink()
    publish(store, "big", lambda path: (path / "x").write_bytes(b"x"))
    store.activate("big")
    sys.stdout.write(json.dumps({"answers": answers, "state": state, "active": store.current()}))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
