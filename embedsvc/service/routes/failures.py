"""How a route documents the ways it can fail."""

from __future__ import annotations

from typing import Any

from embedsvc.schemas import ErrorResponse

_MEANING = {
    400: "The body cannot be read as JSON (`invalid_request`), or what was asked is well-formed, but not "
    "what the live release can do (`unsupported`).",
    403: "The API key may read only (`forbidden`).",
    404: "No such skill (`unknown_skill`, with near ones in `details.suggestions`), candidate "
    "(`unknown_candidate`), job (`unknown_job`) or name (`unknown_name`).",
    409: "The release may not go live (`gate_refused`, `details.faults` says why), the candidate was erased "
    "(`candidate_erased`), the journal of changes is full (`changes_full`), another job is under way "
    "(`job_running`), or the job has ended (`job_ended`).",
    408: "The body did not come in time (`request_timeout`).",
    413: "The body is larger than the service reads (`payload_too_large`); send a smaller batch.",
    422: "The request cannot be used (`invalid_request`); `details.problems` lists field and problem.",
    500: "The service failed (`internal`); its log holds the request id.",
    503: "No release is being served (`no_active_release`, `not_ready`), or too many requests are waiting "
    "(`overloaded`); ask again after `Retry-After`.",
}


def failures(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Return the `responses` of a route that fails in these ways, or by a fault of the service (500).

    A body that may be too large (413) may also be no JSON (400) or never come (408).
    """
    ways = {*statuses, 500} | ({400, 408} if 413 in statuses else set())
    return {status: {"model": ErrorResponse, "description": _MEANING[status]} for status in sorted(ways)}
