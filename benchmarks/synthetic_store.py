"""A store with one release of made-up skills, as large as a real one, for benchmarks of the service."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from embedsvc.queries import make_canary
from embedsvc.releases import Store, layout
from embedsvc.releases.opening import open_folder
from embedsvc.spaces import SifEncoder, Space
from embedsvc.text import Alias, Lexicon, Skill
from indexes import NeighbourTable

SYLLABLES = ("ba", "co", "du", "fe", "gi", "lo", "ma", "ne", "po", "ri", "sa", "tu", "va", "wi", "xe", "zo")
NEIGHBOURS = 100
DIMENSION = 32


def make_store(root: Path, skills: int = 10_000, seed: int = 1) -> Store:
    """Write a store at `root` whose active release has `skills` skills with 100 neighbours each."""
    store = Store(root, create=True)
    rng = np.random.default_rng(seed)
    lexicon = lexicon_of(skills)
    vectors = rng.standard_normal((skills, DIMENSION), dtype=np.float32)
    counts = np.arange(skills, 0, -1, dtype=np.int64)
    words = Space("word2vec", [skill.token for skill in lexicon], counts, vectors)
    sentences = SifEncoder.fit(words, [[skill.token] for skill in lexicon])
    tables = {name: table_of(skills, rng) for name in layout.RELATIONS}
    with store.draft("synthetic") as draft:
        lexicon.save(draft.path / layout.LEXICON)
        words.save(draft.path / layout.WORDS)
        sentences.save(draft.path / layout.SENTENCES)
        for name, table in tables.items():
            table.save(draft.path / layout.RELATIONS[name])
        release = open_folder(draft.path, draft.name, {})
        draft.publish(recipe={"seed": seed}, metrics={}, canary=make_canary(release))
    store.activate("synthetic")
    return store


def lexicon_of(skills: int) -> Lexicon:
    """Made-up skills, the most used first, each with an alias."""
    names = [skill_name(row) for row in range(skills)]
    known = [Skill(row, name, name.replace(" ", "_"), skills - row) for row, name in enumerate(names)]
    return Lexicon(
        known, [Alias(name.replace(" ", "-") + "s", row, 1, "mined") for row, name in enumerate(names)]
    )


def skill_name(row: int) -> str:
    """Three to five syllables that spell the row in base 16; every third name has two words."""
    word = word_of(row)
    return f"{word[:4]} {word[4:]}" if row % 3 == 0 else word


def word_of(row: int) -> str:
    """Four syllables or more that spell the row in base 16."""
    return "".join(SYLLABLES[int(digit, 16)] for digit in f"{row:04x}")


def table_of(skills: int, rng: np.random.Generator) -> NeighbourTable:
    """NEIGHBOURS others of each skill, the same steps away from each, with scores that fall."""
    steps = np.sort(rng.choice(skills - 1, NEIGHBOURS, replace=False)) + 1
    ids = (np.arange(skills)[:, None] + steps) % skills
    scores = np.sort(rng.random((skills, NEIGHBOURS), dtype=np.float32), axis=1)[:, ::-1]
    return NeighbourTable.from_rows(ids, scores)
