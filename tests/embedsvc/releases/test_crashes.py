"""Real processes: killed at every step, and publishing at once."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from embedsvc.releases import Store

HERE = Path(__file__).parent
ENVIRONMENT = os.environ | {"PYTHONPATH": os.pathsep.join([str(HERE.parents[2]), *sys.path])}


def start(store: Store, name: str, flag: Path) -> subprocess.Popen[str]:
    command = [sys.executable, str(HERE / "write_release.py"), str(store.root), name, str(flag)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=ENVIRONMENT)


def said(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def finish(process: subprocess.Popen[str]) -> str:
    word = said(process)
    process.communicate(timeout=60)
    return word


def test_killed_before_any_touch_of_the_store_nothing_is_lost(tmp_path: Path):
    command = [sys.executable, str(HERE / "kill_at_every_step.py"), str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True, env=ENVIRONMENT)
    outcomes = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(outcomes) > 40
    assert [outcome["killed"] for outcome in outcomes] == [True] * (len(outcomes) - 1) + [False]
    seen = set()
    for outcome in outcomes:
        seen.add((outcome["active"], *outcome["releases"]))
        assert outcome["broken"] == []
        assert outcome["left_in_staging"] == 0
        assert outcome["active_after"] == "new"
    # Before publishing, before activating, before collecting, after it: each was met, and no other state.
    assert seen == {
        ("old", "ancient", "old"),
        ("old", "ancient", "new", "old"),
        ("new", "ancient", "new", "old"),
        ("new", "new", "old"),
    }


def test_a_draft_stays_while_its_writer_lives_and_goes_with_the_next_one(store: Store, tmp_path: Path):
    process = start(store, "killed", tmp_path / "never")
    assert said(process) == "writing"
    (folder,) = (store.root / "staging").iterdir()
    with store.draft("meanwhile"):
        assert (folder / "files/file").stat().st_size == 600_000
    process.kill()
    process.communicate(timeout=60)
    assert folder.is_dir()
    with store.draft("next") as draft:
        assert list((store.root / "staging").iterdir()) == [draft.path.parent]
    assert store.list() == []


def test_processes_publish_at_once_and_of_one_name_only_one_wins(store: Store, tmp_path: Path):
    flag = tmp_path / "go"
    processes = {
        key: start(store, name, flag) for key, name in {1: "a", 2: "b", 3: "same", 4: "same"}.items()
    }
    assert {said(process) for process in processes.values()} == {"writing"}
    flag.touch()
    words = {key: finish(process) for key, process in processes.items()}
    assert (words[1], words[2]) == ("published", "published")
    assert sorted([words[3], words[4]]) == ["ReleaseExistsError", "published"]
    assert sorted(info.name for info in store.list()) == ["a", "b", "same"]
    for info in store.list():
        store.verify(info.name)
    assert list((store.root / "staging").iterdir()) == []
