"""The stages of the sentence encoders."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path

from embedsvc.releases import layout
from training import building
from training.parts.spaces import SpaceParts
from training.parts.transformer import TransformerStages
from training.preparation.preparer import Rules


class SentenceParts(SpaceParts):
    """The encoder that the recipe asks for, and what it is learnt from."""

    @cached_property
    def sentences(self) -> Path:
        """The sentence encoder that the recipe asks for."""
        wanted = self.recipe.sentences.kind
        # What is named needs no counting; pairs are mined for `auto` and `static` alone.
        kind = wanted if wanted != "auto" else building.kind(self.pairs, self.recipe.static)
        if kind == "transformer":
            return self.transformer
        return self.static if kind == "static" else self.sif

    @cached_property
    def sif(self) -> Path:
        """The sentence encoder `sif`."""
        section = self.recipe.sentences
        facts = {"words": self.words, "section": section.model_dump(exclude={"kind"})}
        return self.work.run(
            "sentences",
            facts,
            lambda folder, _meter: building.sif(self.corpus, self.words, section, folder),
        )

    @cached_property
    def pairs(self) -> Path:
        """Pairs of texts of the train part, for learning sentences."""
        split, cleaning, seed = self.recipe.corpus, self.recipe.cleaning, self.recipe.seed
        rules = Rules(split.dev_share, split.test_share, seed, cleaning.drop_duplicates)
        most = self.recipe.static.max_tokens
        facts = {"corpus": self.corpus, "max_tokens": most}
        return self.work.run(
            "pairs",
            facts,
            lambda folder, _meter: building.pairs(self.clean, self.lexicon, rules, most, folder),
        )

    @cached_property
    def static(self) -> Path:
        """The sentence encoder `static`, rotated onto that of the live release."""
        onto = self._onto(f"{layout.SENTENCES}/tokens", self.trained_static / "tokens")
        if onto is None:
            return self.trained_static
        prefixes = self.recipe.static.prefixes
        return self.work.run(
            "turned",
            {"static": self.trained_static, "prefixes": prefixes, "onto": onto.digest},
            lambda folder, _meter: building.aligned_static(self.trained_static, prefixes, onto, folder),
        )

    @cached_property
    def trained_static(self) -> Path:
        """The sentence encoder `static` as it was trained."""
        section, seed = self.recipe.static, self.recipe.seed
        facts = {
            "sif": self.sif,
            "pairs": self.pairs,
            "section": section.model_dump(exclude={"min_pairs"}),
            "seed": seed,
        }
        return self.work.run(
            "static",
            facts,
            lambda folder, meter: building.static(
                self.corpus, self.words, self.sif, self.pairs, section, seed, folder, meter
            ),
        )

    @cached_property
    def transformer(self) -> Path:
        """The sentence encoder `transformer`."""
        return TransformerStages(self.located, self.work, self.corpus, lambda: self.pairs).encoder
