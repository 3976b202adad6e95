"""The stages of the relations of skills."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path

from training import building
from training.parts.spaces import SpaceParts


class RelationParts(SpaceParts):
    """Neighbour tables of skills."""

    @cached_property
    def similar(self) -> Path:
        """The neighbour table of `similar`."""
        section = self.recipe.relations
        facts = {
            "words": self.trained_words,
            "corpus": self.corpus,
            "section": section.model_dump(include={"neighbours", "min_candidates", "lift", "damping"}),
        }
        return self.work.run(
            "similar",
            facts,
            lambda folder, meter: building.similar(
                self.lexicon, self.corpus, self.trained_words, section, folder, meter
            ),
        )

    @cached_property
    def used_with(self) -> Path:
        """The neighbour table of `used_with`."""
        section = self.recipe.relations
        facts = {
            "corpus": self.corpus,
            "section": section.model_dump(exclude={"neighbours", "min_candidates", "lift"}),
        }
        return self.work.run(
            "used_with",
            facts,
            lambda folder, _meter: building.used_with(self.lexicon, self.corpus, section, folder),
        )

    @cached_property
    def completion(self) -> Path:
        """What completes lists of skills; empty where votes do as well."""
        recipe = self.recipe
        floor = recipe.lexicon.min_candidates
        facts = {
            "lexicon": self.lexicon,
            "corpus": self.corpus,
            "relations": recipe.relations.model_dump(
                include={"ease_skills", "ridge", "power", "popularity", "damping"}
            ),
            "section": recipe.completion.model_dump(exclude={"enabled"}),
            "floor": floor,
            "seed": recipe.seed,
        }
        return self.work.run(
            "completion",
            facts,
            lambda folder, meter: building.completion(
                self.lexicon,
                self.corpus,
                recipe.relations,
                recipe.completion,
                floor,
                recipe.seed,
                folder,
                meter,
            ),
        )

    @cached_property
    def evidence(self) -> Path:
        """What the corpus counts of the pairs that the tables keep."""
        floor = self.recipe.lexicon.min_candidates
        tables = {"similar": self.similar, "used_with": self.used_with}
        facts = {"corpus": self.corpus, "floor": floor, **tables}
        return self.work.run(
            "evidence",
            facts,
            lambda folder, _meter: building.evidence(self.lexicon, self.corpus, tables, floor, folder),
        )

    @cached_property
    def retrained(self) -> Path | None:
        """The neighbour table of `similar` after another training, where stability is asked for."""
        recipe = self.recipe
        if recipe.evaluation.stability == "none":
            return None
        facts = {
            "corpus": self.corpus,
            "how": recipe.evaluation.model_dump(include={"stability", "stability_tokens"}),
            "section": recipe.word2vec.model_dump(),
            "relations": recipe.relations.model_dump(include={"min_candidates", "lift", "damping"}),
            "seed": recipe.seed,
        }
        return self.work.run(
            "retrained",
            facts,
            lambda folder, meter: building.retrained(
                self.corpus,
                self.lexicon,
                recipe.evaluation,
                recipe.word2vec,
                recipe.relations,
                recipe.seed,
                folder,
                meter,
            ),
        )
