"""Stages that train classifiers."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator
from functools import partial
from itertools import count
from pathlib import Path

from embedsvc.spaces import Space
from embedsvc.text import Lexicon, Tokenizer
from training.corpus.split import part_of
from training.preparation.clean_corpus import CleanCorpus, candidate_of
from training.preparation.prepared_corpus import PreparedCorpus
from training.recipe import ClassifierSection, Corpus
from training.trainers.classifier import train_classifier
from training.trainers.linear import LinearKnobs, train_linear
from training.trainers.section_texts import section_texts
from training.trainers.tfidf import Labelled

_DEV_DOCUMENTS = 20_000  # enough for one temperature
_LINEAR_DOCUMENTS = 200_000  # held in memory, about 3 kB each
_SECTION_CANDIDATES = 20_000  # held in memory, about 10 kB each
_SECTION_EXCERPTS = 1  # what people ask about is shorter than a section; whole CVs only lose by it


def classifier(corpus: Path, words: Path, section: ClassifierSection, seed: int, folder: Path) -> None:
    """Train the classifier of the label field; nothing is written where there are no labels to learn."""
    if not section.enabled:
        return
    prepared = PreparedCorpus(corpus)
    if section.kind == "linear":
        linear = train_linear(partial(_labelled, prepared), knobs_of(section), seed)
        if linear is not None:
            linear.save(folder)
        return
    dev = list(prepared.labelled("dev", _DEV_DOCUMENTS))
    train = partial(prepared.labelled, "train")
    trained = train_classifier(train, dev, Space.open(words), section, seed, scratch=folder)
    if trained is not None:
        trained.save(folder)


def section_classifier(
    clean: Path, lexicon: Path, section: ClassifierSection, split: Corpus, seed: int, folder: Path
) -> None:
    """Train the classifier of sections; nothing is written where candidates have but one kind of section."""
    if not section.section:
        return
    texts = list(_sections(CleanCorpus(clean), Tokenizer(Lexicon.open(lexicon)), split, seed))
    if len(Counter(label for (label,), _, _ in texts)) < 2:
        return
    trained = train_linear(lambda: texts, knobs_of(section, _SECTION_EXCERPTS), seed)
    if trained is not None:
        trained.save(folder)


def knobs_of(section: ClassifierSection, excerpts: int = 0) -> LinearKnobs:
    """The recipe's knobs of linear classifiers, and pieces of each text to learn from too."""
    return LinearKnobs(
        min_label_count=section.min_label_count,
        min_candidates=section.min_candidates,
        excerpts=excerpts,
        threshold=section.threshold,
    )


def _labelled(prepared: PreparedCorpus) -> Iterator[Labelled]:
    return (Labelled((label,), tokens) for label, tokens in prepared.labelled("train", _LINEAR_DOCUMENTS))


def _sections(clean: CleanCorpus, tokenizer: Tokenizer, split: Corpus, seed: int) -> Iterator[Labelled]:
    """The sections of a sample of the train part, evenly spread."""
    numbers, total = count(), max(1, len(clean))
    for entry in clean.entries():
        part = part_of(entry.key, dev_share=split.dev_share, test_share=split.test_share, seed=seed)
        candidate, searchable = candidate_of(entry.line)
        if not (entry.kept and searchable and part == "train"):
            continue
        number = next(numbers)
        if number * _SECTION_CANDIDATES // total == (number - 1) * _SECTION_CANDIDATES // total:
            continue
        for label, tokens in section_texts(candidate, tokenizer):
            yield Labelled((label,), [*map(sys.intern, tokens)], owner=number)
