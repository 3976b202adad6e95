"""The manual at /docs: Swagger UI from an installed package, so that no script comes from elsewhere."""

from __future__ import annotations

from importlib.resources import files

from fastapi import APIRouter, HTTPException, Request, Response

from embedsvc.service.envelope import PAGE_POLICY

router = APIRouter()

_POLICY = (
    b"default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    b"connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>embedsvc</title>
<link rel="stylesheet" href="docs/swagger-ui.css">
<link rel="icon" type="image/png" href="docs/favicon-32x32.png">
</head>
<body>
<div id="manual">Everything is said in <a href="openapi.json">openapi.json</a> too.</div>
<script src="docs/swagger-ui-bundle.js"></script>
<script src="docs/start.js"></script>
</body>
</html>
"""
_START = """SwaggerUIBundle({
  url: "openapi.json", dom_id: "#manual", deepLinking: true, validatorUrl: null,
  presets: [SwaggerUIBundle.presets.apis, SwaggerUIBundle.SwaggerUIStandalonePreset],
})
"""
_KINDS = {
    "swagger-ui-bundle.js": "text/javascript",
    "swagger-ui.css": "text/css",
    "favicon-32x32.png": "image/png",
}


@router.get("/docs")
async def page(request: Request) -> Response:
    """The manual."""
    request.scope[PAGE_POLICY] = _POLICY
    return Response(_PAGE, media_type="text/html")


@router.get("/docs/start.js")
async def start() -> Response:
    """What the page runs; beside it, as its policy lets no script stand inside of it."""
    return Response(_START, media_type="text/javascript")


@router.get("/docs/{name}")
async def asset(name: str) -> Response:
    """A file of Swagger UI."""
    if name not in _KINDS:
        raise HTTPException(404)
    # Only the names above reach the file system.
    return Response(files("fastapi_swagger.resources").joinpath(name).read_bytes(), media_type=_KINDS[name])
