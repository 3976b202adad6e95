"""Texts of candidates held back that a release is judged by, none of which was trained on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path

from embedsvc.text import Lexicon
from training.building.sections import section_sample
from training.building.sentences import mined_pairs
from training.corpus.split import Part, part_of
from training.preparation.candidate_pairs import TextPair, pairs_of
from training.preparation.clean_corpus import CleanCorpus, candidate_of
from training.preparation.held_back import text_hash
from training.preparation.prepared_corpus import PreparedCorpus
from training.preparation.preparer import Preparer
from training.recipe import Corpus

_SECTION_CANDIDATES = 100_000  # of all parts together
_PAIR_CANDIDATES = 3_000  # of the dev and test parts together
_ALL_PAIRS = 1 << 40

Sections = Sequence[tuple[Sequence[str], Sequence[str]]]


class HeldTexts:
    """Sections and pairs of texts of those held back.

    What somebody of the train part wrote too, as a whole or in the section or the pair at hand, is left out:
    a score on it would tell of memory.

    Args:
        clean: Folder of the clean corpus.
        lexicon: Folder of the lexicon.
        corpus: Folder of the prepared corpus.
        split: What the parts were made by.
        seed: Of the split.
        trained_pairs: Folder of the pairs that the sentence encoder has learned from, if it has.
        max_tokens: More of a text of a pair is left out.
    """

    def __init__(
        self,
        clean: Path,
        lexicon: Path,
        corpus: Path,
        split: Corpus,
        seed: int,
        trained_pairs: Path | None,
        max_tokens: int,
    ) -> None:
        self._clean, self._lexicon, self._corpus = clean, lexicon, PreparedCorpus(corpus)
        self._split, self._seed = split, seed
        self._trained_pairs = trained_pairs
        self._max_tokens = max_tokens

    def sections(self, part: Part) -> Sections:
        """(labels, tokens) of sections of candidates of the test part; labels alone of those trained on."""
        return self._train_sections[0] if part == "train" else self._test_sections

    @cached_property
    def _train_sections(self) -> tuple[Sections, set[bytes]]:
        """The labels of the sections that the classifier has learned from, and hashes of what they say."""
        found, known = [], set()
        for text in section_sample(self._clean, self._lexicon, self._split, self._seed, "train"):
            found.append((text.labels, ()))
            known.add(text_hash(" ".join(text.tokens)))
        return found, known

    @cached_property
    def _test_sections(self) -> Sections:
        _, known = self._train_sections
        ids = self._judged("test")
        sample = section_sample(
            self._clean, self._lexicon, self._split, self._seed, "test", _SECTION_CANDIDATES, ids
        )
        return [
            (text.labels, text.tokens) for text in sample if text_hash(" ".join(text.tokens)) not in known
        ]

    def pairs(self) -> Iterator[tuple[Part, TextPair]]:
        """(part, pair) of candidates of the dev and test parts, evenly spread where there are many.

        The area of a pair is the label, or else the last token of the title: a senior database administrator
        and another administrator of databases are in one.
        """
        ids = self._judged("dev", "test")
        known = self._trained_texts()
        preparer = Preparer(Lexicon.open(self._lexicon))
        split, number = self._split, 0
        for entry in CleanCorpus(self._clean).entries():
            part = part_of(entry.key, dev_share=split.dev_share, test_share=split.test_share, seed=self._seed)
            if part == "train" or not entry.kept:
                continue
            candidate, _ = candidate_of(entry.line)
            if candidate.id not in ids:
                continue
            number += 1
            if number * _PAIR_CANDIDATES // len(ids) == (number - 1) * _PAIR_CANDIDATES // len(ids):
                continue
            area = candidate.label or " ".join(preparer.tokenizer.tokens(candidate.title)[-1:])
            for pair in pairs_of(candidate, preparer, self._max_tokens):
                if known.isdisjoint((text_hash(pair.first), text_hash(pair.second))):
                    yield part, replace(pair, area=area)

    def _trained_texts(self) -> set[bytes]:
        if self._trained_pairs is None:
            return set()
        learned = mined_pairs(self._trained_pairs, _ALL_PAIRS)
        return {text_hash(text) for pair in learned for text in (pair.first, pair.second)}

    def _judged(self, *parts: Part) -> set[str]:
        """Ids of the candidates of `parts` who are judged by."""
        return {each.id for each in self._corpus.documents() if each.part in parts and each.kept}
