"""Damage is found, and named."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from embedsvc.errors import ReleaseCorruptError
from embedsvc.releases import Manifest, Store

FILES = {"words/vectors.npy": bytes(range(256)) * 20, "lexicon": b"php\nsql\n", "empty": b""}


@pytest.fixture
def release(store: Store, publish: Callable[..., Manifest]) -> Path:
    publish("a", FILES)
    for path in store.path("a").rglob("*"):
        if path.is_file():
            path.chmod(0o644)
    return store.path("a")


def test_a_sound_release_passes(store: Store, release: Path):
    store.check("a")
    store.verify("a")


@pytest.mark.parametrize("place", [0, 2_500, 5_119])
def test_one_flipped_bit_is_found_by_verify_and_not_by_check(store: Store, release: Path, place: int):
    data = bytearray(FILES["words/vectors.npy"])
    data[place] ^= 0b100
    (release / "words/vectors.npy").write_bytes(data)
    store.check("a")
    with pytest.raises(ReleaseCorruptError, match=r"'words/vectors\.npy' of release a has changed") as caught:
        store.verify("a")
    assert caught.value.details == {"release": "a", "file": "words/vectors.npy"}


@pytest.mark.parametrize("length", [0, 7, 9])
def test_another_length_is_found_by_check(store: Store, release: Path, length: int):
    os.truncate(release / "lexicon", length)
    for find in (store.check, store.verify):
        with pytest.raises(ReleaseCorruptError, match=f"'lexicon' .* has {length} bytes instead of 8"):
            find("a")


@pytest.mark.parametrize("path", ["lexicon", "words/vectors.npy", "empty"])
def test_a_missing_file_is_found_by_check(store: Store, release: Path, path: str):
    (release / path).unlink()
    with pytest.raises(ReleaseCorruptError, match=f"'{path}' of release a is missing"):
        store.check("a")


@pytest.mark.parametrize("path", ["extra", "words/extra", "new/extra", os.fsdecode(b"\xff")])
def test_an_unlisted_file_is_found_by_verify(store: Store, release: Path, path: str):
    (release / path).parent.mkdir(exist_ok=True)
    (release / path).write_bytes(b"")
    store.check("a")
    with pytest.raises(ReleaseCorruptError, match="is not in the manifest") as caught:
        store.verify("a")
    assert caught.value.message.encode()


def test_a_link_in_place_of_a_file_or_folder_is_found_by_check(store: Store, release: Path, tmp_path: Path):
    (tmp_path / "lexicon").write_bytes(FILES["lexicon"])
    (release / "lexicon").unlink()
    (release / "lexicon").symlink_to(tmp_path / "lexicon")
    with pytest.raises(ReleaseCorruptError, match="'lexicon' of release a is not a plain file"):
        store.check("a")
    (release / "lexicon").unlink()
    (release / "lexicon").write_bytes(FILES["lexicon"])
    (release / "words").rename(tmp_path / "words")
    (release / "words").symlink_to(tmp_path / "words")
    with pytest.raises(ReleaseCorruptError, match=r"'words/vectors\.npy' .* not below a real folder"):
        store.check("a")


def test_an_unlisted_link_is_found_by_verify(store: Store, release: Path):
    (release / "words/more").symlink_to("/etc")
    with pytest.raises(ReleaseCorruptError, match="'words/more' of release a is not in the manifest"):
        store.verify("a")
