"""Sentence encoders beside the mean of word vectors: do they rank pairs of sentences as people do?

    python -m benchmarks.sentences [--data FOLDER] [--words FOLDER] [--transformer FOLDER] [--json]

Spearman's correlation with the scores of the STS benchmark's dev part, with bootstrap 95 % intervals:

mean         the mean of word2vec vectors
sif          `SifEncoder`; weight and number of components chosen on the train part
static       `train_static` from where sif stands, on pairs of the train parts of STS and of SICK
             that people score high; parameters chosen on the train part, each half judged by the other
static/N     the first N numbers of the same vectors
transformer  a sentence-transformers folder as a release serves it: tokens, ONNX, int8; where one is named
as written   the same folder by its own library: float32, and texts with their signs and capitals

Nothing is chosen on the dev part. Word vectors: skip-gram over `corpus_wiki100m.txt.gz`, 200 dimensions (some
minutes), kept in `--words` where that is named, and read from there where it is a space already.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import product
from pathlib import Path

import numpy as np
import numpy.typing as npt
from scipy.stats import spearmanr

from embedsvc.spaces import SifEncoder, Space, StaticEncoder, TextEncoder, TransformerEncoder
from embedsvc.text import Tokenizer, clean_text
from training.evaluation.score import Score, score
from training.preparation.candidate_pairs import TextPair
from training.recipe import StaticSection, TransformerSection, Word2VecSection
from training.trainers.pair_batches import TextPairs
from training.trainers.sentences import start_space, train_static
from training.trainers.transformer import check, export
from training.trainers.transformer.libraries import load
from training.trainers.word2vec import train_word2vec

Encode = Callable[[list[list[str]], list[str]], npt.NDArray[np.float32]]
_PREFIX = 64
_COMPARED = 50  # sentences by which the served and the trained model are compared


@dataclass(frozen=True)
class Judged:
    """Pairs of sentences, as tokens and as written, and what people say of them, 0 to 5."""

    texts: tuple[list[str], list[str]]
    tokens: tuple[list[list[str]], list[list[str]]]
    scores: npt.NDArray[np.float64]

    def some(self, chosen: npt.NDArray[np.int64]) -> Judged:
        """The chosen pairs."""
        texts, tokens = (
            tuple([side[row] for row in chosen] for side in both) for both in (self.texts, self.tokens)
        )
        return Judged(texts, tokens, self.scores[chosen])  # type: ignore[arg-type]

    def pairs(self, least: float) -> Iterator[TextPair]:
        """Those that people score at least so high."""
        for row in np.flatnonzero(self.scores >= least).tolist():
            first, second = (" ".join(side[row]) for side in self.tokens)
            yield TextPair("sts", str(row), "", first, second)


def main() -> None:
    """Run the benchmark and print it."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, default=os.environ.get("EMBEDSVC_DATA"), help="folder of eval_*")
    parser.add_argument("--words", type=Path, help="folder of the word space; made where it is not there")
    parser.add_argument("--transformer", type=Path, help="a sentence-transformers folder")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    if options.data is None:
        parser.error("name the folder of the data: --data FOLDER, or set EMBEDSVC_DATA")
    words = word_space(options.data, options.words)
    train, dev, sick = (judged(options.data, name) for name in ("stsb_train", "stsb_dev", "sick_train"))
    encoders: dict[str, Encode] = {"mean": by_tokens(plain_mean(words))}
    sif = best_sif(words, train)
    static = best_static(sif, train, sick)
    encoders |= {"sif": by_tokens(sif), "static": by_tokens(static)}
    encoders[f"static/{_PREFIX}"] = by_tokens(static.shortened(_PREFIX))
    if options.transformer is not None:
        with tempfile.TemporaryDirectory() as scratch:
            encoders["transformer"] = by_tokens(served(options.transformer, train, Path(scratch)))
        encoders["as written"] = as_written(options.transformer)
    show([measured(name, encode, dev) for name, encode in encoders.items()], as_json=options.json)


def word_space(data: Path, folder: Path | None) -> Space:
    """The word space of a folder, trained where it is not there."""
    if folder is not None and (folder / "space.json").is_file():
        return Space.open(folder)
    with tempfile.TemporaryDirectory() as scratch:
        text, lists = Path(scratch) / "text.txt", Path(scratch) / "lists.txt"
        lists.touch()
        with gzip.open(data / "corpus_wiki100m.txt.gz") as packed, text.open("wb") as plain:
            shutil.copyfileobj(packed, plain)
        space = train_word2vec(text, lists, Word2VecSection(dimension=200), 1)
    if folder is not None:
        space.save(folder)
    return space


