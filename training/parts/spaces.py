"""The stages of the spaces of words."""

from __future__ import annotations

from collections.abc import Callable
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
        return self._turned("aligned", layout.WORDS, self.trained_words, building.aligned_words)

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

    def _turned(
        self,
        stage: str,
        place: str,
        trained: Path,
        turn: Callable[[Path, Path, Reference, Path], None],
    ) -> Path:
        """A space of `place` in a release, rotated by the skills it shares with that of the live one."""
        onto = self._onto(place, trained)
        if onto is None:
            return trained
        return self.work.run(
            stage,
            {"words": trained, "mining": self.mining, "onto": onto.digest},
            lambda folder, _meter: turn(trained, self.lexicon, onto, folder),
        )

    @cached_property
    def glove(self) -> Path:
        """The GloVe space, rotated onto that of the live release."""
        return self._turned("aligned_glove", layout.GLOVE, self.trained_glove, building.aligned_words)

    @cached_property
    def trained_glove(self) -> Path:
        """The GloVe space as it was trained."""
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
        """The subword space, rotated onto that of the live release."""
        return self._turned(
            "aligned_fasttext", layout.FASTTEXT, self.trained_fasttext, building.aligned_subwords
        )

    @cached_property
    def trained_fasttext(self) -> Path:
        """The subword space as it was trained."""
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
