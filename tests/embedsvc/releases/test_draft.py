"""Writing and publishing a release."""

from __future__ import annotations

import errno
import hashlib
import os
import platform
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from embedsvc import __version__
from embedsvc.errors import (
    InputError,
    ReleaseCorruptError,
    ReleaseExistsError,
    StoreError,
    StoreFullError,
    UnknownReleaseError,
)
from embedsvc.releases import Draft, FileEntry, Manifest, Store, disk

Publish = Callable[..., Manifest]
FACTS: dict[str, Any] = {"recipe": {}, "metrics": {}, "canary": {}}


def staged(store: Store) -> list[Path]:
    return list((store.root / "staging").iterdir())


def test_a_published_release_says_what_it_holds(store: Store):
    with store.draft() as draft:
        (draft.path / "words").mkdir()
        (draft.path / "words/vectors.npy").write_bytes(b"abc")
        (draft.path / "empty").write_bytes(b"")
        made = draft.publish(
            recipe={"seed": 1}, metrics={"r": 0.5}, canary={"skill": "php"}, kind="demo", notes={"by": "me"}
        )
    assert made.files == {
        "empty": FileEntry(bytes=0, sha256=hashlib.sha256(b"").hexdigest()),
        "words/vectors.npy": FileEntry(bytes=3, sha256=hashlib.sha256(b"abc").hexdigest()),
    }
    assert (made.schema_version, made.bytes, made.kind, made.parent) == (1, 3, "demo", None)
    assert (made.recipe, made.metrics, made.canary, made.notes) == (
        {"seed": 1},
        {"r": 0.5},
        {"skill": "php"},
        {"by": "me"},
    )
    assert (made.embedsvc, made.python) == (__version__, platform.python_version())
    assert store.manifest(made.name) == made
    store.verify(made.name)
    assert store.current() is None
    assert staged(store) == []


def test_published_files_cannot_be_written_to(store: Store, publish: Publish):
    folder = store.path(publish().name)
    modes = {path.name: path.stat().st_mode & 0o222 for path in folder.rglob("*") if path.is_file()}
    assert modes == {"manifest.json": 0, "vectors.npy": 0, "lexicon": 0}


def test_leaving_without_publish_removes_everything(store: Store):
    with store.draft("a") as draft:
        (draft.path / "x").write_bytes(b"x")
        assert len(staged(store)) == 1
    assert staged(store) == []
    with pytest.raises(KeyboardInterrupt), store.draft("a"):
        raise KeyboardInterrupt
    assert staged(store) == []
    assert store.list() == []


def test_a_draft_is_used_inside_one_with(store: Store):
    draft = store.draft("a")
    with pytest.raises(StoreError, match="is not open"):
        _ = draft.path
    with draft:
        (draft.path / "x").write_bytes(b"x")
        with pytest.raises(StoreError, match="open already"):
            draft.__enter__()
        draft.publish(**FACTS)
        with pytest.raises(StoreError, match="is not open"):
            draft.publish(**FACTS)
    assert [info.name for info in store.list()] == ["a"]


def test_a_name_is_taken_once(store: Store, publish: Publish):
    publish("a")
    with pytest.raises(ReleaseExistsError, match="Release a has been published already"):
        store.draft("a")


def test_of_two_drafts_of_one_name_the_second_to_publish_loses(store: Store):
    with store.draft("a") as first, store.draft("a") as second:
        for draft, data in ((first, b"first"), (second, b"second")):
            (draft.path / "x").write_bytes(data)
        first.publish(**FACTS)
        with pytest.raises(ReleaseExistsError):
            second.publish(**FACTS)
    assert (store.path("a") / "x").read_bytes() == b"first"
    assert staged(store) == []


def test_a_parent_must_exist(store: Store):
    with pytest.raises(UnknownReleaseError, match="no release gone"):
        store.draft("a", parent="gone")


def fill(draft: Draft, case: str) -> None:
    if case == "link":
        (draft.path / "x").symlink_to("/etc/hostname")
    elif case == "linked folder":
        (draft.path / "x").symlink_to("/etc")
    elif case == "pipe":
        os.mkfifo(draft.path / "x")
    elif case == "manifest":
        (draft.path / "manifest.json").write_text("{}")
    elif case == "name":
        (draft.path / os.fsdecode(b"\xff")).write_text("")
    elif case == "backslash":
        (draft.path / "a\\b").write_text("")


