"""Candidates put in and erased through the SDK, by a real service of two processes, and without one."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from embedsvc import AsyncClient, Client, ErasedCandidateError, InputError, UnknownCandidateError
from embedsvc.errors import EmbedsvcError
from embedsvc.releases import Store
from tests.service.handmade import publish
from tests.service.serving import free_port, start

PERSON = {"id": "a/b c.1", "title": "Payroll nurse", "summary": "payroll nurse", "label": "finance"}


@pytest.fixture
def store(tmp_path: Path) -> Store:
    store = Store(tmp_path / "store", create=True)
    publish(store, "first")
    store.activate("first")
    return store


@pytest.fixture
def service(store: Store, tmp_path: Path) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """The address and the process of a service with two workers."""
    port = free_port()
    process = start(store.root, tmp_path / "log", port=port, workers=2, access_log="all")
    address = f"http://127.0.0.1:{port}"
    try:
        wait_for(lambda: httpx.get(f"{address}/health/ready", timeout=5).status_code == 200)
        yield address, process
    finally:
        process.terminate()
        process.wait(timeout=60)


def wait_for(happened: object) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            if happened():  # type: ignore[operator]
                return
        except httpx.TransportError:
            pass
        time.sleep(0.05)
    raise AssertionError("it did not happen within a minute")


def found(client: Client, text: str = "payroll nurse") -> list[str]:
    (result,) = client.search([text], k=100).results
    return [hit.id for hit in result.hits or []]


def workers(process: subprocess.Popen[bytes]) -> list[int]:
    """The worker processes of a service that a test started."""
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
    lines = {int(child): Path(f"/proc/{child}/cmdline").read_bytes() for child in children}
    return [child for child, line in lines.items() if b"spawn_main" in line]


def test_every_worker_sees_a_change_once_it_is_answered(
    service: tuple[str, subprocess.Popen[bytes]], store: Store, tmp_path: Path
) -> None:
    address, _ = service
    # Each client has its own connection, so that the workers take turns.
    clients = [Client(address, timeout=60) for _ in range(6)]
    for number in range(15):
        person = {**PERSON, "id": f"new {number}"}
        assert clients[number % 6].candidates.upsert(person).created
        assert all(f"new {number}" in found(client) for client in clients)
        clients[-1 - number % 6].candidates.delete(f"new {number}")
        assert all(f"new {number}" not in found(client) for client in clients)
    log = (tmp_path / "log").read_text()
    assert "/v1/candidates/{candidate:path}" in log
    assert "new 3" not in log
    assert "nurse" not in log
    for client in clients:
        client.close()


def test_the_clients_agree(service: tuple[str, subprocess.Popen[bytes]], store: Store) -> None:
    address, _ = service
    with Client(address, timeout=60) as remote, Client.local(store.root) as local:
        for client, created in ((remote, True), (local, False)):
            assert client.candidates.upsert(PERSON).created is created
        one, other = (client.candidates.similar(PERSON["id"], k=2) for client in (remote, local))
        assert one == other
        assert [hit.id for hit in one.hits] == ["c2", "c3"]
        assert remote.candidates.get(PERSON["id"]) == local.candidates.get(PERSON["id"])
        assert local.candidates.get(PERSON["id"]).label == "finance"
        results = remote.candidates.upsert_many([PERSON, {"id": "x", "summary": "qqqqqq"}]).results
        assert results[0].created is False
        assert results[1].error is not None
        with pytest.raises(InputError, match="no word"):
            local.candidates.upsert({"id": "x", "summary": "qqqqqq"})
        with pytest.raises(UnknownCandidateError):
            remote.candidates.delete("nobody")
        first = local.candidates.delete(PERSON["id"])
        again = remote.candidates.delete(PERSON["id"])
        assert (first.already, again.already, again.erased_at) == (False, True, first.erased_at)
        with pytest.raises(ErasedCandidateError):
            remote.candidates.upsert(PERSON)
        assert remote.candidates.delete("nobody", unknown=True).already is False
        assert found(remote) == found(local)


async def test_the_awaiting_client_has_the_same_methods(store: Store) -> None:
    async with AsyncClient.local(store.root) as client:
        assert (await client.candidates.upsert(PERSON)).created
        assert (await client.candidates.get(PERSON["id"])).title == "Payroll nurse"
        assert len((await client.candidates.similar(PERSON["id"], k=2, exact=True)).hits) == 2
        assert (await client.candidates.upsert_many([PERSON])).results[0].created is False
        assert not (await client.candidates.delete(PERSON["id"])).already
        with pytest.raises(UnknownCandidateError):
            await client.candidates.get(PERSON["id"])


def test_the_manuals_examples_can_be_put_in(store: Store) -> None:
    from starlette.testclient import TestClient

    from embedsvc.service import create_app
    from embedsvc.settings import Settings

    with TestClient(create_app(Settings(store=store.root))) as web:
        paths = web.get("/openapi.json").json()["paths"]
        for method, path in (("put", "/v1/candidates/{candidate}"), ("post", "/v1/candidates")):
            content = paths[path][method]["requestBody"]["content"]["application/json"]
            (example,) = content["schema"]["examples"]
            url = path.format(candidate=example.get("id"))
            assert web.request(method, url, json=example).status_code == 200


def test_a_killed_worker_loses_nothing_that_was_acknowledged(
    service: tuple[str, subprocess.Popen[bytes]], store: Store
) -> None:
    address, process = service
    acknowledged: list[str] = []
    stop = threading.Event()

    def write(name: str) -> None:
        number = 0
        with Client(address, timeout=20, retries=0) as client:
            while not stop.is_set():
                number += 1
                identity = f"{name}-{number}"
                try:
                    client.candidates.upsert({**PERSON, "id": identity})
                    acknowledged.append(identity)
                except EmbedsvcError:
                    time.sleep(0.02)  # its worker was killed, and was not heard of since

    threads = [threading.Thread(target=write, args=(name,)) for name in "ab"]
    for thread in threads:
        thread.start()
    for _ in range(2):
        before = len(acknowledged)
        wait_for(lambda before=before: len(acknowledged) > before + 10)
        os.kill(workers(process)[0], signal.SIGKILL)
    before = len(acknowledged)
    wait_for(lambda: len(acknowledged) > before + 10)
    stop.set()
    for thread in threads:
        thread.join()
    with Client.local(store.root) as fresh:
        assert {*acknowledged} <= {*fresh_ids(fresh, len(acknowledged))}


def fresh_ids(client: Client, least: int) -> list[str]:
    (result,) = client.search(["payroll nurse"], k=min(1_000, least + 50)).results
    return [hit.id for hit in result.hits or []]


def test_with_a_damaged_journal_skills_are_answered_and_candidates_are_not(store: Store) -> None:
    with Client.local(store.root) as client:
        client.candidates.delete("c1")
    content = store.journal.path.read_bytes()
    store.journal.path.write_bytes(content.replace(b'"salt"', b'"melt"'))
    with Client.local(store.root) as client:
        assert client.skills.related("php").release == "first"
        with pytest.raises(EmbedsvcError) as failed:
            client.search(["php"])
        assert failed.value.code == "store_error"
    store.journal.path.write_bytes(content)
    with Client.local(store.root) as client:
        assert "c1" not in found(client)


def test_the_command_proves_an_erasure(store: Store) -> None:
    def embedsvc(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "embedsvc.cli", *arguments, "--store", str(store.root)]
        return subprocess.run(command, capture_output=True, text=True, check=False)

    publish(store, "second", best=0.8)
    before = embedsvc("release", "verify-erased", "c1")
    assert before.returncode == 1
    assert "NOT recorded as erased" in before.stdout
    assert "first/indexes/candidates/candidates.arrow: id, title" in before.stdout
    assert embedsvc("candidate", "erase", "c1").returncode == 0
    after = embedsvc("release", "verify-erased", "c1")
    assert after.returncode == 1
    assert "first/indexes/candidates/candidates.arrow (live; hidden from every answer)" in after.stdout
    assert "second/indexes/candidates/candidates.arrow: id, title" in after.stdout
    assert "release collect --erased" in after.stdout
    assert "Removed: second." in embedsvc("release", "collect", "--erased").stdout
    assert [info.name for info in store.list()] == ["first"]
    assert embedsvc("candidate", "erase", "never-there", "--unknown").returncode == 0
    proof = embedsvc("release", "verify-erased", "never-there")
    assert proof.returncode == 0
    assert "Nothing of the candidate is left in the store." in proof.stdout
