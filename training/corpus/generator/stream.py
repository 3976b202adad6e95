"""The sample corpus as a stream of rows, and as a file."""

from __future__ import annotations

import gzip
import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import IO, Any, cast

import orjson

from embedsvc.errors import InputError
from training.corpus.generator.candidates import Candidates
from training.corpus.generator.loading import load_catalogue

MIN_CANDIDATES, MAX_CANDIDATES = 1_000, 10_000_000
MAX_SEED = 2**63 - 1

_PROGRESS_STEP = 500
_GZIP_LEVEL = 4  # within a few percent of level 6 in size, in about half the time

Progress = Callable[[int, int], None]


def generate(candidates: int, seed: int) -> Iterator[dict[str, Any]]:
    """Yield the rows of a sample corpus, one at a time.

    A row has `id`, `title`, `summary`, `skills`, `experience` (`title`, `employer`, `start`, `end`,
    `description`), `education` (`degree`, `institution`, `year`), `projects` (`name`, `description`),
    `label`, `location` and `updated_at`; what a candidate left out is empty.

    Args:
        candidates: How many, 1,000 to 10,000,000.
        seed: The same seed gives the same rows; more candidates only add rows at the end.

    Raises:
        InputError: `candidates` or `seed` is out of range. Raised by the call, not by the first row.
    """
    _check(candidates, seed)
    source = Candidates(load_catalogue(), seed)
    return map(source.row, range(candidates))


def write(path: Path, candidates: int, seed: int, progress: Progress | None = None) -> None:
    """Write a sample corpus as JSON Lines, gzip where the name ends in `.gz`.

    The file appears under its name only when it is whole; the same arguments give the same bytes.

    Args:
        path: The file to write; its folder must be there. An existing file is replaced.
        candidates: See `generate`.
        seed: See `generate`.
        progress: Called with the rows written so far and the rows in all.

    Raises:
        InputError: As for `generate`, or the file cannot be written.
    """
    rows = generate(candidates, seed)
    aside = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        try:
            with aside.open("wb") as plain, ExitStack() as stack:
                stream = stack.enter_context(_compressed(plain)) if path.suffix.lower() == ".gz" else plain
                for done, row in enumerate(rows, 1):
                    stream.write(orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE))
                    if progress and (done % _PROGRESS_STEP == 0 or done == candidates):
                        progress(done, candidates)
            aside.replace(path)
        finally:
            aside.unlink(missing_ok=True)
    except OSError as error:
        raise InputError(
            f"The corpus cannot be written to {path.name!r}: {error.strerror}; choose another place."
        ) from error


def _compressed(plain: IO[bytes]) -> IO[bytes]:
    # No name and no time in the header: they would make equal corpora differ.
    return cast("IO[bytes]", gzip.GzipFile("", "wb", _GZIP_LEVEL, plain, mtime=0))


def _check(candidates: int, seed: int) -> None:
    if not MIN_CANDIDATES <= candidates <= MAX_CANDIDATES:
        raise InputError(
            f"A sample corpus has {MIN_CANDIDATES:,} to {MAX_CANDIDATES:,} candidates, not {candidates:,}."
        )
    if not 0 <= seed <= MAX_SEED:
        raise InputError(f"A seed is a whole number from 0 to {MAX_SEED}, not {seed}.")
