"""Completion of lists: the evidence and the network by hand, the files, and damage to them."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from embedsvc.errors import ReleaseCorruptError
from embedsvc.spaces.completion import FEATURES, Completer, Network, Pairs, PairTable, gather

NAMES = ["php", "my sql", "sql", "nursing", "ward-rounds"]
LISTS = [6.0, 4.0, 5.0, 3.0, 2.0]


def pairs(others: Sequence[int], scores: Sequence[float], counts: Sequence[float]) -> Pairs:
    return Pairs(
        np.array(others, np.int32),
        np.array(scores, np.float32),
        np.array(scores, np.float32) / 2,
        np.array(counts, np.float32),
    )


ROWS = [
    pairs([1, 2], [0.4, 0.2], [3, 2]),
    pairs([0, 2], [0.3, 0.5], [3, 2]),
    pairs([0, 1], [0.1, 0.6], [2, 2]),
    pairs([4], [0.7], [2]),
    pairs([3], [0.9], [2]),
]
TABLE = PairTable.of_rows(ROWS, LISTS, 10)


def by_feature(name: str, slope: float) -> Network:
    """A network of one layer that reads one feature."""
    weights = np.zeros((len(FEATURES), 1), np.float32)
    weights[FEATURES.index(name)] = slope
    nothing, one = np.zeros(len(FEATURES), np.float32), np.ones(len(FEATURES), np.float32)
    return Network(nothing, one, [(weights, np.zeros(1, np.float32))])


def completer(name: str = "votes, sum", slope: float = 1.0, candidates: int = 10) -> Completer:
    return Completer(TABLE, by_feature(name, slope), NAMES, candidates)


def test_evidence_by_hand() -> None:
    words = [frozenset(name.split()) for name in NAMES]
    found = gather([0, 1], [TABLE.row(0), TABLE.row(1)], TABLE.lists, TABLE.total, words, 10)
    assert found.rows.tolist() == [2]
    told = dict(zip(FEATURES, found.features[0].tolist(), strict=True))
    assert told["votes, sum"] == pytest.approx(0.7)
    assert told["weight, sum"] == pytest.approx(0.35)
    assert told["weight, best"] == pytest.approx(0.25)
    assert told["weight, second"] == pytest.approx(0.1)
    assert told["given skills of a weight"] == 1.0
    assert told["lift, best"] == pytest.approx(math.log((2 + 20 * 0.5) / (4 + 20) / 0.5), abs=1e-6)
    assert told["lift, least"] == pytest.approx(math.log((2 + 20 * 0.5) / (6 + 20) / 0.5))
    assert told["cosine, sum"] == pytest.approx(2 / math.sqrt(30) + 2 / math.sqrt(20))
    assert told["share of the given one's lists, best"] == pytest.approx(0.5)
    assert told["share of its own lists, mean"] == pytest.approx(0.4)
    assert told["lists, log"] == pytest.approx(math.log(5))
    assert told["given skills, log"] == pytest.approx(math.log(2))
    assert told["words that given skills have"] == 1.0


def test_a_skill_is_completed_by_its_company_and_shares_sum_to_one() -> None:
    rows, shares = completer().complete([0])
    assert rows.tolist() == [1, 2]
    assert shares == pytest.approx([1 / (1 + math.exp(-0.2)), 1 / (1 + math.exp(0.2))], abs=1e-6)
    assert completer(slope=-1.0).complete([0])[0].tolist() == [2, 1]
    assert completer("lists, log").complete([0])[0].tolist() == [2, 1]


def test_only_the_most_voted_are_put_in_order() -> None:
    assert completer(slope=-1.0, candidates=1).complete([0])[0].tolist() == [1]


def test_nothing_given_or_known_is_completed_by_nothing() -> None:
    assert [len(each) for each in completer().complete([])] == [0, 0]
    alone = PairTable.of_rows([pairs([], [], [])], [1.0], 1)
    found = Completer(alone, by_feature("votes, sum", 1.0), ["php"], 10).complete([0])
    assert [len(each) for each in found] == [0, 0]


@given(st.lists(st.integers(0, 4), min_size=1, max_size=8), st.randoms())
def test_neither_order_nor_repetition_matters_and_no_given_skill_comes_back(asked, chance) -> None:  # type: ignore[no-untyped-def]
    rows, shares = completer().complete(asked)
    again = [*asked, *asked]
    chance.shuffle(again)
    assert completer().complete(again)[0].tolist() == rows.tolist()
    assert not set(asked) & set(rows.tolist())
    assert (np.diff(shares) <= 0).all()
    assert len(rows) == 0 or shares.sum() == pytest.approx(1.0)


def test_saved_and_opened_it_answers_the_same(tmp_path: Path) -> None:
    made = Completer(TABLE, by_feature("votes, sum", 2.0), NAMES, 7, {"questions": 3})
    made.save(tmp_path)
    opened = Completer.open(tmp_path, NAMES)
    assert (opened.candidates, opened.training, opened.pairs.total) == (7, {"questions": 3}, 10)
    for asked in ([0], [0, 1], [3], [2, 4]):
        rows, shares = opened.complete(asked)
        assert rows.tolist() == made.complete(asked)[0].tolist()
        assert shares.tolist() == made.complete(asked)[1].tolist()


@pytest.mark.parametrize("name", ["starts.npy", "counts.npy", "layer0.npy", "scale.npy", "completion.json"])
def test_a_damaged_file_is_refused(name: str, tmp_path: Path) -> None:
    completer().save(tmp_path)
    whole = (tmp_path / name).read_bytes()
    (tmp_path / name).write_bytes(whole[: len(whole) - 5])
    with pytest.raises(ReleaseCorruptError, match="build it again"):
        Completer.open(tmp_path, NAMES)
    (tmp_path / name).unlink()
    with pytest.raises(ReleaseCorruptError, match="build it again"):
        Completer.open(tmp_path, NAMES)


def test_parts_of_others_are_refused(tmp_path: Path) -> None:
    completer().save(tmp_path)
    with pytest.raises(ReleaseCorruptError, match="5 skills"):
        Completer.open(tmp_path, NAMES[:3])
    np.save(tmp_path / "others.npy", np.zeros(3, np.int32))
    with pytest.raises(ReleaseCorruptError, match="do not fit"):
        Completer.open(tmp_path, NAMES)
    completer().save(tmp_path)
    np.save(tmp_path / "layer0.npy", np.full((len(FEATURES) + 1, 1), np.nan, np.float32))
    with pytest.raises(ReleaseCorruptError, match="network"):
        Completer.open(tmp_path, NAMES)
    completer().save(tmp_path)
    told = json.loads((tmp_path / "completion.json").read_bytes())
    (tmp_path / "completion.json").write_text(json.dumps({**told, "features": ["votes"]}))
    with pytest.raises(ReleaseCorruptError, match="another version"):
        Completer.open(tmp_path, NAMES)
