"""From whatever JSON value a source holds to the text, the list of skills or the label we want."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

# Objects nested deeper than this hold no candidate's text, and recursion needs a floor.
_MAX_DEPTH = 16
_DELIMITERS = re.compile(r"[,|;\r\n]")


def text_of(value: Any, separator: str = "\n") -> str:
    """All text in `value`, in its order: strings and numbers of lists and objects, one a line.

    Args:
        value: Any JSON value. True, false and null hold no text, nor does what is nested too deep.
        separator: Stands between the parts.
    """
    if isinstance(value, str):
        return value
    return separator.join(_strings(value, 0))


def _strings(value: Any, depth: int) -> Iterator[str]:
    if isinstance(value, str):
        if value.strip():
            yield value
    elif isinstance(value, bool) or value is None or depth > _MAX_DEPTH:
        return
    elif isinstance(value, int | float):
        yield str(value)
    else:
        for part in value.values() if isinstance(value, dict) else value:
            yield from _strings(part, depth + 1)


def skills_of(value: Any) -> tuple[str, ...]:
    """The skills in `value`: stripped, empty ones left out, the first of equal ones kept.

    Args:
        value: A list of strings or of objects with a "name", each one skill; or one string in which
            a comma, bar, semicolon or line break ends a skill. Anything else holds no skill.
    """
    if isinstance(value, str):
        parts = _DELIMITERS.split(value)
    elif isinstance(value, list):
        parts = [_name(part) for part in value]
    else:
        return ()
    return tuple(dict.fromkeys(skill for part in parts if (skill := part.strip())))


def first_of(value: Any) -> str:
    """One short text: a string, a number, the "name" of an object, or the first such in a list."""
    if isinstance(value, list):
        return next((text for part in value if (text := _name(part).strip())), "")
    return _name(value).strip()


def _name(value: Any) -> str:
    if isinstance(value, dict):
        value = value.get("name")
    if isinstance(value, str):
        return value
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    return ""
