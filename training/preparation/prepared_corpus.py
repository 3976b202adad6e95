"""The prepared corpus: what trainers, evaluation and the index of candidates read.

A prepared corpus is a folder:

    text.txt         sentences of the train part, space-separated tokens
    lists.txt        skill lists of the train part, skill tokens
    held_lists.txt   skill lists of the dev and test parts, but those that are in lists.txt
    documents.jsonl  one `Document` a line: every searchable or labelled candidate
    report.json      what every step counted
    trained.npy      hashes of the texts of the train part, see `held_back`
    split/           which groups are held back, as in the release

Of each group of near-duplicates one candidate is in the texts and lists; the others are documents only.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path

import orjson

from embedsvc.classifiers import WORK
from embedsvc.text import Lexicon
from training.corpus.split import Part

PARTS: tuple[Part, ...] = ("train", "dev", "test")


@dataclass(frozen=True, slots=True)
class Document:
    """A candidate as the encoder, the classifier and the index of candidates see it.

    Attributes:
        label: The first of its labels.
        kept: Whether it stands for its group of near-duplicates; only those are learned and judged from.
        title_text: The tokens of the title, a space between two.
        text: The tokens of all else.
        work_at: How many of them stand in front of the work history; -1 where there is none.
        metadata: Columns to filter by, beside those that are fields of their own.
    """

    id: str
    title: str
    label: str | None
    updated_at: str
    part: Part
    searchable: bool
    kept: bool
    title_text: str
    text: str
    work_at: int = -1
    other_labels: list[str] = field(default_factory=list)
    location: str = ""
    metadata: dict[str, str | float] = field(default_factory=dict)

    @property
    def labels(self) -> tuple[str, ...]:
        """All labels, in the order of the source."""
        return () if self.label is None else (self.label, *self.other_labels)

    @property
    def title_tokens(self) -> list[str]:
        """The tokens of the title."""
        return self.title_text.split()

    @property
    def tokens(self) -> list[str]:
        """The tokens of all else: texts, then skills."""
        return self.text.split()

    @property
    def marked_tokens(self) -> list[str]:
        """`tokens`, with WORK in front of the work history: what classifiers read."""
        tokens = self.tokens
        if self.work_at >= 0:
            tokens.insert(self.work_at, WORK)
        return tokens


@dataclass(slots=True)
class PreparationReport:
    """Counters of a preparation.

    Attributes:
        candidates: All that were read.
        sentences: Lines of the train part.
        tokens: Tokens in them.
        mentions: Those of them that stand for a skill.
        lists: Skill lists of two skills or more, with those held back that are not judged by.
        train: Candidates of the train part, without those another one stands for; so are `dev` and `test`.
        labelled: Documents with a label.
        searchable: Documents that search may return.
        documents: Documents of each part that stand for their group.
        held_copies: Documents held back that are not judged by, as their text was trained on.
    """

    candidates: int
    sentences: int
    tokens: int
    mentions: int
    lists: int
    train: int
    dev: int
    test: int
    labelled: int
    searchable: int
    documents: dict[Part, int]
    held_copies: int = 0


class PreparedCorpus:
    """The files of a prepared corpus."""

    def __init__(self, folder: Path) -> None:
        self.text = folder / "text.txt"
        self.lists = folder / "lists.txt"
        self.held_lists = folder / "held_lists.txt"
        self.document_lines = folder / "documents.jsonl"
        self._report = folder / "report.json"

    def documents(self) -> Iterator[Document]:
        """Every document, streamed."""
        with self.document_lines.open("rb") as lines:
            for line in lines:
                yield Document(**orjson.loads(line))

    def sample(self, part: Part, most: int) -> Iterator[Document]:
        """`most` documents of `part` (all where there are fewer), evenly spread over the corpus, streamed.

        Of near-duplicates only the one that stands for them is among these.
        """
        total = self.report().documents[part]
        of_part = (each for each in self.documents() if each.part == part and each.kept)
        for number, document in enumerate(of_part):
            if number * most // total != (number - 1) * most // total:
                yield document

    def copies(self, part: Part) -> set[str]:
        """Ids of the documents of `part` for which a near-duplicate stands."""
        return {each.id for each in self.documents() if each.part == part and not each.kept}

    def skill_rows(self, lexicon: Lexicon, *, held: bool = False) -> Iterator[list[int]]:
        """The skill rows of each list of the train part, or of the parts held back."""
        with (self.held_lists if held else self.lists).open(encoding="utf-8") as lines:
            for line in lines:
                rows = [lexicon.row_of_token(token) for token in line.split()]
                yield [row for row in rows if row is not None]

    def labelled(self, part: Part, most: int | None = None) -> Iterator[tuple[tuple[str, ...], list[str]]]:
        """(labels, marked tokens) of the labelled documents of `part`, without titles, which leak the label.

        Args:
            part: Which part.
            most: Of a sample of at most so many documents; of all by default.
        """
        documents = self.documents() if most is None else self.sample(part, most)
        for document in documents:
            if document.labels and document.part == part and document.kept and document.text:
                yield document.labels, document.marked_tokens

    def report(self) -> PreparationReport:
        """What the preparation counted."""
        return PreparationReport(**orjson.loads(self._report.read_bytes()))

    def write_report(self, report: PreparationReport) -> None:
        """Keep what the preparation counted."""
        self._report.write_bytes(orjson.dumps(asdict(report), option=orjson.OPT_INDENT_2))
