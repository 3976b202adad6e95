"""A fastText classifier of ours, autotuned, beside the library's own autotune in the same time.

    python -m benchmarks.autotune [--data FOLDER] [--seconds 120] [--seed 0 --seed 1 ...]

Questions of cooking.stackexchange with 735 tags, several a question; P@1 is the share whose likeliest tag is
one of theirs. One question in five is judged, one in five of the others tunes. Both read the same lower-case
words, and each has as many threads as fill fastText's matrix. Ours has `--seconds` for everything; the
library searches for as long as ours took, and trains once more after that. `unread` is ours with the settings
found, but not learned from the tuning questions, which the library does not do either; untimed. Differences
are paired, question by question; a seed draws another split too.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import fasttext
import numpy as np
import numpy.typing as npt

from benchmarks.labelled_texts import Labelled, Split, questions
from embedsvc.classifiers import FastTextClassifier
from embedsvc.spaces import Space
from training.evaluation.score import score
from training.recipe import ClassifierSection
from training.trainers.classifier import train_classifier
from training.trainers.fasttext.process import FEWEST_THREADS
from training.trainers.fasttext_model import Fitting
from training.trainers.fasttext_search import Settings
from training.trainers.fasttext_texts import write_texts

_OURS, _UNREAD, _LIBRARY, _MAJORITY = "ours, autotuned", "ours, unread", "fastText autotune", "majority"
_NOTHING = Space("none", ["</s>"], np.ones(1, np.int64), np.zeros((1, 100), np.float32))


def ours(
    train: Sequence[Labelled], dev: Sequence[Labelled], knobs: dict[str, Any], seed: int
) -> tuple[Any, dict[str, Any]]:
    """A classifier of ours, and the settings that were found."""
    section = ClassifierSection(kind="fasttext", min_label_count=2, excerpts=0, **knobs)
    made = train_classifier(
        lambda: [(text.labels, text.tokens) for text in train],
        [(text.labels, text.tokens) for text in dev],
        _NOTHING,
        section,
        seed,
        multi_label=True,
    )
    if made is None:
        raise SystemExit("too few labels to learn")
    return made, made.facts["tuned"]


def unread(train: Sequence[Labelled], found: dict[str, Any], labels: Sequence[str], seed: int) -> Any:
    """A classifier by the settings found, of the texts learned from alone."""
    numbers = {label: number for number, label in enumerate(labels)}
    known = (([numbers[each] for each in text.labels if each in numbers], text.tokens) for text in train)
    settings = Settings(**{name: found[name] for name in Settings.__dataclass_fields__})
    with tempfile.TemporaryDirectory() as folder:
        written = write_texts((text for text in known if text[0]), 0, Path(folder) / "train", seed)
        fitted = Fitting(ClassifierSection(), _NOTHING, seed, multi_label=True).fit_like(written, settings)
    return FastTextClassifier(fitted.model, labels, multi_label=True)


def library(
    train: Sequence[Labelled], dev: Sequence[Labelled], held: Sequence[Labelled], seconds: float, seed: int
) -> list[str]:
    """The likeliest label of each text held back, by fastText's own autotune and nothing else."""
    with tempfile.TemporaryDirectory() as folder:
        files = {}
        for name, texts in (("train", train), ("dev", dev)):
            files[name] = Path(folder) / f"{name}.txt"
            lines = (
                " ".join([*(f"__label__{label}" for label in text.labels), *text.tokens]) for text in texts
            )
            files[name].write_text("\n".join(lines) + "\n", encoding="utf-8")
        model = fasttext.train_supervised(
            str(files["train"]),
            autotuneValidationFile=str(files["dev"]),
            autotuneDuration=max(1, round(seconds)),
            # Its own choice is one thread less than there are cores, which leaves its matrix unfilled.
            thread=FEWEST_THREADS,
            seed=seed,
            verbose=0,
        )
    found, _ = model.predict([" ".join(text.tokens) for text in held], k=1)
    return [best.removeprefix("__label__") for (best,) in found]


def right(given: Sequence[str], held: Sequence[Labelled]) -> npt.NDArray[np.float64]:
    """Whether each text's likeliest label is one of its own."""
    return np.array([label in text.labels for label, text in zip(given, held, strict=True)], float)


def judge(split: Split, seconds: int, seed: int) -> dict[str, npt.NDArray[np.float64]]:
    """Which questions each method gets right, one method after the other."""
    dev, train, held = split.train[::5], [t for n, t in enumerate(split.train) if n % 5], split.test
    begin = time.perf_counter()
    made, found = ours(train, dev, {"autotune_seconds": seconds}, seed)
    took = time.perf_counter() - begin
    print(f"seed {seed}: {len(train)} learned, {len(dev)} tuned by, {len(held)} judged, {took:.0f} s each")
    print(f"  found {found}", flush=True)
    usual = Counter(label for text in split.train for label in text.labels).most_common(1)[0][0]
    texts = [text.tokens for text in held]
    given = {
        _OURS: [best for ((best, _),) in made.top(texts, 1)],
        _UNREAD: [best for ((best, _),) in unread(train, found, made.labels, seed).top(texts, 1)],
        _LIBRARY: library(train, dev, held, took, seed),
        _MAJORITY: [usual] * len(held),
    }
    return {name: right(labels, held) for name, labels in given.items()}


def show(found: dict[str, npt.NDArray[np.float64]]) -> None:
    """Print each method's P@1 and how much better ours is than the library's."""
    for name, values in found.items():
        told = score("cooking", "P@1", values, {})
        print(f"  {name:26} {told.value:.4f}  [{told.low:.4f}, {told.high:.4f}]")
    for name in (_LIBRARY, _UNREAD):
        gain = score("cooking", "gain", found[_OURS] - found[name], {})
        print(f"  gain on {name:18} {gain.value:+.4f} [{gain.low:+.4f}, {gain.high:+.4f}]", flush=True)


def main() -> None:
    """Parse the command line, measure, print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--data", type=Path, default=os.environ.get("EMBEDSVC_DATA"), help="default: $EMBEDSVC_DATA"
    )
    parser.add_argument("--seconds", type=int, default=120)
    parser.add_argument("--seed", type=int, action="append", help="default: 0; may be given again")
    options = parser.parse_args()
    if options.data is None:
        parser.error("say where the data is: --data FOLDER, or EMBEDSVC_DATA")
    found = []
    for seed in options.seed or [0]:
        split = questions(Path(options.data) / "eval_cooking_train.jsonl.gz", seed)
        found.append(judge(split, options.seconds, seed))
        show(found[-1])
    if len(found) > 1:
        print(f"all {len(found)} seeds:")
        show({name: np.concatenate([each[name] for each in found]) for name in found[0]})


if __name__ == "__main__":
    main()
