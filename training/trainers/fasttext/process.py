"""fastText's library in a process of its own, and what it says on the way.

`DenseMatrix::uniform` of fastText 0.9.3 gives each thread a tenth of the input matrix to fill, whatever the
number of threads: with one, nine tenths stay as the memory was found, which ends in NaN or in vectors of
something else's past; with ten, up to nine numbers. So there are never fewer than FEWEST_THREADS, but for one
worker, asked for when the same bytes must come out twice: there glibc is told to hand out zeros. Zeros are as
good a start for subwords as small random numbers; the first tenth, where the frequent words are, is random.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import IO, Any, NamedTuple

from embedsvc.errors import RecipeError, StoreError

FEWEST_THREADS = 11
_LIBRARY = Path(__file__).with_name("library.py")
# The complement of this byte is what glibc fills new memory with.
_ZEROS = {"MALLOC_PERTURB_": "255"}
_TOLD = re.compile(rb"Progress:\s*([0-9.]+)%.*?avg\.loss:\s*([0-9.]+)")
_POINTS = 100  # of the curve

Curve = list[tuple[float, float]]
Progress = Callable[[float, float, str], None]


def threads_of(workers: int) -> int:
    """Threads that fastText is given for `workers` of the recipe (0 for all cores)."""
    return 1 if workers == 1 else max(workers or os.cpu_count() or 1, FEWEST_THREADS)


class Learned(NamedTuple):
    """What training a classifier came to.

    Attributes:
        curve: (share of the training done, average loss so far), about a hundred of them.
        right: Share of the validation's texts whose likeliest label is right; None where there was none.
    """

    curve: Curve
    right: float | None


class _Ended(NamedTuple):
    """How the process ended: its code (None where its time was up), its last words, and the curve."""

    code: int | None
    said: str
    curve: Curve


def fit(text: Path, output: Path, parameters: Mapping[str, Any], progress: Progress | None = None) -> Curve:
    """Train `train_unsupervised(text, **parameters)` and save the `.bin` as `output`.

    Returns:
        (share of the training done, average loss so far), about a hundred of them.

    Raises:
        RecipeError: Training diverged, or the parameters ask for more memory than there is.
        StoreError: The process ended otherwise.
    """
    ended = _run(["unsupervised", str(text), str(output), _spelt(parameters)], progress)
    if ended.code and "NaN" in ended.said:
        raise RecipeError("Training fastText ran off to infinity; lower fasttext.learning_rate.")
    if ended.code and _wants_memory(ended.said):
        raise RecipeError(
            "fastText's matrix does not fit the memory; lower fasttext.bucket or fasttext.dimension."
        )
    return _sound(ended).curve


def fit_classifier(
    text: Path,
    output: Path,
    parameters: Mapping[str, Any],
    progress: Progress | None = None,
    *,
    validation: Path | None = None,
    limit: float | None = None,
) -> Learned | None:
    """Train `train_supervised(text, **parameters)` and save the `.bin` as `output`.

    Args:
        text: Labelled texts, as the library reads them.
        output: Not written where the time was up.
        parameters: The library's own.
        progress: Told (share done, 1, note with the loss).
        validation: Labelled texts to judge the model by.
        limit: Seconds after which it is given up.

    Returns:
        None where the time was up.

    Raises:
        RecipeError: Training diverged, or the parameters ask for more memory than there is.
        StoreError: The process ended otherwise.
    """
    judged = [] if validation is None else [str(validation)]
    ended = _run(["supervised", str(text), str(output), _spelt(parameters), *judged], progress, limit)
    if ended.code is None:
        return None
    if ended.code and "NaN" in ended.said:
        raise RecipeError(
            f"The classifier diverged at classifier.learning_rate = {parameters['lr']:g}; lower it."
        )
    if ended.code and _wants_memory(ended.said):
        raise RecipeError(
            'The classifier\'s matrices do not fit the memory; set classifier.kind = "linear", or raise '
            "classifier.min_label_count."
        )
    said = _sound(ended).said
    return Learned(ended.curve, float(said) if said else None)


def _spelt(parameters: Mapping[str, Any]) -> str:
    return json.dumps({**parameters, "verbose": 2})


def _run(arguments: list[str], progress: Progress | None, limit: float | None = None) -> _Ended:
    curve: Curve = []
    with subprocess.Popen(
        [sys.executable, "-P", str(_LIBRARY), *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, **_ZEROS},
    ) as process:
        assert process.stderr is not None  # noqa: S101 - piped above
        assert process.stdout is not None  # noqa: S101 - piped above
        up = threading.Event()

        def give_up() -> None:
            up.set()
            process.kill()

        clock = threading.Timer(limit or 0.0, give_up)
        if limit is not None:
            clock.start()
        try:
            for done, loss in _told(process.stderr):
                if progress is not None:
                    progress(done, 1.0, f"loss {loss:.3f}")
                if not curve or done - curve[-1][0] >= 1 / _POINTS or done >= 1:
                    curve.append((round(done, 4), loss))
            said = process.stdout.read().decode(errors="replace").strip()
        except BaseException:
            process.terminate()
            raise
        finally:
            clock.cancel()
    return _Ended(None if up.is_set() and process.returncode else process.returncode, said, curve)


def _told(stream: IO[bytes]) -> Iterator[tuple[float, float]]:
    """Progress lines, which end in a carriage return; the library may say a little more than 100 %."""
    rest = b""
    while chunk := stream.read1(4096):  # type: ignore[attr-defined]  # a buffered reader, which mypy cannot know
        *whole, rest = (rest + chunk).split(b"\r")
        for line in whole:
            if (match := _TOLD.search(line)) is not None:
                yield min(float(match[1]) / 100, 1.0), float(match[2])
    if (match := _TOLD.search(rest)) is not None:
        yield min(float(match[1]) / 100, 1.0), float(match[2])


def _wants_memory(said: str) -> bool:
    return "bad_alloc" in said or "MemoryError" in said


def _sound(ended: _Ended) -> _Ended:
    if ended.code:
        raise StoreError(
            f"fastText ended with code {ended.code} ({ended.said or 'no reason given'}); run again."
        )
    return ended
