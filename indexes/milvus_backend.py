"""Graphs in a Milvus database: one of this process (Milvus Lite) or a cluster's; with exact scores.

Milvus proposes, the exact score of each proposal decides: the vectors themselves lie in the folder of the
index and are mapped. A vector's key in Milvus is its position. With `uri` the folder names a collection of a
cluster; without it the folder holds the whole database as one archive, which every process that opens the
index unpacks into a temporary folder of its own, since Milvus Lite locks a database and writes to it.
"""

import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, ClassVar
from uuid import uuid4

import numpy as np

from indexes.approximate import ApproximateIndex
from indexes.base import BackendArgs, Progress
from indexes.errors import CorruptIndexError
from indexes.manifest import Manifest, check_file, load_array, save_array
from indexes.milvus_library import Database, cluster, embedded, reasons
from indexes.scan import Scan
from indexes.vectors import Float32, Int64

DATABASE_FILE = "milvus.tar"
VECTORS_FILE = "vectors.npy"
_EMBEDDED = "vectors"  # the one collection of an embedded database
_FIELD = "vector"
_MOST = 16_384  # neighbours that Milvus gives of a query
_SENT = 8 << 20  # bytes of vectors in one call
_CELLS = 1 << 20  # neighbours in one answer
_URI = re.compile(r"https?://[^\s/@]{1,250}/?")
_COLLECTION = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,254}")


@dataclass(frozen=True)
class MilvusArgs(BackendArgs):
    """Arguments of a graph in Milvus.

    Attributes:
        uri: of a cluster, `http://host:19530`, whose token is read from MILVUS_TOKEN; a database in the
            folder of the index where it is empty.
        collection: of the cluster, which must not exist yet; a new name where it is empty.
        m: links of a vector.
        ef_construction: candidates kept while a vector is linked.
        ef_search: the default effort of a search.
    """

    uri: str = ""
    collection: str = ""
    m: int = 16
    ef_construction: int = 200
    ef_search: int = 128

    def __post_init__(self) -> None:
        if type(self.uri) is not str or (self.uri and not _URI.fullmatch(self.uri)):
            raise ValueError(f"uri must be as http://host:19530, without a password, not {self.uri!r}")
        if type(self.collection) is not str or (
            self.collection and not _COLLECTION.fullmatch(self.collection)
        ):
            raise ValueError(f"collection must be letters, digits and _, not {str(self.collection)[:80]!r}")
        self._within(m=(2, 512), ef_construction=(1, 100_000), ef_search=(1, _MOST))


