"""The batch re-index job: the candidates as they are now, embedded by the models that are live.

A new release shares every file of the live one but the candidates index. What was put in and erased at the
service is taken over; what comes while the job runs is laid over the new release as over the old. Until it is
activated, and if the job dies half-way, the live one goes on serving.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from embedsvc.errors import NoActiveReleaseError, StoreError
from embedsvc.releases import Draft, Manifest, Store, layout
from embedsvc.releases.merging import retire
from embedsvc.releases.opening import Release, open_folder, open_release
from training.embedding import (
    copy_table,
    embed_candidates,
    embedding_counts,
    index_candidates,
    open_vectors,
    tuned,
)
from training.evaluation.score import Score
from training.evaluation.search import OF_THE_INDEX, index_recall
from training.held_queries import open_queries
from training.intake import Intake
from training.preparation.clean_corpus import CleanCorpus, clean
from training.preparation.prepared_corpus import Document
from training.preparation.preparer import Preparer
from training.progress import Reporter
from training.recipe import LocatedRecipe

_OF_THE_MODELS = ("confusion", "leakage")  # metrics that the candidates index does not change


@dataclass(frozen=True, slots=True)
class ReindexResult:
    """What a re-index gave.

    Attributes:
        release: The new release.
        parent: The one whose models and lexicon it shares.
        candidates: Candidates in the new index.
        recall: Recall@10 of the new index against exact search.
        sources: What reading the sources counted; JSON values.
    """

    release: str
    parent: str
    candidates: int
    recall: float
    sources: dict[str, Any]


def reindex(located: LocatedRecipe, reporter: Reporter, *, activate: bool = True) -> ReindexResult:
    """Read the searchable sources again, index them, publish and activate.

    Without `activate` the new release waits to be activated, and the journal of changes stays as it is.

    Raises:
        NoActiveReleaseError: The store has no live release whose models could be used.
        CorpusError: The candidates cannot be read; the live release stays.
        StoreError: The release cannot be published, or another was activated meanwhile; what is live stays.
    """
    store = Store(located.store)
    parent = store.current()
    if parent is None:
        raise NoActiveReleaseError("No release is active, so there are no models to embed with; train first.")
    release, made = open_release(store, parent), store.manifest(parent)
    intake = Intake(located)
    renewed = (f"{layout.CANDIDATES}/", f"{layout.CARD}/")
    shared = [path for path in made.files if not path.startswith(renewed)]
    with store.draft(parent=parent) as draft:
        draft.share(parent, *shared)
        place = draft.path / layout.CANDIDATES
        with tempfile.TemporaryDirectory(prefix="reindex-", dir=draft.path.parent) as scratch:
            cleaned, counts = _clean(located, intake, Path(scratch), reporter)
            recall = _build(located, cleaned, release, Path(scratch), place, reporter)
            embedding = embedding_counts(Path(scratch))
        built = open_folder(draft.path, draft.name, release.canary)
        changed = located.recipe.model_dump(
            mode="json", include={"corpus", "cleaning", "candidates", "index"}
        )
        facts: dict[str, dict[str, Any]] = {
            "recipe": {**made.recipe, **changed},
            "metrics": {
                **{name: made.metrics[name] for name in _OF_THE_MODELS if name in made.metrics},
                "scores": [*_kept_scores(made), recall.as_json()],
                **tuned(place),
            },
        }
        report = {"sources": intake.counts(), "cleaning": counts, "embedding": embedding}
        if any(path.startswith(f"{layout.CARD}/") for path in made.files):
            with reporter.stage("card"):
                _renew_card(store.path(parent) / layout.CARD, built, draft, located, report=report, **facts)
        notes = {"report": report, **intake.changes.note()}
        with reporter.stage("publish"):
            manifest = draft.publish(kind="reindex", **facts, canary=release.canary, notes=notes)
    if activate:
        _activate(store, manifest.name, parent)
        retire(store.journal, intake.changes, intake.settled)
    count = len(built.candidates.table) if built.candidates else 0
    return ReindexResult(manifest.name, parent, count, recall.value, intake.counts())


def _activate(store: Store, name: str, parent: str) -> None:
    """Activate the new release, unless newer models went live while it was made from `parent`'s."""
    live = store.current()
    if live != parent:
        raise StoreError(
            f"Release {live} was activated while {parent} was indexed again; release {name} is published "
            "and not activated. Run the re-index again."
        )
    store.activate(name, verify=False)


def _clean(
    located: LocatedRecipe, intake: Intake, scratch: Path, reporter: Reporter
) -> tuple[CleanCorpus, dict[str, int]]:
    folder = scratch / "clean"
    folder.mkdir()
    with reporter.stage("clean") as meter:
        return clean(intake.candidates(meter, searchable_only=True), located.recipe.cleaning, folder)


def _build(
    located: LocatedRecipe,
    cleaned: CleanCorpus,
    release: Release,
    scratch: Path,
    place: Path,
    reporter: Reporter,
) -> Score:
    encoder, recipe = release.sentences, located.recipe
    with reporter.stage("embed") as meter:
        documents = _documents(cleaned, release, everybody=not recipe.cleaning.drop_duplicates)
        total = len(cleaned)
        columns = recipe.candidates.columns
        file = embed_candidates(documents, encoder, scratch, columns, lambda done: meter.update(done, total))
        vectors = open_vectors(file, encoder.dimension)
    with reporter.stage("index") as meter:
        queries, workers = open_queries(scratch, encoder.dimension), recipe.word2vec.workers
        index_candidates(
            vectors, recipe.index, place, meter.update, workers=workers, queries=queries, seed=recipe.seed
        )
        copy_table(scratch, place)
    with reporter.stage("recall"):
        return index_recall(place, vectors, recipe.seed)


def _documents(cleaned: CleanCorpus, release: Release, *, everybody: bool) -> Iterator[Document]:
    preparer = Preparer(release.lexicon)
    for candidate, searchable in cleaned.candidates(all_of_a_group=everybody):
        yield preparer.document(candidate, "train", searchable=searchable)[0]


def _renew_card(
    before: Path, built: Release, draft: Draft, located: LocatedRecipe, **facts: dict[str, Any]
) -> None:
    """The card of the release whose models are shared, with what the new index changes measured again."""
    from training.card import Measured, measure_index, write_card  # scikit-learn takes a second to load

    measured = measure_index(built, Measured.open(before), located.recipe.seed)
    write_card(draft.path, draft.name, measured, **facts)


def _kept_scores(manifest: Manifest) -> list[Any]:
    """Scores of what is shared; those of the old candidates index are left behind."""
    scores = manifest.metrics.get("scores")
    if not isinstance(scores, list):
        return []
    return [score for score in scores if isinstance(score, dict) and score.get("task") not in OF_THE_INDEX]
