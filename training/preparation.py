"""From candidates to what trainers read: clean, scrubbed, tokenised, skills merged, split.

A prepared corpus is a folder:

    text.txt         sentences of the train part, space-separated tokens
    lists.txt        skill lists of the train part, skill tokens
    held_lists.txt   skill lists of the dev and test parts
    documents.jsonl  one `Document` a line: every searchable or labelled candidate
    report.json      what every step counted
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field
from pathlib import Path

import orjson

from embedsvc.text import Lexicon, Tokenizer, clean_text, scrub
from training.corpus import Candidate
from training.corpus.split import Part, fingerprint, part_of

PARTS: tuple[Part, ...] = ("train", "dev", "test")
_SECTIONS = ("summary", "experience", "projects", "education")


@dataclass(frozen=True, slots=True)
class Document:
    """A candidate as the encoder, the classifier and the index of candidates see it."""

    id: str
    title: str
    label: str | None
    updated_at: str
    part: Part
    searchable: bool
    title_tokens: list[str]
    tokens: list[str]


@dataclass(slots=True)
class PreparationReport:
    """Counters of a preparation."""

    candidates: int = 0
    characters: int = 0
    sentences: int = 0
    tokens: int = 0
    lists: int = 0
    train: int = 0
    dev: int = 0
    test: int = 0
    labelled: int = 0
    searchable: int = 0
    documents: dict[Part, int] = field(default_factory=lambda: dict.fromkeys(PARTS, 0))


class Preparer:
    """Turns candidates into documents by a lexicon; the same rules at training and at re-indexing."""

    def __init__(self, lexicon: Lexicon) -> None:
        self.lexicon = lexicon
        self.tokenizer = Tokenizer(lexicon)

    def sentences(self, candidate: Candidate) -> Iterator[list[str]]:
        """Token lists of the candidate's sections, a sentence or line each."""
        for section in _SECTIONS:
            raw = getattr(candidate, section)
            if raw:
                yield from self.tokenizer.lines(scrub(clean_text(raw)))

    def skills(self, candidate: Candidate) -> list[str]:
        """Skill tokens of the candidate's skill field, each once, in the order written."""
        tokens: dict[str, None] = {}
        for surface in candidate.skills:
            found = self.lexicon.find(surface)
            if found is not None:
                tokens[self.lexicon[found.row].token] = None
        return list(tokens)

    def document(
        self, candidate: Candidate, part: Part, *, searchable: bool
    ) -> tuple[Document, list[list[str]]]:
        """The candidate's document and its sentences (title first)."""
        title = scrub(clean_text(candidate.title)).replace("\n", " ").strip()
        title_tokens = self.tokenizer.tokens(title)
        sentences = list(self.sentences(candidate))
        tokens = [token for sentence in sentences for token in sentence]
        tokens += self.skills(candidate)
        document = Document(
            id=candidate.id,
            title=title,
            label=candidate.label,
            updated_at=candidate.updated_at,
            part=part,
            searchable=searchable,
            title_tokens=title_tokens,
            tokens=tokens,
        )
        return document, [title_tokens, *sentences]


class PreparedCorpus:
    """The files of a prepared corpus."""

    def __init__(self, folder: Path) -> None:
        self.text = folder / "text.txt"
        self.lists = folder / "lists.txt"
        self.held_lists = folder / "held_lists.txt"
        self._documents = folder / "documents.jsonl"
        self._report = folder / "report.json"

    def documents(self) -> Iterator[Document]:
        """Every document, streamed."""
        with self._documents.open("rb") as lines:
            for line in lines:
                yield Document(**orjson.loads(line))

    def sample(self, part: Part, most: int) -> Iterator[Document]:
        """`most` documents of `part` (all where there are fewer), evenly spread over the corpus, streamed."""
        total = self.report().documents[part]
        of_part = (document for document in self.documents() if document.part == part)
        for number, document in enumerate(of_part):
            if number * most // total != (number - 1) * most // total:
                yield document

    def skill_rows(self, lexicon: Lexicon, *, held: bool = False) -> Iterator[list[int]]:
        """The skill rows of each list of the train part, or of the parts held back."""
        with (self.held_lists if held else self.lists).open(encoding="utf-8") as lines:
            for line in lines:
                rows = [lexicon.row_of_token(token) for token in line.split()]
                yield [row for row in rows if row is not None]

    def labelled(self, part: Part, most: int | None = None) -> Iterator[tuple[str, list[str]]]:
        """(label, tokens) of the labelled documents of `part`; titles are left out, they leak the label.

        Args:
            part: Which part.
            most: Of a sample of at most so many documents; of all by default.
        """
        documents = self.documents() if most is None else self.sample(part, most)
        for document in documents:
            if document.label is not None and document.part == part and document.tokens:
                yield document.label, document.tokens

    def report(self) -> PreparationReport:
        """What the preparation counted."""
        return PreparationReport(**orjson.loads(self._report.read_bytes()))


def prepare(
    candidates: Iterable[tuple[Candidate, bool]],
    lexicon: Lexicon,
    folder: Path,
    dev_share: float,
    test_share: float,
    seed: int = 0,
) -> PreparedCorpus:
    """Write the prepared corpus of (candidate, searchable) into `folder`, streaming."""
    corpus = PreparedCorpus(folder)
    preparer = Preparer(lexicon)
    report = PreparationReport()
    with ExitStack() as files:
        text, lists, held = (
            files.enter_context(path.open("w", encoding="utf-8"))
            for path in (corpus.text, corpus.lists, corpus.held_lists)
        )
        documents = files.enter_context(corpus._documents.open("wb"))
        for candidate, searchable in candidates:
            part = part_of(fingerprint(candidate), dev_share=dev_share, test_share=test_share, seed=seed)
            document, sentences = preparer.document(candidate, part, searchable=searchable)
            skills = preparer.skills(candidate)
            if len(skills) > 1:
                (lists if part == "train" else held).write(" ".join(skills) + "\n")
                report.lists += 1
            if part == "train":
                lines = [sentence for sentence in sentences if len(sentence) > 1]
                text.writelines(" ".join(line) + "\n" for line in lines)
                report.sentences += len(lines)
                report.tokens += sum(map(len, lines))
            if searchable or document.label is not None:
                documents.write(orjson.dumps(document) + b"\n")
                report.documents[part] += 1
            _count(report, candidate, document)
    corpus._report.write_bytes(orjson.dumps(asdict(report), option=orjson.OPT_INDENT_2))
    return corpus


def _count(report: PreparationReport, candidate: Candidate, document: Document) -> None:
    report.candidates += 1
    report.characters += sum(len(getattr(candidate, section)) for section in (*_SECTIONS, "title"))
    report.labelled += document.label is not None
    report.searchable += document.searchable
    setattr(report, document.part, getattr(report, document.part) + 1)
