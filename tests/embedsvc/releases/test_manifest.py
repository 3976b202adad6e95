"""Reading manifests, also hostile ones."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from embedsvc.errors import ReleaseCorruptError, StoreError
from embedsvc.releases import Manifest
from embedsvc.releases.manifest import read_manifest
from embedsvc.releases.names import is_release_name, path_fault

HASH = "0" * 64
SOUND: dict[str, Any] = {
    "schema_version": 1,
    "name": "a",
    "created": "2026-01-02T03:04:05.000006+00:00",
    "kind": "train",
    "parent": None,
    "recipe": {"seed": 1},
    "files": {"words/vectors.npy": {"bytes": 3, "sha256": HASH}, "lexicon": {"bytes": 4, "sha256": HASH}},
    "bytes": 7,
    "metrics": {},
    "canary": {"skill": "php"},
    "notes": {},
    "embedsvc": "0.1.0",
    "python": "3.11.7",
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "a").mkdir()
    return tmp_path / "a"


@pytest.fixture
def read(folder: Path) -> Callable[[Any], Manifest]:
    def one(document: Any) -> Manifest:
        data = document if isinstance(document, bytes) else json.dumps(document).encode()
        (folder / "manifest.json").write_bytes(data)
        return read_manifest(folder)

    return one


def test_a_manifest_of_the_first_schema_is_read_for_ever(read: Callable[[Any], Manifest]):
    manifest = read(SOUND)
    assert manifest.files["words/vectors.npy"].bytes == 3
    assert json.loads(manifest.to_json()) == SOUND


@pytest.mark.parametrize("version", [0, 2, "1", None, 1.0, True, [1]])
def test_another_schema_is_named_first(read: Callable[[Any], Manifest], version: Any):
    with pytest.raises(StoreError, match=r"follows manifest schema .* knows only 1; open it with") as caught:
        read({"schema_version": version, "unheard": "of"})
    assert not isinstance(caught.value, ReleaseCorruptError)


@pytest.mark.parametrize(
    "path",
    [
        "/etc/passwd",
        "../b/lexicon",
        "a/../../b",
        "a//b",
        "./a",
        "a/",
        "",
        ".",
        "..",
        "a\\b",
        "a\nb",
        "a\0b",
        "manifest.json",
        "x" * 256,
        "é" * 200,
        "a/" * 500 + "b",
    ],
)
def test_paths_that_lead_elsewhere_are_refused(read: Callable[[Any], Manifest], path: str):
    with pytest.raises(ReleaseCorruptError, match=r"manifest of release a cannot be used \(files\."):
        read(SOUND | {"files": {path: {"bytes": 7, "sha256": HASH}}})


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"name": "b"}, "it names release b"),
        ({"name": "../a"}, "name: "),
        ({"parent": "../a"}, "parent: "),
        ({"bytes": 8}, "not the sum"),
        ({"files": {"x": {"bytes": -1, "sha256": HASH}}}, "greater than or equal to 0"),
        ({"files": {"x": {"bytes": 7, "sha256": "0" * 63}}}, "sha256"),
        ({"files": {"x": {"bytes": 7, "sha256": HASH + "\n"}}}, "sha256"),
        ({"files": {"x": {"bytes": "7", "sha256": HASH}}}, "integer"),
        ({"files": {"x": {"bytes": 7, "sha256": HASH, "run": "me"}}}, "Extra"),
        ({"files": []}, "files: "),
        ({"created": "yesterday"}, "created: "),
        ({"created": "2026-01-02T03:04:05"}, "UTC"),
        ({"created": "2026-01-02T03:04:05+02:00"}, "UTC"),
        ({"recipe": None}, "recipe: "),
        ({"more": 1}, "more: "),
    ],
)
def test_a_broken_rule_is_named(read: Callable[[Any], Manifest], change: dict[str, Any], said: str):
    with pytest.raises(ReleaseCorruptError, match=said) as caught:
        read(SOUND | change)
    assert caught.value.details == {"release": "a", "file": "manifest.json"}


@pytest.mark.parametrize(
    "data",
    [b"", b"{", b"\xff\xfe", b"[]", b"null", b'"manifest"', b"[" * 200_000, b'{"a":' * 200_000],
    ids=["empty", "cut", "binary", "list", "null", "string", "deep list", "deep object"],
)
def test_what_is_no_manifest_is_refused(read: Callable[[Any], Manifest], data: bytes):
    with pytest.raises(ReleaseCorruptError, match="is not"):
        read(data)


def test_a_missing_or_linked_manifest_is_refused(folder: Path, tmp_path: Path):
    with pytest.raises(ReleaseCorruptError, match="No such file"):
        read_manifest(folder)
    (tmp_path / "elsewhere.json").write_text(json.dumps(SOUND))
    (folder / "manifest.json").symlink_to(tmp_path / "elsewhere.json")
    with pytest.raises(ReleaseCorruptError, match="symbolic link"):
        read_manifest(folder)


@given(
    st.dictionaries(
        st.sampled_from(sorted(SOUND)),
        st.none() | st.text() | st.integers() | st.dictionaries(st.text(), st.text() | st.integers()),
        max_size=3,
    )
)
def test_any_document_is_a_manifest_or_a_store_error(tmp_path_factory: pytest.TempPathFactory, document: Any):
    folder = tmp_path_factory.getbasetemp() / "any"
    folder.mkdir(exist_ok=True)
    (folder / "manifest.json").write_text(json.dumps(SOUND | {"name": "any"} | document))
    with suppress(StoreError):
        assert read_manifest(folder).name == "any"


@given(st.text(max_size=70) | st.from_regex(r"[a-z0-9][a-z0-9._-]{0,70}", fullmatch=True))
def test_a_release_name_is_one_harmless_part_of_a_path(name: str):
    if is_release_name(name):
        assert Path(name).parts == (name,)
        assert name.isascii()
        assert len(name) <= 64
        assert name not in {".", ".."}


@given(st.text(max_size=30) | st.lists(st.sampled_from(["a", "..", ".", "", "b.c"])).map("/".join))
def test_a_path_without_fault_stays_below_its_folder(relative: str):
    if path_fault(relative) is None:
        base = Path("/store/releases/a")
        joined = base / relative
        assert joined.relative_to(base).as_posix() == relative
        assert ".." not in joined.parts
