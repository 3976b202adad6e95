"""fastText through the official library, from a prepared corpus to a subword space.

Bojanowski, Grave, Joulin, Mikolov 2017, Enriching Word Vectors with Subword Information.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np

from embedsvc.errors import EmptyCorpusError, RecipeError
from embedsvc.formats.fasttext_bin import open_model
from embedsvc.spaces.subword_space import SubwordSpace
from training.recipe import FastTextSection
from training.trainers.fasttext.compression import compress
from training.trainers.fasttext.contexts import frequent_words, write_contexts
from training.trainers.fasttext.process import Curve, fit, threads_of

_MODELS = {"skip-gram": "skipgram", "cbow": "cbow"}
_HEADERS = 8192  # bytes of the space's files that are no rows, the curve of the loss among them
_NO_LABEL = "\n"  # no word begins with it, so none is taken for a label


def train_fasttext(
    text: Path,
    lists: Path,
    section: FastTextSection,
    seed: int,
    scratch: Path,
    progress: Callable[[float, float, str], None] | None = None,
) -> SubwordSpace:
    """Train on files of one space-separated token line each.

    Args:
        text: Sentences.
        lists: Skill lists, a list a line; may be empty.
        section: Parameters.
        seed: Of the initial vectors and the order of the lists; with `workers = 1` the same bytes come out
            twice, where glibc is the C library.
        scratch: Folder for the mixed corpus and the library's `.bin`; emptied again.
        progress: Told (share done, 1, note with the loss).

    Returns:
        The space, the most frequent word first. `parameters` holds the curve of the loss, the bytes of
        the `.bin`, and how many buckets were kept.

    Raises:
        EmptyCorpusError: Fewer than two words occur `min_count` times.
        RecipeError: Training diverged, or subwords are asked for that end before they begin.
    """
    if section.min_n > section.max_n:
        raise RecipeError(
            f"fasttext.min_n is {section.min_n} and fasttext.max_n {section.max_n}; a subword's shortest "
            "length cannot be above its longest."
        )
    words = frequent_words([text, lists], section.min_count)
    if len(words) < 2:
        raise EmptyCorpusError(
            f"{'One word occurs' if words else 'No word occurs'} {section.min_count} times, and fastText "
            "learns a word from others; give more candidates or lower fasttext.min_count."
        )
    with tempfile.TemporaryDirectory(prefix="fasttext-", dir=scratch) as folder:
        mixed, output = Path(folder) / "contexts.txt", Path(folder) / "model.bin"
        write_contexts(text, lists, words, section.window, seed, mixed)
        curve = fit(mixed, output, parameters_of(section, seed), progress)
        return _space(output, words, section, curve)


def parameters_of(section: FastTextSection, seed: int) -> dict[str, object]:
    """The section as arguments of the library's `train_unsupervised`, and its seed."""
    return {
        "model": _MODELS[section.algorithm],
        "dim": section.dimension,
        "ws": section.window,
        "minCount": 1,  # rarer words are gone already, and copies of lists must bring none back
        "epoch": section.epochs,
        "neg": section.negative,
        "minn": section.min_n,
        "maxn": section.max_n,
        "bucket": section.bucket,
        "lr": section.learning_rate,
        "t": section.sample,
        "thread": threads_of(section.workers),
        "seed": seed,
        "label": _NO_LABEL,
    }


def _space(path: Path, words: dict[str, int], section: FastTextSection, curve: Curve) -> SubwordSpace:
    size = path.stat().st_size
    told = {**section.model_dump(exclude={"enabled"}), "loss": curve, "bin_bytes": size}
    budget = max(0, int(section.keep * size) - _HEADERS)
    space = compress(open_model(path), budget, section.precision, told)
    # The library counted every copy of a list.
    space.counts = np.array([words[key] for key in space.keys], np.int64)
    space.parameters["kept_buckets"] = len(space.bucket_ids)
    whole = (space.words, space.buckets)
    if not all(np.isfinite(part.codes if part.scales is None else part.scales).all() for part in whole):
        raise RecipeError("Training fastText ran off to infinity; lower fasttext.learning_rate.")
    return space
