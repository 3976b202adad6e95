"""How sure the linear classifiers are, and how right, of whole texts and of pieces of 8 to 40 tokens.

    python -m benchmarks.confidence [--data FOLDER] [--task livecareer ...] [--seed 0]

livecareer   functional area of cv_livecareer, learned from whole CVs, judged on one in five
section      sections of cv_it_multilabel and pieces of them, judged on cv_livecareer

Of each text three pieces are judged. `right` is the share whose likeliest label is right, with its bootstrap
95 % interval; `said` the mean of that label's probability; ECE the expected calibration error over ten bins,
with the interval of the same resampling (which can only add to an ECE). `no doubt` is a classifier that takes
nothing back of short texts, as the pipeline's own of sections, which learns from pieces.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from benchmarks.classifiers import truth_of
from benchmarks.labelled_texts import Labelled, Split, pieces, sections, split
from embedsvc.classifiers import LinearClassifier
from training.evaluation.score import score
from training.trainers.calibration import calibration_error
from training.trainers.linear import LinearKnobs, train_linear
from training.trainers.tfidf import Labelled as LabelledTokens

TASKS = ("livecareer", "section")
_DRAWS = 3


def learn(texts: Sequence[Labelled], excerpts: int, seed: int, *, doubt: bool) -> LinearClassifier:
    """A classifier of texts."""
    made = train_linear(
        lambda: [LabelledTokens(text.labels, text.tokens, text.owner) for text in texts],
        LinearKnobs(excerpts=excerpts, doubt=doubt),
        seed,
    )
    if made is None:
        raise SystemExit("too few labels to learn")
    return made


def show(name: str, classifier: LinearClassifier, texts: Sequence[Labelled]) -> None:
    """Print a line: how right, how sure, and how far the one is from the other."""
    shares = classifier.probabilities([text.tokens for text in texts])
    truth = truth_of(texts, classifier.labels)
    best = shares.argmax(axis=1)
    rows = np.arange(len(texts))
    right = score(name, "right", truth[rows, best].astype(float), {})
    error = score(
        name,
        "ECE",
        np.column_stack([shares[rows, best], truth[rows, best]]),
        {},
        statistic=lambda each: calibration_error(each[:, :1], each[:, 1:] > 0),
    )
    print(
        f"  {name:24} {len(texts):6}  right {right.value:.3f} [{right.low:.3f}, {right.high:.3f}]  "
        f"said {shares.max(axis=1).mean():.3f}  ECE {error.value:.3f} [{error.low:.3f}, {error.high:.3f}]",
        flush=True,
    )


def texts_of(task: str, data: Path, seed: int) -> Split:
    """The texts to learn from and to be judged by."""
    if task == "livecareer":
        return split(data / "cv_livecareer.jsonl.gz", "field", seed)
    return Split(
        sections(data / "cv_it_multilabel.jsonl.gz", headings=True),
        sections(data / "cv_livecareer.jsonl.gz", headings=False),
    )


def main() -> None:
    """Parse the command line, measure, print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--data", type=Path, default=os.environ.get("EMBEDSVC_DATA"), help="default: $EMBEDSVC_DATA"
    )
    parser.add_argument("--task", action="append", choices=TASKS, help="default: both")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    if options.data is None:
        parser.error("say where the data is: --data FOLDER, or EMBEDSVC_DATA")
    for task in options.task or TASKS:
        texts = texts_of(task, Path(options.data), options.seed)
        cut = [piece for draw in range(_DRAWS) for piece in pieces(texts.test, options.seed + draw)]
        print(f"{task}: {len(texts.train)} learned", flush=True)
        for doubt in (False, True):
            made = learn(texts.train, int(task == "section"), options.seed, doubt=doubt)
            named = "" if doubt else ", no doubt"
            show(f"whole{named}", made, texts.test)
            show(f"pieces{named}", made, cut)


if __name__ == "__main__":
    main()
