"""`embedsvc corpus`: candidates to try things on."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from embedsvc.cli.screen import AsJson, print_json, say

app = typer.Typer(help="Candidates to try things on.", no_args_is_help=True)


@app.callback()
def _group() -> None:
    """Candidates to try things on."""


@app.command()
def generate(
    candidates: Annotated[int, typer.Option(help="How many, 1,000 to 10,000,000.")] = 20_000,
    seed: Annotated[int, typer.Option(help="The same seed gives the same bytes.")] = 1,
    out: Annotated[Path, typer.Option(help="JSON Lines file; gzip where the name ends in .gz.")] = Path(
        "candidates.jsonl.gz"
    ),
    as_json: AsJson = False,
) -> None:
    """Write a sample corpus of invented candidates."""
    from training.corpus.generator import write
    from training.progress import reporter

    with reporter().stage("generate") as meter:
        write(out, candidates, seed, meter.update)
    if as_json:
        print_json({"path": str(out), "candidates": candidates, "seed": seed, "bytes": out.stat().st_size})
    else:
        say(f"{candidates:,} candidates in {out}, {out.stat().st_size / 1e6:.1f} MB.")