class MilvusIndex(ApproximateIndex):
    """Approximate neighbours from an HNSW graph of Milvus, with exact scores.

    `effort` is ef (never below k); from `size` on, and beyond what Milvus gives (16,384), every vector is
    scanned. Errors of the connection are `ConnectionError`.
    """

    backend: ClassVar[str] = "milvus"
    args_type: ClassVar[type[BackendArgs]] = MilvusArgs
    effort_arg: ClassVar[str] = "ef_search"
    search_args: ClassVar[frozenset[str]] = frozenset({"ef_search"})

    _database: Database | None = None  # None where there is nothing to find

    def _fill(self, rows: Float32, progress: Progress | None, threads: int | None) -> None:  # noqa: ARG002
        args = self._milvus_args
        name = args.collection or (f"vectors_{uuid4().hex[:12]}" if args.uri else _EMBEDDED)
        self._args = replace(args, collection=name if args.uri else "")
        self._scan = Scan(rows, self._metric)
        if not len(rows):
            return
        self._database = cluster(args.uri) if args.uri else embedded()
        with reasons(args.uri):
            self._insert(self._database.client, rows, progress)

    def _insert(self, client: Any, rows: Float32, progress: Progress | None) -> None:
        name = self._collection
        if client.has_collection(name):
            raise ValueError(
                f"Milvus has a collection {name!r} already: name another, or drop it there first"
            )
        kinds = self._database_kinds
        schema = client.create_schema(auto_id=False, enable_dynamic_field=False)
        schema.add_field("id", kinds.INT64, is_primary=True)
        schema.add_field(_FIELD, kinds.FLOAT_VECTOR, dim=self._dimension)
        client.create_collection(name, schema=schema, consistency_level="Strong")
        step = max(1, min(10_000, _SENT // (4 * self._dimension)))
        for start in range(0, len(rows), step):
            if progress is not None:
                progress(start, len(rows))
            part = rows[start : start + step]
            client.insert(name, [{"id": start + place, _FIELD: row} for place, row in enumerate(part)])
        client.flush(name)
        built = client.prepare_index_params()
        args = self._milvus_args
        built.add_index(
            _FIELD,
            index_type="HNSW",
            metric_type=self._milvus_metric,
            params={"M": args.m, "efConstruction": args.ef_construction},
        )
        client.create_index(name, built, sync=False)  # loading waits for it, and asks more often
        client.load_collection(name)

    def _find(
        self,
        queries: Float32,
        k: int,
        effort: int,
        threads: int | None,  # noqa: ARG002 - Milvus has threads of its own
    ) -> tuple[Int64, Float32]:
        assert self._database is not None  # noqa: S101 - nothing is searched in an empty index
        proposed = np.full((len(queries), k), -1, np.int64)
        step = max(1, min(1_000, _CELLS // k))
        for start in range(0, len(queries), step):
            with reasons(self._milvus_args.uri):
                answers = self._database.client.search(
                    self._collection,
                    data=list(queries[start : start + step]),
                    limit=k,
                    search_params={"params": {"ef": effort}},
                )
            for found, hits in zip(proposed[start : start + step], answers, strict=True):
                found[: len(hits)] = [hit["id"] for hit in hits]
        proposed[proposed >= self._size] = -1  # what somebody else has put into the collection since
        return self._scan.rank(queries, proposed, k)

    def searched_bytes(self) -> int:  # noqa: D102 - as in ApproximateIndex
        return self._size * (4 * self._dimension + 8 * self._milvus_args.m + 8)

    @property
    def _rows_per_effort(self) -> float:
        return 100.0

    def _effort(self, k: int, asked: int | None) -> int:
        spent = max(k, self._milvus_args.ef_search if asked is None else asked)
        return spent if spent <= _MOST else self._size

    def _write(self, folder: Path) -> list[str]:
        save_array(folder / VECTORS_FILE, self._scan.rows)
        if self._milvus_args.uri:
            return [VECTORS_FILE]
        with (folder / DATABASE_FILE).open("wb") as file:
            if self._database is not None:
                self._database.pack(file)
        return [DATABASE_FILE, VECTORS_FILE]

    def _open(self, folder: Path, manifest: Manifest, mmap: bool) -> None:
        manifest.require(folder, VECTORS_FILE)
        shape = (manifest.size, manifest.dimension)
        self._scan = Scan(load_array(folder / VECTORS_FILE, np.float32, shape, mmap=mmap), self._metric)
        uri = self._milvus_args.uri
        if not uri:
            manifest.require(folder, DATABASE_FILE)
            # Milvus Lite trusts its files, so they are always compared with what was saved.
            check_file(folder / DATABASE_FILE, manifest.files[DATABASE_FILE], verify=True)
        if not self._size:
            return
        self._database = cluster(uri) if uri else embedded(folder / DATABASE_FILE)
        with reasons(uri):
            self._check(self._database.client, uri or str(folder / DATABASE_FILE))
            self._database.client.load_collection(self._collection)

    def _check(self, client: Any, where: str) -> None:
        name = self._collection
        if not client.has_collection(name):
            raise CorruptIndexError(f"{where} has no collection {name!r}: build the index again")
        held = int(client.get_collection_stats(name)["row_count"])
        fields = {each["name"]: each["params"] for each in client.describe_collection(name)["fields"]}
        dimension = int(fields.get(_FIELD, {}).get("dim", 0))
        metric = (client.describe_index(name, _FIELD) or {}).get("metric_type")
        if (held, dimension, metric) != (self._size, self._dimension, self._milvus_metric):
            raise CorruptIndexError(
                f"the collection {name!r} of {where} holds {held} vectors of {dimension} dimensions by "
                f"{metric}, index.json says {self._size} of {self._dimension} by {self._milvus_metric}: "
                "build the index again"
            )

    @property
    def _database_kinds(self) -> Any:
        assert self._database is not None  # noqa: S101 - the caller connected
        return self._database.kinds

    @property
    def _collection(self) -> str:
        return self._milvus_args.collection or _EMBEDDED

    @property
    def _milvus_metric(self) -> str:
        return "L2" if self._metric == "l2" else "IP"  # cosine is the product of vectors of length 1

    @property
    def _milvus_args(self) -> MilvusArgs:
        assert isinstance(self._args, MilvusArgs)  # noqa: S101 - checked by `build` and `load`
        return self._args
