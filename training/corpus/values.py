"""From whatever value a source holds to the text, the list of skills or the label we want.

A value is what JSON knows, or what a database or Parquet hands out: dates, decimals, bytes, object ids.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from datetime import date
from typing import Any

import orjson

# Objects nested deeper than this hold no candidate's text, and recursion needs a floor.
_MAX_DEPTH = 16
_DELIMITERS = re.compile(r"[,|;\r\n]")
# Where an object keeps what it is called; the first that holds something counts.
_NAMES = ("name", "skill", "skill_name", "title", "label", "value", "text")
_CLOSED_BY = {"[": "]", "{": "}"}
_ESCAPE = re.compile(r"\\(?:x([0-9a-f]{2})|u([0-9a-f]{4})|U([0-9a-f]{8})|(.))", re.DOTALL)
_CONTROLS = {"n": "\n", "r": "\r", "t": "\t"}
# A string of a Python list, as pandas writes it into a cell: ['a', "b's"].
_QUOTED = re.compile(r"""\s*(?:'((?:[^'\\]|\\.)*+)'|"((?:[^"\\]|\\.)*+)")\s*(,|$)""", re.DOTALL)


def text_of(value: Any, separator: str = "\n") -> str:
    """All text in `value`, in its order: strings, numbers and dates of lists and objects, one a line.

    Args:
        value: Any value. True, false, null, NaN and bytes hold no text, nor does what is nested too deep.
        separator: Stands between the parts.
    """
    if isinstance(value, str):
        return value
    return separator.join(_strings(value, 0))


def _strings(value: Any, depth: int) -> Iterator[str]:
    if isinstance(value, str):
        if value and not value.isspace():
            yield value
    elif isinstance(value, dict | list | tuple):
        if depth > _MAX_DEPTH:
            return
        for part in value.values() if isinstance(value, dict) else value:
            yield from _strings(part, depth + 1)
    elif (text := _scalar(value)) and not text.isspace():
        yield text


def skills_of(value: Any) -> tuple[str, ...]:
    """The skills in `value`: stripped, empty ones left out, the first of equal ones kept.

    Args:
        value: A list of strings or of objects with a "name" or "skill", each one skill, and the "keywords" of
            such an object (JSON Resume), each one more; or one string in which a comma, bar, semicolon or
            line break ends a skill. Anything else holds no skill.
    """
    if isinstance(value, str):
        parts: Iterator[str] = iter(_DELIMITERS.split(value))
    elif isinstance(value, list | tuple):
        parts = _listed(value, 0)
    else:
        return ()
    return tuple(dict.fromkeys(skill for part in parts if (skill := part.strip())))


def _listed(values: list[Any] | tuple[Any, ...], depth: int) -> Iterator[str]:
    for value in values:
        if isinstance(value, list | tuple):
            if depth < _MAX_DEPTH:
                yield from _listed(value, depth + 1)
            continue
        yield _name(value)
        if isinstance(value, dict) and isinstance(keywords := value.get("keywords"), list):
            yield from map(_name, keywords)


def first_of(value: Any) -> str:
    """One short text: a string, a number, a date, what an object is called, or the first such in a list."""
    if isinstance(value, list | tuple):
        return next((text for part in value if (text := _name(part).strip())), "")
    return _name(value).strip()


def labels_of(value: Any) -> tuple[str, ...]:
    """The labels in `value`: each entry of a list as `first_of` reads it, the first of equal ones kept."""
    parts = value if isinstance(value, list | tuple) else (value,)
    return tuple(dict.fromkeys(text for part in parts if (text := _name(part).strip())))


def _name(value: Any) -> str:
    if isinstance(value, dict):
        if len(value) == 1 and (key := next(iter(value))).startswith("$"):
            return _scalar(value[key])  # MongoDB's extended JSON: {"$oid": ...}, {"$date": ...}
        return next((text for key in _NAMES if (text := _scalar(value.get(key)))), "")
    return _scalar(value)


def _scalar(value: Any) -> str:
    if isinstance(value, str):
        return value
    if value is None or isinstance(value, bool | bytes | bytearray | memoryview | list | tuple | dict):
        return ""
    if isinstance(value, date):
        return value.isoformat()
    # NaN is how pandas writes "nothing", and the only value that differs from itself.
    return str(value) if value == value else ""


def cell_of(value: Any) -> Any:
    """The value of a table's cell: a list or object where the cell's text is one, else the cell as it is.

    Tables have no lists, so people write them as JSON (`["php", "sql"]`, `[{"title": ...}]`), and pandas as
    Python does (`['php', 'sql']`).
    """
    if not isinstance(value, str) or not value or _CLOSED_BY.get(value[0]) != value[-1]:
        return value
    try:
        return orjson.loads(value)
    except orjson.JSONDecodeError:
        return _python_list(value) or value


def _python_list(text: str) -> list[str]:
    if text[0] != "[":
        return []
    strings, position, end = [], 1, len(text) - 1
    while position < end:
        found = _QUOTED.match(text, position, end)
        if found is None:
            return []
        strings.append(_ESCAPE.sub(_unescaped, found[1] if found[1] is not None else found[2]))
        position = found.end()
    return strings


def _unescaped(escape: re.Match[str]) -> str:
    code = escape[1] or escape[2] or escape[3]
    if code is None:
        return _CONTROLS.get(escape[4], escape[4])
    number = int(code, 16)
    # Half a surrogate pair is no character, and nothing could write it.
    return escape[0] if number > sys.maxunicode or 0xD800 <= number <= 0xDFFF else chr(number)
