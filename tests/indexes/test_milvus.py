"""Milvus beyond the contract: a server, several processes, archives that are not ours, changes over it."""

import io
import json
import shutil
import socket
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from milvus_lite.adapter.grpc.server import start_server_in_thread

from indexes import METRICS, CorruptIndexError, Metric, MissingBackendError, Segments, get_backend, open_index
from indexes.exact import ExactIndex
from indexes.manifest import write_manifest
from indexes.milvus_backend import MilvusArgs, MilvusIndex

VECTORS = np.random.default_rng(0).normal(size=(400, 12)).astype(np.float32)
IDS = np.arange(400) * 3 + 2**31
ASK = """
import sys, numpy as np
from pathlib import Path
from indexes import open_index
index = open_index(Path(sys.argv[1]))
print(index.search(np.eye(12), 3, effort=300).ids.tolist(), flush=True)
sys.stdin.read()
"""


@pytest.fixture(scope="module")
def uri(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server, as a cluster is one."""
    folder = tmp_path_factory.mktemp("server") / "data"
    server, database, port = start_server_in_thread(data_dir=str(folder), host="127.0.0.1", port=0)
    yield f"http://127.0.0.1:{port}"
    server.stop(grace=0)
    database.close()


@pytest.mark.parametrize("metric", METRICS)
def test_a_collection_of_a_server_gives_the_true_hits(uri: str, metric: Metric, tmp_path: Path):
    args = MilvusArgs(uri=uri, collection=f"true_{metric}")
    index = MilvusIndex.build(VECTORS, IDS, metric=metric, args=args)
    index.save(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["ids.npy", "index.json", "vectors.npy"]
    assert json.loads((tmp_path / "index.json").read_text())["args"]["collection"] == f"true_{metric}"
    truth = ExactIndex.build(VECTORS, IDS, metric=metric).search(VECTORS[:30] + 0.1, 10)
    for one in (index, open_index(tmp_path, verify=True)):
        hits = one.search(VECTORS[:30] + 0.1, 10, effort=390)
        assert hits.path == "index"
        np.testing.assert_array_equal(hits.ids, truth.ids)
        np.testing.assert_allclose(hits.scores, truth.scores, atol=1e-5)


def test_collections_without_a_name_get_one_each(uri: str):
    names = {
        MilvusIndex.build(VECTORS[:9], args=MilvusArgs(uri=uri)).args.collection  # type: ignore[attr-defined]
        for _ in range(2)
    }
    assert len(names) == 2
    assert all(name.startswith("vectors_") for name in names)


def test_a_collection_that_is_there_is_not_written_to(uri: str):
    args = MilvusArgs(uri=uri, collection="taken")
    MilvusIndex.build(VECTORS[:20], args=args)
    with pytest.raises(ValueError, match="has a collection 'taken' already: name another"):
        MilvusIndex.build(VECTORS, args=args)


def test_a_collection_that_is_gone_or_another_is_refused(uri: str, tmp_path: Path):
    index = MilvusIndex.build(VECTORS, args=MilvusArgs(uri=uri, collection="gone"))
    index.save(tmp_path)
    client = index._database.client  # type: ignore[union-attr]
    client.delete("gone", ids=[5])
    client.flush("gone")
    with pytest.raises(CorruptIndexError, match=r"holds 399 vectors .* index.json says 400"):
        open_index(tmp_path)
    client.drop_collection("gone")
    with pytest.raises(CorruptIndexError, match="has no collection 'gone': build the index again"):
        open_index(tmp_path)
    with pytest.raises(ConnectionError, match="did not do what was asked"):
        index.search(VECTORS[:1], 3)


def test_a_server_that_does_not_answer_is_named():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        uri = f"http://127.0.0.1:{probe.getsockname()[1]}"
    with pytest.raises(ConnectionError, match=f"Milvus at {uri}"):
        MilvusIndex.build(VECTORS, args=MilvusArgs(uri=uri))


def test_several_processes_open_one_folder(tmp_path: Path):
    folder = tmp_path / "index"
    index = MilvusIndex.build(VECTORS, IDS)
    index.save(folder)
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    pipes: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    started = [subprocess.Popen([sys.executable, "-c", ASK, str(folder)], **pipes) for _ in range(2)]
    try:
        answers = [json.loads(process.stdout.readline()) for process in started]
    finally:
        for process in started:
            process.communicate("")
    assert answers == [index.search(np.eye(12), 3, effort=300).ids.tolist()] * 2
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


def test_the_temporary_database_goes_with_its_last_user():
    index = MilvusIndex.build(VECTORS)
    folder = index._database._folder  # type: ignore[union-attr]
    twin = index.with_args(ef_search=50)
    del index
    assert folder is not None
    assert folder.is_dir()
    assert twin.search(VECTORS[:1], 1).ids.tolist() == [[0]]
    del twin
    assert not folder.exists()


def test_what_was_deleted_is_not_found_and_what_was_added_is():
    changed = Segments.over(MilvusIndex.build(VECTORS, IDS)).changed(
        deleted=IDS[:50], ids=[7], vectors=VECTORS[3:4]
    )
    hits = changed.search(VECTORS[:50], 5)
    assert not np.isin(hits.ids, IDS[:50]).any()
    assert hits.ids[3, 0] == 7
    truth = ExactIndex.build(np.concatenate((VECTORS[50:], VECTORS[3:4])), [*IDS[50:], 7])
    np.testing.assert_array_equal(hits.ids, truth.search(VECTORS[:50], 5).ids)


@pytest.mark.parametrize("name", ["../outside", "/outside", "index.db/../../outside"])
def test_an_archive_that_reaches_out_is_refused(name: str, tmp_path: Path):
    folder = tmp_path / "index"
    index = MilvusIndex.build(VECTORS)
    index.save(folder)
    with tarfile.open(folder / "milvus.tar", "w") as archive:
        entry = tarfile.TarInfo(name)
        entry.size = 3
        archive.addfile(entry, io.BytesIO(b"bad"))
    content = json.loads((folder / "index.json").read_text())
    facts = {key: content[key] for key in ("backend", "metric", "dimension", "size", "args")}
    write_manifest(folder, ["milvus.tar", "vectors.npy"], **facts)
    with pytest.raises(CorruptIndexError, match="build the index again"):
        open_index(folder)
    assert not (tmp_path / "outside").exists()


def test_another_metric_than_the_databases_is_refused(tmp_path: Path):
    MilvusIndex.build(VECTORS, metric="l2").save(tmp_path)
    text = (tmp_path / "index.json").read_text()
    (tmp_path / "index.json").write_text(text.replace('"l2"', '"ip"'))
    with pytest.raises(CorruptIndexError, match=r"by L2, index\.json says 400 of 12 by IP"):
        open_index(tmp_path)


def test_more_than_milvus_gives_is_scanned():
    index = MilvusIndex.build(np.eye(30, dtype=np.float32))
    index._size = 40_000  # as if there were so many
    assert (index._effort(16_384, None), index._effort(16_385, None), index._effort(5, 20_000)) == (
        16_384,
        40_000,
        40_000,
    )


@pytest.mark.parametrize(
    "bad",
    [
        {"uri": "host:19530"},
        {"uri": "http://user:secret@host:19530"},
        {"uri": "/some/file.db"},
        {"uri": 3},
        {"collection": "a-b"},
        {"collection": "1a"},
        {"collection": None},
        {"m": 1},
        {"ef_search": 16_385},
        {"ef_construction": "9"},
    ],
)
def test_arguments_are_checked(bad: Any):
    with pytest.raises(ValueError, match="must be"):
        MilvusArgs(**bad)


@pytest.mark.parametrize("library", ["pymilvus", "milvus_lite"])
def test_a_missing_library_is_named_with_its_pip_line(library: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, library, None)
    for module in ("indexes.milvus_library", "indexes.milvus_backend"):
        monkeypatch.delitem(sys.modules, module)
    with pytest.raises(MissingBackendError, match=r"pip install .*'milvus-lite>=3,<4'"):
        get_backend("milvus").build(VECTORS)


def test_nothing_is_left_of_a_folder_that_cannot_be_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    MilvusIndex.build(VECTORS).save(tmp_path / "index")
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "scratch"))
    (tmp_path / "scratch").mkdir()
    shutil.copy(tmp_path / "index" / "vectors.npy", tmp_path / "index" / "milvus.tar")
    content = json.loads((tmp_path / "index" / "index.json").read_text())
    facts = {key: content[key] for key in ("backend", "metric", "dimension", "size", "args")}
    write_manifest(tmp_path / "index", ["milvus.tar", "vectors.npy"], **facts)
    with pytest.raises(CorruptIndexError, match="cannot be read"):
        open_index(tmp_path / "index")
    assert list((tmp_path / "scratch").iterdir()) == []