@pytest.mark.parametrize("case", ["link", "linked folder", "pipe", "manifest", "name", "backslash", "none"])
def test_what_a_release_cannot_hold_is_refused(store: Store, case: str):
    with store.draft("a") as draft:
        fill(draft, case)
        with pytest.raises(StoreError, match="The draft") as caught:
            draft.publish(**FACTS)
        assert caught.value.message.encode()
    assert store.list() == []


@pytest.mark.parametrize("value", [Path("x"), (1, 2), {1: 2}, object()])
def test_facts_must_be_json(store: Store, value: Any):
    with store.draft("a") as draft:
        (draft.path / "x").write_bytes(b"x")
        with pytest.raises(StoreError, match=r"cannot be described \(metrics\.value.*plain JSON values"):
            draft.publish(recipe={}, metrics={"value": value}, canary={})
    assert store.list() == []


def test_numbers_json_cannot_write_become_null(store: Store):
    with store.draft("a") as draft:
        (draft.path / "x").write_bytes(b"x")
        draft.publish(recipe={}, metrics={"nan": float("nan"), "many": float("inf")}, canary={})
    assert store.manifest("a").metrics == {"nan": None, "many": None}


def test_shared_files_are_the_same_files(store: Store, publish: Publish):
    files = {"words/a": b"1", "words/deep/b": b"22", "words2/c": b"333", "lexicon": b"4444"}
    parent = publish("a", files)
    with store.draft("b", parent="a") as draft:
        draft.share("a", "words", "lexicon")
        (draft.path / "new").write_bytes(b"5")
        child = draft.publish(**FACTS)
    assert set(child.files) == {"words/a", "words/deep/b", "lexicon", "new"}
    assert child.bytes == 8
    for path in ("words/a", "words/deep/b", "lexicon"):
        assert child.files[path] == parent.files[path]
        assert (store.path("a") / path).samefile(store.path("b") / path)
    store.verify("b")


@pytest.mark.parametrize("code", [errno.EXDEV, errno.EPERM, errno.EMLINK, errno.EOPNOTSUPP])
def test_where_links_are_impossible_files_are_copied(
    store: Store, publish: Publish, monkeypatch: pytest.MonkeyPatch, code: int
):
    publish("a")

    def refuse(*args: Any, **options: Any) -> None:
        raise OSError(code, "no links")

    monkeypatch.setattr(os, "link", refuse)
    with store.draft("b") as draft:
        draft.share("a", "words")
        draft.publish(**FACTS)
    assert not (store.path("a") / "words/vectors.npy").samefile(store.path("b") / "words/vectors.npy")
    store.verify("b")


def test_sharing_what_is_not_there(store: Store, publish: Publish):
    publish("a")
    with store.draft("b") as draft:
        for wanted in ("gone", "word", "../a/lexicon", "/etc/passwd", "", "manifest.json", "words/"):
            with pytest.raises(InputError, match="holds no file or folder"):
                draft.share("a", wanted)
        with pytest.raises(InputError, match="at least one"):
            draft.share("a")
        with pytest.raises(UnknownReleaseError):
            draft.share("gone", "lexicon")
        (store.path("a") / "lexicon").unlink()
        with pytest.raises(StoreError, match="Cannot share 'lexicon' of a"):
            draft.share("a", "lexicon")
        assert list(draft.path.iterdir()) == []


def test_a_shared_file_written_to_in_place_is_described_as_it_is_and_found_in_the_other(
    store: Store, publish: Publish
):
    publish("a", {"x": b"abc"})
    with store.draft("b") as draft:
        draft.share("a", "x")
        (draft.path / "x").chmod(0o644)
        (draft.path / "x").write_bytes(b"xyz")
        made = draft.publish(**FACTS)
    assert made.files["x"].sha256 == hashlib.sha256(b"xyz").hexdigest()
    store.verify("b")
    with pytest.raises(ReleaseCorruptError, match="'x' of release a has changed"):
        store.verify("a")


def test_a_shared_file_replaced_in_the_draft_leaves_the_other_alone(store: Store, publish: Publish):
    publish("a", {"x": b"abc"})
    with store.draft("b") as draft:
        draft.share("a", "x")
        (draft.path / "x").unlink()
        (draft.path / "x").write_bytes(b"xyz")
        draft.publish(**FACTS)
    store.verify("a")
    store.verify("b")


def full(*args: Any, **options: Any) -> None:
    raise OSError(errno.ENOSPC, "No space left on device")


