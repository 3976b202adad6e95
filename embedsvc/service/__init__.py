"""The REST service: `create_app` builds it, `run` serves it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from embedsvc.service.server import run

if TYPE_CHECKING:
    from embedsvc.service.app import create_app

__all__ = ["create_app", "run"]


def __getattr__(name: str) -> Any:
    """Import the application when it is asked for: the process that keeps workers running needs it not."""
    if name != "create_app":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from embedsvc.service import app

    return app.create_app
