"""What docs/operations.md promises for each fault, of real processes that the fault befalls."""

from __future__ import annotations

import os
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest

from embedsvc.errors import ReleaseCorruptError
from embedsvc.releases import Store
from tests.service.handmade import publish
from tests.service.serving import START, running, serving

# A new connection each time, so that either worker may take it.
WEB = httpx.Client(headers={"connection": "close"}, timeout=30)

DIES_IN_A_SWAP = """
import os, signal
from pathlib import Path
from embedsvc.releases import pointer
whole = pointer.write_pointer
def die(path, moved):
    if os.environ["DIE"] == "after":
        whole(path, moved)
    else:
        path.with_name("current.new").write_bytes(b'{"release": "sec')
    os.kill(os.getpid(), signal.SIGKILL)
pointer.write_pointer = die
"""

JUMPS = """
import os, sys, time
from datetime import datetime, timedelta
from pathlib import Path
import embedsvc.service.app
clock = Path(os.environ["CLOCK"])
real = time.time
def jumped(): return float(clock.read_text())
class Jumped(datetime):
    @classmethod
    def now(cls, tz=None): return datetime.now(tz) + timedelta(seconds=jumped())
time.time = lambda: real() + jumped()
ours = [each for name, each in sys.modules.items() if name.startswith("embedsvc.")]
for module in [each for each in ours if getattr(each, "datetime", None) is datetime]:
    module.datetime = Jumped
"""


@pytest.fixture
def store(empty_store: Store) -> Store:
    """`first` is active, `second` published."""
    publish(empty_store, "first")
    publish(empty_store, "second", best=0.8)
    empty_store.activate("first")
    return empty_store


def put(address: str, identity: str, title: str = "Nurse") -> httpx.Response:
    given = {"id": identity, "title": title, "skills": ["nurse"]}
    return WEB.put(f"{address}/v1/candidates/{identity}", json=given)


def get(address: str, path: str) -> httpx.Response:
    return WEB.get(f"{address}{path}")


def found(address: str) -> set[str]:
    answer = WEB.post(f"{address}/v1/search", json={"queries": ["nurse"], "k": 50})
    return {hit["id"] for hit in answer.json()["results"][0]["hits"]}


def until(condition: Callable[[], Any]) -> None:
    deadline = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def release_of(address: str) -> str:
    return str(get(address, "/v1/skills/php/related").json()["release"])


def workers_of(process: subprocess.Popen[bytes]) -> list[psutil.Process]:
    every = psutil.Process(process.pid).children()
    return [each for each in every if "spawn_main" in " ".join(each.cmdline())]


def test_killed_worker_is_replaced_and_a_killed_service_leaves_none(store: Store, tmp_path: Path) -> None:
    def complete() -> int:
        return (tmp_path / "log").read_text().count('"Application startup complete."')

    with running(store.root, tmp_path / "log", workers=2) as (address, service):
        until(lambda: complete() >= 2)
        assert put(address, "c7").json()["created"] is True
        assert WEB.delete(f"{address}/v1/candidates/c3").status_code == 200
        before = workers_of(service)
        before[0].kill()
        before[0].wait(timeout=30)
        # Who is left takes every connection that is made from now on.
        assert [get(address, "/v1/skills/php/related").status_code for _ in range(20)] == [200] * 20
        assert put(address, "c8").status_code == 200
        until(lambda: len(workers_of(service)) == 2 and before[0] not in workers_of(service))
        until(lambda: complete() >= 3)
        for _ in range(10):
            assert found(address) >= {"c7", "c8"}
            assert get(address, "/v1/candidates/c3").status_code == 404
        left = workers_of(service)
        service.kill()
        assert psutil.wait_procs(left, timeout=30)[1] == []
        port = int(address.rpartition(":")[2])
        with socket.socket() as successor:
            successor.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            successor.bind(("127.0.0.1", port))


