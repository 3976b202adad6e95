"""What the corpus says of two skills: how many lists name each, and both.

Counts are kept for the neighbours that the relations' tables keep, and only from the privacy floor on: a
smaller one is 0 in the file, which means "fewer than the floor", so that no answer speaks of a few people.

    evidence.json        {"lists": lists counted, "floor": least count that is kept}
    named.npy            (skills,) int32 lists that name the skill
    <relation>.npy       int32, of the shape of the relation's table: lists that name both
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import numpy.typing as npt
import orjson

from embedsvc.errors import ReleaseCorruptError
from indexes import NeighbourTable

Counts = npt.NDArray[np.int32]
_FACTS, _NAMED = "evidence.json", "named.npy"


class Evidence:
    """Counts of lists; read-only.

    Args:
        lists: How many lists there are.
        floor: Counts below it are unknown.
        named: (skills,) lists that name each.
        together: Of each relation, lists that name both the skill of a row and the neighbour of a column.
    """

    def __init__(self, lists: int, floor: int, named: Counts, together: Mapping[str, Counts]) -> None:
        self.lists = lists
        self.floor = floor
        self._named = named
        self._together = dict(together)

    def named(self, row: int) -> int | None:
        """Lists that name the skill; None where fewer than the floor do."""
        return int(self._named[row]) or None

    def together(
        self, relations: Mapping[str, NeighbourTable], one: int, other: int
    ) -> tuple[bool, int | None]:
        """Whether the pair was counted, and the lists that name both; None for fewer than the floor."""
        for relation, counts in self._together.items():
            for row, wanted in ((one, other), (other, one)):
                columns = np.flatnonzero(relations[relation].row(row)[0] == wanted)
                if len(columns):
                    return True, int(counts[row, columns[0]]) or None
        return False, None

    def save(self, folder: Path) -> None:
        """Write what `open` opens; what lies below the floor is written as 0."""
        folder.mkdir(parents=True, exist_ok=True)
        np.save(folder / _NAMED, self._floored(self._named))
        for relation, counts in self._together.items():
            np.save(folder / f"{relation}.npy", self._floored(counts))
        (folder / _FACTS).write_bytes(orjson.dumps({"lists": self.lists, "floor": self.floor}))

    def _floored(self, counts: Counts) -> Counts:
        return np.where(counts >= self.floor, counts, 0).astype(np.int32)

    @classmethod
    def open(cls, folder: Path, relations: Mapping[str, NeighbourTable]) -> Evidence:
        """Open saved counts; arrays are memory-mapped.

        Raises:
            ReleaseCorruptError: A file is missing, damaged, or of other tables.
        """
        try:
            facts = orjson.loads((folder / _FACTS).read_bytes())
            lists, floor = int(facts["lists"]), int(facts["floor"])
            named = np.load(folder / _NAMED, mmap_mode="r", allow_pickle=False)
            together = {
                name: np.load(folder / f"{name}.npy", mmap_mode="r", allow_pickle=False) for name in relations
            }
        except (OSError, EOFError, ValueError, KeyError, TypeError) as error:
            raise ReleaseCorruptError(
                f"The evidence of relations cannot be opened ({error}); build the release again."
            ) from error
        right = all(
            counts.dtype == np.int32 and counts.shape == relations[name].ids.shape
            for name, counts in together.items()
        )
        sizes = {table.size for table in relations.values()}
        if not right or named.dtype != np.int32 or {named.size} != sizes or floor < 1:
            raise ReleaseCorruptError(
                "The evidence of relations is not of this release's tables; build the release again."
            )
        return cls(lists, floor, named, together)
