"""What the two relations of skills find, beside simple methods, with bootstrap 95 % intervals.

    python -m benchmarks.relations --data FOLDER [--json] [--settings] [--draws N]

hidden skill     one skill of an unseen list of skill2vec is hidden; the rest vote (R@10); names as written,
                 and merged by their normal form. --settings asks the lists that settings are chosen on;
                 --draws asks N draws of unseen lists instead of one, each learned for anew: the simplest
                 methods and what is served, names as written, all draws together and how far they differ
related skills   the pairs of two gold files (recall@10, hit@10), from all lists; the half of the queries on
                 which settings were chosen, the other half, and all

USED_WITH is the table as a release serves it, cut to its neighbours above chance; completion, what it serves
for several skills.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from gensim.models import Word2Vec

from benchmarks.relation_tasks import (
    K,
    Lists,
    Scorer,
    agreement,
    chosen_on,
    completion,
    everything,
    found_hidden,
    gold,
    plain,
)
from embedsvc.text import normal_form
from training.evaluation.score import Measures, score
from training.recipe import CompletionSection, LexiconSection, RelationsSection
from training.trainers.association import damped, normalised_pmi
from training.trainers.completion import train_completion
from training.trainers.cooccurrence import cooccurrences
from training.trainers.ease import EaseWeights
from training.trainers.relations import used_with_table

SECTION = RelationsSection()
COMPLETED = "USED_WITH of several: completion"
DRAWN = ("popularity", "item cosine", "EASE, ridge 20", "USED_WITH")


def main() -> int:
    """Run both tasks and print their tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, default=os.environ.get("EMBEDSVC_DATA"), help="folder of lists")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--settings", action="store_true", help="ask those that settings are chosen on")
    parser.add_argument("--draws", type=int, default=0, help="of unseen lists; nothing else is measured")
    asked = parser.parse_args()
    if asked.data is None:
        parser.error("say where the lists are: --data, or EMBEDSVC_DATA")
    rows = list(drawn(asked.data, asked.draws) if asked.draws else hidden_skill(asked.data, asked.settings))
    if not asked.settings and not asked.draws:
        rows += related_skills(asked.data)
    print(json.dumps(rows, indent=2) if asked.json else table(rows))
    return 0


def hidden_skill(data: Path, settings: bool) -> Iterator[dict[str, Any]]:
    """Measure every method on the hidden skills."""
    for names, form in (("as written", plain), ("merged", normal_form)):
        lists, asked = completion(data, form, settings)
        for name, made in methods(lists):
            found = found_hidden(made(), asked, len(lists.names))
            yield row("hidden skill R@10", names, name, found)
        yield row("hidden skill R@10", names, COMPLETED, found_completed(lists, asked))


def drawn(data: Path, draws: int) -> Iterator[dict[str, Any]]:
    """Measure the simplest methods and what is served on several draws of unseen lists."""
    found: dict[str, list[Measures]] = {}
    for draw in range(draws):
        lists, asked = completion(data, plain, draw=draw)
        for name, made in methods(lists):
            if name in DRAWN:
                found.setdefault(name, []).append(found_hidden(made(), asked, len(lists.names)))
        found.setdefault(COMPLETED, []).append(found_completed(lists, asked))
        shares = ", ".join(f"{name} {each[-1].mean():.4f}" for name, each in found.items())
        print(f"draw {draw}: {shares}", file=sys.stderr, flush=True)
    for name, each in found.items():
        yield row("hidden skill R@10", f"{draws} draws", name, np.concatenate(each))
    ours = np.concatenate(found.pop(COMPLETED))
    for name, each in found.items():
        more = ours - np.concatenate(each)
        yield row("hidden skill, difference", f"{draws} draws", f"completion less {name}", more)


def found_completed(lists: Lists, asked: Sequence[tuple[list[int], int]]) -> Measures:
    """1 where a list completed as a release does it has the hidden skill among the first K, else 0.

    That is by votes of the table where one skill is given, by the network where several are.
    """
    completer = train_completion(
        lambda: lists.rows,
        lists.names,
        SECTION,
        CompletionSection(),
        floor=LexiconSection().min_candidates,
        seed=1,
    )
    if completer is None:
        raise SystemExit("the network finds no more than votes do: nothing would be served")
    table = served_table(lists, SECTION.used_with_neighbours, SECTION.power, SECTION.popularity)
    found = found_hidden(table, asked, len(lists.names))
    for place, (given, hidden) in enumerate(asked):
        if len(given) > 1:
            found[place] = hidden in completer.complete(given)[0][:K]
    return found


