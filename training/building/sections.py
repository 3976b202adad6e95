"""The stage that trains the classifier of sections."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Container, Iterator
from itertools import count
from pathlib import Path

from embedsvc.text import Lexicon, Tokenizer
from training.building.labels import knobs_of
from training.corpus.split import Part, part_of
from training.preparation.clean_corpus import CleanCorpus, candidate_of
from training.progress import Meter
from training.recipe import ClassifierSection, Corpus
from training.trainers.linear import train_linear
from training.trainers.section_texts import section_texts
from training.trainers.tfidf import Labelled

_CANDIDATES = 20_000  # held in memory, about 10 kB each
_EXCERPTS = 1  # what people ask about is shorter than a section


def section_classifier(
    clean: Path,
    lexicon: Path,
    section: ClassifierSection,
    split: Corpus,
    seed: int,
    folder: Path,
    meter: Meter,
) -> None:
    """Train the classifier of sections; nothing is written where candidates have but one kind of section."""
    if not section.section:
        return
    texts = list(section_sample(clean, lexicon, split, seed, "train"))
    if len(Counter(label for (label,), _, _ in texts)) < 2:
        return
    trained = train_linear(lambda: texts, knobs_of(section, _EXCERPTS), seed, progress=meter.update)
    if trained is not None:
        trained.save(folder)


def section_sample(
    clean: Path,
    lexicon: Path,
    split: Corpus,
    seed: int,
    part: Part,
    most: int = _CANDIDATES,
    ids: Container[str] | None = None,
) -> Iterator[Labelled]:
    """The sections of candidates of a part, of `most` in all parts together, evenly spread.

    Args:
        clean: Folder of the clean corpus.
        lexicon: Folder of the lexicon.
        split: What the parts were made by.
        seed: Of the split.
        part: Which part.
        most: Candidates of all parts together.
        ids: Whose sections; all by default.
    """
    corpus, tokenizer = CleanCorpus(clean), Tokenizer(Lexicon.open(lexicon))
    numbers, total = count(), max(1, len(corpus))
    for entry in corpus.entries():
        found = part_of(entry.key, dev_share=split.dev_share, test_share=split.test_share, seed=seed)
        if not (entry.kept and found == part):
            continue
        candidate, searchable = candidate_of(entry.line)
        if not searchable or (ids is not None and candidate.id not in ids):
            continue
        number = next(numbers)
        if number * most // total == (number - 1) * most // total:
            continue
        for label, tokens in section_texts(candidate, tokenizer):
            yield Labelled((label,), [*map(sys.intern, tokens)], owner=number)
