"""How the relations of a release agree with what people pair, beside plain cosines of its words.

    python -m benchmarks.served_relations --data FOLDER --store STORE [--skill NAME ...]

recall@10 and hit@10 of two gold files, over the skills that the release knows; settings were chosen on half
of the queries, by a hash of the name. Each --skill prints the first neighbours of every relation.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from benchmarks.relation_tasks import Scorer, Scores, agreement, chosen_on, gold
from benchmarks.relations import row, table
from embedsvc.queries.resolve import resolve
from embedsvc.releases import Store
from embedsvc.releases.opening import Release, open_release
from embedsvc.text import normal_form
from indexes import NeighbourTable

_SHOWN = 8


def main() -> int:
    """Print the table, and the neighbours asked for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--data", type=Path, default=os.environ.get("EMBEDSVC_DATA"), help="folder of gold files"
    )
    parser.add_argument("--store", type=Path, required=True, help="its live release is measured")
    parser.add_argument("--skill", action="append", default=[])
    asked = parser.parse_args()
    if asked.data is None:
        parser.error("say where the gold files are: --data, or EMBEDSVC_DATA")
    store = Store(asked.store)
    live = store.current()
    if live is None:
        parser.error(f"{asked.store} has no live release: train one, or name another store")
    release = open_release(store, live)
    names = [normal_form(skill.name) for skill in release.lexicon]
    rows = []
    for task, pairs in gold(asked.data, names).items():
        chosen = np.array([chosen_on(names[query]) for query in pairs])
        for name, scorer in relations(release):
            measured = agreement(scorer, task, pairs)
            for part, members in (("all", chosen | True), ("chosen on", chosen), ("held", ~chosen)):
                rows.append(row(task, part, name, measured[members]))
    print(table(rows))
    for skill in asked.skill:
        place, _ = resolve(release, skill)
        for name, scorer in relations(release):
            best = np.argsort(-scorer(place), kind="stable")[:_SHOWN]
            print(f"{skill}, {name}: {', '.join(release.lexicon[int(other)].name for other in best)}")
    return 0


def relations(release: Release) -> Iterator[tuple[str, Scorer]]:
    """The tables of the release, and the cosines of its words; each with the scores of all skills to one."""
    vectors = np.zeros((len(release.lexicon), release.words.dimension), np.float32)
    for skill in release.lexicon:
        place = release.words.row(skill.token)
        if place is not None:
            vectors[skill.row] = release.words.vectors[place]
    vectors /= np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)

    def cosine(one: int) -> Scores:
        scores = (vectors @ vectors[one]).astype(np.float64)
        scores[one] = -np.inf
        return scores

    yield "cosine of words", cosine
    for name, found in release.relations.items():
        yield name.upper(), served(found)


def served(found: NeighbourTable) -> Scorer:
    """Scores of a neighbour table; minus infinity for skills that are not in the row."""

    def scorer(one: int) -> Scores:
        ids, values = found.row(one)
        scores = np.full(found.size, -np.inf)
        scores[ids] = values
        return scores

    return scorer


if __name__ == "__main__":
    raise SystemExit(main())
