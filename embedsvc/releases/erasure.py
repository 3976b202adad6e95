"""Where an erased candidate still lies: proof, and which old releases have to go."""

from __future__ import annotations

import mmap
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from embedsvc.errors import ReleaseCorruptError, StoreError
from embedsvc.releases import disk, layout
from embedsvc.releases.candidates import FILE, CandidateTable
from embedsvc.releases.changes import Erasure, Put
from embedsvc.releases.opening import through_of
from embedsvc.releases.store import Store

_TABLE = f"{layout.CANDIDATES}/{FILE}"
_TEXTS = {".json", ".md", ".html", ".svg", ".txt", ".toml", ".csv"}


@dataclass(frozen=True, slots=True)
class Trace:
    """Something that is left of a candidate.

    Attributes:
        place: A release, `changes`, or a folder of `staging`.
        file: Which file of it.
        what: What of the candidate it holds.
    """

    place: str
    file: str
    what: str


@dataclass(frozen=True, slots=True)
class Proof:
    """What was found of a candidate in a store.

    Attributes:
        erased_at: When it was erased; None where no erasure is recorded.
        active: The active release.
        files: How many files were looked through.
        traces: What is left.
    """

    erased_at: str | None
    active: str | None
    files: int
    traces: list[Trace]

    @property
    def holds(self) -> bool:
        """Whether it was erased and nothing is left of it."""
        return self.erased_at is not None and not self.traces


def prove(store: Store, identity: str) -> Proof:
    """Look for a candidate in every file of a store that could hold it.

    The tables of candidates are asked for the id; their vectors lie beside them, row by row. Every text file
    (manifests, model cards, metrics) is searched for the id as a whole word. Lexicons, spaces, neighbour
    tables and classifiers hold nothing of a single candidate: see docs/operations.md.

    Raises:
        StoreError: The store or its journal cannot be read.
    """
    reader = store.journal.reader()
    _, changes = reader.read()
    who = reader.who(identity)
    at = next((each.at for each in changes if isinstance(each, Erasure) and each.who == who), None)
    traces = [
        Trace("changes", "journal", f"the candidate put in at {each.at}")
        for each in changes
        if isinstance(each, Put) and each.candidate.id == identity
    ]
    files = 1
    word = re.compile(rb"(?<![\w-])%b(?![\w-])" % re.escape(identity.encode()))
    with disk.translated(store.root, "look for a candidate"):
        for home in (store.releases, store.root / "staging"):
            for folder in sorted(home.iterdir()) if home.is_dir() else ():
                place = folder.name if home == store.releases else f"staging/{folder.name}"
                for found in disk.walk(folder):
                    files += 1
                    what = _held(folder / found.relative, found, identity, word)
                    traces += [Trace(place, found.relative, each) for each in what]
    return Proof(at, store.current(), files, traces)


def _held(path: Path, found: disk.Found, identity: str, word: re.Pattern[bytes]) -> Iterator[str]:
    if not found.is_regular or not found.status.st_size:
        return
    if found.relative.endswith(_TABLE):
        try:
            rows = CandidateTable.open(path.parent).rows_of([identity])
        except ReleaseCorruptError:
            yield "perhaps: the table cannot be read"
            return
        if len(rows):
            yield f"id, title and columns in {len(rows)} row(s), and as many vectors in the index beside it"
    elif path.suffix in _TEXTS:
        with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
            if word.search(content):
                yield "the id"


def holding_erased(store: Store) -> list[str]:
    """The releases, but the active one, whose table of candidates holds somebody who was erased.

    Raises:
        StoreError: The store or its journal cannot be read.
    """
    reader = store.journal.reader()
    _, changes = reader.read()
    erasures = [each for each in changes if isinstance(each, Erasure)]
    erased = {each.who for each in erasures}
    last = max((each.seq for each in erasures), default=0)
    holding = []
    for info in store.list():
        if info.active:
            continue
        try:
            if through_of(store.manifest(info.name)) >= last:
                continue
            place = store.path(info.name) / layout.CANDIDATES
            table = CandidateTable.open(place) if place.is_dir() else None
        except StoreError:
            continue
        if table is not None and any(reader.who(each) in erased for each in table.identities()):
            holding.append(info.name)
    return holding
