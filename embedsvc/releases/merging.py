"""What a build takes from the journal of changes, and what it may leave out of it afterwards."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Set
from dataclasses import dataclass

from embedsvc.releases.changes import Change, Erasure, Put
from embedsvc.releases.journal import Journal


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The changes that a build is made with.

    Attributes:
        through: The number of the last of them; later ones are laid over the release.
        puts: The latest candidate of each id that was put in and not erased.
        erased: Hashes of all ids that were ever erased.
        who: The hash of an id.
    """

    through: int
    puts: Mapping[str, Put]
    erased: frozenset[str]
    who: Callable[[str], str]

    def is_erased(self, identity: str) -> bool:
        """Whether an id was ever erased."""
        return bool(self.erased) and self.who(identity) in self.erased

    def note(self) -> dict[str, dict[str, int]]:
        """What the manifest of a release that was made with these keeps under `notes`."""
        return {"changes": {"through": self.through}}


def snapshot(journal: Journal) -> Snapshot:
    """All changes up to now.

    Raises:
        StoreError: The journal cannot be read.
    """
    reader = journal.reader()
    _, changes = reader.read()
    erased = frozenset(change.who for change in changes if isinstance(change, Erasure))
    puts = {change.candidate.id: change for change in changes if isinstance(change, Put)}
    standing = {identity: put for identity, put in puts.items() if reader.who(identity) not in erased}
    return Snapshot(reader.last, standing, erased, reader.who)


def retire(journal: Journal, made_with: Snapshot, settled: Set[str]) -> int:
    """Leave out what the live release and its sources hold by now, and what later changes replaced.

    Erasures stay for ever. A candidate that the sources do not hold stays for the builds to come.

    Args:
        journal: Of the store.
        made_with: What the live release was made with.
        settled: Ids whose version in the sources is no older than the one that was put in.

    Returns:
        How many changes were left out.

    Raises:
        StoreError: The journal cannot be written.
    """
    if not made_with.through:
        return 0
    with journal.writing():
        latest = snapshot(journal)
        before = len(journal.reader().read()[1])

        def keep(change: Change) -> bool:
            if isinstance(change, Erasure):
                return True
            identity = change.candidate.id
            newest = latest.puts.get(identity)
            done = change.seq <= made_with.through and identity in settled
            return newest is not None and newest.seq == change.seq and not done

        journal.rewrite(keep)
        return before - len(journal.reader().read()[1])
