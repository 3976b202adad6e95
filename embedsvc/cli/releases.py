"""`embedsvc release`: list, show, compare, activate, roll back, verify, collect."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from embedsvc.cli.screen import AsJson, print_json, print_table, say, scores_table
from embedsvc.errors import GateError

if TYPE_CHECKING:
    from embedsvc.releases import Store

app = typer.Typer(help="List, activate and roll back releases.", no_args_is_help=True)
StorePath = Annotated[Path, typer.Option("--store", envvar="EMBEDSVC_STORE", help="The release store.")]
DEFAULT_STORE = Path("store")
Name = Annotated[str, typer.Argument(help="A release's name.")]


def _open(path: Path) -> Store:
    from embedsvc.releases import Store

    return Store(path)


@app.command("list")
def list_releases(store: StorePath = DEFAULT_STORE, as_json: AsJson = False) -> None:
    """All releases, newest first."""
    found = _open(store).list()
    if as_json:
        print_json([info.model_dump(mode="json") for info in found])
        return
    rows = [
        ("*" if info.active else "", info.name, info.created[:19], f"{info.bytes / 1e6:.1f}", info.parent)
        for info in found
    ]
    print_table(f"Releases in {store}", ("live", "name", "created (UTC)", "MB", "parent"), rows)
    for name, fault in _open(store).broken().items():
        say(f"{name}: {fault}")


@app.command()
def show(name: Name, store: StorePath = DEFAULT_STORE, as_json: AsJson = False) -> None:
    """What a release holds and how good it was found to be."""
    manifest = _open(store).manifest(name)
    if as_json:
        print_json(manifest)
        return
    rows = [(path, f"{entry.bytes / 1e6:.2f}", entry.sha256[:12]) for path, entry in manifest.files.items()]
    print_table(f"Release {name} ({manifest.kind}, {manifest.created[:19]})", ("file", "MB", "sha256"), rows)
    scores = manifest.metrics.get("scores")
    if isinstance(scores, list):
        scores_table("Scores", [score for score in scores if isinstance(score, dict)])


@app.command()
def card(
    name: Name,
    store: StorePath = DEFAULT_STORE,
    page: Annotated[Path | None, typer.Option("--html", help="Write the page to this file instead.")] = None,
) -> None:
    """Print a release's model card as Markdown. A release without one is measured for it now."""
    from training.card import card_of, markdown
    from training.card import page as html

    found = card_of(_open(store), name)
    if page is None:
        typer.echo(markdown(found), nl=False)
        return
    page.write_text(html(found), encoding="utf-8")
    say(f"The page is at {page}.")


@app.command()
def diff(
    before: Name,
    after: Name,
    store: StorePath = DEFAULT_STORE,
    page: Annotated[Path | None, typer.Option("--html", help="Write a page to this file too.")] = None,
    as_json: AsJson = False,
) -> None:
    """What changes from one release to another: scores, skills, neighbours, files."""
    from embedsvc.cli.release_diff import diff_page, show_diff
    from embedsvc.queries import Side, release_diff
    from embedsvc.releases.opening import open_release

    opened = _open(store)
    one, other = (Side(open_release(opened, name), opened.manifest(name)) for name in (before, after))
    found = release_diff(one, other)
    if page is not None:
        page.write_text(diff_page(found), encoding="utf-8")
    if as_json:
        print_json(found)
        return
    show_diff(found)
    if page is not None:
        say(f"The page is at {page}.")


def go_live(store: Store, name: str, *, force: bool = False) -> None:
    """Activate a release that passes its gate, or, with `force`, note in its manifest what is against it.

    Raises:
        GateError: The gate refuses it.
        StoreError: It cannot be activated.
    """
    from embedsvc.queries import check_gate

    try:
        check_gate(store, name)
    except GateError as error:
        if not force:
            raise
        store.note_forced(name, error.details["faults"])
    store.activate(name)


@app.command()
def activate(
    name: Name,
    store: StorePath = DEFAULT_STORE,
    force: Annotated[
        bool, typer.Option("--force", help="Let it pass its recipe's gate; its manifest keeps what for.")
    ] = False,
) -> None:
    """Make a release the live one, after its recipe's gate and every file's sha256."""
    go_live(_open(store), name, force=force)
    say(f"Release {name} is live.")


@app.command()
def rollback(store: StorePath = DEFAULT_STORE) -> None:
    """Make the release live that was so before."""
    say(f"Release {_open(store).rollback()} is live.")


@app.command()
def verify(name: Name, store: StorePath = DEFAULT_STORE) -> None:
    """Check the sha256 of every file of a release."""
    _open(store).verify(name)
    say(f"Release {name} is whole.")


@app.command("verify-erased")
def verify_erased(
    identity: Annotated[str, typer.Argument(metavar="ID", help="The id of the candidate that was erased.")],
    store: StorePath = DEFAULT_STORE,
    as_json: AsJson = False,
) -> None:
    """Prove that nothing is left of a candidate: leaves with 0 if so, else says where, and with 1."""
    from embedsvc.releases.erasure import prove

    proof = prove(_open(store), identity)
    if as_json:
        print_json({**asdict(proof), "holds": proof.holds})
    else:
        said = f"erased at {proof.erased_at}" if proof.erased_at else "NOT recorded as erased"
        say(f"{proof.files:,} files looked through; {said}.")
        for trace in proof.traces:
            hidden = proof.erased_at and trace.place == proof.active
            note = " (live; hidden from every answer)" if hidden else ""
            say(f"  {trace.place}/{trace.file}{note}: {trace.what}")
        if proof.holds:
            say("Nothing of the candidate is left in the store.")
        elif proof.erased_at:
            say("To be rid of it: embedsvc reindex, then embedsvc release collect --erased.")
        else:
            say("To erase it: embedsvc candidate erase ID; with --unknown where the live release lacks it.")
    if not proof.holds:
        raise typer.Exit(1)


@app.command()
def collect(
    store: StorePath = DEFAULT_STORE,
    keep: Annotated[int, typer.Option(help="How many old releases stay.")] = 3,
    erased: Annotated[
        bool,
        typer.Option("--erased", help="Remove instead all, but the live one, that hold who was erased."),
    ] = False,
) -> None:
    """Remove old releases; the live one and those a roll back would reach stay."""
    from embedsvc.releases.erasure import holding_erased

    opened = _open(store)
    if erased:
        removed = holding_erased(opened)
        opened.remove(removed)
    else:
        removed = opened.collect(keep)
    say(f"Removed: {', '.join(removed)}." if removed else "Nothing to remove.")
