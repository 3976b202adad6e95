"""The jobs of a store: every state, who may cancel what, and what is left of a job that was killed."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from embedsvc.errors import IdempotencyKeyError, JobEndedError, JobRunningError, UnknownJobError
from embedsvc.jobs import JobFolder, JobLedger, processes
from embedsvc.jobs.folder import is_job_id
from embedsvc.releases import Store
from embedsvc.schemas import Job, ReindexRequest
from tests.embedsvc.jobs.stand_in import MADE

ROOT = Path(__file__).resolve().parents[3]
ASKED = ReindexRequest()


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.setattr(processes, "_PROGRAM", "tests.embedsvc.jobs.stand_in")
    return Store(tmp_path / "store", create=True)


@pytest.fixture
def ledger(store: Store) -> Iterator[JobLedger]:
    ledger = JobLedger(store)
    yield ledger
    for job in ledger.newest(100):
        if not job.ended:
            ledger.cancel(job.id)


@pytest.fixture
def begin(ledger: JobLedger, tmp_path: Path) -> Callable[..., Job]:
    def begin(act: str, key: str | None = None, asked: ReindexRequest = ASKED) -> Job:
        recipe = tmp_path / "recipe"
        recipe.write_text(act)
        return ledger.begin(asked, recipe, key)

    return begin


def until(ledger: JobLedger, identity: str, reached: Callable[[Job], bool]) -> Job:
    deadline = time.monotonic() + 60
    while not reached(job := ledger.get(identity)):
        assert time.monotonic() < deadline, job
        time.sleep(0.01)
    return job


def ended(job: Job) -> bool:
    return job.ended


def under_way(job: Job) -> bool:
    return job.progress is not None


def test_a_job_that_succeeds(ledger: JobLedger, begin: Callable[..., Job]) -> None:
    asked = ReindexRequest(activate=False)
    job = begin("succeed", asked=asked)
    assert (job.state, job.asked, job.started, job.result) == ("queued", asked, None, None)

    done = until(ledger, job.id, ended)

    assert (done.state, done.result, done.error) == ("succeeded", MADE, None)
    assert done.progress is not None
    assert (done.progress.stage, done.progress.done, done.progress.total) == ("embed", 2, 2)
    assert done.started is not None
    assert done.finished is not None
    assert done.created <= done.started <= done.finished
    with pytest.raises(JobEndedError, match="has succeeded already") as refused:
        ledger.cancel(job.id)
    assert refused.value.details == {"job": job.id, "state": "succeeded"}


def test_a_job_that_fails_says_why(ledger: JobLedger, begin: Callable[..., Job]) -> None:
    job = until(ledger, begin("refuse").id, ended)
    assert job.error is not None
    assert (job.state, job.result) == ("failed", None)
    assert (job.error.code, job.error.message) == ("invalid_recipe", "The recipe cannot be used.")


def test_a_job_that_is_killed_is_found_dead(ledger: JobLedger, begin: Callable[..., Job]) -> None:
    job = until(ledger, begin("die").id, ended)
    assert job.error is not None
    assert (job.state, job.error.code) == ("failed", "job_died")
    assert job.error.message.startswith("The process ended without a result")


def test_another_service_sees_the_same_and_finds_the_dead(
    store: Store, ledger: JobLedger, begin: Callable[..., Job]
) -> None:
    job = until(ledger, begin("wait").id, under_way)
    other = JobLedger(store)
    assert other.get(job.id) == job
    assert job.state == "running"

    leader = JobFolder(store.root / "jobs", job.id).process()
    assert leader is not None
    os.kill(leader, signal.SIGKILL)

    assert until(other, job.id, ended).state == "failed"
    assert [each.state for each in ledger.newest(10)] == ["failed"]


@pytest.mark.parametrize("act", ["wait", "deaf", "silent"])
def test_cancelling(
    store: Store, ledger: JobLedger, begin: Callable[..., Job], act: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(processes, "_PATIENCE_SECONDS", 0.2)
    job = begin(act)
    if act != "silent":
        until(ledger, job.id, under_way)

    cancelled = JobLedger(store).cancel(job.id)

    assert cancelled.error is not None
    assert (cancelled.state, cancelled.error.code) == ("cancelled", "job_cancelled")
    assert not JobFolder(store.root / "jobs", job.id).is_alive()
    assert ledger.cancel(job.id) == ledger.get(job.id) == cancelled


def test_cancelling_ends_all_that_the_job_began(
    ledger: JobLedger, begin: Callable[..., Job], tmp_path: Path
) -> None:
    job = begin("crowd")
    while not (tmp_path / "child").exists() or not (tmp_path / "child").read_text():
        time.sleep(0.01)
    child = int((tmp_path / "child").read_text())
    assert ledger.cancel(job.id).state == "cancelled"
    assert _is_gone(child)


def _is_gone(process: int) -> bool:
    """Whether a process has ended; one that nobody has waited for yet has."""
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        try:
            state = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
        except (FileNotFoundError, ProcessLookupError):
            return True
        if state == "Z":
            return True
        time.sleep(0.01)
    return False


def test_a_job_that_publishes_is_not_cancelled(
    store: Store, ledger: JobLedger, begin: Callable[..., Job], tmp_path: Path
) -> None:
    job = begin("publish")
    until(ledger, job.id, lambda now: now.progress is not None and now.progress.stage == "publish")

    with pytest.raises(JobEndedError, match="is publishing its release") as refused:
        ledger.cancel(job.id)

    assert refused.value.details["state"] == "running"
    assert ledger.get(job.id).state == "running"
    (tmp_path / "go").touch()
    assert until(ledger, job.id, ended).state == "succeeded"
    assert not JobFolder(store.root / "jobs", job.id).is_unwanted


def test_a_job_that_is_killed_while_it_publishes_says_so(
    store: Store, ledger: JobLedger, begin: Callable[..., Job]
) -> None:
    job = begin("publish")
    until(ledger, job.id, lambda now: now.progress is not None and now.progress.stage == "publish")
    folder = JobFolder(store.root / "jobs", job.id)
    folder.want_no_more()  # whoever wanted it cancelled was killed too
    os.kill(folder.process() or 0, signal.SIGKILL)
    dead = until(ledger, job.id, ended)
    assert (dead.state, dead.error and dead.error.code) == ("failed", "job_died")
    assert dead.error is not None
    assert dead.error.message.startswith("The process ended while it published")


def test_one_at_a_time(store: Store, ledger: JobLedger, begin: Callable[..., Job], tmp_path: Path) -> None:
    job = begin("wait")
    for any_of_them in (ledger, JobLedger(store)):
        with pytest.raises(JobRunningError) as refused:
            any_of_them.begin(ASKED, tmp_path / "recipe")
        assert refused.value.details == {"job": job.id}
    ledger.cancel(job.id)
    assert until(ledger, begin("succeed").id, ended).state == "succeeded"


def test_a_key_is_a_job(store: Store, ledger: JobLedger, begin: Callable[..., Job]) -> None:
    job = begin("succeed", "k1")
    assert begin("succeed", "k1").id == job.id  # while it is under way
    done = until(ledger, job.id, ended)
    assert JobLedger(store).begin(ASKED, Path("none"), "k1") == done
    with pytest.raises(IdempotencyKeyError, match=job.id):
        begin("succeed", "k1", ReindexRequest(activate=False))
    other = begin("succeed", "k2")
    assert other.id != job.id
    until(ledger, other.id, ended)
    kept = b"".join(path.read_bytes() for path in (store.root / "jobs").rglob("*.json"))
    assert b"k1" not in kept  # a hash is


def test_the_oldest_are_forgotten(store: Store, begin: Callable[..., Job], ledger: JobLedger) -> None:
    few = JobLedger(store, keep=2)
    made = []
    for _ in range(3):
        made.append(few.begin(ASKED, _recipe(store), None).id)
        until(few, made[-1], ended)
    assert [job.id for job in few.newest(10)] == [made[2], made[1]]
    assert [job.id for job in few.newest(1)] == [made[2]]
    with pytest.raises(UnknownJobError):
        few.get(made[0])


def _recipe(store: Store) -> Path:
    recipe = store.root.with_name("recipe")
    recipe.write_text("refuse")
    return recipe


def test_whoever_may_not_write_is_told_all_the_same(
    store: Store, ledger: JobLedger, begin: Callable[..., Job], monkeypatch: pytest.MonkeyPatch
) -> None:
    job = begin("die")
    while JobFolder(store.root / "jobs", job.id).is_alive():
        time.sleep(0.01)

    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    with monkeypatch.context() as patched:
        patched.setattr(JobFolder, "write_outcome", refuse)
        told = ledger.get(job.id)
    assert (told.state, told.error and told.error.code) == ("failed", "job_died")
    assert not (store.root / "jobs" / job.id / "outcome.json").exists()
    assert ledger.get(job.id).state == "failed"
    assert (store.root / "jobs" / job.id / "outcome.json").exists()


def test_the_last_line_is_told_when_it_is_whole(
    store: Store, ledger: JobLedger, begin: Callable[..., Job]
) -> None:
    job = until(ledger, begin("wait").id, under_way)
    told = store.root / "jobs" / job.id / "told.jsonl"
    reader = ledger.reader(job.id)
    assert [(each.number, each.progress.done) for each in reader.read()] == [(2, None), (3, 1.0)]
    with told.open("ab") as file:
        file.write(b'{"stage":"index","do')
    assert reader.read() == []
    assert ledger.get(job.id).progress == job.progress
    with told.open("ab") as file:
        file.write(b'ne":7,"total":9}\n')
    assert [(each.number, each.progress.done) for each in reader.read()] == [(4, 7.0)]


@pytest.mark.parametrize(
    "identity",
    ["", "..", "../..", "lock", "/etc", "20261121-094054-0123456789abcdef\n", "x" * 10_000, "２" * 8],
)
def test_what_cannot_be_an_id_never_becomes_a_path(ledger: JobLedger, identity: str) -> None:
    for ask in (ledger.get, ledger.cancel, ledger.reader):
        with pytest.raises(UnknownJobError) as refused:
            ask(identity)
        assert len(refused.value.message) < 500


@given(st.text())
def test_an_id_has_no_part_of_a_path(identity: str) -> None:
    assert not is_job_id(identity) or set(identity) <= set("0123456789abcdef-")
