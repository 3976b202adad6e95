"""Runs a recipe stage by stage and publishes one release; a stage found done is not done again."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import orjson

from embedsvc.errors import StoreError
from embedsvc.queries import make_canary
from embedsvc.releases import Draft, Store
from embedsvc.releases.opening import Release, open_folder
from embedsvc.spaces import Space
from indexes import NeighbourTable
from training import building
from training.embedding import embedding_counts, tuned
from training.evaluation import GoldFiles, Score, Subject, confusions, evaluate
from training.evaluation.suite import VERSION as EVALUATION
from training.parts import Parts
from training.preparation.held_back import check_held_back
from training.preparation.prepared_corpus import PreparedCorpus
from training.progress import Meter


@dataclass(frozen=True, slots=True)
class TrainingResult:
    """What a run of a recipe gave.

    Attributes:
        release: The published release; not activated by the run.
        reused: True where the store held it already.
        scores: What evaluation found.
        report: What each step counted; JSON values.
    """

    release: str
    reused: bool
    scores: list[Score]
    report: dict[str, Any]


class Pipeline(Parts):
    """Runs the stages of a recipe; arguments as for `Parts`."""

    def run(self) -> TrainingResult:
        """Run what is not done yet and publish; nothing is activated.

        Raises:
            CorpusError: The candidates cannot be read or used.
            StoreError: The release cannot be published.
        """
        store = Store(self.located.store, create=True)
        with self.work.alone():
            scores, canary, report = self._judged()
            key = self.work.key(self.parts)
            published = _published(store, key)
            if published is not None:
                self.reporter.reused("publish")
                return TrainingResult(published, True, scores, report)
            recipe = self.recipe.model_dump(mode="json")
            metrics = {name: self._found(name) for name in ("scores", "confusion", "leakage")}
            metrics |= tuned(self.candidates)
            measured = self.measured if self.recipe.card.enabled else None
            with self.reporter.stage("publish"), store.draft() as draft:
                for place, folder in self.parts.items():
                    shutil.copytree(folder, draft.path / place)
                if measured is not None:
                    self._write_card(draft, measured, recipe=recipe, metrics=metrics, report=report)
                notes = {"build": key, "report": report, **self.intake.changes.note()}
                manifest = draft.publish(recipe=recipe, metrics=metrics, canary=canary, notes=notes)
        return TrainingResult(manifest.name, False, scores, report)

    def evaluate(self) -> list[Score]:
        """Run what is not done yet up to the evaluation; nothing is published.

        Raises:
            CorpusError: The candidates cannot be read or used.
        """
        with self.work.alone():
            return self._judged()[0]

    def prepare(self) -> dict[str, Any]:
        """Run what is not done yet up to the prepared corpus.

        Returns:
            The report.

        Raises:
            CorpusError: The candidates cannot be read or used.
        """
        with self.work.alone():
            return self.report

    @cached_property
    def judgement(self) -> Path:
        """The scores and the canary of all parts together."""
        facts = {
            "version": EVALUATION,
            "corpus": self.corpus,
            "embeddings": self.embeddings,
            "parts": self.parts,
            "gold": {name: building.digest(path) for name, path in self._gold.paths().items()},
            "max_tokens": self.recipe.static.max_tokens,
            "retrained": self.retrained,
        }
        return self.work.run("evaluate", facts, self._judge)

    @property
    def _gold(self) -> GoldFiles:
        return GoldFiles.located(self.recipe.evaluation, self.located.resolve)

    @property
    def held_texts(self) -> building.HeldTexts:
        """Texts to judge by that are no documents."""
        learned = self.recipe.sentences.kind != "sif"
        return building.HeldTexts(
            self.clean,
            self.lexicon,
            self.corpus,
            self.recipe.corpus,
            self.recipe.seed,
            self.pairs if learned else None,
            self.recipe.static.max_tokens,
        )

    def _judge(self, folder: Path, meter: Meter) -> None:
        check_held_back(self.corpus)
        assembled = self._assembled(folder)
        release = open_folder(assembled, "draft", {})
        held = self.held_texts
        subject = Subject(
            release,
            PreparedCorpus(self.corpus),
            building.candidate_vectors(self.embeddings, release.sentences.dimension),
            self.recipe.seed,
            self._gold,
            held.sections,
            held.pairs,
            retrained=NeighbourTable.load(self.retrained) if self.retrained else None,
            glove=Space.open(self.glove) if self.recipe.glove.enabled else None,
        )
        scores = evaluate(subject, meter.update)
        (folder / "scores.json").write_bytes(orjson.dumps([score.as_json() for score in scores]))
        (folder / "confusion.json").write_bytes(orjson.dumps(confusions(subject)))
        (folder / "canary.json").write_bytes(orjson.dumps(make_canary(release)))
        (folder / "leakage.json").write_bytes(orjson.dumps(self._leakage(release)))
        shutil.rmtree(assembled)

    def _leakage(self, release: Release) -> dict[str, Any]:
        """What only the corpus can tell; kept beside the scores, so that a card can be made without it."""
        from training.card.leakage import leakage  # with scikit-learn, which takes a second to load

        documents = PreparedCorpus(self.corpus).documents()
        return leakage(documents, release.sentences, self.recipe.seed).model_dump()

    @cached_property
    def measured(self) -> Path:
        """What the model card shows beside what the manifest holds."""
        from training.card import VERSION  # with scikit-learn, which takes a second to load

        facts = {"version": VERSION, "corpus": self.corpus, "parts": self.parts, "seed": self.recipe.seed}
        return self.work.run("card", facts, self._measure)

    def _measure(self, folder: Path, meter: Meter) -> None:
        from training.card import measure

        assembled = self._assembled(folder)
        release = open_folder(assembled, "draft", {})
        measure(release, assembled, self.recipe.seed, meter.update).save(folder)
        shutil.rmtree(assembled)

    @staticmethod
    def _write_card(draft: Draft, measured: Path, **facts: dict[str, Any]) -> None:
        from training.card import Measured, write_card

        write_card(draft.path, draft.name, Measured.open(measured), **facts)

    def _assembled(self, folder: Path) -> Path:
        """A release of links to its parts, below `folder`."""
        assembled = folder / "release"
        for place, part in self.parts.items():
            (assembled / place).parent.mkdir(parents=True, exist_ok=True)
            (assembled / place).symlink_to(part.resolve(), target_is_directory=True)
        return assembled

    def _judged(self) -> tuple[list[Score], dict[str, Any], dict[str, Any]]:
        scores = [Score(**item) for item in self._found("scores")]
        return scores, self._found("canary"), {**self.report, "embedding": embedding_counts(self.embeddings)}

    def _found(self, name: str) -> Any:
        """What the evaluation wrote under a name."""
        return orjson.loads((self.judgement / f"{name}.json").read_bytes())

    @cached_property
    def report(self) -> dict[str, Any]:
        """What reading, cleaning, mining and preparing counted; JSON values."""
        stages = (self.clean, self.mining, self.corpus)
        cleaned, mined, prepared = (orjson.loads((stage / "report.json").read_bytes()) for stage in stages)
        return {**cleaned, **mined, "corpus": prepared}


def _published(store: Store, key: str) -> str | None:
    """The release that holds the very same parts; one with a damaged file is made again."""
    for info in store.list():
        try:
            if store.manifest(info.name).notes.get("build") == key:
                store.check(info.name)
                return info.name
        except StoreError:
            continue
    return None