def related_skills(data: Path) -> Iterator[dict[str, Any]]:
    """Measure every method on the gold pairs, by half of the queries and over all."""
    lists = everything(data)
    related = gold(data, lists.names)
    for name, made in methods(lists):
        scorer = made()
        for task, pairs in related.items():
            measured = agreement(scorer, task, pairs)
            chosen = np.array([chosen_on(lists.names[query]) for query in pairs])
            for part, members in (("all", chosen | True), ("chosen on", chosen), ("held", ~chosen)):
                yield row(task, part, name, measured[members])


def methods(lists: Lists) -> Iterator[tuple[str, Callable[[], Scorer]]]:
    """Every method with what makes its scores of all skills to one."""
    size = len(lists.names)
    (counts, halves, ones), _ = cooccurrences(lists.rows, size, (0.0, 0.5, 1.0))
    seen, everyone = counts.diagonal(), np.arange(size)

    def row_of(matrix: Any, one: int) -> Any:
        return matrix[[one]].toarray()[0]

    def pmi(damping: float) -> Scorer:
        occurrences = ones.diagonal()

        def scorer(one: int) -> Any:
            weights = row_of(ones, one)
            with np.errstate(divide="ignore", invalid="ignore"):
                found = normalised_pmi(weights, occurrences[one], occurrences, occurrences.sum())
            return np.where(
                (weights > 0) & (everyone != one), damped(found, row_of(counts, one), damping), 0.0
            )

        return scorer

    def ease(matrix: Any, ridge: float) -> Scorer:
        model = EaseWeights(matrix, ridge=ridge, most=SECTION.ease_skills)
        return lambda one: model.pairs(one, everyone) * (everyone != one)

    def pmi_by_ease() -> Scorer:
        of_pmi, of_ease = pmi(20.0), ease(ones, 1000.0)
        return lambda one: np.sqrt(np.clip(of_pmi(one), 0, 1) * np.clip(of_ease(one), 0, 1))

    def cosine(one: int) -> Any:
        return row_of(counts, one) / np.sqrt(seen[one] * seen) * (everyone != one)

    of_table = SECTION.used_with_neighbours, SECTION.power, SECTION.popularity
    yield "popularity", lambda: lambda _: seen
    yield "item cosine", lambda: cosine
    yield "word2vec skip-gram over lists", lambda: word2vec(lists)
    yield "damped NPMI, lists weigh 1/length", lambda: pmi(50.0)
    yield "EASE, ridge 20", lambda: ease(counts, 20.0)
    yield "EASE, ridge 20, lists weigh 1/root of length", lambda: ease(halves, 20.0)
    yield "EASE, ridge 1000, lists weigh 1/length", lambda: ease(ones, 1000.0)
    yield "weights of EASE, ridge 20, 100 neighbours", lambda: served_table(lists, 100, 1.0, 0.0)
    yield "USED_WITH", lambda: served_table(lists, *of_table)
    yield "root of damped NPMI x EASE, lists weigh 1/length", pmi_by_ease


def word2vec(lists: Lists) -> Scorer:
    """Cosine of the input vectors of skip-gram with whole lists as contexts."""
    sentences = [[str(skill) for skill in skills] for skills in lists.rows]
    model = Word2Vec(sentences, vector_size=100, window=50, sg=1, min_count=1, epochs=5, workers=1, seed=1)
    vectors = np.zeros((len(lists.names), 100), np.float32)
    for key, vector in zip(model.wv.index_to_key, model.wv.get_normed_vectors(), strict=True):
        vectors[int(key)] = vector
    return lambda one: (vectors @ vectors[one]).astype(np.float64)


def served_table(lists: Lists, neighbours: int, power: float, popularity: float) -> Scorer:
    """Scores of a `used_with` table; 0 for skills that are not in the row."""
    table = used_with_table(
        lists.rows,
        len(lists.names),
        neighbours=neighbours,
        damping=SECTION.damping,
        ridge=SECTION.ridge,
        most=SECTION.ease_skills,
        power=power,
        popularity=popularity,
    )

    def scorer(one: int) -> Any:
        ids, values = table.row(one)
        scores = np.zeros(table.size)
        scores[ids] = values
        return scores

    return scorer


def row(task: str, part: str, method: str, measured: Measures) -> dict[str, Any]:
    """One line of the result."""
    found = score(task, part, measured, {})
    return {
        "task": task,
        "queries": part,
        "method": method,
        "value": found.value,
        "low": found.low,
        "high": found.high,
        "items": found.items,
    }


def table(rows: list[dict[str, Any]]) -> str:
    """Lay the figures out as a table of Markdown."""
    lines = ["| task | queries | method | value | 95 % interval |", "|---|---|---|---|---|"]
    for each in sorted(rows, key=lambda each: (each["task"], each["queries"])):
        lines += [
            f"| {each['task']} | {each['queries']} ({each['items']:,}) | {each['method']} | "
            f"{each['value']:.3f} | {each['low']:.3f} to {each['high']:.3f} |"
        ]
    return "\n".join(lines)


if __name__ == "__main__":
    raise SystemExit(main())
