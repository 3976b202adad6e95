"""What the corpus counts of the pairs of skills that a release keeps."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from embedsvc.releases.evidence import Counts, Evidence
from indexes import NeighbourTable
from training.trainers.cooccurrence import cooccurrences


def evidence(
    lists: Iterable[Sequence[int]], skills: int, tables: Mapping[str, NeighbourTable], floor: int
) -> Evidence:
    """Lists that name each skill, and each skill and neighbour.

    Args:
        lists: Skill rows of each candidate, each row at most once.
        skills: Number of skills.
        tables: Neighbour tables by relation.
        floor: Least count that is kept.
    """
    (counts,), total = cooccurrences(lists, skills)
    together = {relation: _kept(counts, table) for relation, table in tables.items()}
    return Evidence(total, floor, counts.diagonal().astype(np.int32), together)


def _kept(counts: Any, table: NeighbourTable) -> Counts:
    """(skills, width) counts of the table's pairs; 0 where it is padded."""
    kept = np.zeros(table.ids.shape, np.int32)
    for row in range(table.size):
        ids, _ = table.row(row)
        span = slice(counts.indptr[row], counts.indptr[row + 1])
        others: npt.NDArray[np.integer] = counts.indices[span]
        places = np.searchsorted(others, ids)
        inside = places < len(others)
        inside[inside] = others[places[inside]] == ids[inside]
        kept[row, : len(ids)][inside] = np.rint(counts.data[span][places[inside]])
    return kept
