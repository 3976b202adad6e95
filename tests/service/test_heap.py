"""What was freed goes back to the system, where its C library can be asked."""

from __future__ import annotations

import ctypes
import sys

import pytest

from embedsvc.service.heap import give_back


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
