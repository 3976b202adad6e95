"""The REST service: `create_app` builds it, `run` serves it."""

from __future__ import annotations

from embedsvc.service.app import create_app
from embedsvc.service.server import run

__all__ = ["create_app", "run"]
