"""The gate: what a release must be to go live, as its recipe says.

Floors, allowed drops against the live release, and golden queries whose answers a person has named. A score
fails where its whole 95 % interval lies below what is asked for, so that noise alone refuses nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from embedsvc.errors import GateError, InputError, StoreError
from embedsvc.queries.related import related
from embedsvc.queries.release_diff import Interval, measured
from embedsvc.releases import Store
from embedsvc.releases.manifest import Manifest
from embedsvc.releases.opening import Release, open_release
from embedsvc.schemas import MAX_K, RelatedQuery, Relation


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Golden(_Section):
    """A query and skills that must be among its answers."""

    skill: str = Field(description="The skill asked for, in any of its spellings.")
    has: Annotated[list[str], Field(min_length=1)] = Field(
        description="Skills that must be among the answers, in any of their spellings."
    )
    relation: Relation = Field("similar", description="Relation asked for.")
    top: Annotated[int, Field(ge=1, le=MAX_K)] = Field(10, description="How many answers are looked at.")


class Gate(_Section):
    """What a release must be to go live; `embedsvc release activate --force` lets it pass all the same.

    A floor's name is that of a score in the tables of `embedsvc evaluate`, task and metric:
    `floors = { "hidden skill R@10" = 0.3 }`. A score fails where its whole 95 % interval lies below; one of
    which less is better, where it lies above.
    """

    floors: dict[str, float] = Field(
        {}, description='Least value of scores, each named "task metric"; the greatest where less is better.'
    )
    max_drop: Annotated[float, Field(ge=0.0, le=1.0)] | None = Field(
        None,
        description="Greatest fall of any score (rise, where less is better) against the live release, as a "
        "share of its value there. "
        "Without it nothing is compared.",
    )
    golden: list[Golden] = Field([], description="Queries and answers they must have.")


def check_gate(store: Store, name: str) -> None:
    """Let the release `name` pass, or say all that is against it.

    Raises:
        GateError: A score is too low, fell too far, or a golden query lacks an answer; `details["faults"]`
            lists each.
        StoreError: The release cannot be read.
    """
    manifest = store.manifest(name)
    try:
        gate = Gate.model_validate(manifest.recipe.get("gate") or {})
    except ValidationError:
        raise _refusal(name, ["its gate is none that this version knows"]) from None
    faults = [*_below_floors(gate, manifest), *_fallen(gate, manifest, _live(store, name))]
    if gate.golden:
        faults += _lacking(gate, open_release(store, name))
    if faults:
        raise _refusal(name, faults)


def _refusal(name: str, faults: list[str]) -> GateError:
    return GateError(
        f"Release {name} may not go live: {'; '.join(faults)}. Train a better one, or activate it with "
        "--force.",
        details={"faults": faults},
    )


def _live(store: Store, name: str) -> Manifest | None:
    """The manifest of what is live; None where nothing is, or nothing that can be read."""
    try:
        live = store.current()
        return store.manifest(live) if live and live != name else None
    except StoreError:
        return None


def _below_floors(gate: Gate, manifest: Manifest) -> Iterator[str]:
    scores = _scores(manifest)
    for named, floor in gate.floors.items():
        score = scores.get(named)
        if score is None:
            yield f"it has no score '{named}', for which {floor:g} is asked"
        elif score.misses(floor):
            yield f"{named} is {_shown(score)}, {'below' if score.higher_is_better else 'above'} {floor:g}"


def _fallen(gate: Gate, manifest: Manifest, live: Manifest | None) -> Iterator[str]:
    if gate.max_drop is None or live is None:
        return
    scores = _scores(manifest)
    for named, before in _scores(live).items():
        after = scores.get(named)
        if after is None:
            continue
        worst = before.value * (1 - gate.max_drop if after.higher_is_better else 1 + gate.max_drop)
        if after.misses(worst):
            yield (
                f"{named} {'fell' if after.higher_is_better else 'rose'} from {before.value:.3f} in "
                f"{live.name} to {_shown(after)}, by more than {gate.max_drop:.0%}"
            )


def _lacking(gate: Gate, release: Release) -> Iterator[str]:
    for golden in gate.golden:
        try:
            answer = related(
                release, RelatedQuery(skill=golden.skill, k=golden.top, relation=golden.relation)
            )
        except InputError as error:
            yield f"'{golden.skill}' has no answer ({error})"
            continue
        found = {each.skill for each in answer.related}
        for wanted in golden.has:
            match = release.lexicon.find(wanted)
            if match is None or release.lexicon[match.row].name not in found:
                yield f"'{wanted}' is not among the first {golden.top} {golden.relation} to '{golden.skill}'"


def _scores(manifest: Manifest) -> dict[str, Interval]:
    return {f"{task} {metric}": score for (task, metric), score in measured(manifest).items()}


def _shown(score: Interval) -> str:
    return f"{score.value:.3f} ({score.low:.3f} to {score.high:.3f})"
