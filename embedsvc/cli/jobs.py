"""`embedsvc train`, `evaluate` and `reindex`: the offline jobs."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from embedsvc.cli.releases import go_live
from embedsvc.cli.screen import AsJson, print_json, say, scores_table
from embedsvc.errors import GateError

if TYPE_CHECKING:
    from embedsvc.releases import Store

Recipe = Annotated[Path, typer.Option(help="The recipe, a TOML file.")]
DEFAULT_RECIPE = Path("embedsvc.toml")


def train(
    recipe: Recipe = DEFAULT_RECIPE,
    activate: Annotated[
        bool, typer.Option("--activate", help="Make the new release the live one when it is published.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Run a recipe: train, evaluate and publish a release. Stages found done are not done again."""
    from embedsvc.releases import Store
    from training.pipeline import Pipeline
    from training.progress import reporter
    from training.recipe import load_recipe

    located = load_recipe(recipe)
    result = Pipeline(located, reporter()).run()
    refused = _refusal(Store(located.store), result.release) if activate else None
    if as_json:
        print_json({**asdict(result), "activated": activate and refused is None})
    else:
        scores_table(f"Release {result.release}", [score.as_json() for score in result.scores])
        _say_bad_lines(result.report["sources"])
        say_card(Store(located.store), result.release)
    if refused is not None:
        raise refused
    if as_json:
        return
    if activate:
        say(f"Release {result.release} is live in {located.store}.")
    else:
        say(f"To serve it: embedsvc release activate {result.release} --store {located.store}")


def say_card(store: Store, name: str) -> None:
    """Say where the model card of a release lies, if it has one."""
    from embedsvc.releases import layout

    page = store.path(name) / layout.CARD / "card.html"
    if page.is_file():
        say(f"Its model card: {page}")


def _refusal(store: Store, name: str) -> GateError | None:
    """Activate the release; where the gate refuses it, why."""
    try:
        go_live(store, name)
    except GateError as error:
        return error
    return None


def evaluate(recipe: Recipe = DEFAULT_RECIPE, as_json: AsJson = False) -> None:
    """Judge what a recipe makes, each score beside its baselines; nothing is published."""
    from training.pipeline import Pipeline
    from training.progress import reporter
    from training.recipe import load_recipe

    scores = [score.as_json() for score in Pipeline(load_recipe(recipe), reporter()).evaluate()]
    if as_json:
        print_json(scores)
    else:
        scores_table("Scores", scores)


def reindex(
    recipe: Recipe = DEFAULT_RECIPE,
    activate: Annotated[
        bool, typer.Option("--activate/--no-activate", help="Let the new release go live.")
    ] = True,
    as_json: AsJson = False,
) -> None:
    """Read the candidates again, index them with the live models, publish and activate."""
    from training.progress import reporter
    from training.recipe import load_recipe
    from training.reindex import reindex as run

    located = load_recipe(recipe)
    result = run(located, reporter(), activate=activate)
    if as_json:
        print_json({**asdict(result), "activated": activate})
    else:
        state = "live" if activate else "published"
        say(
            f"Release {result.release} is {state}: {result.candidates:,} candidates, recall@10 "
            f"{result.recall:.3f} against exact search; all else as in {result.parent}."
        )
        _say_bad_lines(result.sources)
        if not activate:
            say(f"To serve it: embedsvc release activate {result.release} --store {located.store}")


def _say_bad_lines(counts: dict[str, Any]) -> None:
    """Say which lines of the sources were passed over, and why; never their text."""
    if counts["bad_lines"]:
        say(f"{counts['bad_lines']:,} of {counts['lines']:,} lines could not be read and were passed over:")
        for line in counts["first_bad"]:
            say(f"  {line}")
