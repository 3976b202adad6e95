"""The stage that trains the classifier of sections, and the texts that it is judged by."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator, Sequence
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
_JUDGED_CANDIDATES = 100_000  # of all parts together
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
    clean: Path, lexicon: Path, split: Corpus, seed: int, part: Part, most: int = _CANDIDATES
) -> Iterator[Labelled]:
    """The sections of candidates of a part, of `most` in all parts together, evenly spread."""
    corpus, tokenizer = CleanCorpus(clean), Tokenizer(Lexicon.open(lexicon))
    numbers, total = count(), max(1, len(corpus))
    for entry in corpus.entries():
        found = part_of(entry.key, dev_share=split.dev_share, test_share=split.test_share, seed=seed)
        if not (entry.kept and found == part):
            continue
        candidate, searchable = candidate_of(entry.line)
        if not searchable:
            continue
        number = next(numbers)
        if number * most // total == (number - 1) * most // total:
            continue
        for label, tokens in section_texts(candidate, tokenizer):
            yield Labelled((label,), [*map(sys.intern, tokens)], owner=number)


def judged_sections(
    clean: Path, lexicon: Path, split: Corpus, seed: int, part: Part
) -> Iterator[tuple[Sequence[str], Sequence[str]]]:
    """(labels, tokens) of sections of a part, to judge the classifier by or to count what is usual."""
    most = _CANDIDATES if part == "train" else _JUDGED_CANDIDATES
    for text in section_sample(clean, lexicon, split, seed, part, most):
        yield text.labels, text.tokens
