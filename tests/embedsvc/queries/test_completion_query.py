"""Skills related to several at once: votes by hand, a release's network, unknown names, the batch."""

from __future__ import annotations

import numpy as np
import pytest

from embedsvc.queries import related_batch
from embedsvc.queries.completion import completed
from embedsvc.releases.opening import Release
from embedsvc.schemas import MAX_K, RelatedBatchRequest, RelatedQuery, RelatedResult
from embedsvc.spaces import SifEncoder, Space
from embedsvc.spaces.completion import FEATURES, Completer, Network, Pairs, PairTable
from embedsvc.text import Lexicon, Skill
from indexes import NeighbourTable

NAMES = ["php", "mysql", "laravel", "html"]
IDS = [[1, 2], [0, 3], [0, 1], [1, -1]]
SCORES = [[0.8, 0.4], [0.6, 0.5], [0.9, 0.1], [0.2, -np.inf]]


def release(completer: Completer | None = None) -> Release:
    lexicon = Lexicon([Skill(row, name, name, 9 - row) for row, name in enumerate(NAMES)], [])
    words = Space("word2vec", NAMES, np.array([9, 8, 7, 6]), np.eye(4, dtype=np.float32))
    table = NeighbourTable.from_rows(IDS, SCORES, metric="association")
    relations = {"similar": table, "used_with": table}
    encoder = SifEncoder.fit(words, [])
    return Release("r1", {}, lexicon, words, encoder, relations, None, {}, completer=completer)


def rarest_first() -> Completer:
    """Of what the given skills vote for, that of the fewest lists first."""
    rows = []
    for ids, scores in zip(IDS, SCORES, strict=True):
        known = [place for place, other in enumerate(ids) if other >= 0]
        values = np.array([scores[place] for place in known], np.float32)
        rows.append(Pairs(np.array([ids[place] for place in known], np.int32), values, values, values * 10))
    weights = np.zeros((len(FEATURES), 1), np.float32)
    weights[FEATURES.index("lists, log")] = -1.0
    scale = np.zeros(len(FEATURES), np.float32), np.ones(len(FEATURES), np.float32)
    network = Network(*scale, [(weights, np.zeros(1, np.float32))])
    return Completer(PairTable.of_rows(rows, [20.0, 10.0, 8.0, 2.0], 30), network, NAMES, 10)


def ask(found: Release, *queries: RelatedQuery) -> list[RelatedResult]:
    return related_batch(found, RelatedBatchRequest(queries=list(queries))).results


def test_without_a_network_the_mean_of_scores_decides() -> None:
    found = completed(release(), [0, 1])
    assert [row for row, _ in found] == [3, 2]
    assert [score for _, score in found] == pytest.approx([0.25, 0.2])


def test_a_network_puts_several_skills_votes_in_order_and_leaves_one_skill_to_the_table() -> None:
    made = release(rarest_first())
    rows, shares = zip(*completed(made, [0, 1]), strict=True)
    assert rows == (3, 2)
    assert shares == pytest.approx((8 / 10, 2 / 10))
    assert completed(made, [0]) == completed(release(), [0])
    assert completed(made, [0, 1], "similar") == completed(release(), [0, 1], "similar")


@pytest.mark.parametrize("relation", ["similar", "used_with"])
def test_order_and_repetition_change_nothing(relation: str) -> None:
    made = release(rarest_first())
    assert completed(made, [2, 0], relation) == completed(made, [0, 2, 0], relation)  # type: ignore[arg-type]


def test_a_query_of_several_says_how_each_was_understood() -> None:
    (found,) = ask(release(rarest_first()), RelatedQuery(skill="PHP", also=["mysql"], relation="used_with"))
    assert found.resolved is not None
    assert found.also is not None
    assert (found.resolved.skill, [each.skill for each in found.also]) == ("php", ["mysql"])
    assert [(each.skill, each.score) for each in found.related or []] == [("html", 0.8), ("laravel", 0.2)]
    assert [each.relatedness for each in found.related or []] == [None, None]


def test_k_and_min_score_bound_it() -> None:
    options = {"skill": "php", "also": ["mysql"], "relation": "used_with"}
    one, least, all_of_them = ask(
        release(rarest_first()),
        RelatedQuery(**options, k=1),  # type: ignore[arg-type]
        RelatedQuery(**options, min_score=0.5),  # type: ignore[arg-type]
        RelatedQuery(**options, k=MAX_K),  # type: ignore[arg-type]
    )
    assert [len(each.related or []) for each in (one, least, all_of_them)] == [1, 1, 2]


def test_an_unknown_skill_among_them_fails_its_own_query() -> None:
    refused, answered = ask(
        release(), RelatedQuery(skill="php", also=["zzqqxx"]), RelatedQuery(skill="php", also=["html"])
    )
    assert refused.error is not None
    assert "zzqqxx" in refused.error.message
    assert answered.error is None
    assert answered.related
