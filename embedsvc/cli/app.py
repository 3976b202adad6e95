"""All commands under one name."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

import typer

from embedsvc import __version__
from embedsvc.cli import ask, candidates, corpus, demo, jobs, releases, service_jobs, serving, skills, vectors

app = typer.Typer(
    name="embedsvc",
    help="Embeddings and vector search for recruiting.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"embedsvc {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and leave.")
    ] = False,
) -> None:
    """Embeddings and vector search for recruiting."""


_COMMANDS: tuple[Callable[..., None], ...] = (
    demo.demo,
    jobs.train,
    jobs.evaluate,
    jobs.reindex,
    serving.serve,
    serving.key,
    serving.ready,
    ask.related,
    ask.similar,
    ask.classify,
    ask.search,
    ask.extract,
    skills.gap,
    skills.explain,
    vectors.export,
)
for command in _COMMANDS:
    app.command()(command)
app.command("search-string")(skills.search_string)
app.command("import")(vectors.import_)
app.add_typer(releases.app, name="release")
app.add_typer(candidates.app, name="candidate")
app.add_typer(corpus.app, name="corpus")
app.add_typer(service_jobs.app, name="job")
