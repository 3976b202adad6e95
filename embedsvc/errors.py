"""Every error of embedsvc, in one tree.

    EmbedsvcError
    ├── InputError                  what was handed in is wrong                 422
    │   ├── RecipeError             the recipe does not say what is wanted
    │   ├── UnknownSkillError       no such skill; suggestions in details       404
    │   ├── UnknownNameError        no such space, relation, classifier, index  404
    │   ├── UnknownCandidateError   no such candidate, or erased                404
    │   ├── ErasedCandidateError    was erased, and cannot be put in again      409
    │   ├── UnknownJobError         no such job, or forgotten                   404
    │   ├── JobRunningError         another job is under way                    409
    │   ├── JobEndedError           too late to cancel the job                  409
    │   ├── IdempotencyKeyError     the key was used for something else         422
    │   ├── UnauthorizedError       no API key, or one that is not taken        401
    │   ├── ForbiddenError          the key may read only                       403
    │   ├── UnsupportedError        well-formed, but not what this one can do   400
    │   ├── PayloadTooLargeError    more bytes than the service reads           413
    │   ├── CorpusError             the candidates cannot be read or used
    │   │   ├── SourceNotFoundError the file or table is not there
    │   │   ├── BrokenSourceError   cut short, not gzip, not the format it says
    │   │   ├── EmptyCorpusError    nothing (or nothing usable) to train on
    │   │   └── LeakError           what is judged by was trained on
    │   └── FormatError             a file of vectors cannot be read or written
    ├── StoreError                  the release store cannot do what was asked  500
    │   ├── UnknownReleaseError     no release of that name                     404
    │   ├── ReleaseExistsError      the name is taken                           409
    │   ├── ReleaseCorruptError     a file is missing, cut short or changed     500
    │   ├── ChangesFullError        too many changes since the last re-index    409
    │   ├── NoActiveReleaseError    nothing has been activated yet              503
    │   └── StoreFullError          no space left where the store is            507
    ├── NotReadyError               the canary query failed or never ran        503
    ├── OverloadedError             more work is waiting than the service takes 503
    ├── RateLimitError              more requests a minute than the key may make 429
    ├── ServeError                  the service cannot start listening
    ├── OptionalDependencyError     a package of an extra is not installed      500
    └── TransportError              (SDK only) the service was not reached
        └── TransportTimeoutError   (SDK only) it did not answer in time

Each class has a `code` (stable, for programs), an HTTP `status`, and an `exit_code` for the command
line taken from sysexits.h (65 bad data, 66 no input, 69 unavailable, 73 cannot create, 74 I/O,
77 not allowed, 78 configuration). The SDK raises the same classes that the service answers with.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, ClassVar


class EmbedsvcError(Exception):
    """Base of every error raised on purpose.

    Args:
        message: One sentence that says what is wrong and what to do.
        details: Facts for programs; JSON values only.
        request_id: Set by the SDK from the service's answer.
    """

    code: ClassVar[str] = "internal"
    status: ClassVar[int] = 500
    exit_code: ClassVar[int] = 70

    def __init__(
        self, message: str, *, details: Mapping[str, Any] | None = None, request_id: str | None = None
    ) -> None:
        super().__init__(message)
        self.message = message
        self.details: dict[str, Any] = dict(details or {})
        self.request_id = request_id

    def __str__(self) -> str:
        return self.message


class InputError(EmbedsvcError):
    """What was handed in is wrong."""

    code = "invalid_request"
    status = 422
    exit_code = 65


MAX_PATH = 200
MAX_PROBLEMS = 20
"""Problems listed in one InputError; a batch of 1,000 may hold as many."""


def invalid_request(problems: Sequence[Mapping[str, Any]]) -> InputError:
    """Build one readable error from pydantic's list of problems.

    What was sent is never repeated, neither in the message nor in the details: it may be a candidate's
    text, or megabytes.

    Args:
        problems: What `ValidationError.errors()` returns; at least one.
    """
    told = [{"field": _field(p["loc"]), "problem": _problem(p)} for p in problems[:MAX_PROBLEMS]]
    more = len(problems) - 1
    message = f"{told[0]['field']}: {told[0]['problem']}."
    if more:
        message += f" {more} more in details."
    return InputError(message, details={"problems": told, "count": len(problems)})


def _field(location: Sequence[int | str]) -> str:
    path = ""
    for part in location:
        # A location holds keys that the sender made up: cut them short, and mend what is no text.
        name = str(part)[:64].encode("utf-8", "replace").decode()
        path += f"[{part}]" if isinstance(part, int) else f".{name}" if path else name
    shown = path if len(path) <= MAX_PATH else path[:MAX_PATH] + "..."
    return shown or "request"


def _problem(problem: Mapping[str, Any]) -> str:
    if problem.get("type") == "json_invalid":
        return "this is not JSON"
    return str(problem["msg"]).removeprefix("Value error, ")


class RecipeError(InputError):
    """The recipe names an unknown key or holds a value that cannot be used."""

    code = "invalid_recipe"
    exit_code = 78


class UnknownSkillError(InputError):
    """The query ladder ended without a skill; `details["suggestions"]` holds near ones."""

    code = "unknown_skill"
    status = 404


class UnknownNameError(InputError):
    """The open release has no space, relation, classifier or index of that name."""

    code = "unknown_name"
    status = 404


class UnknownCandidateError(InputError):
    """Nobody is found under that id: it was never known, or was erased."""

    code = "unknown_candidate"
    status = 404


class ErasedCandidateError(InputError):
    """The candidate was erased, which is for good."""

    code = "candidate_erased"
    status = 409


class UnsupportedError(InputError):
    """What was asked is well-formed, but the service or its live release cannot do it."""

    code = "unsupported"
    status = 400


class UnknownJobError(InputError):
    """There is no such job, or it has been forgotten since."""

    code = "unknown_job"
    status = 404


class JobRunningError(InputError):
    """Another job is under way; `details["job"]` is its id."""

    code = "job_running"
    status = 409


class JobEndedError(InputError):
    """The job has ended, or is publishing, so that it cannot be cancelled; `details["state"]` says which."""

    code = "job_ended"
    status = 409


class IdempotencyKeyError(InputError):
    """The idempotency key began a job that was asked something else."""

    code = "idempotency_key_reused"


class UnauthorizedError(InputError):
    """No API key was sent, or one that is not taken."""

    code = "unauthorized"
    status = 401
    exit_code = 77


class ForbiddenError(InputError):
    """The API key may read only, or the request comes from a page of another origin."""

    code = "forbidden"
    status = 403
    exit_code = 77


class PayloadTooLargeError(InputError):
    """The request is larger than the service reads."""

    code = "payload_too_large"
    status = 413


class CorpusError(InputError):
    """The candidates cannot be read or used."""

    code = "invalid_corpus"


class SourceNotFoundError(CorpusError):
    """The file or table to read candidates from is not there."""

    code = "source_not_found"
    exit_code = 66


class BrokenSourceError(CorpusError):
    """The source is cut short, or is not in the format it claims."""

    code = "broken_source"


class EmptyCorpusError(CorpusError):
    """There is nothing, or nothing usable, to train on."""

    code = "empty_corpus"


class LeakError(CorpusError):
    """A text of the dev or test part was trained on."""

    code = "leaked_split"


class FormatError(InputError):
    """A file of vectors is not what it should be, or a format cannot hold the vectors."""

    code = "invalid_vectors"


class StoreError(EmbedsvcError):
    """The release store cannot do what was asked."""

    code = "store_error"
    exit_code = 74


class UnknownReleaseError(StoreError):
    """The store holds no release of that name."""

    code = "unknown_release"
    status = 404
    exit_code = 66


class ReleaseExistsError(StoreError):
    """A release of that name has been published already."""

    code = "release_exists"
    status = 409
    exit_code = 73


class ReleaseCorruptError(StoreError):
    """A file of the release is missing, cut short or changed."""

    code = "release_corrupt"
    exit_code = 65


class GateError(StoreError):
    """The release is not what its recipe asks of one that goes live; `details["faults"]` says why."""

    code = "gate_refused"
    status = 409
    exit_code = 65


class ChangesFullError(StoreError):
    """The journal of changes is as large as it may be; a re-index makes room."""

    code = "changes_full"
    status = 409
    exit_code = 73


class NoActiveReleaseError(StoreError):
    """No release has been activated in this store yet."""

    code = "no_active_release"
    status = 503
    exit_code = 69


class StoreFullError(StoreError):
    """There is no space left where the store is."""

    code = "store_full"
    status = 507
    exit_code = 73


class NotReadyError(EmbedsvcError):
    """The canary query has not given its known answer."""

    code = "not_ready"
    status = 503
    exit_code = 69


class OverloadedError(EmbedsvcError):
    """More requests are waiting for a thread than the service lets wait; ask again a little later."""

    code = "overloaded"
    status = 503
    exit_code = 69


class RateLimitError(EmbedsvcError):
    """More requests came in a minute than this API key may make; ask again after `Retry-After`."""

    code = "rate_limited"
    status = 429
    exit_code = 69


class ServeError(EmbedsvcError):
    """The service cannot listen where it was told to, for example because the port is in use."""

    code = "cannot_serve"
    exit_code = 69


class OptionalDependencyError(EmbedsvcError):
    """A package of an extra is not installed; the message holds the exact pip line."""

    code = "missing_dependency"
    exit_code = 69


class TransportError(EmbedsvcError):
    """The SDK could not reach the service, or could not read its answer."""

    code = "transport"
    exit_code = 69


class TransportTimeoutError(TransportError):
    """The service did not answer in time."""

    code = "timeout"


def tree(root: type[EmbedsvcError] = EmbedsvcError) -> Iterator[type[EmbedsvcError]]:
    """Yield `root` and all its descendants, parents first."""
    yield root
    for child in root.__subclasses__():
        yield from tree(child)


def from_wire(
    code: str, message: str, details: Mapping[str, Any] | None = None, request_id: str | None = None
) -> EmbedsvcError:
    """Build the error that a service's answer describes; an unknown code gives the base class."""
    for kind in tree():
        if kind.code == code:
            return kind(message, details=details, request_id=request_id)
    return EmbedsvcError(message, details={"code": code, **(details or {})}, request_id=request_id)
