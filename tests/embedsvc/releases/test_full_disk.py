"""A real full disk: a tiny file system of memory, mounted where that is permitted."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
ENVIRONMENT = os.environ | {"PYTHONPATH": os.pathsep.join([str(HERE.parents[2]), *sys.path])}


def in_tiny_disk(folder: Path, command: list[str]) -> subprocess.CompletedProcess[str]:
    """Run `command` where `folder` is a file system of 256 KiB, which goes with the process."""
    unshare = shutil.which("unshare")
    if unshare is None:
        pytest.skip("no unshare on this machine to mount a tiny disk with")
    inside = f"mount -t tmpfs -o size=256k tiny {shlex.quote(str(folder))} && exec {shlex.join(command)}"
    return subprocess.run(
        [unshare, "--map-root-user", "--mount", "sh", "-c", inside],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env=ENVIRONMENT,
    )


def test_a_full_disk_loses_nothing_published(tmp_path: Path):
    if in_tiny_disk(tmp_path, ["true"]).returncode != 0:
        pytest.skip("mounting a tiny disk is not permitted here")
    done = in_tiny_disk(tmp_path, [sys.executable, str(HERE / "fill_the_disk.py"), str(tmp_path)])
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {
        "answers": dict.fromkeys(["bytes", "numpy", "publish", "draft", "activate"], "StoreFullError"),
        "state": {"active": "old", "releases": ["old", "spare"], "staging": 0, "verified": "done"},
        "active": "big",
    }