def judged(data: Path, name: str) -> Judged:
    """The pairs of one file."""
    tokenizer = Tokenizer()
    with gzip.open(data / f"eval_{name}.jsonl.gz", "rt", encoding="utf-8") as lines:
        records = [json.loads(line) for line in lines]
    texts = [record["s1"] for record in records], [record["s2"] for record in records]
    one, two = ([tokenizer.tokens(clean_text(text)) for text in side] for side in texts)
    return Judged(texts, (one, two), np.array([record["score"] for record in records], np.float64))


def plain_mean(words: Space) -> SifEncoder:
    """The baseline: every word counts 1 and nothing is taken out."""
    return SifEncoder(words, np.ones(len(words), np.float32), np.zeros((0, words.dimension), np.float32), 1.0)


def best_sif(words: Space, train: Judged) -> SifEncoder:
    """SIF with the weight and components that do best on the train part."""
    sample = [*train.tokens[0], *train.tokens[1]]
    tried = [
        SifEncoder.fit(words, sample, a=a, components=components)
        for a, components in product((1e-2, 1e-3, 1e-4), (0, 1, 2))
    ]
    return max(tried, key=lambda encoder: correlation(by_tokens(encoder), train))


def best_static(sif: SifEncoder, train: Judged, sick: Judged) -> StaticEncoder:
    """The learned encoder with the parameters that do best where each half of train judges the other."""
    start = start_space(sif, [*train.tokens[0], *train.tokens[1]])
    order = np.random.default_rng(1).permutation(len(train.scores))
    halves = [train.some(half) for half in np.array_split(order, 2)]

    def fitted(known: Judged, least: float, section: StaticSection) -> StaticEncoder:
        pairs = TextPairs([*known.pairs(least), *sick.pairs(least)], start)
        return train_static(pairs, start, section, 1)

    def held_out(trial: tuple[float, StaticSection]) -> float:
        ways = ((halves[0], halves[1]), (halves[1], halves[0]))
        return float(np.mean([correlation(by_tokens(fitted(one, *trial)), other) for one, other in ways]))

    base = StaticSection(batch=256, area_run=1, prefixes=[_PREFIX])
    trials = [
        (least, base.model_copy(update={"learning_rate": rate, "epochs": epochs, "scale": scale}))
        for least, rate, epochs, scale in product((3.0, 4.0), (0.1, 0.3), (5, 10), (10.0, 20.0))
    ]
    return fitted(train, *max(trials, key=held_out))


def by_tokens(encoder: TextEncoder) -> Encode:
    """An encoder of ours, which reads tokens."""
    return lambda tokens, _: encoder.encode(tokens)


def served(folder: Path, train: Judged, scratch: Path) -> TransformerEncoder:
    """A sentence-transformers folder as it is served; learned from nothing here."""
    check(folder)
    return export(folder, train.tokens[0][:_COMPARED], TransformerSection(), {}, scratch)


def as_written(folder: Path) -> Encode:
    """A sentence-transformers folder, which reads texts as written."""
    model = load(folder)
    return lambda _, texts: np.asarray(model.encode(texts, normalize_embeddings=True), np.float32)


def cosines(encode: Encode, data: Judged) -> npt.NDArray[np.float64]:
    """The cosine of every pair."""
    one, two = (encode(data.tokens[side], data.texts[side]) for side in (0, 1))
    return np.asarray(np.sum(one * two, axis=1), np.float64)


def correlation(encode: Encode, data: Judged) -> float:
    """Spearman's correlation of cosines and what people say."""
    return float(spearmanr(cosines(encode, data), data.scores).statistic)


def measured(name: str, encode: Encode, data: Judged) -> Score:
    """The correlation with its interval over pairs."""
    both = np.column_stack([cosines(encode, data), data.scores])
    return score(
        name, "Spearman", both, {}, statistic=lambda rows: float(spearmanr(rows[:, 0], rows[:, 1]).statistic)
    )


def show(found: list[Score], *, as_json: bool) -> None:
    """Print the scores."""
    if as_json:
        print(json.dumps([each.as_json() for each in found], indent=2))
        return
    print(f"STS benchmark, dev part: {found[0].items:,} pairs, Spearman, 95 % interval")
    for each in found:
        print(f"{each.task:<12} {each.value:.3f}  [{each.low:.3f}, {each.high:.3f}]")


if __name__ == "__main__":
    main()
