"""fastText's `.bin`, written: a subword space as a model that the library and gensim open.

The library takes a word's vector for the mean of its own row and its subwords' rows. So the own row is what
is missing from the subwords' sum, and a bucket that the space has dropped is a row of zeros: an unseen word
then points where the space says, and is shorter by the share of its subwords that were dropped.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import numpy as np

from embedsvc.formats.base import Block, Progress, Table, rows_a_block
from embedsvc.spaces.space import Matrix
from embedsvc.spaces.subword_space import SubwordSpace

MAGIC = struct.pack("<i", 793712314)
ENTRY = struct.Struct("<q?")  # of a word: its count, and whether it is a label
_VERSION = 12
_DICTIONARY = struct.Struct("<3i2q")  # entries, words, labels, tokens, kept subwords (-1 for all)
_MATRIX = struct.Struct("<?2q")  # whether quantised, rows, columns
_ARGUMENTS = struct.Struct("<12id")
_NEGATIVE_SAMPLING = 2
_MODELS = {"cbow": 1, "skip-gram": 2}
# What a model that is only asked for vectors makes nothing of, as the library sets it.
_WINDOW, _EPOCHS, _NEGATIVE, _UPDATE_RATE, _SAMPLE = 5, 5, 5, 100, 1e-4


def write_model(table: Table, space: SubwordSpace, path: Path, progress: Progress) -> list[str]:
    """Write a `.bin` of the words of `table` and the subwords of `space`.

    The output matrix, which training alone needs, is zeros.
    """
    buckets = space.subwords.buckets
    total = len(table) + buckets
    done = 0
    with path.open("xb") as out:
        out.write(MAGIC + struct.pack("<i", _VERSION) + _arguments(space))
        _write_dictionary(out, table)
        out.write(_MATRIX.pack(False, total, table.dimension))
        for block in table.blocks():
            out.write(_own_rows(block, space).astype("<f4", copy=False).tobytes())
            done += len(block.keys)
            progress(done, total)
        for rows in _bucket_rows(space):
            out.write(rows.astype("<f4", copy=False).tobytes())
            done += len(rows)
            progress(done, total)
        out.write(_MATRIX.pack(False, len(table), table.dimension))
        # Zeros, which a file is filled with where it is made longer.
        out.truncate(out.tell() + 4 * len(table) * table.dimension)
    dropped = buckets - len(space.bucket_ids)
    if not dropped:
        return []
    return [
        f"{dropped:,} of {buckets:,} buckets are zeros: the vector of an unseen word has the right direction "
        "and is shorter by the share of its subwords that the space has dropped."
    ]


def _arguments(space: SubwordSpace) -> bytes:
    told, cut = space.parameters, space.subwords
    return _ARGUMENTS.pack(
        space.dimension,
        int(told.get("window", _WINDOW)),
        int(told.get("epochs", _EPOCHS)),
        1,  # least count: rarer words are gone already
        int(told.get("negative", _NEGATIVE)),
        1,  # words of a pair: none but single ones
        _NEGATIVE_SAMPLING,
        _MODELS[str(told.get("algorithm", "skip-gram"))],
        cut.buckets,
        cut.shortest,
        cut.longest,
        _UPDATE_RATE,
        float(told.get("sample", _SAMPLE)),
    )


def _write_dictionary(out: IO[bytes], table: Table) -> None:
    counts = np.zeros(len(table), np.int64) if table.counts is None else table.counts
    out.write(_DICTIONARY.pack(len(table), len(table), 0, int(counts.sum()), -1))
    out.writelines(
        key.encode() + b"\0" + ENTRY.pack(count, False)
        for key, count in zip(table.keys, counts.tolist(), strict=True)
    )


def _own_rows(block: Block, space: SubwordSpace) -> Matrix:
    """The rows that give the words of a block their vectors together with their subwords' rows."""
    sums, _, counts = space.sums(block.keys)
    own = block.vectors * (counts + 1.0)[:, None] - sums
    return np.asarray(own, np.float32)


def _bucket_rows(space: SubwordSpace) -> Iterator[Matrix]:
    """The rows of all buckets, zeros for those that are not kept."""
    ids, step = space.bucket_ids, rows_a_block(space.dimension)
    for begin in range(0, space.subwords.buckets, step):
        end = min(begin + step, space.subwords.buckets)
        first, last = (int(place) for place in np.searchsorted(ids, np.array([begin, end], np.uint32)))
        rows = np.zeros((end - begin, space.dimension), np.float32)
        rows[ids[first:last].astype(np.int64) - begin] = space.buckets.take(slice(first, last))
        yield rows
