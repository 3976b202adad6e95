"""`embedsvc related`, `similar`, `classify`, `search`, `extract`: ask a store's live release, no server."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer
from pydantic import BaseModel

from embedsvc.cli.releases import DEFAULT_STORE, StorePath
from embedsvc.cli.screen import AsJson, print_json, print_table
from embedsvc.errors import InputError, NoActiveReleaseError
from embedsvc.schemas import MAX_K

if TYPE_CHECKING:
    from embedsvc.releases.opening import Release

Request = TypeVar("Request", bound=BaseModel)
Count = Annotated[int, typer.Option("-k", help="How many answers.", min=1, max=MAX_K)]
Exact = Annotated[bool, typer.Option("--exact", help="Compare everybody instead of asking the index.")]
Effort = Annotated[
    int | None,
    typer.Option(help="How much the index looks at, in its own unit: more finds more, slower.", min=1),
]


def live(path: Path) -> Release:
    """Open the live release of a store."""
    from embedsvc.releases import Store
    from embedsvc.releases.opening import open_release

    store = Store(path)
    name = store.current()
    if name is None:
        raise NoActiveReleaseError(
            f"No release is active in {path}; see: embedsvc release list --store {path}"
        )
    return open_release(store, name)


def asked(model: type[Request], /, **fields: Any) -> Request:
    """Build a request; what is wrong with it is one sentence.

    Raises:
        InputError: A field is not what it should be, or an item of a batch: here nobody else waits for it.
    """
    from embedsvc.client.batches import validated
    from embedsvc.errors import invalid_request
    from embedsvc.schemas import Refused

    request = validated(model, **fields)
    for name, value in request:
        for place, item in enumerate(value if isinstance(value, list) else []):
            if isinstance(item, Refused):
                raise invalid_request(
                    [{**each, "loc": (name, place, *each["loc"])} for each in item.problems]
                )
    return request


def related(
    skill: Annotated[str, typer.Argument(help="A skill, in any of its spellings.")],
    k: Count = 10,
    relation: Annotated[
        str, typer.Option(help="similar: could stand in for it; used_with: asked for with it.")
    ] = "similar",
    space: Annotated[
        str, typer.Option(help="Ask one space alone: word2vec, fasttext, glove or sentences.")
    ] = "skills",
    store: StorePath = DEFAULT_STORE,
    as_json: AsJson = False,
) -> None:
    """Skills related to a skill."""
    from embedsvc.queries import related as ask
    from embedsvc.schemas import RelatedQuery

    if relation not in {"similar", "used_with"}:
        raise InputError(f"There is no relation '{relation}'; use similar or used_with.")
    answer = ask(live(store), asked(RelatedQuery, skill=skill, k=k, relation=relation, space=space))
    if as_json:
        print_json(answer)
        return
    how = "" if answer.resolved.step == "exact" else f" (from '{skill}' by {answer.resolved.step})"
    rows = [(other.skill, other.score, other.relatedness, other.candidates) for other in answer.related]
    columns = ("skill", "score", "relatedness", "candidates")
    where = "" if answer.space == "skills" else f" in {answer.space}"
    print_table(f"{relation}{where}: {answer.resolved.skill}{how}", columns, rows)


def similar(
    left: Annotated[str, typer.Argument(help="A text.")],
    right: Annotated[str, typer.Argument(help="Another.")],
    store: StorePath = DEFAULT_STORE,
    as_json: AsJson = False,
) -> None:
    """How alike two texts are: the cosine, and how rare it is among random sentences, from 0 to 1."""
    from embedsvc.queries import similarity
    from embedsvc.schemas import SimilarityRequest

    answer = similarity(live(store), asked(SimilarityRequest, pairs=[(left, right)]))
    if as_json:
        print_json(answer)
    else:
        score, (relatedness, *_) = answer.scores[0], answer.relatedness or [None]
        row = ("no known word" if score is None else score, relatedness)
        print_table("Similarity", ("cosine", "relatedness"), [row])


def classify(
    text: Annotated[str, typer.Argument(help="A CV or a part of one.")],
    top_k: Annotated[int, typer.Option("-k", help="How many labels.", min=1, max=100)] = 3,
    classifier: Annotated[
        str | None, typer.Option(help="Which classifier of the release.", show_default="label")
    ] = None,
    example: Annotated[
        list[str] | None,
        typer.Option(help="Instead of a classifier, LABEL=TEXT; once for each text of each label."),
    ] = None,
    threshold: Annotated[
        float | None, typer.Option(help="Probability from which a label is given.", min=0.0, max=1.0)
    ] = None,
    store: StorePath = DEFAULT_STORE,
    as_json: AsJson = False,
) -> None:
    """The likeliest labels of a text, by a classifier or by examples."""
    from embedsvc.queries import classify as ask
    from embedsvc.schemas import ClassifyRequest

    request = asked(
        ClassifyRequest,
        texts=[text],
        classifier=classifier,
        examples=_examples(example) if example else None,
        top_k=top_k,
        threshold=threshold,
    )
    answer = ask(live(store), request)
    if as_json:
        print_json(answer)
        return
    result = answer.results[0]
    if result.error is not None:
        raise InputError(result.error.message)
    rows = [(label.label, label.probability) for label in result.labels or []]
    print_table(f"Labels by '{answer.classifier}'", ("label", "probability"), rows)


def _examples(written: list[str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for each in written:
        label, parted, text = each.partition("=")
        if not (parted and label.strip() and text.strip()):
            raise InputError("--example: write LABEL=TEXT, for instance --example 'Cook=Prepared menus'.")
        found.setdefault(label.strip(), []).append(text)
    return found


def extract(
    text: Annotated[str, typer.Argument(help="A CV, a job or a part of one; plain text or HTML.")],
    store: StorePath = DEFAULT_STORE,
    as_json: AsJson = False,
) -> None:
    """The skills that a text names, and where."""
    from embedsvc.queries import extract as ask
    from embedsvc.schemas import ExtractRequest

    answer = ask(live(store), asked(ExtractRequest, texts=[text]))
    if as_json:
        print_json(answer)
        return
    result = answer.results[0]
    if result.error is not None:
        raise InputError(result.error.message)
    rows = [(found.skill, found.surface, found.start, found.end, found.step) for found in result.skills or []]
    print_table("Skills", ("skill", "as written", "start", "end", "step"), rows)


def search(
    text: Annotated[
        str, typer.Argument(help="Whom to look for: a job description, a sentence, some skills.")
    ],
    k: Count = 10,
    label: Annotated[
        list[str] | None, typer.Option(help="Look among candidates with this label; may be repeated.")
    ] = None,
    location: Annotated[
        list[str] | None, typer.Option(help="Look among candidates of this place; may be repeated.")
    ] = None,
    since: Annotated[
        str | None, typer.Option(help="Look among candidates changed since then, as 2026-01.")
    ] = None,
    exact: Exact = False,
    effort: Effort = None,
    store: StorePath = DEFAULT_STORE,
    as_json: AsJson = False,
) -> None:
    """The candidates who read most like a text."""
    from embedsvc.queries import search as ask
    from embedsvc.schemas import AllOf, Between, OneOf, SearchRequest

    conditions: list[OneOf | Between] = []
    if label:
        conditions.append(OneOf(field="label", values=list(label)))
    if location:
        conditions.append(OneOf(field="location", values=list(location)))
    if since is not None:
        conditions.append(Between(field="updated_at", least=since))
    where = AllOf(conditions=conditions) if conditions else None
    request = asked(SearchRequest, queries=[text], k=k, where=where, exact=exact, effort=effort)
    answer = ask(live(store), request)
    if as_json:
        print_json(answer)
        return
    result = answer.results[0]
    if result.error is not None:
        raise InputError(result.error.message)
    rows = [(hit.id, hit.score, hit.title, hit.label) for hit in result.hits or []]
    print_table("Candidates", ("id", "score", "title", "label"), rows)
