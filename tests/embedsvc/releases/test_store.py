"""The release store: activate, roll back, list, collect."""

from __future__ import annotations

import json
import shutil
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from embedsvc.errors import InputError, ReleaseCorruptError, StoreError, UnknownReleaseError
from embedsvc.releases import Manifest, Store
from embedsvc.releases import store as store_module
from embedsvc.releases.locks import FileLock
from embedsvc.schemas import ReleaseInfo

Publish = Callable[..., Manifest]


def test_a_missing_store_a_file_and_a_foreign_folder_are_told_apart(tmp_path: Path):
    with pytest.raises(StoreError, match=r"no release store at .*gone"):
        Store(tmp_path / "gone")
    (tmp_path / "file").write_text("")
    for create in (False, True):
        with pytest.raises(StoreError, match="is a file; give a folder"):
            Store(tmp_path / "file", create=create)
    with pytest.raises(StoreError, match="has no folder 'releases'"):
        Store(tmp_path)
    with pytest.raises(StoreError, match="Cannot create folders"):
        Store(tmp_path / "file" / "below", create=True)


def test_a_new_store_is_empty(store: Store):
    assert store.current() is None
    assert store.activated_token() is None
    assert store.list() == []
    with pytest.raises(StoreError, match="no earlier release"):
        store.rollback()


def test_activate_moves_the_pointer_and_the_token(store: Store, publish: Publish):
    tokens = {store.activated_token()}
    for name in ("a", "b", "a"):
        if name not in {info.name for info in store.list()}:
            publish(name)
        store.activate(name)
        assert store.current() == name
        tokens.add(store.activated_token())
    assert len(tokens) == 4
    assert json.loads((store.root / "current").read_bytes())["previous"] == ["b", "a"]


def test_activating_the_active_release_changes_nothing(store: Store, publish: Publish):
    publish("a")
    store.activate("a")
    before = (store.root / "current").read_bytes(), store.activated_token()
    store.activate("a", verify=False)
    assert ((store.root / "current").read_bytes(), store.activated_token()) == before


def test_roll_back_goes_further_into_the_past_each_time(store: Store, publish: Publish):
    for name in ("a", "b", "c"):
        publish(name)
        store.activate(name)
    assert [store.rollback(), store.rollback()] == ["b", "a"]
    assert store.current() == "a"
    with pytest.raises(StoreError, match="no earlier release"):
        store.rollback()
    assert store.current() == "a"


def test_roll_back_refuses_a_damaged_release_and_leaves_the_active_one(store: Store, publish: Publish):
    for name in ("a", "b"):
        publish(name)
        store.activate(name)
    (store.path("a") / "lexicon").unlink()
    with pytest.raises(ReleaseCorruptError, match="'lexicon' of release a"):
        store.rollback()
    assert store.current() == "b"


def test_activate_refuses_what_is_unknown_or_damaged(store: Store, publish: Publish):
    publish("a")
    publish("b")
    store.activate("a")
    with pytest.raises(UnknownReleaseError, match="no release gone"):
        store.activate("gone")
    path = store.path("b") / "lexicon"
    path.chmod(0o644)
    path.write_bytes(b"PHP")
    with pytest.raises(ReleaseCorruptError, match="'lexicon' of release b has changed"):
        store.activate("b")
    assert store.current() == "a"
    store.activate("b", verify=False)
    assert store.current() == "b"


@pytest.mark.parametrize(
    "content",
    [b"", b"not json", b"{}", b'{"release": "../a", "activated_at": "now", "previous": []}', b"[" * 50_000],
)
def test_a_damaged_pointer_is_an_error_and_activating_mends_it(
    store: Store, publish: Publish, content: bytes
):
    publish("a")
    (store.root / "current").write_bytes(content)
    with pytest.raises(StoreError, match="which names the active release, cannot be used"):
        store.current()
    store.activate("a")
    assert store.current() == "a"


def test_list_is_newest_first(store: Store, publish: Publish):
    first, second = publish("b"), publish("a", {"x": b"12345"}, parent="b")
    store.activate("b")
    assert store.list() == [
        ReleaseInfo(name="a", created=second.created, active=False, bytes=5, parent="b"),
        ReleaseInfo(name="b", created=first.created, active=True, bytes=6, parent=None),
    ]


