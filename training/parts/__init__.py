"""The stages of a recipe up to the parts of a release; each is the folder it wrote, made when asked for."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path

from embedsvc.releases import layout
from training import building
from training.parts.classifiers import ClassifierParts
from training.parts.relations import RelationParts
from training.parts.sentences import SentenceParts
from training.preparation.held_back import SPLIT


class Parts(RelationParts, SentenceParts, ClassifierParts):
    """The stages of a recipe, from sources to the parts of a release."""

    @cached_property
    def parts(self) -> dict[str, Path]:
        """Stage folders by their place in a release."""
        parts = {
            layout.LEXICON: self.lexicon,
            layout.WORDS: self.words,
            layout.RELATIONS["similar"]: self.similar,
            layout.RELATIONS["used_with"]: self.used_with,
            layout.EVIDENCE: self.evidence,
            layout.SENTENCES: self.sentences,
            layout.CANDIDATES: self.candidates,
            layout.CALIBRATION: self.calibration,
            layout.SPLIT: self.corpus / SPLIT,
        }
        if self.recipe.completion.enabled and any(self.completion.iterdir()):
            parts[layout.COMPLETION] = self.completion
        if self.recipe.glove.enabled:
            parts[layout.GLOVE] = self.glove
        if self.recipe.fasttext.enabled:
            parts[layout.FASTTEXT] = self.fasttext
            parts[layout.SUBWORDS] = self.guesses
        if any(self.classifier.iterdir()):
            parts[f"{layout.CLASSIFIERS}/label"] = self.classifier
        if any(self.section_classifier.iterdir()):
            parts[f"{layout.CLASSIFIERS}/section"] = self.section_classifier
        return parts

    @cached_property
    def calibration(self) -> Path:
        """The noise floors, by which cosines are told."""
        section, seed = self.recipe.relations, self.recipe.seed
        facts = {
            "corpus": self.corpus,
            "words": self.words,
            "sentences": self.sentences,
            "least": section.min_candidates,
            "seed": seed,
        }
        return self.work.run(
            "calibration",
            facts,
            lambda folder, _meter: building.calibration(
                self.lexicon, self.corpus, self.words, self.sentences, section, seed, folder
            ),
        )

    @cached_property
    def embeddings(self) -> Path:
        """The vectors of the candidates and their table."""
        section = self.recipe.candidates
        return self.work.run(
            "embeddings",
            {"sentences": self.sentences, "counted": True, "columns": section.columns, "queries": 1},
            lambda folder, meter: building.embeddings(
                self.corpus, self.words, self.sentences, section, folder, meter
            ),
        )

    @cached_property
    def candidates(self) -> Path:
        """The candidates index and its table."""
        section = self.recipe.index
        facts = {"embeddings": self.embeddings, "section": section.model_dump(), "seed": self.recipe.seed}
        return self.work.run(
            "candidates",
            facts,
            lambda folder, meter: building.candidates(
                self.embeddings,
                self.sentences,
                self.recipe.word2vec,
                section,
                self.recipe.seed,
                folder,
                meter,
            ),
        )
