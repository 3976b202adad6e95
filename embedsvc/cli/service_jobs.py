"""`embedsvc job`: the jobs of a running service, begun, listed, waited for and cancelled."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from embedsvc.cli.screen import AsJson, print_json, print_table, say
from embedsvc.errors import from_wire

if TYPE_CHECKING:
    from embedsvc import Client
    from embedsvc.schemas import Job

app = typer.Typer(help="Jobs of a running service; the API key is EMBEDSVC_API_KEY.", no_args_is_help=True)

Url = Annotated[str, typer.Option(envvar="EMBEDSVC_URL", help="Base address of the service.")]
DEFAULT_URL = "http://127.0.0.1:8000"
JobId = Annotated[str, typer.Argument(help="The job's id.")]


@app.command()
def reindex(
    activate: Annotated[
        bool, typer.Option("--activate/--no-activate", help="Let the new release go live.")
    ] = True,
    wait: Annotated[bool, typer.Option("--wait", help="Wait until it has ended.")] = False,
    url: Url = DEFAULT_URL,
    as_json: AsJson = False,
) -> None:
    """Let the service read the candidates again and index them, with the recipe it was started with."""
    with _client(url) as client:
        job = client.jobs.reindex(activate=activate)
        _ended(client, job.id, as_json) if wait else _show(job, as_json)


@app.command("list")
def list_(
    limit: Annotated[int, typer.Option(help="How many at most.", min=1, max=100)] = 20,
    url: Url = DEFAULT_URL,
    as_json: AsJson = False,
) -> None:
    """The newest jobs, newest first."""
    with _client(url) as client:
        jobs = client.jobs.list(limit)
    if as_json:
        print_json([job.model_dump(mode="json") for job in jobs])
        return
    # No more columns than fit 80 characters: an id that is folded cannot be copied.
    print_table("Jobs", ("id", "state", "under way"), [(job.id, job.state, _how_far(job)) for job in jobs])


@app.command()
def show(job: JobId, url: Url = DEFAULT_URL, as_json: AsJson = False) -> None:
    """A job as it is now."""
    with _client(url) as client:
        _show(client.jobs.get(job), as_json)


@app.command()
def wait(job: JobId, url: Url = DEFAULT_URL, as_json: AsJson = False) -> None:
    """Wait until a job has ended; leaves with 0 where it succeeded."""
    with _client(url) as client:
        _ended(client, job, as_json)


@app.command()
def cancel(job: JobId, url: Url = DEFAULT_URL, as_json: AsJson = False) -> None:
    """End a job and all that it began; nothing of it is published."""
    with _client(url) as client:
        _show(client.jobs.cancel(job), as_json)


def _client(url: str) -> Client:
    from embedsvc import Client

    return Client(url, timeout=60.0)  # to cancel a job is to wait for its end


def _ended(client: Client, identity: str, as_json: bool) -> None:
    """Wait, saying each new stage on standard error; a job that did not succeed is its error."""
    stages: list[str] = []

    def tell(now: Job) -> None:
        stage = now.progress.stage if now.progress else None
        if stage and stage not in stages:
            stages.append(stage)
            sys.stderr.write(f"{stage}\n")

    job = client.jobs.wait(identity, progress=tell)
    if job.error is not None:
        raise from_wire(job.error.code, f"Job {job.id} {job.state}: {job.error.message}", job.error.details)
    _show(job, as_json)


def _show(job: Job, as_json: bool) -> None:
    if as_json:
        print_json(job)
        return
    say(f"Job {job.id} ({job.kind}): {job.state}{_how_far(job) and ', '}{_how_far(job)}.")
    if job.error is not None:
        say(job.error.message)
    if job.result is not None:
        state = "live" if job.result.activated else "published"
        say(
            f"Release {job.result.release} is {state}: {job.result.candidates:,} candidates, recall@10 "
            f"{job.result.recall:.3f} against exact search; all else as in {job.result.parent}."
        )


def _how_far(job: Job) -> str:
    """The stage under way, how much of it is done, and how long it will take."""
    if job.ended or job.progress is None:
        return ""
    now = job.progress
    share = f" {now.done / now.total:.0%}" if now.total and now.done is not None else ""
    return f"{now.stage}{share}" + ("" if now.eta_seconds is None else f", {now.eta_seconds:.0f} s left")
