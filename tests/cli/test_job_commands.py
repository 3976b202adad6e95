"""`embedsvc job`, asked of a real service whose jobs are written by hand."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from embedsvc.cli import service_jobs
from embedsvc.errors import CorpusError, JobEndedError, UnknownJobError, UnsupportedError
from embedsvc.jobs import JobFolder
from embedsvc.jobs.folder import Asked, Outcome
from embedsvc.releases import Store
from embedsvc.schemas import ItemError, ReindexOutcome, ReindexRequest
from tests.service.serving import serving

GOOD, BAD = "20260102-000000-0123456789abcdef", "20260101-000000-0123456789abcdef"
MADE = ReindexOutcome(
    release="new", parent="old", activated=True, candidates=1200, recall=0.5, lines=4, bad_lines=1
)


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("jobs")
    store = Store(folder / "store", create=True)
    error = ItemError(code="invalid_corpus", message="No candidates.")
    for identity, outcome in (
        (GOOD, Outcome(state="succeeded", finished="2026", result=MADE)),
        (BAD, Outcome(state="failed", finished="2026", error=error)),
    ):
        job = JobFolder(store.root / "jobs", identity)
        job.path.mkdir(parents=True)
        job.write_asked(Asked(kind="reindex", created="2026", body=ReindexRequest(), body_hash="x"))
        job.tell({"pid": 1, "at": "2026"})
        job.tell({"stage": "embed", "done": 1, "total": 4, "eta_seconds": 9.4})
        job.write_outcome(outcome)
    with serving(store.root, folder / "log") as address:
        yield address


def run(url: str, *arguments: str) -> str:
    """What the command prints; its errors are raised."""
    ran = CliRunner().invoke(service_jobs.app, [*arguments, "--url", url], catch_exceptions=False)
    return ran.stdout


def test_jobs_are_listed_and_shown(url: str) -> None:
    told = json.loads(run(url, "list", "--json"))
    assert [(job["id"], job["state"]) for job in told] == [(GOOD, "succeeded"), (BAD, "failed")]
    table = run(url, "list", "--limit", "1")
    assert GOOD in table
    assert BAD not in table
    assert json.loads(run(url, "show", GOOD, "--json")) == told[0]
    assert run(url, "show", BAD) == f"Job {BAD} (reindex): failed.\nNo candidates.\n"


def test_waiting_says_what_was_made_or_fails_as_the_job_did(url: str) -> None:
    assert run(url, "wait", GOOD) == (
        f"Job {GOOD} (reindex): succeeded.\nRelease new is live: 1,200 candidates, recall@10 0.500 against "
        "exact search; all else as in old.\n"
    )
    with pytest.raises(CorpusError, match=f"Job {BAD} failed: No candidates"):
        run(url, "wait", BAD)


def test_what_cannot_be_done_is_an_error_of_the_service(url: str) -> None:
    with pytest.raises(JobEndedError, match="has failed already"):
        run(url, "cancel", BAD)
    with pytest.raises(UnsupportedError, match="EMBEDSVC_RECIPE"):
        run(url, "reindex", "--wait")
    with pytest.raises(UnknownJobError):
        run(url, "show", BAD.replace("a", "b"))


def test_how_far_a_job_is_is_said_in_a_few_words(tmp_path: Path) -> None:
    job = JobFolder(tmp_path, GOOD)
    job.path.mkdir()
    job.write_asked(Asked(kind="reindex", created="2026", body=ReindexRequest(), body_hash="x"))
    told = [service_jobs._how_far(job.job())]
    for facts in (
        {"stage": "clean"},
        {"stage": "embed", "done": 1, "total": 4, "eta_seconds": 9.4},
        {"stage": "index", "done": 7, "total": None},
    ):
        job.tell({"pid": 1} if len(told) == 1 else facts)
        job.tell(facts)
        told.append(service_jobs._how_far(job.job()))
    assert told == ["", "clean", "embed 25%, 9 s left", "index"]
