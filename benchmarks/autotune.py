"""A fastText classifier of ours, autotuned, beside the library's own autotune in the same time.

    python -m benchmarks.autotune [--data FOLDER] [--seconds 60] [--seed 0]

Questions of cooking.stackexchange with 735 tags; P@1 is the share whose likeliest tag is one of theirs.
One question in five is judged, one in five of the others tunes. Both read the same lower-case words and
learn a softmax; ours reads a question once for each of its tags. It tunes for `--seconds` and then learns
from the tuning questions too; the library gets all the time that ours took.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

import fasttext
import numpy as np

from benchmarks.labelled_texts import Labelled, questions
from embedsvc.spaces import Space
from training.evaluation.score import score
from training.recipe import ClassifierSection
from training.trainers.classifier import train_classifier

_DIMENSION = 100


def ours(
    train: Sequence[Labelled], dev: Sequence[Labelled], held: Sequence[Labelled], seconds: int, seed: int
) -> list[str]:
    """The likeliest label of each text held back."""
    nothing = Space("none", ["</s>"], np.ones(1, np.int64), np.zeros((1, _DIMENSION), np.float32))
    section = ClassifierSection(kind="fasttext", min_label_count=2, excerpts=0, autotune_seconds=seconds)
    classifier = train_classifier(
        lambda: one_a_label(train),
        list(one_a_label(dev)),
        nothing,
        section,
        seed,
    )
    if classifier is None:
        raise SystemExit("too few labels to learn")
    return [best for ((best, _),) in classifier.top([text.tokens for text in held], 1)]


def one_a_label(texts: Sequence[Labelled]) -> Iterator[tuple[tuple[str], Sequence[str]]]:
    """Each text once for each of its labels."""
    return (((label,), text.tokens) for text in texts for label in text.labels)


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
            seed=seed,
            verbose=0,
        )
    found, _ = model.predict([" ".join(text.tokens) for text in held], k=1)
    return [best.removeprefix("__label__") for (best,) in found]


def main() -> None:
    """Parse the command line, measure, print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--data", type=Path, default=os.environ.get("EMBEDSVC_DATA"), help="default: $EMBEDSVC_DATA"
    )
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    if options.data is None:
        parser.error("say where the data is: --data FOLDER, or EMBEDSVC_DATA")
    split = questions(Path(options.data) / "eval_cooking_train.jsonl.gz", options.seed)
    dev, train, held = split.train[::5], [t for n, t in enumerate(split.train) if n % 5], split.test
    begin = time.perf_counter()
    best = {"ours": ours(train, dev, held, options.seconds, options.seed)}
    took = time.perf_counter() - begin
    best["library"] = library(train, dev, held, took, options.seed)
    usual = Counter(label for text in split.train for label in text.labels).most_common(1)[0][0]
    best["majority"] = [usual] * len(held)
    right = {
        name: np.array([label in text.labels for label, text in zip(given, held, strict=True)], float)
        for name, given in best.items()
    }
    shares = {name: float(values.mean()) for name, values in right.items()}
    found = score("cooking", "P@1", right["ours"], {"fastText autotune": shares["library"]})
    gain = score("cooking", "gain", right["ours"] - right["library"], {})
    print(f"cooking: P@1, {len(train)} learned, {len(dev)} tuned by, {len(held)} judged, {took:.0f} s each")
    print(f"  {'ours, autotuned':20} {found.value:.4f}  [{found.low:.4f}, {found.high:.4f}]")
    print(f"  {'fastText autotune':20} {shares['library']:.4f}")
    print(f"  {'gain':20} {gain.value:+.4f} [{gain.low:+.4f}, {gain.high:+.4f}]")
    print(f"  {'majority':20} {shares['majority']:.4f}")


if __name__ == "__main__":
    main()
