"""The stages from the sources to the prepared corpus and the lexicon."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path

from training import building
from training.intake import Intake
from training.progress import Reporter
from training.recipe import LocatedRecipe
from training.stages import Workspace

VERSION = 10  # of what the stages write: raised when the same input gives something else


class CorpusParts:
    """What everything else is learnt from.

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
