"""The main query on a lane of its own: `GET /v1/skills/{skill}/related` without FastAPI's machinery.

Routing, dependency solving and exit stacks cost FastAPI more than the query itself. So a plain, well-formed
request is answered here; whatever is unusual (another method, unknown or repeated parameters, a value out of
range) goes on to the route in `routes/skills.py`, which documents, validates and answers alike. A test holds
the two to the same bytes.
"""

from __future__ import annotations

import re
from functools import lru_cache
from types import SimpleNamespace
from typing import cast, get_args

from starlette.types import ASGIApp, Receive, Scope, Send

from embedsvc import queries
from embedsvc.errors import EmbedsvcError
from embedsvc.queries.stages import recorder, recording
from embedsvc.schemas import MAX_K, MAX_SKILL_LENGTH, RelatedQuery, Relation
from embedsvc.service.envelope import failure_of_error
from embedsvc.service.live import LiveRelease
from embedsvc.service.stage_times import EVERY, StageTimes

_BEFORE, _AFTER = "/v1/skills/", "/related"
_ROUTE = SimpleNamespace(path="/v1/skills/{skill:path}/related")
_JSON = (b"content-type", b"application/json")
_K = re.compile(rb"[1-9][0-9]{0,3}")
_SCORE = re.compile(rb"-?[01](\.[0-9]{1,9})?")
_RELATIONS = {name.encode(): cast("Relation", name) for name in get_args(Relation)}
_DEFAULT = RelatedQuery(skill="any")

Options = tuple[int, Relation, float | None]


class FastLane:
    """Answers the plain form of the related query; passes everything else on."""

    def __init__(self, app: ASGIApp, live: LiveRelease, times: StageTimes) -> None:
        self.app = app
        self._live = live
        self._times = times
        self._turn = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one ASGI connection."""
        if scope["type"] != "http" or scope["method"] != "GET" or not scope["path"].endswith(_AFTER):
            await self.app(scope, receive, send)
            return
        path: str = scope["path"]
        skill = path[len(_BEFORE) : -len(_AFTER)]
        options = read_options(scope["query_string"])
        if options is None or not path.startswith(_BEFORE) or not 1 <= len(skill) <= MAX_SKILL_LENGTH:
            await self.app(scope, receive, send)
            return
        scope["route"] = _ROUTE
        try:
            self._turn += 1
            if self._turn % EVERY:
                body = queries.related_json(self._live.release(), skill, *options)
            else:
                body = self._timed(scope, skill, options)
        except EmbedsvcError as error:
            await failure_of_error(scope, error)(scope, receive, send)
            return
        headers = [(b"content-length", b"%d" % len(body)), _JSON]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    def _timed(self, scope: Scope, skill: str, options: Options) -> bytes:
        with recording(recorder()) as listener:
            release = self._live.release()
            listener.release = release.name
            try:
                return queries.related_json(release, skill, *options)
            finally:
                self._times.tell(scope, listener)


@lru_cache(maxsize=1024)
def read_options(query_string: bytes) -> Options | None:
    """Read k, relation and min_score of a plain query string; None where FastAPI has to look at it."""
    k, relation, min_score = _DEFAULT.k, _DEFAULT.relation, _DEFAULT.min_score
    seen = set()
    for pair in query_string.split(b"&") if query_string else ():
        name, _, value = pair.partition(b"=")
        if name in seen:
            return None
        seen.add(name)
        if name == b"k" and _K.fullmatch(value) and int(value) <= MAX_K:
            k = int(value)
        elif name == b"relation" and value in _RELATIONS:
            relation = _RELATIONS[value]
        elif name == b"min_score" and _SCORE.fullmatch(value) and -1.0 <= float(value) <= 1.0:
            min_score = float(value)
        else:
            return None
    return k, relation, min_score
