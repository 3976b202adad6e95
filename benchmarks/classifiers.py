"""Classifiers on real labelled texts, beside the majority, TF-IDF with a linear SVM, and plain fastText.

    python -m benchmarks.classifiers [--data FOLDER] [--task NAME ...] [--seed 0] [--json]

livecareer   functional area of cv_livecareer, 24 classes: accuracy
it           occupations of cv_it_multilabel, several labels: micro-F1
section      which section of a CV a text is: learned from cv_it_multilabel, judged on cv_livecareer: P@1,
             of whole sections and of pieces of 8 to 40 tokens. Learned from fields and from what stands
             under headings in `summary` and `other`; judged on fields alone, of two candidates in three:
             the others are those on which it was chosen to read headings

Elsewhere one in five is judged and nobody learns from it: neither a knob nor a threshold is chosen on it.
Groups of near-duplicates are on one side. The title's field is left out. `.strict` takes the title's words
out of all texts too: the latest job repeats them, which is fair to read in a CV but is not what its other
words say. Intervals are bootstrap 95 %. ECE is the expected calibration error of ours.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import fasttext
import numpy as np
import numpy.typing as npt
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.svm import LinearSVC

from benchmarks.labelled_texts import Labelled, Split, pieces, sections, split
from training.evaluation.score import Score, score
from training.trainers.calibration import calibration_error
from training.trainers.linear import LinearKnobs, train_linear
from training.trainers.tfidf import Labelled as LabelledTokens

Truth = npt.NDArray[np.bool_]
Given = npt.NDArray[np.bool_]
_FASTTEXT_TOKENS = 100_000_000  # read in all, of which epochs follow
_SHOWN_LABELS = 8
TASKS = ("livecareer", "livecareer.strict", "it", "it.strict", "section")


def truth_of(texts: Sequence[Labelled], labels: Sequence[str]) -> Truth:
    """(n, labels) which labels are right."""
    return np.array([[label in text.labels for label in labels] for text in texts])


def labels_of(texts: Sequence[Labelled]) -> list[str]:
    """The labels of texts to learn from, the most frequent first."""
    return [label for label, _ in Counter(label for text in texts for label in text.labels).most_common()]


def majority(learned: Split, labels: Sequence[str], **_: bool) -> Given:
    """The most frequent label of all."""
    return np.tile(np.arange(len(labels)) == 0, (len(learned.test), 1))


def tfidf(learned: Split, labels: Sequence[str], *, several: bool) -> Given:
    """Words and pairs of words of the text as it is, a LinearSVC of scikit-learn with its own settings."""
    vectorizer = TfidfVectorizer(sublinear_tf=True, min_df=2, ngram_range=(1, 2))
    rows = vectorizer.fit_transform([text.text for text in learned.train])
    held = vectorizer.transform([text.text for text in learned.test])
    truth = truth_of(learned.train, labels)
    margins = np.column_stack(
        [LinearSVC(random_state=0).fit(rows, right).decision_function(held) for right in truth.T]
    )
    return given_of(margins, 0.0, several=several)


def plain_fasttext(learned: Split, labels: Sequence[str], *, several: bool) -> Given:
    """FastText on lower-case words: 50 epochs or 10^8 tokens, learning rate 1, halved where it diverges."""
    numbers = {label: str(number) for number, label in enumerate(labels)}
    with tempfile.NamedTemporaryFile("w", suffix=".txt", encoding="utf-8") as file:
        for text in learned.train:
            marks = " ".join(f"__label__{numbers[label]}" for label in text.labels)
            file.write(f"{marks} {line_of(text)}\n")
        file.flush()
        tokens = sum(len(text.tokens) for text in learned.train)
        epochs = max(5, min(50, _FASTTEXT_TOKENS // tokens))
        model = fitted(file.name, "ova" if several else "softmax", epochs)
    shares = np.zeros((len(learned.test), len(labels)))
    for row, (names, values) in enumerate(
        zip(*model.predict([*map(line_of, learned.test)], k=-1), strict=True)
    ):
        shares[row, [int(name.removeprefix("__label__")) for name in names]] = values
    return given_of(shares, 0.5, several=several)


def fitted(path: str, loss: str, epochs: int) -> Any:
    """A model; where it diverges, half the learning rate."""
    for rate in (1.0, 0.5, 0.25, 0.125):
        try:
            # With one thread it leaves most of its matrix unfilled, and learns nothing or NaN.
            return fasttext.train_supervised(path, epoch=epochs, lr=rate, thread=2, verbose=0, loss=loss)
        except RuntimeError as error:
            if "NaN" not in str(error):
                raise
    raise SystemExit("fastText diverged at every learning rate")


def line_of(text: Labelled) -> str:
    """A text as one line of lower-case words."""
    return " ".join(text.text.lower().split())


def given_of(shares: npt.NDArray[np.float64], limit: float, *, several: bool) -> Given:
    """(n, labels) the labels given: the likeliest, or all above the limit."""
    if several:
        return np.asarray(shares > limit)
    return np.arange(shares.shape[1]) == shares.argmax(axis=1)[:, None]


BASELINES: dict[str, Callable[..., Given]] = {
    "majority": majority,
    "TF-IDF + LinearSVC": tfidf,
    "fastText": plain_fasttext,
}


def judge(task: str, learned: Split, *, several: bool, seed: int, excerpts: int = 0) -> dict[str, Any]:
    """Train all ways on the same texts and judge them on the same others."""
    labels = labels_of(learned.train)
    truth = truth_of(learned.test, labels)
    begin = time.perf_counter()
    ours = train_linear(
        lambda: [LabelledTokens(text.labels, text.tokens, text.owner) for text in learned.train],
        LinearKnobs(excerpts=excerpts),
        seed,
        multi_label=several,
    )
    trained = time.perf_counter() - begin
    if ours is None:
        raise SystemExit(f"{task}: too few labels to learn")
    begin = time.perf_counter()
    columns = [ours.labels.index(label) if label in ours.labels else -1 for label in labels]
    shares = ours.probabilities([text.tokens for text in learned.test])
    asked = time.perf_counter() - begin
    # A label too seldom to be learned is never given.
    padded = np.column_stack([shares, np.zeros(len(shares))])[:, columns]
    limits = np.append(ours.thresholds, 1.1)[columns]
    given = padded >= limits if several else given_of(padded, 0.0, several=False)
    baselines = {name: way(learned, labels, several=several) for name, way in BASELINES.items()}
    return {
        "confusion": None if several else confusion(given, truth, labels),
        "score": told(task, truth, given, baselines, several=several).as_json(),
        "ece": round(calibration_error(padded, truth), 4),
        "train": len(learned.train),
        "train_s": round(trained, 1),
        "ms_a_text": round(asked / len(shares) * 1e3, 2),
    }


def confusion(given: Given, truth: Truth, labels: Sequence[str]) -> dict[str, dict[str, int]]:
    """How often each label was given to the texts of each."""
    counts = truth.T.astype(int) @ given.astype(int)
    return {
        label: dict(zip(labels, row, strict=True)) for label, row in zip(labels, counts.tolist(), strict=True)
    }


def told(task: str, truth: Truth, given: Given, baselines: dict[str, Given], *, several: bool) -> Score:
    """Accuracy, or micro-F1, with its interval."""
    measures = {
        name: np.column_stack([(found & truth).sum(1), found.sum(1), truth.sum(1)]).astype(float)
        for name, found in {"ours": given, **baselines}.items()
    }
    statistic = micro_f1 if several else accuracy
    shown = {name: statistic(measures[name]) for name in baselines}
    return score(task, "micro-F1" if several else "accuracy", measures["ours"], shown, statistic=statistic)


def micro_f1(measures: npt.NDArray[np.float64]) -> float:
    """Of (n, 3): right, given and true labels."""
    right, given, true = measures.sum(axis=0)
    return float(2 * right / max(1.0, given + true))


def accuracy(measures: npt.NDArray[np.float64]) -> float:
    """The share of texts whose given label is right."""
    return float(measures[:, 0].mean())


def run(task: str, data: Path, seed: int) -> dict[str, dict[str, Any]]:
    """The results of a task by name."""
    name, _, strict = task.partition(".")
    if name == "section":
        train = sections(data / "cv_it_multilabel.jsonl.gz", headings=True)
        held = sections(data / "cv_livecareer.jsonl.gz", headings=False)
        return {
            name: judge(name, Split(train, texts), several=False, seed=seed, excerpts=1)
            for name, texts in {"section.whole": held, "section.pieces": pieces(held, seed)}.items()
        }
    file = {"livecareer": "cv_livecareer", "it": "cv_it_multilabel"}[name]
    learned_and_held = split(data / f"{file}.jsonl.gz", "strict" if strict else "field", seed)
    return {task: judge(task, learned_and_held, several=name == "it", seed=seed)}


def main() -> None:
    """Parse the command line, measure, print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--data", type=Path, default=os.environ.get("EMBEDSVC_DATA"), help="default: $EMBEDSVC_DATA"
    )
    parser.add_argument("--task", action="append", choices=TASKS, help="default: all of them")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    if options.data is None:
        parser.error("say where the data is: --data FOLDER, or EMBEDSVC_DATA")
    results: dict[str, dict[str, Any]] = {}
    for task in options.task or TASKS:
        found = run(task, options.data, options.seed)
        results |= found
        if not options.json:
            for name, result in found.items():
                show(name, result)
    if options.json:
        json.dump(results, sys.stdout, indent=2)


def show(name: str, result: dict[str, Any]) -> None:
    """Print a task."""
    found = result["score"]
    print(f"{name}: {found['metric']}, {result['train']} learned, {found['items']} judged", flush=True)
    print(
        f"  {'ours (linear)':20} {found['value']:.4f}  [{found['low']:.4f}, {found['high']:.4f}]  "
        f"ECE {result['ece']:.3f}, {result['train_s']} s to train, {result['ms_a_text']} ms a text"
    )
    for baseline, value in found["baselines"].items():
        print(f"  {baseline:20} {value:.4f}", flush=True)
    if result["confusion"] is not None and len(result["confusion"]) <= _SHOWN_LABELS:
        print(f"  {'right, and ours gave':20}" + "".join(f"{label:>12}" for label in result["confusion"]))
        for label, row in result["confusion"].items():
            print(f"  {label:20}" + "".join(f"{count:12}" for count in row.values()), flush=True)


if __name__ == "__main__":
    main()
