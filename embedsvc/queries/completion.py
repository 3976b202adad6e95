"""What else a list of several skills names, by the network of a release, or by votes where it has none."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from embedsvc.releases.opening import Release
from embedsvc.schemas import Relation


def completed(
    release: Release, rows: Sequence[int], relation: Relation = "used_with"
) -> list[tuple[int, float]]:
    """(row, score) of other skills, best first.

    `used_with` of several skills: how likely each is the one that a list with these also names, in [0, 1],
    where the release can tell. Otherwise the mean of the table's scores over the given skills, 0 where a row
    does not have the other. The order of the given ones changes nothing, and one given twice counts once.

    Args:
        release: An open release.
        rows: At least one skill.
        relation: Of the table.

    Raises:
        UnknownNameError: The release has no such relation.
    """
    given = sorted(set(rows))
    table = release.relation(relation)
    if relation == "used_with" and len(given) > 1 and release.completer is not None:
        found, shares = release.completer.complete(given)
        return list(zip(found.tolist(), shares.tolist(), strict=True))
    votes: defaultdict[int, float] = defaultdict(float)
    for row in given:
        ids, scores = table.row(row)
        for other, score in zip(ids.tolist(), scores.tolist(), strict=True):
            votes[other] += score / len(given)
    for row in given:
        votes.pop(row, None)
    return sorted(votes.items(), key=lambda each: -each[1])
