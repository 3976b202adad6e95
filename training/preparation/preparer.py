"""From clean candidates to the prepared corpus: tokenised, skills merged, split."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import numpy as np
import orjson

from embedsvc.text import Lexicon
from embedsvc.text.candidate import Candidate
from embedsvc.text.candidate_tokens import CandidateTokens
from training.corpus.split import Part, part_of
from training.crew import Crew
from training.preparation.clean_corpus import CleanCorpus, Entry, candidate_of
from training.preparation.held_back import TRAINED, hashes, set_apart, set_lists_apart, text_hash
from training.preparation.prepared_corpus import PARTS, Document, PreparationReport, PreparedCorpus

_BATCH = 256


class Preparer(CandidateTokens):
    """Turns clean candidates into documents by a lexicon; the same rules at training and at re-indexing."""

    def document(
        self, candidate: Candidate, part: Part, *, searchable: bool, kept: bool = True
    ) -> tuple[Document, list[str], list[str]]:
        """The candidate's document, its sentences (title first) and its skill tokens."""
        title_text = " ".join(self.tokenizer.tokens(candidate.title))
        sections, skills = self.sections(candidate), self.skills(candidate)
        sentences = [sentence for found in sections.values() for sentence in found]
        before = sum(len(sentence.split()) for sentence in sections["summary"])
        document = Document(
            id=candidate.id,
            title=candidate.title,
            label=candidate.label,
            updated_at=candidate.updated_at,
            part=part,
            searchable=searchable,
            kept=kept,
            title_text=title_text,
            text=" ".join([*sentences, *skills]),
            work_at=before if sections["experience"] else -1,
            other_labels=list(candidate.other_labels),
            location=candidate.location,
            metadata=dict(candidate.metadata),
        )
        return document, [title_text, *sentences], skills


@dataclass(frozen=True, slots=True)
class Rules:
    """How candidates become documents.

    Attributes:
        dev_share: Share of the groups of near-duplicates in the dev part.
        test_share: The same for the test part.
        seed: Of the split.
        drop_duplicates: Whether search finds only one of a group.
    """

    dev_share: float
    test_share: float
    seed: int = 0
    drop_duplicates: bool = False


@dataclass(frozen=True, slots=True)
class _PreparedBatch:
    text: bytes
    lists: bytes
    held_lists: bytes
    documents: bytes
    trained: bytes
    counts: Counter[str]


class _Batches:
    """What a process of the crew does."""

    def __init__(self, lexicon: Path, rules: Rules) -> None:
        self._preparer = Preparer(Lexicon.open(lexicon))
        self._skill_tokens = self._preparer.lexicon.tokens
        self._rules = rules

    def prepare(self, entries: Sequence[Entry]) -> _PreparedBatch:
        rules, counts = self._rules, Counter[str]()
        text: list[str] = []
        lists: list[str] = []
        held: list[str] = []
        documents: list[bytes] = []
        trained: list[bytes] = []
        for line, key, kept in entries:
            candidate, searchable = candidate_of(line)
            part = part_of(key, dev_share=rules.dev_share, test_share=rules.test_share, seed=rules.seed)
            searchable = searchable and (kept or not rules.drop_duplicates)
            document, sentences, skills = self._preparer.document(
                candidate, part, searchable=searchable, kept=kept
            )
            counts["candidates"] += 1
            if kept:
                counts[part] += 1
                if len(skills) > 1:
                    (lists if part == "train" else held).append(" ".join(skills))
                if part == "train":
                    trained.append(text_hash(document.text))
                    # A word alone is nobody's context.
                    text += [sentence for sentence in sentences if " " in sentence]
            if searchable or document.label is not None:
                documents.append(orjson.dumps(document, option=orjson.OPT_APPEND_NEWLINE))
                counts["labelled"] += document.label is not None
                counts["searchable"] += searchable
                counts[f"documents.{part}"] += kept
        tokens = " ".join(text).split()
        counts["sentences"], counts["tokens"] = len(text), len(tokens)
        counts["mentions"] = sum(map(self._skill_tokens.__contains__, tokens))
        counts["lists"] = len(lists) + len(held)
        return _PreparedBatch(
            _lines(text), _lines(lists), _lines(held), b"".join(documents), b"".join(trained), counts
        )


def _preparing(lexicon: Path, rules: Rules) -> Callable[[Sequence[Entry]], _PreparedBatch]:
    return _Batches(lexicon, rules).prepare


def prepare(
    clean: CleanCorpus, lexicon: Path, folder: Path, rules: Rules, *, workers: int = 1
) -> PreparedCorpus:
    """Write the prepared corpus of a clean one into `folder`, streaming; the same for any number of workers.

    Args:
        clean: The candidates.
        lexicon: Folder of the lexicon.
        folder: Where to write.
        rules: How.
        workers: Processes, 0 = one a core.
    """
    corpus = PreparedCorpus(folder)
    counts: Counter[str] = Counter()
    trained = bytearray()
    crew: Crew[list[Entry], _PreparedBatch] = Crew(_preparing, (lexicon, rules), workers)
    paths = (corpus.text, corpus.lists, corpus.held_lists, corpus.document_lines)
    with ExitStack() as files:
        text, lists, held, documents = (files.enter_context(path.open("wb")) for path in paths)
        for batch in files.enter_context(closing(crew.results(_batches(clean.entries())))):
            text.write(batch.text)
            lists.write(batch.lists)
            held.write(batch.held_lists)
            documents.write(batch.documents)
            trained += batch.trained
            counts.update(batch.counts)
    learnt = hashes(bytes(trained))
    np.save(folder / TRAINED, learnt)
    for part, copies in set_apart(corpus.document_lines, learnt).items():
        counts["held_copies"] += copies
        counts[f"documents.{part}"] -= copies
    set_lists_apart(corpus.lists, corpus.held_lists)
    names = (name for name in PreparationReport.__dataclass_fields__ if name != "documents")
    documents_of = {part: counts[f"documents.{part}"] for part in PARTS}
    corpus.write_report(PreparationReport(**{name: counts[name] for name in names}, documents=documents_of))
    return corpus


def _batches(entries: Iterator[Entry]) -> Iterator[list[Entry]]:
    while batch := list(islice(entries, _BATCH)):
        yield batch


def _lines(lines: Sequence[str]) -> bytes:
    return "\n".join([*lines, ""]).encode()
