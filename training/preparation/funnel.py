"""The funnel: what became of the candidates at every step, from the reports of the stages."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from embedsvc.text import privacy, sections
from training.preparation.prepared_corpus import PARTS


@dataclass(frozen=True, slots=True)
class Step:
    """One line of the funnel.

    Attributes:
        step: What was counted.
        count: How many.
        share: Of what the step began with, 0 to 1; None where a share says nothing.
    """

    step: str
    count: int
    share: float | None = None


def funnel(report: Mapping[str, Any]) -> list[Step]:
    """The steps in their order.

    Args:
        report: Of a pipeline, with "sources", "cleaning" and "corpus".
    """
    return [*_read(report["sources"]), *_cleaned(report["cleaning"]), *_prepared(report["corpus"])]


def _read(sources: Mapping[str, Any]) -> Iterator[Step]:
    lines, bad = sources["lines"], sources["bad_lines"]
    yield Step("lines read", lines)
    yield Step("bad lines", bad, _share(bad, lines))
    yield Step("candidates", sources["candidates"], _share(sources["candidates"], lines))
    yield Step("with an id that another has", sources["duplicate_ids"])


def _cleaned(counts: Mapping[str, int]) -> Iterator[Step]:
    everybody = counts["candidates"]
    for name, step in (
        ("empty", "empty"),
        ("other_language", "in another language"),
        ("exact_duplicates", "exact duplicates"),
        ("near_duplicates", "near-duplicates"),
        ("kept", "kept to train on"),
    ):
        yield Step(step, counts.get(name, 0), _share(counts.get(name, 0), everybody))
    others = sorted(name for name in counts if name.startswith("language."))
    yield from (Step(f"in {name.removeprefix('language.')}", counts[name]) for name in others)
    yield Step("characters", counts.get("characters", 0))
    for kind in privacy.KINDS:
        yield Step(f"personal data taken out: {kind}", counts.get(f"private.{kind}", 0))
    for section in sections.KINDS:
        yield Step(f"sections found: {section}", counts.get(f"section.{section}", 0))


def _prepared(counts: Mapping[str, Any]) -> Iterator[Step]:
    total = sum(counts[part] for part in PARTS)
    for part in PARTS:
        yield Step(f"part {part}", counts[part], _share(counts[part], total))
    yield Step("sentences to train on", counts["sentences"])
    yield Step("tokens to train on", counts["tokens"])
    yield Step("skill mentions among them", counts["mentions"], _share(counts["mentions"], counts["tokens"]))
    yield Step("skill lists", counts["lists"])
    yield Step("with a label", counts["labelled"])
    yield Step("searchable", counts["searchable"])


def _share(count: int, of: int) -> float | None:
    return count / of if of else None
