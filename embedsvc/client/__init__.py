"""The Python SDK: `Client` and `AsyncClient`, with the same methods."""

from __future__ import annotations

from embedsvc.client.async_ import AsyncClient
from embedsvc.client.sync import Client

__all__ = ["AsyncClient", "Client"]
