"""The stages of a recipe up to the parts of a release; each is the folder it wrote, made when asked for."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path

from embedsvc.releases import layout
from training import building
from training.intake import Intake
from training.preparation.held_back import SPLIT
from training.preparation.preparer import Rules
from training.progress import Reporter
from training.recipe import LocatedRecipe
from training.reference import Reference, reference
from training.stages import Workspace
from training.transformer_stages import TransformerStages

VERSION = 8  # of what the stages write: raised when the same input gives something else


class Parts:
    """The stages of a recipe, from sources to the parts of a release.

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
    def parts(self) -> dict[str, Path]:
        """Stage folders by their place in a release."""
        parts = {
            layout.LEXICON: self.lexicon,
            layout.WORDS: self.words,
            layout.RELATIONS["similar"]: self.similar,
            layout.RELATIONS["used_with"]: self.used_with,
            layout.SENTENCES: self.sentences,
            layout.CANDIDATES: self.candidates,
            layout.CALIBRATION: self.calibration,
            layout.SPLIT: self.corpus / SPLIT,
        }
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

    def _onto(self, place: str, trained: Path) -> Reference | None:
        """What the space of `trained` is rotated onto, where the recipe lets it."""
        if not self.recipe.alignment.enabled:
            return None
        return reference(self.located.store, place, trained, building.digest(trained / "vectors.npy"))

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
    def classifier(self) -> Path:
        """The classifier of the label field; an empty folder where there is none."""
        section = self.recipe.classifier
        facts = {
            "words": self.trained_words,
            "section": section.model_dump(exclude={"section"}),
            "seed": self.recipe.seed,
        }
        return self.work.run(
            "classifier",
            facts,
            lambda folder, _meter: building.classifier(
                self.corpus, self.words, section, self.recipe.seed, folder
            ),
        )

    @cached_property
    def section_classifier(self) -> Path:
        """The classifier of the sections of a CV; an empty folder where it is not wanted or cannot be."""
        section, split, seed = self.recipe.classifier, self.recipe.corpus, self.recipe.seed
        learnt = {"section", "min_label_count", "min_candidates", "threshold"}
        facts = {"corpus": self.corpus, "section": section.model_dump(include=learnt), "seed": seed}
        return self.work.run(
            "sections",
            facts,
            lambda folder, _meter: building.section_classifier(
                self.clean, self.lexicon, section, split, seed, folder
            ),
        )

    @cached_property
    def embeddings(self) -> Path:
        """The vectors of the candidates and their table."""
        return self.work.run(
            "embeddings",
            {"sentences": self.sentences, "counted": True},
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
                self.embeddings, self.sentences, self.recipe.word2vec, section, folder, meter
            ),
        )
