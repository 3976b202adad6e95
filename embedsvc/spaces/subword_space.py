"""A subword space: a vector for every word, seen or not, from a few rows of a memory-mapped matrix.

A word of the vocabulary has a vector of its own, already summed. Any other word is the mean of the rows of
its subwords (Bojanowski et al. 2017). Of fastText's many buckets only those worth their place are kept, so a
subword whose bucket is gone does not count. A subword space is a folder:

    space.json          {"kind", "dimension", "size", "subwords", "parameters"}
    keys.arrow          key: string, count: int64; row i belongs to vector i
    vectors.npy         (size, dimension) int8, float16 or float32 vectors of the words
    buckets.npy         (kept, dimension) rows of the kept buckets
    bucket_ids.npy      (kept,) uint32, rising: which buckets they are
    *_scales.npy        float32, one a row, where rows are int8
    *_rotation.npy      (dimension, dimension) float32, where the space was rotated onto an earlier one
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from embedsvc.errors import ReleaseCorruptError
from embedsvc.spaces.packed_rows import PackedRows
from embedsvc.spaces.space import KEYS_SCHEMA, UNREADABLE, Matrix
from embedsvc.spaces.subwords import Subwords

BucketIds = npt.NDArray[np.uint32]
Numbers = npt.NDArray[np.int64]


class SubwordSpace:
    """Words, their vectors, and rows of subwords for all other words.

    Args:
        keys: Unique words, the most frequent first.
        counts: (keys,) occurrences in the training corpus.
        words: Vector of each word.
        buckets: Rows of the kept buckets.
        bucket_ids: (buckets,) rising numbers of the kept buckets.
        subwords: How words are cut; its `words` is 0, so that rows are numbers of buckets.
        parameters: What it was trained with; JSON values.

    Raises:
        ReleaseCorruptError: The parts do not agree.
    """

    def __init__(
        self,
        keys: Sequence[str],
        counts: npt.NDArray[np.int64],
        words: PackedRows,
        buckets: PackedRows,
        bucket_ids: BucketIds,
        subwords: Subwords,
        parameters: Mapping[str, Any] | None = None,
    ) -> None:
        self.keys = list(keys)
        self.counts = counts
        self.words = words
        self.buckets = buckets
        self.bucket_ids = bucket_ids
        self.subwords = subwords
        self.parameters = dict(parameters or {})
        self._rows = {key: row for row, key in enumerate(self.keys)}
        self._check()

    def _check(self) -> None:
        sizes = {len(self.keys), len(self._rows), len(self.counts), len(self.words)}
        ids = self.bucket_ids
        agree = (
            len(sizes) == 1
            and self.words.dimension == self.buckets.dimension
            and ids.ndim == 1
            and ids.dtype == np.uint32
            and len(ids) == len(self.buckets)
            and bool((ids[1:] > ids[:-1]).all())
            and (len(ids) == 0 or int(ids[-1]) < self.subwords.buckets)
        )
        if not agree:
            raise ReleaseCorruptError("The parts of the subword space do not agree; build the release again.")

    def __len__(self) -> int:
        return len(self.keys)

    @property
    def dimension(self) -> int:
        """Length of a vector."""
        return self.words.dimension

    def row(self, key: str) -> int | None:
        """Row of a word of the vocabulary, or None."""
        return self._rows.get(key)

    def take(self, rows: Numbers) -> Matrix:
        """(rows, dimension) float32 vectors of words of the vocabulary."""
        return self.words.take(rows)

    def vector(self, word: str) -> Matrix:
        """(dimension,) float32 vector of any word; zeros where none of its subwords is kept."""
        vector: Matrix = self.vectors([word])[0]
        return vector

    def vectors(self, words: Sequence[str]) -> Matrix:
        """(n, dimension) float32 vectors of any words; see `vector`."""
        rows = [self._rows.get(word, -1) for word in words]
        unseen = [place for place, row in enumerate(rows) if row < 0]
        seen = [place for place, row in enumerate(rows) if row >= 0]
        vectors = np.zeros((len(words), self.dimension), np.float32)
        vectors[seen] = self.words.take(np.array([rows[place] for place in seen], np.int64))
        vectors[unseen] = self.composed([words[place] for place in unseen])
        return vectors

    def composed(self, words: Sequence[str]) -> Matrix:
        """(n, dimension) float32 means of the words' subwords alone, whether the words are known or not."""
        sums, kept, _ = self.sums(words)
        number = kept.astype(np.float32)[:, None]
        return np.divide(sums, number, out=sums, where=number > 0)

    def sums(self, words: Sequence[str]) -> tuple[Matrix, Numbers, Numbers]:
        """Sums of the rows of the words' subwords.

        Returns:
            (n, dimension) float32 sums; (n,) how many subwords of each word are kept; (n,) how many it has.
        """
        sums = np.zeros((len(words), self.dimension), np.float32)
        none = np.zeros(len(words), np.int64)
        cut = self.subwords
        if not words or not cut.buckets or cut.longest < max(1, cut.shortest):
            return sums, none, none
        # Half a surrogate pair, which JSON can carry, is no character.
        rows, counts = cut.rows([word.encode("utf-8", "replace") for word in words])
        if not len(self.bucket_ids):
            return sums, none, counts
        owner = np.repeat(np.arange(len(words)), counts)
        # Of the same type, or numpy would copy all ids into one that fits both.
        found = np.searchsorted(self.bucket_ids, rows.astype(np.uint32))
        places = np.minimum(found, len(self.bucket_ids) - 1)
        kept = self.bucket_ids[places] == rows
        owners, begins = np.unique(owner[kept], return_index=True)
        if len(owners):
            sums[owners] = np.add.reduceat(self.buckets.take(places[kept]), begins, axis=0)
        return sums, np.bincount(owner[kept], minlength=len(words)), counts

    def rotated(self, rotation: Matrix) -> SubwordSpace:
        """The space with all vectors, of seen and of unseen words, multiplied by an orthogonal matrix."""
        return SubwordSpace(
            self.keys,
            self.counts,
            self.words.rotated(rotation),
            self.buckets.rotated(rotation),
            self.bucket_ids,
            self.subwords,
            self.parameters,
        )

    def save(self, folder: Path) -> None:
        """Write the space into `folder`, which is made where missing."""
        folder.mkdir(parents=True, exist_ok=True)
        self.words.save(folder, "vectors")
        self.buckets.save(folder, "buckets")
        np.save(folder / "bucket_ids.npy", self.bucket_ids)
        table = pa.table({"key": self.keys, "count": self.counts}, schema=KEYS_SCHEMA)
        with (
            pa.OSFile(str(folder / "keys.arrow"), "wb") as sink,
            pa.ipc.new_file(sink, KEYS_SCHEMA) as writer,
        ):
            writer.write_table(table)
        cut = {name: getattr(self.subwords, name) for name in ("buckets", "shortest", "longest")}
        description = {
            "kind": "fasttext",
            "dimension": self.dimension,
            "size": len(self),
            "subwords": cut,
            "parameters": self.parameters,
        }
        (folder / "space.json").write_text(json.dumps(description, indent=2, sort_keys=True) + "\n")

    @classmethod
    def open(cls, folder: Path) -> SubwordSpace:
        """Open a saved space; rows stay on disk until touched.

        Raises:
            ReleaseCorruptError: A file is missing, cut short, or disagrees with another.
        """
        try:
            description = json.loads((folder / "space.json").read_bytes())
            with pa.memory_map(str(folder / "keys.arrow")) as source:
                table = pa.ipc.open_file(source).read_all()
            table.validate(full=True)
            ids = np.load(folder / "bucket_ids.npy", mmap_mode="r", allow_pickle=False)
            cut = description["subwords"]
            buckets, shortest, longest = (int(cut[name]) for name in ("buckets", "shortest", "longest"))
            shape = (int(description["size"]), int(description["dimension"]))
            parameters = dict(description["parameters"])
        except UNREADABLE as error:
            raise ReleaseCorruptError(
                f"Space '{folder.name}' cannot be opened ({error}); verify the release or build it again."
            ) from error
        words, rows = PackedRows.open(folder, "vectors"), PackedRows.open(folder, "buckets")
        sane = buckets >= 0 and shortest >= 0 and 0 <= longest <= Subwords.LONGEST
        if table.schema != KEYS_SCHEMA or words.codes.shape != shape or not sane:
            raise ReleaseCorruptError(
                f"The files of space '{folder.name}' are not what its space.json says; "
                "verify the release or build it again."
            )
        keys, counts = table.column("key").to_pylist(), table.column("count").to_numpy()
        return cls(keys, counts, words, rows, ids, Subwords(0, buckets, shortest, longest), parameters)
