"""`embedsvc gap`, `search-string`, `explain`: more questions about skills to a store's live release."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from embedsvc.cli.ask import Count, asked, live
from embedsvc.cli.releases import DEFAULT_STORE, StorePath
from embedsvc.cli.screen import AsJson, print_json, print_table, say

if TYPE_CHECKING:
    from embedsvc.schemas import Corpus

Share = Annotated[float, typer.Option(help="How related a skill must be, from 0 to 1.", min=0.0, max=1.0)]


def gap(
    cv: Annotated[Path, typer.Argument(help="File with the text of a CV.", exists=True, dir_okay=False)],
    job: Annotated[Path, typer.Argument(help="File with the text of a job.", exists=True, dir_okay=False)],
    least: Share = 0.6,
    store: StorePath = DEFAULT_STORE,
    as_json: AsJson = False,
) -> None:
    """The skills of a job: which the CV has, which a related one covers, which are missing."""
    from embedsvc.queries import skill_gap
    from embedsvc.schemas import GapRequest

    cv_text, job_text = (path.read_text(encoding="utf-8", errors="replace") for path in (cv, job))
    answer = skill_gap(live(store), asked(GapRequest, cv=cv_text, job=job_text, least=least))
    if as_json:
        print_json(answer)
        return
    rows: list[tuple[str, str, str, float | None]]
    rows = [(each.skill, "covered", "", None) for each in answer.covered]
    rows += [(each.skill, "related", each.by, each.relatedness) for each in answer.related]
    rows += [(each.skill, "missing", "", None) for each in answer.missing]
    coverage = "no skill in the job" if answer.coverage is None else f"{answer.coverage:.0%} covered"
    print_table(f"Skills of the job: {coverage}", ("skill", "in the CV", "by", "relatedness"), rows)


def search_string(
    skill: Annotated[str, typer.Argument(help="A skill, in any of its spellings.")],
    similar: Annotated[int, typer.Option(help="How many similar skills at most.", min=0, max=50)] = 5,
    least: Share = 0.8,
    max_length: Annotated[int, typer.Option(help="Characters at most.", min=20, max=10_000)] = 1_000,
    store: StorePath = DEFAULT_STORE,
    as_json: AsJson = False,
) -> None:
    """A Boolean OR string that finds a skill in other search engines."""
    from embedsvc.queries import search_string as ask
    from embedsvc.schemas import SearchStringQuery

    query = asked(SearchStringQuery, skill=skill, similar=similar, least=least, max_length=max_length)
    answer = ask(live(store), query)
    if as_json:
        print_json(answer)
        return
    say(answer.query)
    rows = [
        (each.term, each.reason, each.skill, each.candidates, each.relatedness, ", ".join(each.guarded_by))
        for each in answer.terms
    ]
    print_table("Why", ("term", "reason", "skill", "candidates", "relatedness", "only beside"), rows)


def explain(
    skill: Annotated[str, typer.Argument(help="A skill, in any of its spellings.")],
    other: Annotated[str | None, typer.Argument(help="Another; its nearest where left out.")] = None,
    k: Count = 10,
    relation: Annotated[str, typer.Option(help="similar or used_with.")] = "used_with",
    store: StorePath = DEFAULT_STORE,
    as_json: AsJson = False,
) -> None:
    """What the corpus counts of a skill and others: lists that name each, both, and how many by chance."""
    from embedsvc.queries import explain as ask
    from embedsvc.schemas import ExplainQuery

    answer = ask(live(store), asked(ExplainQuery, skill=skill, other=other, k=k, relation=relation))
    if as_json:
        print_json(answer)
        return
    rows = [
        (each.skill, each.score, *(_counts(each.corpus) if each.corpus else (None,) * 4))
        for each in answer.explained
    ]
    columns = ("skill", "score", "lists", "with both", "by chance", "PMI (bits)")
    print_table(f"{relation}: {answer.resolved.skill}", columns, rows)


def _counts(corpus: Corpus) -> tuple[object, ...]:
    few = f"under {corpus.floor}"
    return corpus.other_named or few, corpus.together or few, corpus.expected, corpus.pmi
