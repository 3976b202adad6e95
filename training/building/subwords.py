"""Stages that train the subword space, and the skills' vectors in it."""

from __future__ import annotations

from pathlib import Path

from embedsvc.spaces.subword_space import SubwordSpace
from embedsvc.text import Lexicon
from training.preparation.prepared_corpus import PreparedCorpus
from training.progress import Meter
from training.recipe import FastTextSection
from training.trainers.fasttext import skill_guesses, train_fasttext


def fasttext(corpus: Path, section: FastTextSection, seed: int, folder: Path, meter: Meter) -> None:
    """Train the subword space."""
    prepared = PreparedCorpus(corpus)
    train_fasttext(prepared.text, prepared.lists, section, seed, folder, meter.update).save(folder)


def guesses(lexicon: Path, space: Path, seed: int, folder: Path, meter: Meter) -> None:
    """The skills' vectors in the subword space and the threshold of the step `subwords`."""
    skill_guesses(SubwordSpace.open(space), Lexicon.open(lexicon), seed, meter.update).save(folder)
