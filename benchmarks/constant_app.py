"""The baseline of `benchmarks.related`: a FastAPI endpoint that returns the same bytes every time."""

from __future__ import annotations

import os
from pathlib import Path

from fastapi import FastAPI, Response

app = FastAPI()
_BODY = Path(os.environ["CONSTANT_BODY"]).read_bytes()


@app.get("/constant")
async def constant() -> Response:
    """Answer the bytes."""
    return Response(_BODY, media_type="application/json")