def test_a_full_disk_while_writing_says_so_and_removes_the_draft(store: Store, publish: Publish):
    publish("a")
    store.activate("a")
    with (
        pytest.raises(StoreFullError, match="active release is untouched"),
        store.draft("b"),
    ):
        raise OSError(errno.EDQUOT, "Disk quota exceeded")
    assert staged(store) == []
    assert [info.name for info in store.list()] == ["a"]


@pytest.mark.parametrize(
    "error", [OSError("4096 requested and 0 written"), RuntimeError("write error in index")]
)
def test_libraries_that_hide_a_full_disk_are_seen_through(
    store: Store, monkeypatch: pytest.MonkeyPatch, error: Exception
):
    with pytest.raises(type(error), match=str(error)), store.draft("a"):
        raise error
    monkeypatch.setattr(disk, "_ALMOST_NOTHING", 1 << 62)
    with pytest.raises(StoreFullError), store.draft("a"):
        raise error
    with pytest.raises(ValueError, match="mine"), store.draft("a"):
        raise ValueError("mine")


@pytest.mark.parametrize("step", ["sync", "write_durably"])
def test_a_disk_that_runs_full_while_publishing(
    store: Store, publish: Publish, monkeypatch: pytest.MonkeyPatch, step: str
):
    publish("a")
    store.activate("a")
    with store.draft("b") as draft:
        (draft.path / "x").write_bytes(b"x")
        monkeypatch.setattr(disk, step, full)
        with pytest.raises(StoreFullError, match="nothing was published"):
            draft.publish(**FACTS)
    monkeypatch.undo()
    assert staged(store) == []
    assert [info.name for info in store.list()] == ["a"]
    store.verify("a")


def test_a_disk_that_runs_full_while_activating_leaves_the_active_release(
    store: Store, publish: Publish, monkeypatch: pytest.MonkeyPatch
):
    publish("a")
    publish("b")
    store.activate("a")
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(StoreFullError):
        store.activate("b")
    monkeypatch.undo()
    assert store.current() == "a"
    assert sorted(path.name for path in store.root.iterdir()) == ["current", "lock", "releases", "staging"]


@pytest.mark.parametrize("code", [errno.EROFS, errno.EACCES])
def test_a_store_that_cannot_be_written_to(
    store: Store, publish: Publish, monkeypatch: pytest.MonkeyPatch, code: int
):
    publish("a")

    def refuse(*args: Any, **options: Any) -> int:
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(os, "open", refuse)
    for use in (lambda: store.activate("a", verify=False), store.rollback, lambda: store.draft().__enter__()):
        with pytest.raises(StoreError, match="make it writable for this user"):
            use()
    assert [info.name for info in store.list()] == ["a"]


def test_a_dead_writers_folder_is_swept_and_a_living_ones_is_not(store: Store):
    dead = store.root / "staging/dead-00000000"
    (dead / "files").mkdir(parents=True)
    (dead / "files/x").write_bytes(b"x")
    (dead / "lock").touch()
    unlocked = store.root / "staging/unlocked-00000000"
    unlocked.mkdir()
    (store.root / "staging/stray").touch()
    with store.draft("a") as living:
        (living.path / "x").write_bytes(b"x")
        with store.draft("b"):
            assert {path.name[:2] for path in staged(store)} == {"a-", "b-"}
        assert (living.path / "x").read_bytes() == b"x"


def test_a_disk_found_full_when_publishing_is_not_trusted(store: Store, monkeypatch: pytest.MonkeyPatch):
    with store.draft("a") as draft:
        (draft.path / "x").write_bytes(b"cut sho")
        monkeypatch.setattr(disk, "_ALMOST_NOTHING", 1 << 62)
        with pytest.raises(StoreFullError, match="nothing was published"):
            draft.publish(**FACTS)
    assert store.list() == []


def test_another_users_folder_in_staging_is_left_alone(store: Store, monkeypatch: pytest.MonkeyPatch):
    theirs = store.root / "staging/theirs-00000000"
    theirs.mkdir()
    opened = os.open

    def open_mine(path: Any, *args: Any, **options: Any) -> int:
        if theirs in Path(path).parents:
            raise PermissionError(errno.EACCES, "Permission denied")
        return opened(path, *args, **options)

    monkeypatch.setattr(os, "open", open_mine)
    with store.draft("a"):
        assert theirs.is_dir()
