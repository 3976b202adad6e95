"""Every question about jobs, described once for both clients."""

from __future__ import annotations

from urllib.parse import quote
from uuid import uuid4

from embedsvc.client.batches import validated
from embedsvc.client.calls import Call, Plan
from embedsvc.errors import InputError
from embedsvc.schemas import Job, JobEvent, JobListResponse, ReindexRequest

JOBS = "/v1/jobs"
LOST_SECONDS = 60.0
"""How long a service may be away, restarted say, before whoever waits for a job gives up."""

FIRST_PAUSE_SECONDS = 0.1
MAX_PAUSE_SECONDS = 2.0


def reindex(activate: bool, key: str | None) -> Plan[Job]:
    """POST /v1/jobs/reindex, with one idempotency key however often it is sent."""
    body = validated(ReindexRequest, activate=activate)
    headers = {"Idempotency-Key": _sendable(uuid4().hex if key is None else key)}
    job: Job = yield Call("POST", f"{JOBS}/reindex", Job, body=body, headers=headers)
    return job


def get(identity: str) -> Plan[Job]:
    """GET /v1/jobs/{id}."""
    job: Job = yield Call("GET", path(identity), Job)
    return job


def newest(limit: int) -> Plan[list[Job]]:
    """GET /v1/jobs."""
    answer: JobListResponse = yield Call("GET", JOBS, JobListResponse, {"limit": limit})
    return answer.jobs


def cancel(identity: str) -> Plan[Job]:
    """DELETE /v1/jobs/{id}."""
    job: Job = yield Call("DELETE", path(identity), Job)
    return job


def path(identity: str) -> str:
    """Percent-encode an id into a path; one of dots alone would be taken for a folder."""
    encoded = quote(identity, safe="")
    if not encoded:
        raise InputError("The job's id is empty; give the `id` of a job.")
    return f"{JOBS}/" + (encoded.replace(".", "%2E") if set(encoded) == {"."} else encoded)


def next_pause(pause: float) -> float:
    """Pauses between two looks grow."""
    return min(MAX_PAUSE_SECONDS, pause * 1.5)


def _sendable(key: str) -> str:
    if not key.isascii() or not key.isprintable() or not 1 <= len(key) <= 255 or " " in key:
        raise InputError("The idempotency key must have 1 to 255 visible ASCII characters.")
    return key


class EventLines:
    """Puts the lines of a stream of events together.

    Attributes:
        last: The number of the last event, 0 before the first.
        ended: Whether the event `end` has come.
    """

    def __init__(self) -> None:
        self.last = 0
        self.ended = False
        self._fields: dict[str, str] = {}

    def take(self, line: str) -> JobEvent | None:
        """The event that ends with this line, if one does; comments and what is not known are passed over."""
        if line:
            name, _, value = line.partition(":")
            if name:
                self._fields[name] = value.removeprefix(" ")
            return None
        fields, self._fields = self._fields, {}
        if fields.get("event") not in {"progress", "end"}:
            return None
        data = "job" if fields["event"] == "end" else "progress"
        told = f'{{"id":{fields["id"]},"event":"{fields["event"]}","{data}":{fields["data"]}}}'
        event = JobEvent.model_validate_json(told)
        self.last, self.ended = event.id, event.event == "end"
        return event

    def start_again(self) -> dict[str, str]:
        """Forget an event that came in half; the headers that ask for those after the last."""
        self._fields = {}
        return {"Last-Event-ID": str(self.last)} if self.last else {}
