"""Batches larger than the service takes: split, asked one after the other, joined."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import to_json

from embedsvc.client.calls import Call, Plan
from embedsvc.errors import InputError, TransportError, invalid_request
from embedsvc.schemas import MAX_BATCH, Refused

MAX_CHUNK_BYTES = 1024 * 1024
"""JSON bytes of items in one call; half of what the service reads, as a call holds more than its items."""

_ROUNDS = 3

Item = TypeVar("Item")
Request = TypeVar("Request", bound=BaseModel)


def chunks(items: Sequence[Item], what: str, most: int = MAX_BATCH) -> Iterator[tuple[int, Sequence[Item]]]:
    """Split into (offset, items), each of `most` items and MAX_CHUNK_BYTES; no items give one empty chunk.

    Raises:
        InputError: A single string was given where a list of them is wanted.
    """
    if isinstance(items, str):
        raise InputError(f"{what}: give a list, not a single string.")
    start, weight = 0, 0
    for position, item in enumerate(items):
        size = _size(item)
        if position > start and (position - start == most or weight + size > MAX_CHUNK_BYTES):
            yield start, items[start:position]
            start, weight = position, 0
        weight += size
    yield start, items[start:]


def _size(item: object) -> int:
    try:
        return len(to_json(item)) + 1
    except ValueError:
        return 0  # what is no JSON is refused when the request is built


def validated(model: type[Request], offset: int = 0, /, **fields: Any) -> Request:
    """Build a request before it is sent.

    Raises:
        InputError: A field cannot be used; positions are those in the caller's own list.
    """
    try:
        request = model.model_validate(fields)
    except ValidationError as error:
        problems = [{**problem, "loc": _shifted(problem["loc"], offset)} for problem in error.errors()]
        raise invalid_request(problems) from None
    refused = list(_unsendable(request, offset))
    if refused:
        raise invalid_request(refused)
    return request


def _unsendable(request: BaseModel, offset: int) -> Iterator[dict[str, Any]]:
    """Problems of items that are of no kind to be sent.

    A text that is empty or too long is sent: it fails alone, by the service's own rules.
    """
    for field, items in request:
        for index, item in enumerate(items if isinstance(items, list) else ()):
            if isinstance(item, Refused) and not _is_text(item.given):
                for problem in item.problems:
                    yield {**problem, "loc": (field, index + offset, *problem["loc"])}


def _is_text(given: object) -> bool:
    texts = given if isinstance(given, list | tuple) else (given,)
    return all(isinstance(text, str) and _encodes(text) for text in texts)


def _encodes(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _shifted(location: tuple[int | str, ...], offset: int) -> tuple[int | str, ...]:
    if len(location) > 1 and isinstance(location[1], int):
        return (location[0], location[1] + offset, *location[2:])
    return location


def in_parts(
    items: Sequence[Item],
    what: str,
    call_of: Callable[[int, list[Item]], Call[Any]],
    most: int = MAX_BATCH,
) -> Plan[list[tuple[int, Any]]]:
    """Ask about all items and return (offset, answer) of each part; all answers are of one release.

    The service may move to a new release between two calls: those answered by an older one are asked again.

    Args:
        items: The whole batch.
        what: Its name in messages.
        call_of: Builds the call for the part that starts at an offset.
        most: Items in one call.

    Raises:
        InputError: An item cannot be asked; nothing has been sent then.
        TransportError: The release changed again and again.
    """
    calls = [(offset, call_of(offset, list(part))) for offset, part in chunks(items, what, most)]
    answers: list[tuple[int, Any]] = []
    for place, (offset, call) in enumerate(calls):
        done = calls[place + 1][0] if place + 1 < len(calls) else len(items)
        answers.append((offset, (yield replace(call, done=done, total=len(items)))))
    newest = answers[-1][1].release
    for _ in range(_ROUNDS):
        stale = [place for place, (_, answer) in enumerate(answers) if answer.release != newest]
        if not stale:
            return answers
        for place in stale:
            offset, call = calls[place]
            answers[place] = (offset, (yield call))
            newest = answers[place][1].release
    raise TransportError("The service changed its release again and again during one batch; ask once more.")


def joined(parts: Sequence[tuple[int, Any]]) -> Any:
    """Join answers with `results`, turning positions within a part into positions within the batch."""
    results = [
        result.model_copy(update={"index": result.index + offset})
        for offset, answer in parts
        for result in answer.results
    ]
    return parts[-1][1].model_copy(update={"results": results})
