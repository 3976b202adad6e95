"""What a linear classifier reads: zones, pairs, no word that could be read back."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from embedsvc.classifiers import WORK
from embedsvc.classifiers.features import AROUND, LATEST, ZONES, features

TOKENS = st.lists(st.sampled_from([*"abcdefgh", "may", "present"]), max_size=60)


def counted(tokens: list[str], pairs: tuple[str, ...] = ()) -> dict[str, dict[int, int]]:
    found = features(tokens, pairs)
    return {
        zone: dict(zip(hashes.tolist(), counts.tolist(), strict=True))
        for zone, (hashes, counts) in zip(ZONES, found, strict=True)
    }


def test_every_word_is_counted_once_for_each_time_it_stands_there() -> None:
    found = counted(["sql", "java", "sql"])

    assert sorted(found["all"].values()) == [1, 2]
    assert found["dated"] == {}


def test_pairs_are_told_by_their_order() -> None:
    one, other = counted(["a", "b"], ("all",)), counted(["b", "a"], ("all",))

    assert len(one["all"]) == 3
    assert len(one["all"].keys() & other["all"].keys()) == 2


def test_the_latest_zone_begins_with_the_work_history() -> None:
    before, job = [f"s{number}" for number in range(50)], [f"j{number}" for number in range(50)]

    assert counted([*before, WORK, *job])["latest"] == counted(job[:LATEST])["latest"]
    assert counted(job)["latest"] == counted(job[:LATEST])["latest"]
    assert counted([*before, WORK])["latest"] == {}


def test_the_dated_zone_is_what_stands_around_a_date() -> None:
    words = [f"w{number}" for number in range(60)]
    words[30] = "march"

    near = counted(words)["dated"]

    assert len(near) == 2 * AROUND + 1
    assert near.keys() == counted(words[30 - AROUND : 31 + AROUND])["dated"].keys()


def test_zones_share_no_feature() -> None:
    found = counted(["cook", "may", "hotel"], ZONES)

    assert len(set().union(*found.values())) == sum(map(len, found.values()))


@given(TOKENS, st.integers(0, 60))
def test_a_mark_changes_nothing_but_the_latest_zone(tokens: list[str], place: int) -> None:
    marked = [*tokens[:place], WORK, *tokens[place:]]
    plain, found = counted(tokens, ZONES), counted(marked, ZONES)

    assert plain["all"] == found["all"]
    assert plain["dated"] == found["dated"]


@given(TOKENS)
def test_hashes_ascend_and_differ(tokens: list[str]) -> None:
    for hashes, counts in features(tokens, ZONES):
        assert np.all(hashes[1:] > hashes[:-1])
        assert np.all(counts >= 1)
    assert sum(counted(tokens)["all"].values()) == len(tokens)
