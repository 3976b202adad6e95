"""The step `subwords`: what counts as a skill in a form nobody has seen, and what does not."""

from __future__ import annotations

import numpy as np
import pytest

from embedsvc.errors import UnknownSkillError
from embedsvc.queries import related, related_json, resolve, skill_info
from embedsvc.queries.guess import best_guesses, guess
from embedsvc.releases.opening import Release
from embedsvc.schemas import RelatedQuery, RelatedResponse
from embedsvc.spaces import SifEncoder, Space
from embedsvc.spaces.packed_rows import PackedRows
from embedsvc.spaces.skill_vectors import SkillVectors
from embedsvc.spaces.subword_space import SubwordSpace
from embedsvc.spaces.subwords import Subwords
from embedsvc.text import Alias, Lexicon, Skill
from embedsvc.text.skills import token_of
from indexes import NeighbourTable

NAMES = ["kubernetes", "oracle 11g", "oracle", "c++ programming", "weaving", "php", "angular"]
LEXICON = Lexicon(
    [Skill(row, name, token_of(name), 50 - row) for row, name in enumerate(NAMES)],
    [Alias("k8s cluster", 0, 3, "mined")],
)


def space(dimension: int = 64) -> SubwordSpace:
    """Every bucket a random direction, so that words are near by the subwords they share."""
    cut = Subwords(0, 4000, 3, 6)
    buckets = np.random.default_rng(1).normal(size=(cut.buckets, dimension)).astype(np.float32)
    bare = SubwordSpace(
        [],
        np.zeros(0, np.int64),
        PackedRows.pack([], "float32", dimension),
        PackedRows.pack([buckets], "float32", dimension),
        np.arange(cut.buckets, dtype=np.uint32),
        cut,
    )
    words = ["weavings", "weaves"]
    # "weavings" means what it says, "weaves" something else altogether.
    known = np.stack([bare.vector("weaving"), bare.vector("something_else")])
    return SubwordSpace(
        words,
        np.array([9, 8]),
        PackedRows.pack([known], "float32", dimension),
        bare.buckets,
        bare.bucket_ids,
        cut,
    )


@pytest.fixture(scope="module")
def skills() -> SkillVectors:
    made = SkillVectors.of_tokens(space(), [skill.token for skill in LEXICON])
    made.threshold, made.seen_threshold = 0.9, 1.7
    return made


@pytest.fixture(scope="module")
def release(skills: SkillVectors) -> Release:
    ids = (np.arange(len(NAMES))[:, None] + np.arange(1, 3)) % len(NAMES)
    table = NeighbourTable.from_rows(ids, np.tile(np.array([0.9, 0.5], np.float32), (len(NAMES), 1)))
    words = Space("word2vec", ["php"], np.array([1]), np.ones((1, 2), np.float32))
    encoder = SifEncoder.fit(words, [])
    return Release("odd", {}, LEXICON, words, encoder, {"similar": table}, None, {}, skills)


def test_the_score_is_closeness_and_the_lead_over_the_next(skills: SkillVectors) -> None:
    found = best_guesses(LEXICON, skills, ["kubernetics", "k8s clusters", "oracle 11g2", "zzzzqqqq"])

    assert LEXICON.closeness("kubernetics")[0] == pytest.approx(1 - 2 / 11)
    assert found[0] == (0, pytest.approx(2 * (1 - 2 / 11)))  # nothing else is near
    assert found[1] == (None, 0.0)  # spelled like an alias, of other subwords
    # "oracle", 4 letters less, comes next.
    assert found[2] == (1, pytest.approx(2 * (1 - 1 / 10) - (1 - 4 / 10)))
    assert found[3] == (None, 0.0)


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ("skubernetes", "kubernetes"),
        ("mykubernetes cluster", "kubernetes"),
        ("kubelet", None),  # too far
        ("oracle 12", "oracle"),  # never 11g
        ("oracle 11gx2", "oracle 11g"),
        ("cplus programming", None),  # signs are missing
        ("xc++ programming", "c++ programming"),
        ("weavings", "weaving"),
        ("weaves", None),  # a word people use for something else
        ("phpp", "php"),
        ("hpp", None),
        ("zzzzqqqq", None),
        ("日本語日本語", None),
        ("\ud800\ud800\ud800\ud800", None),
    ],
)
def test_guesses(query: str, name: str | None, skills: SkillVectors) -> None:
    row = guess(LEXICON, skills, query)

    assert (None if row is None else NAMES[row]) == name


def test_the_ladder_asks_subwords_last_and_says_so(release: Release) -> None:
    found = {query: resolve(release, query) for query in ("PHP", "k8s cluster", "kubernetis", "skubernetes")}

    assert found == {
        "PHP": (5, "exact"),
        "k8s cluster": (0, "alias"),
        "kubernetis": (0, "spelling"),
        "skubernetes": (0, "subwords"),
    }
    answer = related(release, RelatedQuery(skill="skubernetes", k=1))
    assert answer.resolved.model_dump() == {"query": "skubernetes", "skill": "kubernetes", "step": "subwords"}
    assert (
        RelatedResponse.model_validate_json(related_json(release, "skubernetes", 1, "similar", None))
        == answer
    )
    assert skill_info(release, "skubernetes").skill == "kubernetes"


def test_what_is_no_skill_is_refused_with_suggestions(release: Release) -> None:
    with pytest.raises(UnknownSkillError, match="Did you mean: weaving"):
        resolve(release, "weaves")


def test_without_the_space_there_is_no_such_step(release: Release) -> None:
    bare = Release("bare", {}, LEXICON, release.words, release.sentences, release.relations, None, {})

    with pytest.raises(UnknownSkillError, match="Did you mean: kubernetes"):
        resolve(bare, "skubernetes")