def test_killed_in_a_swap_it_starts_with_one_release_or_the_other(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for died, serves in (("before", "first"), ("after", "first")):
        monkeypatch.setenv("DIE", died)
        with running(store.root, tmp_path / died, DIES_IN_A_SWAP + START) as (address, service):
            assert release_of(address) == serves
            with pytest.raises(httpx.TransportError):
                WEB.post(f"{address}/v1/releases/second/activate")
            assert service.wait(timeout=30) == -signal.SIGKILL
    with serving(store.root, tmp_path / "log") as address:
        assert release_of(address) == "second"
        answer = WEB.post(f"{address}/v1/releases/first/activate")
        assert answer.json() == {"release": "first", "before": "second"}


def test_a_store_that_goes_away_and_comes_back(store: Store, tmp_path: Path) -> None:
    away = store.root.with_name("away")
    with serving(store.root, tmp_path / "log", watch_seconds=0.05) as address:
        assert put(address, "c7").status_code == 200
        assert "c7" in found(address)
        store.root.rename(away)
        assert get(address, "/health/ready").status_code == 200
        assert release_of(address) == "first"
        # Who was erased meanwhile cannot be known.
        for answer in (
            WEB.post(f"{address}/v1/search", json={"queries": ["nurse"]}),
            put(address, "c8"),
            get(address, "/v1/releases"),
        ):
            assert (answer.status_code, answer.json()["error"]["code"]) == (500, "store_error")
            assert str(store.root) not in answer.text
        away.rename(store.root)
        assert "c7" in found(address)
        current = store.root / "current"
        kept = current.read_bytes()
        for spoil in (
            lambda: current.write_bytes(b""),
            lambda: current.write_bytes(kept[:9]),
            current.unlink,
        ):
            spoil()
            time.sleep(0.2)
            assert get(address, "/health/ready").json()["release"] == "first"
        answer = WEB.post(f"{address}/v1/releases/second/activate")
        assert answer.json() == {"release": "second", "before": None}
        assert release_of(address) == "second"
        assert put(address, "c8").status_code == 200


@contextmanager
def in_tiny_disk(store: Store, log: Path) -> Iterator[tuple[str, Path]]:
    """The service on a copy of the store in a file system of 640 KiB; its address, and how to get there."""
    unshare, tiny = shutil.which("unshare"), store.root.with_name("tiny")
    tiny.mkdir()
    mount = (
        f"mount -t tmpfs -o size=640k tiny {shlex.quote(str(tiny))} && cp -a {shlex.quote(str(store.root))} "
    )
    mount += shlex.quote(str(tiny / "store"))
    namespace = [str(unshare), "--map-root-user", "--mount", "sh", "-c"]
    if unshare is None or subprocess.run([*namespace, mount], check=False, capture_output=True).returncode:
        pytest.skip("mounting a tiny disk is not permitted here")
    program = f"import os, subprocess\nos.chdir({str(tiny)!r})\n{START}"
    inside = f"{mount} && exec {shlex.join([sys.executable, '-c', program])}"
    start = f"import os\nos.execvp({namespace[0]!r}, {[*namespace, inside]!r})"
    with running(tiny / "store", log, start) as (address, service):
        yield address, Path(f"/proc/{service.pid}/root{tiny}/store")


def test_a_full_disk_keeps_what_was_there(store: Store, tmp_path: Path) -> None:
    with in_tiny_disk(store, tmp_path / "log") as (address, inside):
        assert put(address, "c7").status_code == 200
        with pytest.raises(OSError, match="No space left"):
            (inside / "ballast").write_bytes(bytes(1024 * 1024))
        journal = (inside / "changes/journal").read_bytes()
        many = [{"id": f"m{number}", "title": "Nurse " * 40, "skills": ["nurse"]} for number in range(60)]
        for refused in (
            WEB.post(f"{address}/v1/candidates", json={"candidates": many}),
            WEB.post(f"{address}/v1/releases/second/activate"),
        ):
            assert (refused.status_code, refused.json()["error"]["code"]) == (507, "store_full")
        assert (inside / "changes/journal").read_bytes() == journal
        assert release_of(address) == "first"
        assert found(address) == {"c1", "c2", "c3", "c7"}
        assert get(address, "/health/ready").status_code == 200
        # An erasure finds room in the journal's last page; what was put in stays there until it is repeated.
        gone = WEB.delete(f"{address}/v1/candidates/c7")
        assert (gone.status_code, gone.json()["error"]["code"]) == (507, "store_full")
        assert found(address) == {"c1", "c2", "c3"}
        assert b'"c7"' in (inside / "changes/journal").read_bytes()
        (inside / "ballast").unlink()
        gone = WEB.delete(f"{address}/v1/candidates/c7")
        assert gone.json()["already"] is True
        assert b'"c7"' not in (inside / "changes/journal").read_bytes()
        assert WEB.post(f"{address}/v1/candidates", json={"candidates": many}).status_code == 200
        assert {"c3", "m0"} < found(address)
        assert WEB.post(f"{address}/v1/releases/second/activate").status_code == 200
        assert release_of(address) == "second"


def flip(path: Path, place: int = -1) -> None:
    """Turn one bit in the middle of a file, or at a place."""
    data = bytearray(path.read_bytes())
    data[len(data) // 2 if place < 0 else place] ^= 1
    mode = path.stat().st_mode
    path.chmod(0o644)
    path.write_bytes(data)
    path.chmod(mode)


def test_one_flipped_bit_in_any_file_is_found_by_activation(store: Store) -> None:
    folder = store.path("second")
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    assert len(files) > 20
    for path in files:
        flip(path)
        with pytest.raises(ReleaseCorruptError) as caught:
            store.activate("second")
        assert "second" in str(caught.value)
        assert store.current() == "first"
        flip(path)
    store.activate("second")


def test_damage_to_what_is_being_served(store: Store, tmp_path: Path) -> None:
    table = store.path("first") / "indexes/similar/ids.npy"
    with running(store.root, tmp_path / "log") as (address, service):
        assert get(address, "/health/ready").status_code == 200
        # The page is shared with the file: the answer changes, and the canary tells.
        with _unlocked(table).open("r+b") as file:
            file.seek(128)
            file.write(b"\x05")
        answer = get(address, "/health/ready")
        assert (answer.status_code, answer.json()["error"]["code"]) == (503, "not_ready")
        assert WEB.post(f"{address}/v1/releases/second/activate").status_code == 200
        assert get(address, "/health/ready").json()["release"] == "second"
        # Bytes that are gone cannot be read: the process ends, and is not wrong.
        os.truncate(_unlocked(store.path("second") / "indexes/similar/ids.npy"), 0)
        with pytest.raises(httpx.TransportError):
            get(address, "/v1/skills/php/related")
        assert service.wait(timeout=30) == -signal.SIGBUS
    with serving(store.root, tmp_path / "again") as address:
        answer = get(address, "/health/ready")
        assert (answer.status_code, answer.json()["error"]["code"]) == (503, "not_ready")


def _unlocked(path: Path) -> Path:
    path.chmod(0o644)
    return path


def test_a_jump_of_the_clock_changes_nothing(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = tmp_path / "clock"
    monkeypatch.setenv("CLOCK", str(clock))
    clock.write_text("0")
    titles = iter("abcdefgh")
    settings = {"watch_seconds": 0.05, "rate_limit": 30, "wait_seconds": 5}
    with running(store.root, tmp_path / "log", JUMPS + START, **settings) as (address, _):
        for jump, name in ((86_400, "second"), (-86_400, "first")):
            clock.write_text(str(jump))
            title = f"Nurse {next(titles)}"
            assert put(address, "c7", title).status_code == 200
            assert get(address, "/v1/candidates/c7").json()["title"] == title  # the last one put in
            store.activate(name)
            until(lambda name=name: get(address, "/health/ready").json()["release"] == name)
        before = clock.read_text()
        left = [int(get(address, "/v1/skills/php").headers["ratelimit-remaining"]) for _ in range(3)]
        assert left[0] > left[2]
        while get(address, "/v1/skills/php").status_code == 200:
            pass
        for jump in (before, "0", "86400", "-86400"):
            clock.write_text(jump)
            told = [get(address, "/v1/skills/php") for _ in range(5)]
            assert any(each.status_code == 429 for each in told)  # neither filled by the jump
            assert all(int(each.headers["ratelimit-reset"]) <= 60 for each in told)  # nor emptied for a day
