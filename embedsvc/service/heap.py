"""Memory that was needed for a moment, given back to the system."""

from __future__ import annotations

import ctypes
import sys


def give_back() -> None:
    """Let the system have what opening a release needed and no longer needs.

    The C library of Linux keeps what was freed unless it is asked; others are left to themselves. Nobody
    waits for it: the interpreter is not held meanwhile.
    """
    if sys.platform == "linux":
        trim = getattr(ctypes.CDLL(None), "malloc_trim", None)  # musl has none
        if trim is not None:
            trim(0)
