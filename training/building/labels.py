"""Stages that train classifiers."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from embedsvc.spaces import Space
from training.preparation.prepared_corpus import PreparedCorpus
from training.recipe import ClassifierSection
from training.trainers.classifier import train_classifier

_DEV_DOCUMENTS = 20_000  # enough for one temperature


def classifier(corpus: Path, words: Path, section: ClassifierSection, seed: int, folder: Path) -> None:
    """Train the classifier of the label field; nothing is written where there are no labels to learn."""
    if not section.enabled:
        return
    prepared = PreparedCorpus(corpus)
    dev = list(prepared.labelled("dev", _DEV_DOCUMENTS))
    train = partial(prepared.labelled, "train")
    trained = train_classifier(train, dev, Space.open(words), section, seed, scratch=folder)
    if trained is not None:
        trained.save(folder)
