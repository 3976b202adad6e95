"""The explorer at `/`: a page for people, made of static files that ask the endpoints everybody may ask."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from importlib.resources import files
from typing import Final

from fastapi import APIRouter, HTTPException, Request, Response

from embedsvc.service.envelope import CACHING, PAGE_POLICY

router = APIRouter()

PAGE: Final = "index.html"
_KINDS = {
    "html": "text/html; charset=utf-8",
    "css": "text/css; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "svg": "image/svg+xml",
}
_POLICY = (
    b"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    b"base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; "
    b"trusted-types 'none'"
)
"""No script, style or file of elsewhere, none inside of the page, and no text that becomes markup."""

_CACHING = b"no-cache"
"""Kept, and asked for again by its ETag, so that page and modules are always of one version."""


@dataclass(frozen=True, slots=True)
class StaticFile:
    """A file as it is sent."""

    content: bytes
    kind: str
    etag: str


def _read() -> dict[str, StaticFile]:
    """Every file of the folder by its name: read once, so that no name of a request reaches the disk."""
    found = {}
    for place in files("embedsvc").joinpath("explorer").iterdir():
        kind = _KINDS.get(place.name.rpartition(".")[2])
        if kind is not None:
            content = place.read_bytes()
            found[place.name] = StaticFile(content, kind, f'"{sha256(content).hexdigest()[:32]}"')
    return found


_FILES: Final = _read()


@router.get("/")
async def page(request: Request) -> Response:
    """The page."""
    request.scope[PAGE_POLICY] = _POLICY
    return _sent(request, _FILES[PAGE])


@router.get("/explorer/{name}")
async def asset(request: Request, name: str) -> Response:
    """A file that the page is made of."""
    if name == PAGE or name not in _FILES:
        raise HTTPException(404)
    return _sent(request, _FILES[name])


def _sent(request: Request, file: StaticFile) -> Response:
    """The file, or 304 where the asker has it already."""
    request.scope[CACHING] = _CACHING
    held = {each.strip().removeprefix("W/") for each in request.headers.get("if-none-match", "").split(",")}
    headers = {"ETag": file.etag}
    if file.etag in held or "*" in held:
        return Response(status_code=304, headers=headers)
    return Response(file.content, media_type=file.kind, headers=headers)
