"""`embedsvc candidate`: show one, find those like it, put some in, erase one; without a server."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from embedsvc.cli.ask import Count, Effort, Exact, asked, live
from embedsvc.cli.releases import DEFAULT_STORE, StorePath
from embedsvc.cli.screen import AsJson, print_json, print_table, say
from embedsvc.errors import InputError

if TYPE_CHECKING:
    from embedsvc.schemas import CandidateIn

app = typer.Typer(help="Show, compare, put in and erase candidates.", no_args_is_help=True)
Identity = Annotated[str, typer.Argument(metavar="ID", help="A candidate's id, as the sources have it.")]


@app.command()
def show(identity: Identity, store: StorePath = DEFAULT_STORE, as_json: AsJson = False) -> None:
    """What is kept of a candidate."""
    from embedsvc.queries import candidate

    answer = candidate(live(store), identity)
    if as_json:
        print_json(answer)
        return
    facts = {"title": answer.title, "label": answer.label, "updated_at": answer.updated_at, **answer.columns}
    print_table(f"Candidate {answer.id}", ("column", "value"), facts.items())


@app.command()
def similar(
    identity: Identity,
    k: Count = 10,
    exact: Exact = False,
    effort: Effort = None,
    store: StorePath = DEFAULT_STORE,
    as_json: AsJson = False,
) -> None:
    """The candidates most like a candidate."""
    from embedsvc.queries import similar_candidates
    from embedsvc.schemas import SimilarCandidatesQuery

    request = asked(SimilarCandidatesQuery, id=identity, k=k, exact=exact, effort=effort)
    answer = similar_candidates(live(store), request)
    if as_json:
        print_json(answer)
        return
    rows = [(hit.id, hit.score, hit.title, hit.label) for hit in answer.hits]
    print_table(f"Like {identity}", ("id", "score", "title", "label"), rows)


@app.command()
def put(
    file: Annotated[Path, typer.Argument(help="JSON Lines: a candidate a line, as the service takes it.")],
    store: StorePath = DEFAULT_STORE,
    as_json: AsJson = False,
) -> None:
    """Put candidates in, or in the place of their older versions; a running service finds them at once."""
    from embedsvc.queries import put_candidates
    from embedsvc.schemas import MAX_BATCH, PutCandidatesRequest

    given, results = _read(file), []
    release = live(store)
    for start in range(0, len(given), MAX_BATCH):
        request = PutCandidatesRequest(candidates=given[start : start + MAX_BATCH])
        answer = put_candidates(release, request)
        results += [each.model_copy(update={"index": each.index + start}) for each in answer.results]
    failed = [each for each in results if each.error is not None]
    if as_json:
        print_json([each.model_dump(mode="json") for each in results])
    else:
        say(f"Put in: {len(results) - len(failed):,} of {len(results):,}.")
        for each in failed:
            say(f"  line {each.index + 1}: {each.error.message if each.error else ''}")
    if failed:
        raise typer.Exit(InputError.exit_code)


@app.command()
def erase(
    identity: Identity,
    unknown: Annotated[
        bool, typer.Option("--unknown", help="Record also an id that nobody bears.", show_default=False)
    ] = False,
    store: StorePath = DEFAULT_STORE,
    as_json: AsJson = False,
) -> None:
    """Erase a candidate for good: in no answer from now on, and in no later release."""
    from embedsvc.queries import erase_candidate

    answer = erase_candidate(live(store), identity, unknown=unknown)
    if as_json:
        print_json(answer)
        return
    say(f"Was erased already, at {answer.erased_at}." if answer.already else "Erased.")
    say(f"What is left of it in releases: embedsvc release verify-erased {identity} --store {store}")


def _read(file: Path) -> list[CandidateIn]:
    """The candidates of a file.

    Raises:
        InputError: It cannot be read, or a line is no candidate; names the line and never its text.
    """
    from embedsvc.client.batches import validated
    from embedsvc.schemas import CandidateIn

    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(
            f"{file} cannot be read ({type(error).__name__}); give a file of JSON Lines."
        ) from None
    found = []
    for number, line in enumerate(lines, 1):
        try:
            found.append(validated(CandidateIn, **json.loads(line)))
        except (ValueError, TypeError):
            raise InputError(f"{file}: line {number} is no JSON object.") from None
        except InputError as error:
            raise InputError(f"{file}: line {number}: {error.message}") from None
    return found