def test_a_release_that_cannot_be_read_hides_no_other(store: Store, publish: Publish):
    publish("good")
    publish("bad")
    manifest = store.path("bad") / "manifest.json"
    manifest.chmod(0o644)
    manifest.write_text("{")
    (store.releases / "Not A Release").mkdir()
    assert [info.name for info in store.list()] == ["good"]
    assert {name: type(error) for name, error in store.broken().items()} == {"bad": ReleaseCorruptError}


@pytest.mark.parametrize(
    "name", ["", "..", "../a", "a/b", "/etc", "A", ".a", "a..b", "a\n", "a\0", "é", "a" * 65, "a b", "\udcff"]
)
def test_hostile_names_never_reach_the_file_system(store: Store, name: str):
    for use in (store.path, store.manifest, store.verify, store.check, store.activate, store.draft):
        with pytest.raises(InputError, match="is not a release name") as caught:
            use(name)
        assert caught.value.message.encode()
    with pytest.raises(InputError):
        store.draft("a", parent=name)


def test_a_linked_release_is_none(store: Store, publish: Publish, tmp_path: Path):
    publish("a")
    (store.releases / "b").symlink_to(store.path("a"))
    with pytest.raises(UnknownReleaseError):
        store.path("b")
    assert [info.name for info in store.list()] == ["a"]


def test_collect_keeps_the_active_its_past_and_the_newest(store: Store, publish: Publish):
    for name in ("r1", "r2", "r3", "r4", "r5", "r6", "r7"):
        publish(name)
    for name in ("r5", "r1", "r3", "r2"):
        store.activate(name)
    assert store.collect(2) == ["r5", "r4"]
    assert [info.name for info in store.list()] == ["r7", "r6", "r3", "r2", "r1"]
    assert store.rollback() == "r3"
    assert store.collect(1) == ["r6", "r2"]
    assert [info.name for info in store.list()] == ["r7", "r3", "r1"]
    assert list((store.root / "staging").iterdir()) == []


def test_roll_back_passes_over_collected_releases(store: Store, publish: Publish):
    for name in ("a", "b", "c"):
        publish(name)
        store.activate(name)
    store.activate("b")
    store.activate("c")
    # c now: before it b, c, b, a.
    assert store.collect(1) == ["a"]
    assert store.rollback() == "b"
    assert store.rollback() == "c"
    assert store.rollback() == "b"
    with pytest.raises(StoreError, match="no earlier release"):
        store.rollback()


def test_roll_back_never_leads_to_the_active_release(store: Store, publish: Publish):
    for name in ("a", "b"):
        publish(name)
        store.activate(name)
    store.activate("a")
    shutil.rmtree(store.path("b"))
    with pytest.raises(StoreError, match="no earlier release"):
        store.rollback()


def test_collect_leaves_what_it_cannot_read_and_wants_one_kept(store: Store, publish: Publish):
    for name in ("a", "b", "c"):
        publish(name)
    manifest = store.path("a") / "manifest.json"
    manifest.chmod(0o644)
    manifest.write_text('{"schema_version": 2}')
    assert store.collect(1) == ["b"]
    assert store.path("a").is_dir()
    with pytest.raises(StoreError, match="at least 1"):
        store.collect(0)


def test_a_collected_release_shares_no_fate_with_its_child(store: Store, publish: Publish):
    publish("a")
    with store.draft("b", parent="a") as draft:
        draft.share("a", "words", "lexicon")
        draft.publish(recipe={}, metrics={}, canary={})
    store.activate("b")
    assert store.collect(1) == ["a"]
    store.verify("b")
    assert (store.path("b") / "words/vectors.npy").read_bytes() == b"abc"


def test_changes_wait_for_each_other(store: Store, publish: Publish, monkeypatch: pytest.MonkeyPatch):
    publish("a")
    lock = FileLock(store.root / "lock")
    assert lock.acquire()
    monkeypatch.setattr(store_module, "_LOCK_WAIT_SECONDS", 0.05)
    with pytest.raises(StoreError, match="has kept this store locked"):
        store.activate("a")
    monkeypatch.undo()
    threading.Timer(0.05, lock.release).start()
    store.activate("a")
    assert store.current() == "a"


def test_many_threads_activating_leave_one_whole_pointer(store: Store, publish: Publish):
    names = ["a", "b", "c", "d"]
    for name in names:
        publish(name)
    threads = [threading.Thread(target=store.activate, args=(name,)) for name in names * 3]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        assert store.current() in {None, *names}
    pointer = json.loads((store.root / "current").read_bytes())
    assert {pointer["release"], *pointer["previous"]} == set(names)
