"""The stages of the spaces of words."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path

from embedsvc.releases import layout
from training import building
from training.parts.corpus import CorpusParts
from training.reference import Reference, reference


class SpaceParts(CorpusParts):
    """word2vec, GloVe and fastText, and the skills in the last."""

    @cached_property
    def words(self) -> Path:
        """The word space, rotated onto that of the live release."""
        onto = self._onto(layout.WORDS, self.trained_words)
        if onto is None:
            return self.trained_words
        facts = {"words": self.trained_words, "mining": self.mining, "onto": onto.digest}
        return self.work.run(
            "aligned",
            facts,
            lambda folder, _meter: building.aligned_words(self.trained_words, self.lexicon, onto, folder),
        )

    @cached_property
    def trained_words(self) -> Path:
        """The word space as it was trained; its cosines and products are those of `words`."""
        section = self.recipe.word2vec
        facts = {"corpus": self.corpus, "section": section.model_dump(), "seed": self.recipe.seed}
        return self.work.run(
            "words",
            facts,
            lambda folder, meter: building.words(self.corpus, section, self.recipe.seed, folder, meter),
        )

    def _onto(self, place: str, trained: Path) -> Reference | None:
        """What the space of `trained` is rotated onto, where the recipe lets it."""
        if not self.recipe.alignment.enabled:
            return None
        return reference(self.located.store, place, trained, building.digest(trained / "vectors.npy"))

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
    def fasttext(self) -> Path:
        """The subword space."""
        section = self.recipe.fasttext
        facts = {
            "corpus": self.corpus,
            "section": section.model_dump(exclude={"enabled"}),
            "seed": self.recipe.seed,
        }
        return self.work.run(
            "fasttext",
            facts,
            lambda folder, meter: building.fasttext(self.corpus, section, self.recipe.seed, folder, meter),
        )

    @cached_property
    def guesses(self) -> Path:
        """The skills' vectors in the subword space."""
        facts = {"lexicon": self.mining, "fasttext": self.fasttext, "seed": self.recipe.seed}
        return self.work.run(
            "guesses",
            facts,
            lambda folder, meter: building.guesses(
                self.lexicon, self.fasttext, self.recipe.seed, folder, meter
            ),
        )
