"""The memory of a process that serves: what is given back, and how seldom the rest is looked through."""

from __future__ import annotations

import ctypes
import gc
import sys

_SWITCH_SECONDS = 0.001
_YOUNG = 10_000


def prepare() -> None:
    """Set the interpreter up for a process that does nothing but serve.

    A thread that computes leaves the interpreter to the loop, which answers health checks, after a
    millisecond. Garbage is looked for after ten thousand new objects, as to open a release makes hundreds of
    thousands that stay.
    """
    sys.setswitchinterval(_SWITCH_SECONDS)
    gc.set_threshold(_YOUNG, 10, 10)


def settle() -> None:
    """Take a release that was opened for what stays.

    No collection of garbage looks through what is there now: that takes 80 ms for 10,000 skills, in which
    nobody is answered. What nothing refers to still goes at once, as a release does that is served no longer.
    """
    give_back()
    gc.freeze()


def give_back() -> None:
    """Let the system have what opening a release needed and no longer needs.

    The C library of Linux keeps what was freed unless it is asked; others are left to themselves. Nobody
    waits for it: the interpreter is not held meanwhile.
    """
    if sys.platform == "linux":
        trim = getattr(ctypes.CDLL(None), "malloc_trim", None)  # musl has none
        if trim is not None:
            trim(0)
