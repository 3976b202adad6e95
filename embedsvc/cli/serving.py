"""`embedsvc serve` and `ready`."""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
from pydantic import ValidationError

from embedsvc.cli.screen import say
from embedsvc.errors import InputError


def serve(
    store: Annotated[Path | None, typer.Option(help="The release store. [EMBEDSVC_STORE, ./store]")] = None,
    host: Annotated[str | None, typer.Option(help="Address to listen on. [EMBEDSVC_HOST, 127.0.0.1]")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on. [EMBEDSVC_PORT, 8000]")] = None,
    workers: Annotated[int | None, typer.Option(help="Server processes. [EMBEDSVC_WORKERS, 1]")] = None,
    recipe: Annotated[
        Path | None, typer.Option(help="Recipe of the re-index over REST. [EMBEDSVC_RECIPE, none]")
    ] = None,
) -> None:
    """Serve the store's live release over REST; a newly activated release is taken up by itself."""
    from embedsvc.service import run
    from embedsvc.settings import Settings

    given = {"store": store, "host": host, "port": port, "workers": workers, "recipe": recipe}
    try:
        settings = Settings(**{name: value for name, value in given.items() if value is not None})  # type: ignore[arg-type]
    except ValidationError as error:
        faults = "; ".join(f"{item['loc'][0]}: {item['msg']}" for item in error.errors())
        raise InputError(f"The settings cannot be used. {faults}.") from None
    run(settings)


def key(
    name: Annotated[str, typer.Argument(help="Whose key it is; for logs and limits.")],
    scope: Annotated[
        str, typer.Option(help="read: every question; admin: also what changes the service.")
    ] = "read",
    until: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="The last day on which it is taken.")
    ] = None,
) -> None:
    """Make an API key: the key on standard output, its line for the key file on standard error."""
    from embedsvc.service.keys import new_key

    if scope not in {"read", "admin"}:
        raise InputError(f"There is no scope '{scope}'; use read or admin.")
    secret, line = new_key(name, "admin" if scope == "admin" else "read", until and until.date())
    sys.stderr.write(f"Give the key to who asks; it is not shown again. Its line for the service:\n{line}\n")
    say(secret)


def ready(
    url: Annotated[
        str, typer.Option(envvar="EMBEDSVC_URL", help="Base address of the service.")
    ] = "http://127.0.0.1:8000",
) -> None:
    """Leave with 0 when the service answers its canary query; for health checks."""
    from embedsvc import Client

    with Client(url, timeout=5.0, retries=0) as client:
        say(f"Ready: release {client.health.ready().release}.")
