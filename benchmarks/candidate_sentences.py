"""The learned sentence encoders beside SIF on candidates that none has seen.

    python -m benchmarks.candidate_sentences --recipe embedsvc.toml [--part test] [--json]

Runs the recipe's stages as far as the encoders `sif` and `static`, which share the word space, and
`transformer` where the recipe names a checkpoint, or takes them from its work folder. Then, over the
candidates of one part, with exact search and bootstrap 95 % intervals:

title finds label   of the first ten searchable candidates that the title finds, the share of the same label
summary/experience  does a summary find its own person's experience among all of the part: MRR; so too the
title/skills        other kinds of pairs, of which none was trained on
earlier/later
"""

from __future__ import annotations

import argparse
import json
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from embedsvc.spaces import Space, TextEncoder, open_encoder
from embedsvc.text import Lexicon
from training.corpus.split import Part, part_of
from training.evaluation.score import Score, score
from training.parts import Parts
from training.preparation.candidate_pairs import TextPair, pairs_of
from training.preparation.clean_corpus import CleanCorpus, candidate_of
from training.preparation.prepared_corpus import Document, PreparedCorpus
from training.preparation.preparer import Preparer
from training.progress import Quiet
from training.recipe import load_recipe

_K = 10
_QUERIES_A_BLOCK = 256


def main() -> None:
    """Run the benchmark and print it."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--recipe", type=Path, required=True)
    parser.add_argument("--part", choices=("dev", "test"), default="test")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    parts = Parts(load_recipe(options.recipe), Quiet())
    with parts.work.alone():
        folders = {"sif": parts.sif, "static": parts.static}
        if parts.recipe.transformer.checkpoint:
            folders["transformer"] = parts.transformer
        words = Space.open(parts.words)
        documents = list(PreparedCorpus(parts.corpus).documents())
        pairs = held_pairs(parts, options.part)
    encoders = {name: open_encoder(folder, words) for name, folder in folders.items()}
    found = {
        name: [*labels(encoder, documents, options.part), *finds(encoder, pairs)]
        for name, encoder in encoders.items()
    }
    show(found, as_json=options.json)


def held_pairs(parts: Parts, part: Part) -> dict[str, list[TextPair]]:
    """The pairs of one part of the candidates, by kind."""
    split, preparer = parts.recipe.corpus, Preparer(Lexicon.open(parts.lexicon))
    pairs = defaultdict(list)
    for line, key, kept in CleanCorpus(parts.clean).entries():
        place = part_of(key, dev_share=split.dev_share, test_share=split.test_share, seed=parts.recipe.seed)
        if kept and place == part:
            for pair in pairs_of(candidate_of(line)[0], preparer, parts.recipe.static.max_tokens):
                pairs[pair.kind].append(pair)
    return dict(sorted(pairs.items()))


def labels(encoder: TextEncoder, documents: Sequence[Document], part: Part) -> list[Score]:
    """Precision of the first ten that titles find; copies of who asks are no answers."""
    searchable = [each for each in documents if each.searchable]
    vectors = encoder.encode([[*each.title_tokens, *each.tokens] for each in searchable])
    copies = {each.id for each in documents if each.part == part and not each.kept}
    asked = [each for each in documents if each.part == part and each.kept and each.label and each.title_text]
    if not asked:
        return []
    scores = encoder.encode([each.title_tokens for each in asked]) @ vectors.T
    precision = []
    for document, row in zip(asked, scores, strict=True):
        ranked = (searchable[place] for place in np.argsort(-row).tolist())
        others = (each for each in ranked if each.id != document.id and each.id not in copies)
        first = [each.label == document.label for each, _ in zip(others, range(_K), strict=False)]
        precision.append(np.mean(first))
    shares = [np.mean([each.label == document.label for each in searchable]) for document in asked]
    return [score("title finds label", f"P@{_K}", np.array(precision), {"chance": float(np.mean(shares))})]


def finds(encoder: TextEncoder, pairs: dict[str, list[TextPair]]) -> list[Score]:
    """Mean reciprocal rank of the own second text among all of the same kind."""
    found = []
    for kind, told in pairs.items():
        first, second = (
            encoder.encode([getattr(pair, side).split() for pair in told]) for side in ("first", "second")
        )
        chance = float(np.mean(1 / np.arange(1, len(told) + 1)))
        found.append(score(kind, "MRR", 1 / ranks(first, second), {"chance": chance}))
    return found


def ranks(first: npt.NDArray[np.float32], second: npt.NDArray[np.float32]) -> npt.NDArray[np.float64]:
    """The rank, from 1, of row i of `second` for row i of `first`; of equals it is the last."""
    found = []
    for begin in range(0, len(first), _QUERIES_A_BLOCK):
        scores = first[begin : begin + _QUERIES_A_BLOCK] @ second.T
        own = scores[np.arange(len(scores)), begin + np.arange(len(scores))]
        found.append((scores >= own[:, None]).sum(axis=1))
    return np.maximum(np.concatenate(found), 1).astype(np.float64)


def show(found: dict[str, list[Score]], *, as_json: bool) -> None:
    """Print the scores, a line a task."""
    if as_json:
        print(json.dumps({name: [each.as_json() for each in rows] for name, rows in found.items()}, indent=2))
        return
    for rows in zip(*found.values(), strict=True):
        all_of_them = "   ".join(
            f"{name} {each.value:.3f} [{each.low:.3f}, {each.high:.3f}]"
            for name, each in zip(found, rows, strict=True)
        )
        task, chance = rows[0], rows[0].baselines["chance"]
        print(f"{task.task:<19} {task.metric:<5} {task.items:>5} items   chance {chance:.3f}   {all_of_them}")


if __name__ == "__main__":
    main()
