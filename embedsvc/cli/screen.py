"""What commands print: a table for people or JSON for programs."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import Annotated, Any

import typer
from pydantic import BaseModel
from rich.console import Console
from rich.table import Table
from rich.text import Text

_HEADING = "task, metric"

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]


def print_json(value: Any) -> None:
    """Print JSON values, or a schema, indented."""
    document = value.model_dump(mode="json") if isinstance(value, BaseModel) else value
    sys.stdout.write(json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False) + "\n")


def print_table(title: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Print rows under a title; numbers to the right."""
    filled = [[_cell(value) for value in row] for row in rows]
    table = Table(title=title, title_justify="left", title_style="bold")
    for place, column in enumerate(columns):
        numeric = bool(filled) and all(_is_number(row[place]) for row in filled)
        table.add_column(column, justify="right" if numeric else "left", overflow="fold")
    for row in filled:
        table.add_row(*row)
    Console(markup=False).print(table)


def say(sentence: str) -> None:
    """Print a sentence."""
    sys.stdout.write(f"{sentence}\n")


def scores_table(title: str, scores: Iterable[dict[str, Any]]) -> None:
    """Print evaluation scores under their tasks, each beside its interval and its baselines.

    Lines are never wrapped: what evaluation names today takes 80 columns.
    """
    scores = list(scores)
    width = max(len(_HEADING), *(len(_metric(score)) for score in scores), 0)
    console = Console(markup=False, highlight=False)
    console.print(Text(title, "bold"), soft_wrap=True)
    console.print(f"{_HEADING:{width}}  value  95 % interval  baselines", soft_wrap=True)
    for (task, items), group in groupby(scores, key=lambda score: (score["task"], score["items"])):
        console.print(f"\n{task} ({items:,} items)", soft_wrap=True)
        for score in group:
            interval = f"{score['low']:.3f}-{score['high']:.3f}"
            line = f"{_metric(score):{width}}  {score['value']:5.3f}  {interval:>13}  "
            baselines = [f"{name} {value:.3f}" for name, value in score["baselines"].items()]
            beneath = "\n" + " " * len(line)
            console.print((line + beneath.join(baselines)).rstrip(), soft_wrap=True)


def shown_metric(metric: str, *, higher_is_better: bool) -> str:
    """A metric as tables call it: with its direction where that is not the usual one."""
    return metric if higher_is_better else f"{metric} (less is better)"


def _metric(score: dict[str, Any]) -> str:
    return f"  {shown_metric(score['metric'], higher_is_better=score.get('higher_is_better', True))}"


def _cell(value: object) -> str:
    if isinstance(value, float):
        return f"{value:.3f}"
    if isinstance(value, int) and not isinstance(value, bool):
        return f"{value:,}"
    return "" if value is None else str(value)


def _is_number(text: str) -> bool:
    return text.replace(",", "").replace(".", "").replace("-", "").isdigit()
