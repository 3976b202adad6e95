"""What was freed goes back to the system, and what stays is not looked through again."""

from __future__ import annotations

import ctypes
import gc
import sys
import weakref

import pytest

from embedsvc.service.heap import give_back, prepare, settle


class Library:
    """A C library that counts."""

    def __init__(self) -> None:
        self.asked: list[int] = []

    def malloc_trim(self, kept: int) -> int:
        self.asked.append(kept)
        return 1


def test_the_c_library_is_asked_to_keep_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    library = Library()
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(ctypes, "CDLL", lambda _: library)
    give_back()
    assert library.asked == [0]


@pytest.mark.parametrize(("platform", "library"), [("linux", object()), ("darwin", None)])
def test_others_are_left_to_themselves(
    monkeypatch: pytest.MonkeyPatch, platform: str, library: object
) -> None:
    def load(_: None) -> object:
        assert library is not None, "nothing is loaded where there is no such function"
        return library

    monkeypatch.setattr(sys, "platform", platform)
    monkeypatch.setattr(ctypes, "CDLL", load)
    give_back()


class Node:
    """Something that can be referred to weakly, and refer to itself."""

    def __init__(self) -> None:
        self.own: Node | None = None


def test_what_stays_is_not_looked_through_and_what_goes_is_freed() -> None:
    stays, goes = Node(), weakref.WeakSet[Node]()
    try:
        settle()
        frozen = gc.get_freeze_count()
        assert frozen > 1_000
        assert not any(each is stays for each in gc.get_objects())
        later = Node()
        later.own = later
        goes.add(later)
        goes.add(stays)
        del later, stays
        assert len(goes) == 1  # `stays` went with its last reference, frozen or not
        gc.collect()
        assert len(goes) == 0  # a circle that came later is found
    finally:
        gc.unfreeze()


def test_the_interpreter_is_set_up_to_serve() -> None:
    before = gc.get_threshold(), sys.getswitchinterval()
    try:
        prepare()
        assert gc.get_threshold() == (10_000, 10, 10)
        assert sys.getswitchinterval() == pytest.approx(0.001)
    finally:
        gc.set_threshold(*before[0])
        sys.setswitchinterval(before[1])
