"""`embedsvc corpus`: a sample corpus to try things on, and what becomes of one's own."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from embedsvc.cli.screen import AsJson, print_json, print_table, say

app = typer.Typer(
    help="Candidates: a sample to try things on, and what becomes of your own.", no_args_is_help=True
)


@app.callback()
def _group() -> None:
    """Candidates: a sample to try things on, and what becomes of your own."""


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


@app.command()
def stats(
    recipe: Annotated[Path, typer.Option(help="The recipe, a TOML file.")] = Path("embedsvc.toml"),
    as_json: AsJson = False,
) -> None:
    """What reading, cleaning and preparing make of a recipe's candidates; what is done is not done again."""
    from training.pipeline import Pipeline
    from training.preparation.funnel import funnel
    from training.progress import reporter
    from training.recipe import load_recipe

    steps = funnel(Pipeline(load_recipe(recipe), reporter()).prepare())
    if as_json:
        print_json([asdict(step) for step in steps])
        return
    rows = [(step.step, step.count, "" if step.share is None else f"{step.share:.1%}") for step in steps]
    print_table("Corpus", ("step", "count", "share"), rows)
