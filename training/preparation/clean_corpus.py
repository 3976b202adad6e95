"""The clean corpus: every candidate once read, cleaned and grouped; all later stages read this one.

A clean corpus is a folder:

    candidates.jsonl.zst  a candidate a line, see `cleaning`; no personal data, as far as can be told
    keys.npy              (n,) uint64, what decides each candidate's part; the same for near-duplicates
    kept.npy              (n,) bool, false for those whose near-duplicate stands for them in training
    report.json           what reading and cleaning counted
"""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any, NamedTuple, cast

import numpy as np
import numpy.typing as npt
import orjson
import pyarrow as pa

from embedsvc.text.candidate import Candidate
from training.corpus.duplicates import Duplicates
from training.crew import Crew
from training.preparation.cleaning import FIELDS, CleanBatch, Row, cleaning, row_of
from training.recipe import CleaningSection

_BATCH, _BATCH_CHARACTERS = 256, 1_000_000
_BUFFER = 1 << 20


class Entry(NamedTuple):
    """A line of the clean corpus.

    Attributes:
        line: A JSON list of searchable and the fields of the candidate.
        key: What decides the part.
        kept: Whether it is trained on; one of each group of near-duplicates is.
    """

    line: bytes
    key: int
    kept: bool


class CleanCorpus:
    """A folder that `clean` wrote."""

    def __init__(self, folder: Path) -> None:
        self._candidates = folder / "candidates.jsonl.zst"
        self._keys = folder / "keys.npy"
        self._kept = folder / "kept.npy"
        self._report = folder / "report.json"

    def __len__(self) -> int:
        return len(np.load(self._keys, mmap_mode="r"))

    def keys(self) -> npt.NDArray[np.uint64]:
        """(n,) what decides each candidate's part; the same for near-duplicates."""
        return np.asarray(np.load(self._keys, mmap_mode="r"))

    def entries(self) -> Iterator[Entry]:
        """Every line with its group, streamed."""
        keys, kept = np.load(self._keys, mmap_mode="r"), np.load(self._kept, mmap_mode="r")
        with pa.input_stream(str(self._candidates), compression="zstd") as packed:
            lines = io.BufferedReader(cast("io.RawIOBase", packed), _BUFFER)
            for line, key, keep in zip(lines, keys, kept, strict=True):
                yield Entry(line, int(key), bool(keep))

    def candidates(self, *, all_of_a_group: bool = False) -> Iterator[tuple[Candidate, bool]]:
        """(candidate, searchable) of those who are trained on, or of all; streamed."""
        for line, _, kept in self.entries():
            if kept or all_of_a_group:
                yield candidate_of(line)

    def report(self) -> dict[str, Any]:
        """What reading and cleaning counted."""
        return dict(orjson.loads(self._report.read_bytes()))

    def write_report(self, report: dict[str, Any]) -> None:
        """Keep what was counted."""
        self._report.write_bytes(orjson.dumps(report, option=orjson.OPT_INDENT_2))


def candidate_of(line: bytes) -> tuple[Candidate, bool]:
    """The candidate of a line and whether search may return it."""
    searchable, *values = orjson.loads(line)
    fields = dict(zip(FIELDS, values, strict=True))
    fields["skills"] = tuple(fields["skills"])
    fields["other_labels"] = tuple(fields["other_labels"])
    fields["metadata"] = tuple((column, value) for column, value in fields["metadata"])
    return Candidate(**fields), searchable


def clean(
    candidates: Iterable[tuple[Candidate, bool]], section: CleaningSection, folder: Path
) -> tuple[CleanCorpus, dict[str, int]]:
    """Write the clean corpus of (candidate, searchable) into `folder`, streaming.

    Returns:
        The corpus, and what was counted; the same bytes for any number of workers.

    Raises:
        OptionalDependencyError: The library that tells languages is not installed.
        RecipeError: A language is not known.
    """
    corpus = CleanCorpus(folder)
    counts: Counter[str] = Counter()
    crew: Crew[list[Row], CleanBatch] = Crew(cleaning, (tuple(section.languages),), section.workers)
    with (
        Duplicates(folder, section.duplicate_similarity) as duplicates,
        pa.output_stream(str(corpus._candidates), compression="zstd") as out,
        closing(crew.results(_batches(candidates, counts))) as results,
    ):
        for batch in results:
            out.write(batch.lines)
            duplicates.add(batch.fingerprints, batch.dates, batch.telling, batch.signatures)
            counts.update(batch.counts)
        groups = duplicates.groups()
    np.save(corpus._keys, groups.keys)
    np.save(corpus._kept, groups.kept)
    counts["exact_duplicates"], counts["near_duplicates"] = groups.exact, groups.near
    counts["clean"], counts["kept"] = len(groups.kept), int(groups.kept.sum())
    return corpus, dict(sorted(counts.items()))


def _batches(candidates: Iterable[tuple[Candidate, bool]], counts: Counter[str]) -> Iterator[list[Row]]:
    rows: list[Row] = []
    characters = 0
    for candidate, searchable in candidates:
        counts["candidates"] += 1
        rows.append(row_of(candidate, searchable))
        characters += sum(len(text) for text in (candidate.summary, candidate.experience, candidate.projects))
        if len(rows) == _BATCH or characters > _BATCH_CHARACTERS:
            yield rows
            rows, characters = [], 0
    if rows:
        yield rows
