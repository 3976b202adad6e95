"""Batches without end: a JSON value a line in, a result a line out, in flat memory.

A batch route takes `Content-Type: application/x-ndjson` too. Each line is an item of the batch, each line of
the answer its result with its index and the release, which is one for the whole stream. The other fields of
the batch's body are the query string, lists and objects as JSON. Lines are answered while others still come,
so a caller who sends much has to read meanwhile, as curl does.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Coroutine, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import anyio.to_thread
import orjson
from fastapi import Request, Response
from fastapi.routing import APIRoute
from pydantic import BaseModel, ValidationError
from starlette.requests import ClientDisconnect
from starlette.types import Receive, Scope, Send

from embedsvc import queries
from embedsvc.errors import EmbedsvcError, invalid_request
from embedsvc.queries.stages import stage
from embedsvc.releases.opening import Release
from embedsvc.schemas import (
    MAX_HITS,
    MAX_K,
    ClassifyRequest,
    ExtractRequest,
    Refused,
    RelatedBatchRequest,
    SearchRequest,
    SimilarityRequest,
    SimilarityResponse,
)
from embedsvc.service.envelope import failure_of_error
from embedsvc.service.state import ServiceState, state_of, tell_of

NDJSON = "application/x-ndjson"
LINES_A_BLOCK = MAX_HITS // MAX_K
"""As many as may be asked with the largest k at once."""

MAX_LINE_BYTES = 1024 * 1024

_NO_JSON = {"type": "json_invalid", "loc": (), "msg": "this is not JSON"}
_TOO_LONG = {"type": "too_long", "loc": (), "msg": f"a line has at most {MAX_LINE_BYTES} bytes"}


@dataclass(frozen=True, slots=True)
class _Batch:
    """What a line is an item of: the request, its list, and who answers it."""

    model: type[BaseModel]
    items: str
    query: Callable[[Release, Any], BaseModel]


_BATCHES = {
    "/v1/skills/related": _Batch(RelatedBatchRequest, "queries", queries.related_batch),
    "/v1/skills/extract": _Batch(ExtractRequest, "texts", queries.extract),
    "/v1/similarity": _Batch(SimilarityRequest, "pairs", queries.similarity),
    "/v1/search": _Batch(SearchRequest, "queries", queries.search),
    "/v1/classify": _Batch(ClassifyRequest, "texts", queries.classify),
}


class BatchRoute(APIRoute):
    """A route whose body is a batch, as JSON or line by line."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Answer lines here; what is JSON goes the usual way."""
        usual = super().get_route_handler()
        batch = _BATCHES[self.path]

        async def handle(request: Request) -> Response:
            if not is_ndjson(request.scope):
                return await usual(request)
            return LineResponse(state_of(request), batch, _options(request.query_params))

        return handle


def is_ndjson(scope: Scope) -> bool:
    """Whether a batch comes line by line."""
    if scope["path"] not in _BATCHES:
        return False
    for name, value in scope["headers"]:
        if name == b"content-type":
            return bytes(value).split(b";")[0].strip().lower() == NDJSON.encode()
    return False


def _options(given: Mapping[str, str]) -> dict[str, Any]:
    """Fields from the query string; lists and objects are JSON, what only begins like one stays a text."""
    options: dict[str, Any] = {}
    for name, value in given.items():
        try:
            options[name] = orjson.loads(value) if value[:1] in ("{", "[") else value
        except orjson.JSONDecodeError:
            options[name] = value
    return options


class LineResponse(Response):
    """Reads lines and sends results, a block at a time."""

    def __init__(self, state: ServiceState, batch: _Batch, options: dict[str, Any]) -> None:
        super().__init__(media_type=NDJSON)
        del self.headers["content-length"]
        self._state, self._batch, self._options = state, batch, options

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer; what is wrong with the request as a whole is told before the first line."""
        begun = False
        try:
            with self._state.stream():
                async for body in self._answered(receive):
                    if not begun:
                        await self._begin(send)
                        begun = True
                    await send({"type": "http.response.body", "body": body, "more_body": True})
                if not begun:
                    await self._begin(send)
                await send({"type": "http.response.body", "body": b""})
        except ClientDisconnect:
            return
        except EmbedsvcError as error:
            if begun:
                raise  # the connection is cut: an answer without its end is seen to be none
            await failure_of_error(scope, error)(scope, receive, send)

    async def _begin(self, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})

    async def _answered(self, receive: Receive) -> AsyncIterator[bytes]:
        release, offset = self._state.live.release(), 0
        async for block in _blocks(receive):
            items = [_item(line) for line in block]
            tell_of(release, len(items))
            body = await anyio.to_thread.run_sync(
                self._results, release, items, offset, limiter=self._state.threads
            )
            offset += len(items)
            yield body

    def _results(self, release: Release, items: list[Any], offset: int) -> bytes:
        try:
            with stage("parse"):
                asked = self._batch.model.model_validate({**self._options, self._batch.items: items})
        except ValidationError as error:
            raise invalid_request(error.errors()) from None
        answer = self._batch.query(release, asked)
        with stage("serialise"):
            lines = [
                orjson.dumps({**line, "index": line["index"] + offset, "release": release.name})
                for line in _lines(answer)
            ]
            return b"\n".join([*lines, b""])


def _lines(answer: Any) -> Iterator[dict[str, Any]]:
    if not isinstance(answer, SimilarityResponse):
        for result in answer.results:
            yield result.model_dump(mode="json")
        return
    errors = {each.index: each.error.model_dump(mode="json") for each in answer.errors}
    for index, score in enumerate(answer.scores):
        yield {
            "index": index,
            "score": score,
            "relatedness": answer.relatedness and answer.relatedness[index],
            "error": errors.get(index),
            "tokens": answer.tokens and answer.tokens[index],
            "truncated": answer.truncated and answer.truncated[index],
        }


def _item(line: bytes | None) -> Any:
    if line is None:
        return Refused(None, [_TOO_LONG])
    try:
        return orjson.loads(line)
    except orjson.JSONDecodeError:
        return Refused(None, [_NO_JSON])


async def _blocks(receive: Receive) -> AsyncIterator[list[bytes | None]]:
    """Lines as they come, so many at a time at most, blank ones left out; None for one that is too long."""
    rest, skipping, more = b"", False, True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        more = message.get("more_body", False)
        *lines, rest = (rest + message.get("body", b"")).split(b"\n")
        if not more and rest:
            lines, rest = [*lines, rest], b""
        found: list[bytes | None] = []
        for line in lines:
            if skipping or len(line) > MAX_LINE_BYTES:
                found.append(None)
                skipping = False
            elif line.strip():
                found.append(line)
        if skipping := skipping or len(rest) > MAX_LINE_BYTES:
            rest = b""
        for begin in range(0, len(found), LINES_A_BLOCK):
            yield found[begin : begin + LINES_A_BLOCK]
