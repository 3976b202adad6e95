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
from embedsvc.releases import Store, layout
from embedsvc.releases.opening import open_folder
from training import building
from training.evaluation import GoldFiles, Score, evaluate
from training.intake import Intake
from training.preparation.prepared_corpus import PreparedCorpus
from training.progress import Meter, Reporter
from training.recipe import LocatedRecipe
from training.stages import Workspace

VERSION = 4  # of what the stages write: raised when the same input gives something else


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


class Pipeline:
    """The stages of a recipe; each is the folder it wrote, made when first asked for.

    Args:
        located: The recipe.
        reporter: Who is told of progress.
    """

    def __init__(self, located: LocatedRecipe, reporter: Reporter) -> None:
        self.located = located
        self.recipe = located.recipe
        self.reporter = reporter
        self.intake = Intake(located)
        self.work = Workspace(located.work, reporter)

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
            with self.reporter.stage("publish"), store.draft() as draft:
                for place, folder in self.parts.items():
                    shutil.copytree(folder, draft.path / place)
                manifest = draft.publish(
                    recipe=self.recipe.model_dump(mode="json"),
                    metrics={"scores": [score.as_json() for score in scores]},
                    canary=canary,
                    notes={"build": key, "report": report},
                )
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
    def parts(self) -> dict[str, Path]:
        """Stage folders by their place in a release."""
        parts = {
            layout.LEXICON: self.lexicon,
            layout.WORDS: self.words,
            layout.RELATIONS["similar"]: self.similar,
            layout.RELATIONS["used_with"]: self.used_with,
            layout.SENTENCES: self.sentences,
            layout.CANDIDATES: self.candidates,
        }
        if self.recipe.glove.enabled:
            parts[layout.GLOVE] = self.glove
        if any(self.classifier.iterdir()):
            parts[f"{layout.CLASSIFIERS}/label"] = self.classifier
        return parts

    @cached_property
    def clean(self) -> Path:
        """The clean corpus."""
        section = self.recipe.cleaning
        facts = {
            "version": VERSION,
            "section": section.model_dump(exclude={"workers", "drop_duplicates"}),
            "sources": self.intake.fingerprint(),
        }
        return self.work.run(
            "clean", facts, lambda folder, meter: building.clean(self.intake, section, folder, meter)
        )

    @cached_property
    def mining(self) -> Path:
        """The lexicon with the report of its mining."""
        section = self.recipe.lexicon
        named = (section.aliases, section.esco, section.onet)
        facts = {
            "clean": self.clean,
            "section": section.model_dump(),
            "files": [path and building.digest(self.located.resolve(path)) for path in named],
        }
        return self.work.run(
            "lexicon",
            facts,
            lambda folder, meter: building.lexicon(self.clean, section, self.located.resolve, folder, meter),
        )

    @cached_property
    def lexicon(self) -> Path:
        """The lexicon."""
        return self.mining / "lexicon"

    @cached_property
    def corpus(self) -> Path:
        """The prepared corpus."""
        section, cleaning, seed = self.recipe.corpus, self.recipe.cleaning, self.recipe.seed
        facts = {
            "clean": self.clean,
            "mining": self.mining,
            "dev": section.dev_share,
            "test": section.test_share,
            "drop": cleaning.drop_duplicates,
            "seed": seed,
        }
        return self.work.run(
            "corpus",
            facts,
            lambda folder, _meter: building.corpus(self.clean, self.lexicon, section, cleaning, seed, folder),
        )

    @cached_property
    def words(self) -> Path:
        """The word space."""
        section = self.recipe.word2vec
        facts = {"corpus": self.corpus, "section": section.model_dump(), "seed": self.recipe.seed}
        return self.work.run(
            "words",
            facts,
            lambda folder, meter: building.words(self.corpus, section, self.recipe.seed, folder, meter),
        )

    @cached_property
    def glove(self) -> Path:
        """The GloVe space."""
        section = self.recipe.glove
        facts = {
            "corpus": self.corpus,
            "section": section.model_dump(exclude={"enabled"}),
            "seed": self.recipe.seed,
        }
        return self.work.run(
            "glove",
            facts,
            lambda folder, meter: building.glove(self.corpus, section, self.recipe.seed, folder, meter),
        )

    @cached_property
    def similar(self) -> Path:
        """The neighbour table of `similar`."""
        section = self.recipe.relations
        facts = {"words": self.words, "section": section.model_dump(exclude={"damping"})}
        return self.work.run(
            "similar",
            facts,
            lambda folder, meter: building.similar(self.lexicon, self.words, section, folder, meter),
        )

    @cached_property
    def used_with(self) -> Path:
        """The neighbour table of `used_with`."""
        section = self.recipe.relations
        facts = {"corpus": self.corpus, "section": section.model_dump(exclude={"min_candidates"})}
        return self.work.run(
            "used_with",
            facts,
            lambda folder, _meter: building.used_with(self.lexicon, self.corpus, section, folder),
        )

    @cached_property
    def sentences(self) -> Path:
        """The sentence encoder."""
        section = self.recipe.sentences
        facts = {"words": self.words, "section": section.model_dump()}
        return self.work.run(
            "sentences",
            facts,
            lambda folder, _meter: building.sentences(self.corpus, self.words, section, folder),
        )

    @cached_property
    def classifier(self) -> Path:
        """The classifier of the label field; an empty folder where there is none."""
        section = self.recipe.classifier
        facts = {"words": self.words, "section": section.model_dump(), "seed": self.recipe.seed}
        return self.work.run(
            "classifier",
            facts,
            lambda folder, _meter: building.classifier(
                self.corpus, self.words, section, self.recipe.seed, folder
            ),
        )

    @cached_property
    def embeddings(self) -> Path:
        """The vectors of the candidates and their table."""
        return self.work.run(
            "embeddings",
            {"sentences": self.sentences},
            lambda folder, meter: building.embeddings(self.corpus, self.words, self.sentences, folder, meter),
        )

    @cached_property
    def candidates(self) -> Path:
        """The candidates index and its table."""
        section = self.recipe.index
        facts = {"embeddings": self.embeddings, "section": section.model_dump()}
        return self.work.run(
            "candidates",
            facts,
            lambda folder, meter: building.candidates(
                self.embeddings, self.recipe.word2vec, section, folder, meter
            ),
        )

    @cached_property
    def judgement(self) -> Path:
        """The scores and the canary of all parts together."""
        facts = {
            "corpus": self.corpus,
            "embeddings": self.embeddings,
            "parts": self.parts,
            "gold": {name: building.digest(path) for name, path in self._gold.items()},
        }
        return self.work.run("evaluate", facts, self._judge)

    @property
    def _gold(self) -> dict[str, Path]:
        named = self.recipe.evaluation.model_dump(exclude_none=True)
        return {name: self.located.resolve(path) for name, path in named.items()}

    def _judge(self, folder: Path, _meter: Meter) -> None:
        assembled = folder / "release"
        for place, part in self.parts.items():
            (assembled / place).parent.mkdir(parents=True, exist_ok=True)
            (assembled / place).symlink_to(part.resolve(), target_is_directory=True)
        release = open_folder(assembled, "draft", {})
        vectors = building.candidate_vectors(self.embeddings, release.sentences.dimension)
        files = GoldFiles(**self._gold)
        scores = evaluate(release, PreparedCorpus(self.corpus), vectors, self.recipe.seed, files)
        (folder / "scores.json").write_bytes(orjson.dumps([score.as_json() for score in scores]))
        (folder / "canary.json").write_bytes(orjson.dumps(make_canary(release)))
        shutil.rmtree(assembled)

    def _judged(self) -> tuple[list[Score], dict[str, Any], dict[str, Any]]:
        scores = [Score(**item) for item in orjson.loads((self.judgement / "scores.json").read_bytes())]
        canary = orjson.loads((self.judgement / "canary.json").read_bytes())
        return scores, canary, self.report

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
