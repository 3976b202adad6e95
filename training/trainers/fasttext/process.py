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
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import IO, Any

from embedsvc.errors import RecipeError, StoreError

FEWEST_THREADS = 11
_LIBRARY = Path(__file__).with_name("library.py")
# The complement of this byte is what glibc fills new memory with.
_ZEROS = {"MALLOC_PERTURB_": "255"}
_TOLD = re.compile(rb"Progress:\s*([0-9.]+)%.*?avg\.loss:\s*([0-9.]+)")
_POINTS = 100  # of the curve

Curve = list[tuple[float, float]]


def threads_of(workers: int) -> int:
    """Threads that fastText is given for `workers` of the recipe (0 for all cores)."""
    return 1 if workers == 1 else max(workers or os.cpu_count() or 1, FEWEST_THREADS)


def fit(
    text: Path,
    output: Path,
    parameters: Mapping[str, Any],
    progress: Callable[[float, float, str], None] | None = None,
) -> Curve:
    """Train `train_unsupervised(text, **parameters)` and save the `.bin` as `output`.

    Returns:
        (share of the training done, average loss so far), about a hundred of them.

    Raises:
        RecipeError: Training diverged, or the parameters ask for more memory than there is.
        StoreError: The process ended otherwise.
    """
    command = [
        sys.executable,
        "-P",
        str(_LIBRARY),
        str(text),
        str(output),
        json.dumps({**parameters, "verbose": 2}),
    ]
    curve: Curve = []
    with subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, **_ZEROS},
    ) as process:
        assert process.stderr is not None  # noqa: S101 - piped above
        assert process.stdout is not None  # noqa: S101 - piped above
        try:
            for done, loss in _told(process.stderr):
                if progress is not None:
                    progress(done, 1.0, f"loss {loss:.3f}")
                if not curve or done - curve[-1][0] >= 1 / _POINTS or done >= 1:
                    curve.append((round(done, 4), loss))
            problem = process.stdout.read().decode(errors="replace").strip()
        except BaseException:
            process.terminate()
            raise
    if process.returncode:
        raise _failure(problem, process.returncode)
    return curve


def _told(stream: IO[bytes]) -> Iterator[tuple[float, float]]:
    """Progress lines, which end in a carriage return."""
    rest = b""
    while chunk := stream.read1(4096):  # type: ignore[attr-defined]  # a buffered reader, which mypy cannot know
        *whole, rest = (rest + chunk).split(b"\r")
        for line in whole:
            if (match := _TOLD.search(line)) is not None:
                yield float(match[1]) / 100, float(match[2])
    if (match := _TOLD.search(rest)) is not None:
        yield float(match[1]) / 100, float(match[2])


def _failure(problem: str, code: int) -> Exception:
    if "NaN" in problem:
        return RecipeError("Training fastText ran off to infinity; lower fasttext.learning_rate.")
    if "bad_alloc" in problem or "MemoryError" in problem:
        return RecipeError(
            "fastText's matrix does not fit the memory; lower fasttext.bucket or fasttext.dimension."
        )
    return StoreError(f"fastText ended with code {code} ({problem or 'no reason given'}); run again.")
