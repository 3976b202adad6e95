"""The stages of the classifiers."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path

from training import building
from training.parts.spaces import SpaceParts

VERSION = 4  # raised when the same facts give another classifier


class ClassifierParts(SpaceParts):
    """Labels and sections of CVs."""

    @cached_property
    def classifier(self) -> Path:
        """The classifier of the label field; an empty folder where there is none."""
        section = self.recipe.classifier
        facts = {
            "version": VERSION,
            "words": self.trained_words,
            "section": section.model_dump(exclude={"section"}),
            "seed": self.recipe.seed,
        }
        return self.work.run(
            "classifier",
            facts,
            lambda folder, meter: building.classifier(
                self.corpus, self.words, section, self.recipe.seed, folder, meter
            ),
        )

    @cached_property
    def section_classifier(self) -> Path:
        """The classifier of the sections of a CV; an empty folder where it is not wanted or cannot be."""
        section, split, seed = self.recipe.classifier, self.recipe.corpus, self.recipe.seed
        learnt = {"section", "min_label_count", "min_candidates", "threshold"}
        facts = {
            "version": VERSION,
            "corpus": self.corpus,
            "section": section.model_dump(include=learnt),
            "seed": seed,
        }
        return self.work.run(
            "sections",
            facts,
            lambda folder, meter: building.section_classifier(
                self.clean, self.lexicon, section, split, seed, folder, meter
            ),
        )
