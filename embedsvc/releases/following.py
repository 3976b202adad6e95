"""The candidates of a release as they are now: those of its index, and what the journal says came after it.

Every look begins with one stat of the journal, so whoever searches, in whatever process, sees each change
from the moment the call that made it returned.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import numpy.typing as npt

from embedsvc.releases.candidate_index import CandidateIndex
from embedsvc.releases.candidates import CandidateTable, Value
from embedsvc.releases.changes import Change, Erasure, Put
from embedsvc.releases.journal import Journal, Reader, missing
from embedsvc.releases.pointer import Token
from embedsvc.spaces.space import Matrix
from embedsvc.text.candidate import Candidate
from indexes import Segments

_FEW = 1_000  # added rows that may be gone before they are left out

Encode = Callable[[Sequence[Candidate]], Matrix]


@dataclass(frozen=True, slots=True)
class State:
    """What was seen of the journal, and what has come of it.

    Attributes:
        token: Of the journal when it was read.
        view: The candidates.
        added: The added rows of the table.
        rows: The row of each id that was put in since the release.
        texts: Ids of which the journal holds a candidate.
        erased: When each id was erased that ever was, by its hash.
    """

    token: Token | None
    view: CandidateIndex
    added: CandidateTable
    rows: dict[str, int]
    texts: frozenset[str]
    erased: Mapping[str, str]


class FollowedCandidates:
    """Follows the journal; safe to share between threads.

    Args:
        base: What the release holds.
        release: Its name.
        through: The last change that the release was made with; later ones are laid over it.
        journal: Of its store.
        encode: Candidates to vectors, by the release's encoder.
        encoder: Tells that encoder from others, so that vectors of its making are taken as they are.
    """

    def __init__(
        self, base: CandidateIndex, release: str, through: int, journal: Journal, encode: Encode, encoder: str
    ) -> None:
        self.journal = journal
        self.encoder = encoder
        self._base = base
        self._release = release
        self._through = through
        self._encode = encode
        self._lock = threading.RLock()
        self._reader = journal.reader()
        self._state = self._nothing()

    def now(self) -> CandidateIndex:
        """The candidates as they are at this moment.

        Raises:
            StoreError: The journal cannot be read; whom it would hide is then not known.
        """
        return self.state().view

    def state(self) -> State:
        """The candidates and what is known of changes; errors as of `now`."""
        token = self.journal.token()
        if token != self._state.token:
            with self._lock:
                # Read after the token was: what is written in between is seen again at the next look.
                token = self.journal.token()
                if token is None and self._state.token is not None:
                    raise missing()
                if token != self._state.token:
                    self._state = self._read(token)
        return self._state

    def rows_of(self, identity: str) -> list[int]:
        """Where the release itself holds an id, also where that was superseded since."""
        return list(map(int, self._base.table.rows_of([identity])))

    @contextmanager
    def writing(self) -> Iterator[tuple[State, Reader]]:
        """Be the only writer of the journal, for the body, having seen all of it."""
        with self._lock, self.journal.writing():
            yield self.state(), self._reader

    def _nothing(self) -> State:
        added = CandidateTable.empty(self._base.table.columns)
        return State(None, self._base, added, {}, frozenset(), {})

    def _read(self, token: Token | None) -> State:
        anew, changes = self._reader.read()
        state = self._nothing() if anew else self._state
        state = self._changed(state, changes)
        gone = len(state.added) - len(state.rows)
        if not anew and gone > max(_FEW, len(state.rows)):
            self._reader = self.journal.reader()
            state = self._changed(self._nothing(), self._reader.read()[1])
        return replace(state, token=token)

    def _changed(self, state: State, changes: Sequence[Change]) -> State:
        erasures = [change for change in changes if isinstance(change, Erasure)]
        erased = {**state.erased, **{each.who: each.at for each in erasures}} if erasures else state.erased
        puts = [change for change in changes if isinstance(change, Put)]
        texts = state.texts | {each.candidate.id for each in puts}
        later = {each.candidate.id: each for each in puts if each.seq > self._through}
        standing = [each for each in later.values() if self._reader.who(each.candidate.id) not in erased]
        vectors = self._vectors(standing)
        known = np.flatnonzero(vectors.any(axis=1)).tolist()
        lost = self._erased_rows(state, [each for each in erasures if each.seq > self._through])
        if later:
            lost += self._base.table.rows_of([*later]).tolist()
            lost += [state.rows[each] for each in later if each in state.rows]
        gone = set(lost)
        rows = {each: row for each, row in state.rows.items() if each not in later and row not in gone}
        first = state.view.index.size
        rows |= {standing[place].candidate.id: first + number for number, place in enumerate(known)}
        index = state.view.index
        if lost or known:
            segments = index if isinstance(index, Segments) else Segments.over(index)
            index = segments.changed(deleted=lost, ids=first + np.arange(len(known)), vectors=vectors[known])
        added = state.added
        if known:
            added = added.with_rows([_row(standing[place].candidate, added) for place in known])
        view = CandidateIndex(index, self._base.table.followed_by(added))
        return State(state.token, view, added, rows, texts, erased)

    def _vectors(self, puts: Sequence[Put]) -> Matrix:
        dimension = self._base.index.dimension
        found = np.zeros((len(puts), dimension), np.float32)
        foreign = []
        for place, each in enumerate(puts):
            if each.encoder == self.encoder and len(each.vector) == 4 * dimension:
                found[place] = each.row()
            else:
                foreign.append(place)
        if foreign:
            found[foreign] = self._encode([puts[place].candidate for place in foreign])
        return found

    def _erased_rows(self, state: State, erasures: Sequence[Erasure]) -> list[int]:
        """Where the erased lie, among those of the release and those put in since."""
        lost: list[int] = []
        size = self._base.index.size
        added = {self._reader.who(identity): row for identity, row in state.rows.items()} if erasures else {}
        for each in erasures:
            if each.who in added:
                lost.append(added[each.who])
            if each.release == self._release:
                lost += [row for row in each.rows if 0 <= row < size]
            else:
                lost += self._hashed(each.who)
        return lost

    def _hashed(self, who: str) -> list[int]:
        """The rows of the release whose id has this hash."""
        hashes, order = self._hashes
        wanted = np.uint64(int(who[:16], 16))
        low, high = (np.searchsorted(hashes, wanted, side=side, sorter=order) for side in ("left", "right"))
        return [int(row) for row in order[low:high]]

    @cached_property
    def _hashes(self) -> tuple[npt.NDArray[np.uint64], npt.NDArray[np.int64]]:
        """The first 64 bits of the hash of every id of the release, and their order."""
        salted = self._reader.who
        hashes = np.array([int(salted(each)[:16], 16) for each in self._base.table.identities()], np.uint64)
        return hashes, np.argsort(hashes)


def _row(candidate: Candidate, table: CandidateTable) -> dict[str, Value]:
    """What the table keeps of a candidate."""
    known: dict[str, Value] = {**dict(candidate.metadata), "location": candidate.location or None}
    return {
        "id": candidate.id,
        "title": candidate.title,
        "label": candidate.label,
        "updated_at": candidate.updated_at,
        **{column: known.get(column) for column in table.columns},
    }
