"""Stores of made-up candidates for `benchmarks.service`: the same ones at each making, kept between runs.

Words are drawn for topics, as words of an occupation are; a candidate lies around a topic. The sentence
encoder is `static`, 128 numbers a word.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from benchmarks.synthetic_store import lexicon_of, table_of, word_of
from embedsvc.queries import make_canary
from embedsvc.releases import Store, layout
from embedsvc.releases.candidates import CandidateTableWriter
from embedsvc.releases.opening import open_folder
from embedsvc.spaces import Space
from embedsvc.spaces.pooling import to_unit
from embedsvc.spaces.static_encoder import StaticEncoder
from embedsvc.text import Lexicon
from indexes import get_backend
from indexes.faiss_backend import FaissHnswArgs

DIMENSION = 128
TOPICS = 1_000
_OF_TOPIC = 60
_LABELS = 40
_ROWS_A_BLOCK = 65_536
_DATE = "2026-01-01T00:00:00+00:00"


@dataclass(frozen=True, slots=True)
class Plan:
    """How large a store is.

    Attributes:
        name: Of its folder and its release.
        candidates: With a vector each, in a graph.
        graph: Arguments of the candidates index.
        words: Keys of the spaces of words and of sentences.
        skills: Of the lexicon.
    """

    name: str
    candidates: int
    graph: FaissHnswArgs
    words: int = 30_000
    skills: int = 10_000


SEARCHED = Plan("candidates-200k", 200_000, FaissHnswArgs(m=32, ef_construction=200, ef_search=128))
"""What the recipe makes by default."""

LARGE = Plan("vectors-1m", 1_000_000, FaissHnswArgs(m=16, ef_construction=40, ef_search=128))
"""Quicker to build: how quickly it opens, and what memory it takes, does not depend on how good it is."""


def kept_store(folder: Path, plan: Plan) -> Store:
    """The store of a plan below `folder`, made there where it is not."""
    root = folder / plan.name
    if (root / "current").is_file():
        return Store(root)
    return make(Store(root, create=True), plan)


def make(store: Store, plan: Plan, seed: int = 1) -> Store:
    """Publish and activate the release of a plan."""
    rng = np.random.default_rng(seed)
    lexicon = lexicon_of(plan.skills)
    keys = keys_of(plan, lexicon)
    counts = np.arange(len(keys), 0, -1, dtype=np.int64)
    vectors = rng.standard_normal((len(keys), DIMENSION), dtype=np.float32)
    words = Space("word2vec", keys, counts, vectors)
    tokens = StaticEncoder(Space("static", keys, counts, vectors, None, {"prefixes": [DIMENSION // 2]}))
    with store.draft(plan.name) as draft:
        lexicon.save(draft.path / layout.LEXICON)
        words.save(draft.path / layout.WORDS)
        tokens.save(draft.path / layout.SENTENCES)
        for place in layout.RELATIONS.values():
            table_of(plan.skills, rng).save(draft.path / place)
        home = rng.integers(0, TOPICS, plan.candidates)
        candidates = draft.path / layout.CANDIDATES
        around = _around(home, to_unit(vectors[topics(plan)].mean(axis=1)), rng)
        get_backend("faiss_hnsw").build(around, args=plan.graph).save(candidates)
        _write_table(candidates, home)
        release = open_folder(draft.path, draft.name, {})
        draft.publish(recipe={"seed": seed}, metrics={}, canary=make_canary(release))
    store.activate(plan.name)
    return store


def keys_of(plan: Plan, lexicon: Lexicon) -> list[str]:
    """The skills' tokens, then other words."""
    named = [skill.token for skill in lexicon]
    return [*named, *(f"{word_of(row)}x" for row in range(plan.words - len(named)))]


def topics(plan: Plan) -> npt.NDArray[np.int64]:
    """(topics, words each) rows of the words that are used of a topic."""
    return np.random.default_rng(2).integers(0, plan.words, (TOPICS, _OF_TOPIC))


def sentences(plan: Plan, number: int, words: int, seed: int = 3) -> list[str]:
    """Texts of so many words, each about one topic."""
    rng = np.random.default_rng(seed)
    lexicon = lexicon_of(plan.skills)
    shown = [skill.name for skill in lexicon]
    shown += keys_of(plan, lexicon)[len(shown) :]
    rows = topics(plan)[rng.integers(0, TOPICS, number)]
    chosen = np.take_along_axis(rows, rng.integers(0, _OF_TOPIC, (number, words)), axis=1)
    return [" ".join(shown[row] for row in line).capitalize() for line in chosen.tolist()]


def _around(
    home: npt.NDArray[np.int64], centers: npt.NDArray[np.float32], rng: np.random.Generator
) -> npt.NDArray[np.float32]:
    """Unit vectors about as far from their topic as from each other."""
    found = np.empty((len(home), centers.shape[1]), np.float32)
    for begin in range(0, len(home), _ROWS_A_BLOCK):
        part = home[begin : begin + _ROWS_A_BLOCK]
        noise = rng.standard_normal((len(part), centers.shape[1]), dtype=np.float32)
        found[begin : begin + _ROWS_A_BLOCK] = centers[part] + noise * np.float32(0.7 / DIMENSION**0.5)
    return to_unit(found)


def _write_table(folder: Path, home: npt.NDArray[np.int64]) -> None:
    titles = [f"{word_of(topic)} {word_of(topic * 7)} engineer" for topic in range(TOPICS)]
    labels: list[Any] = [None, *(word_of(label) for label in range(1, _LABELS))]
    with CandidateTableWriter(folder) as table:
        for begin in range(0, len(home), _ROWS_A_BLOCK):
            part = enumerate(home[begin : begin + _ROWS_A_BLOCK].tolist(), begin)
            table.write(
                [(f"c{row:07d}", titles[topic], labels[topic % _LABELS], _DATE) for row, topic in part]
            )
