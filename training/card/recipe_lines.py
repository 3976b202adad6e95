"""The recipe as a card shows it: no password, no query, and of a path its last part."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import PurePosixPath, PureWindowsPath
from typing import Any

from training.corpus.sources.address import masked

_PLACES = {"path", "esco", "onet", "aliases", "skillspan", "extraction"}
_LEFT_OUT = {"store", "work"}  # folders of one machine


def recipe_lines(recipe: Mapping[str, Any]) -> list[str]:
    """TOML-like lines, `section.key = value`; what is not set is left out."""
    return [f"{key} = {_value(value)}" for key, value in _flat(recipe) if key not in _LEFT_OUT]


def deviations(recipe: Mapping[str, Any], usual: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """(key, value, default) of what differs from `usual`; keys that are not in it are left out."""
    defaults = dict(_flat(usual))
    return [
        (key, _value(value), _value(defaults[key]))
        for key, value in _flat(recipe)
        if key in defaults and value != defaults[key]
    ]


def place(source: Mapping[str, Any]) -> str:
    """What a source is called: the last part of its path, or its URL without what is secret."""
    if source.get("url"):
        return masked(str(source["url"]))
    return _last(str(source.get("path") or "unnamed"))


def _flat(value: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for name, each in value.items():
        key = f"{prefix}{name}"
        if isinstance(each, Mapping):
            yield from _flat(each, f"{key}.")
        elif (
            isinstance(each, Sequence) and not isinstance(each, str) and each and isinstance(each[0], Mapping)
        ):
            for number, item in enumerate(each):
                yield from _flat(item, f"{key}[{number}].")
        elif each is not None:
            yield key, _shown(name, each)


def _shown(name: str, value: Any) -> Any:
    if name == "query":  # of a database: it may hold names
        return "one SELECT"
    if name == "url":
        return masked(str(value))
    return _last(str(value)) if name in _PLACES and isinstance(value, str) else value


def _last(path: str) -> str:
    return PureWindowsPath(path).name if "\\" in path else PurePosixPath(path).name


def _value(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
