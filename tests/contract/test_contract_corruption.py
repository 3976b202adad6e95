"""Damaged, foreign and cut-off folders: an error that says so, never a crash, never a wrong answer."""

import errno
import json
import os
import pickle
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from indexes import CorruptIndexError, NeighbourTable, backend_names, get_backend, open_index

BACKENDS = [*backend_names(), "neighbours"]
pytestmark = pytest.mark.parametrize("backend", BACKENDS)
MAIN_FILE = {
    "annoy": "forest.ann",
    "exact": "vectors.npy",
    "faiss_factory": "codes.faiss",
    "faiss_hnsw": "hnsw.faiss",
    "hnswlib": "graph.hnswlib",
    "milvus": "milvus.tar",
    "neighbours": "scores.npy",
}
ALWAYS_VERIFIED = {"hnswlib", "milvus"}  # as their library trusts its files
VECTORS = np.random.default_rng(0).normal(size=(300, 8)).astype(np.float32)


def saved(backend: str, folder: Path):
    if backend == "neighbours":
        NeighbourTable.build(VECTORS, 5).save(folder)
    else:
        get_backend(backend).build(VECTORS, np.arange(300) * 2).save(folder)
    return folder


def opened(backend: str, folder: Path, **options: Any):
    return (
        NeighbourTable.load(folder, **options) if backend == "neighbours" else open_index(folder, **options)
    )


def rewrite(folder: Path, **fields: Any):
    """Change fields of index.json, keeping the stamps of the files true."""
    path = folder / "index.json"
    content = json.loads(path.read_text())
    content.update(fields)
    for name, stamp in content["files"].items():
        if (folder / name).is_file():
            stamp["bytes"] = (folder / name).stat().st_size
    path.write_text(json.dumps(content))


def test_a_truncated_file(backend: str, tmp_path: Path):
    folder = saved(backend, tmp_path)
    path = folder / MAIN_FILE[backend]
    os.truncate(path, path.stat().st_size - 100)
    with pytest.raises(CorruptIndexError, match="bytes instead of"):
        opened(backend, folder)


@pytest.mark.parametrize("mmap", [True, False])
@pytest.mark.parametrize("left", [0, 3, 60, 1_000])
def test_a_truncated_file_with_a_matching_stamp(backend: str, left: int, mmap: bool, tmp_path: Path):
    folder = saved(backend, tmp_path)
    os.truncate(folder / MAIN_FILE[backend], left)
    rewrite(folder)
    with pytest.raises(CorruptIndexError, match=MAIN_FILE[backend]):
        opened(backend, folder, mmap=mmap)


@pytest.mark.parametrize("mmap", [True, False])
@pytest.mark.parametrize("kind", ["text", "pickle", "other array", "objects"])
def test_a_foreign_file(backend: str, kind: str, mmap: bool, tmp_path: Path):
    folder = saved(backend, tmp_path)
    path = folder / MAIN_FILE[backend]
    if kind == "text":
        path.write_text("id,score\n" * 1_000)
    elif kind == "pickle":
        path.write_bytes(pickle.dumps(VECTORS))
    else:
        with path.open("wb") as file:
            np.save(file, VECTORS.astype(np.float64) if kind == "other array" else np.array([{}], object))
    rewrite(folder)
    with pytest.raises(CorruptIndexError, match=path.name):
        opened(backend, folder, mmap=mmap)


def test_a_changed_byte_is_found_when_verifying(backend: str, tmp_path: Path):
    folder = saved(backend, tmp_path)
    path = folder / MAIN_FILE[backend]
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)
    if backend not in ALWAYS_VERIFIED:
        opened(backend, folder)
    with pytest.raises(CorruptIndexError, match="sha256"):
        opened(backend, folder, verify=True)


@pytest.mark.parametrize("field", ["size", "dimension"])
@pytest.mark.parametrize("value", [0, 299, 301, 2**70, -1, "300", None, 1.5, True])
def test_a_wrong_count(backend: str, field: str, value: object, tmp_path: Path):
    folder = saved(backend, tmp_path)
    rewrite(folder, **{field: value})
    with pytest.raises(CorruptIndexError):
        opened(backend, folder)


@pytest.mark.parametrize(
    "fields",
    [
        {"format": 2},
        {"backend": "unheard_of"},
        {"backend": ["exact"]},
        {"metric": 3},
        {"args": [1]},
        {"files": {}},
        {"files": None},
        {"files": {"../../etc/passwd": {"bytes": 1, "sha256": ""}}},
        {"files": {"ids.npy": {"bytes": 1}}},
        {"extra": 1},
    ],
)
def test_a_changed_manifest(backend: str, fields: dict[str, Any], tmp_path: Path):
    folder = saved(backend, tmp_path)
    path = folder / "index.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | fields))
    with pytest.raises(CorruptIndexError):
        opened(backend, folder)


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b"null", b"\xff\xfe", b"[" * 100_000, b" " * 2_000_000]
)
def test_a_manifest_that_is_not_one(backend: str, content: bytes, tmp_path: Path):
    folder = saved(backend, tmp_path)
    (folder / "index.json").write_bytes(content)
    with pytest.raises(CorruptIndexError, match="build the index again"):
        opened(backend, folder)


def test_missing_files(backend: str, tmp_path: Path):
    folder = saved(backend, tmp_path / "index")
    (folder / MAIN_FILE[backend]).unlink()
    with pytest.raises(CorruptIndexError, match="missing"):
        opened(backend, folder)
    (folder / "index.json").unlink()
    with pytest.raises(CorruptIndexError, match="not an index"):
        opened(backend, folder)
    with pytest.raises(FileNotFoundError):
        opened(backend, tmp_path / "nowhere")


def test_another_kind_of_index(backend: str, tmp_path: Path):
    folder = saved(backend, tmp_path)
    other = "exact" if backend != "exact" else "faiss_hnsw"
    with pytest.raises(CorruptIndexError, match="open"):
        get_backend(other).load(folder)
    with pytest.raises(CorruptIndexError):
        open_index(folder) if backend == "neighbours" else NeighbourTable.load(folder)


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no /dev/full on this system")  # noqa: PTH110
def test_a_full_disk_stays_an_oserror(backend: str, tmp_path: Path):
    (tmp_path / MAIN_FILE[backend]).symlink_to("/dev/full")
    with pytest.raises(OSError, match="No space") as caught:
        saved(backend, tmp_path)
    assert caught.value.errno == errno.ENOSPC
    assert not (tmp_path / "index.json").exists()


@pytest.mark.parametrize("name", [b"caf\xe9", "café Ω".encode(), b"a\nb"])
def test_any_path_works(backend: str, name: bytes, tmp_path: Path):
    folder = saved(backend, tmp_path / os.fsdecode(name))
    assert opened(backend, folder).size == 300


def test_metric_must_be_known_or_agree(backend: str, tmp_path: Path):
    if backend == "neighbours":
        pytest.skip("the metric of a table is a free word")
    folder = saved(backend, tmp_path)
    rewrite(folder, metric="hamming")
    with pytest.raises(CorruptIndexError, match="use one of"):
        opened(backend, folder)


def test_an_open_index_outlives_its_folder_and_the_next_is_the_new_one(backend: str, tmp_path: Path):
    if backend == "neighbours":
        pytest.skip("tables have no ids of their own")
    folder = tmp_path / "index"
    get_backend(backend).build(VECTORS, np.arange(300) * 2).save(folder)
    before = open_index(folder)
    get_backend(backend).build(-VECTORS[::-1], np.arange(300) + 1_000).save(tmp_path / "new")
    folder.rename(tmp_path / "old")
    (tmp_path / "new").rename(folder)
    shutil.rmtree(tmp_path / "old")
    np.testing.assert_array_equal(before.search(VECTORS, 1, effort=299).ids[:, 0], np.arange(300) * 2)
    after = open_index(folder).search(-VECTORS[::-1], 1, effort=299)
    np.testing.assert_array_equal(after.ids[:, 0], np.arange(300) + 1_000)


def test_a_folder_that_is_replaced_while_it_is_opened(
    backend: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    if backend == "neighbours":
        pytest.skip("a table is one release's, which is never replaced")
    folder = saved(backend, tmp_path / "index")
    get_backend(backend).build(VECTORS[::-1], np.arange(300) * 2).save(tmp_path / "new")
    maker = get_backend(backend)
    opening = maker._open

    def replacing(self: Any, place: Path, *rest: Any) -> None:
        place.rename(tmp_path / "old")
        (tmp_path / "new").rename(place)
        opening(self, place, *rest)

    monkeypatch.setattr(maker, "_open", replacing)
    with pytest.raises(CorruptIndexError, match="replaced while it was being opened: open it again"):
        open_index(folder)
    monkeypatch.setattr(maker, "_open", opening)
    assert open_index(folder).size == 300
