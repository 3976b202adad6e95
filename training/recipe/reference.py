"""The reference of the recipe, written from its models: `python -m training.recipe.reference`.

docs/recipe.md is its output; a test compares the two.
"""

from __future__ import annotations

import inspect
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from embedsvc.queries import Golden
from training.corpus.fields import FieldMapping
from training.corpus.presets import PRESETS
from training.corpus.sources import Source
from training.recipe import Recipe

_HEAD = """# The recipe, `embedsvc.toml`

Written by `python -m training.recipe.reference`; change the models in `training/recipe/`, not this page.

A recipe says where candidates come from and what to make of them. It is a TOML file. Paths are relative to
the recipe's own folder. An unknown key or a value out of range is an error that names it. The shortest
recipe:

```toml
[[corpus.sources]]
path = "candidates/*.jsonl.gz"
```
"""

# How sources are written and read, as Markdown.
_SOURCES = Path(__file__).with_name("sources.md")


def reference() -> str:
    """The whole page, as Markdown."""
    sections = {name: kind for name, kind in _models(Recipe).items() if name != "corpus"}
    top = [name for name in Recipe.model_fields if name not in {*sections, "corpus"}]
    parts = [
        _HEAD,
        _section("At the top", "These stand before the first section.", Recipe, top),
        _section("`[corpus]`", _about(_models(Recipe)["corpus"]), _models(Recipe)["corpus"]),
        _section("`[[corpus.sources]]`", _about(Source), Source),
        _SOURCES.read_text("utf-8"),
        _mapping(),
        *(_section(f"`[{name}]`", _about(kind), kind) for name, kind in sections.items()),
        _section("`[[gate.golden]]`", _about(Golden), Golden),
    ]
    return "\n".join(parts)


def _models(model: type[BaseModel]) -> dict[str, type[BaseModel]]:
    kinds = {name: field.annotation for name, field in model.model_fields.items()}
    return {
        name: kind for name, kind in kinds.items() if isinstance(kind, type) and issubclass(kind, BaseModel)
    }


def _about(model: type[BaseModel]) -> str:
    return inspect.getdoc(model) or ""


def _section(title: str, about: str, model: type[BaseModel], names: list[str] | None = None) -> str:
    lines = [f"## {title}", "", about, "", "| key | value | default | meaning |", "|---|---|---|---|"]
    lines += _rows(model, list(model.model_fields) if names is None else names)
    return "\n".join([*lines, ""])


def _rows(model: type[BaseModel], names: list[str]) -> Iterator[str]:
    schema = model.model_json_schema()
    for name in names:
        facts = schema["properties"][name]
        default = "required" if name in schema.get("required", ()) else _literal(facts.get("default"))
        yield f"| `{name}` | {_values(facts)} | {default} | {facts.get('description', '')} |"


def _literal(value: Any) -> str:
    if value is None:
        return "none"
    return "see below" if isinstance(value, dict) else f"`{json.dumps(value)}`"


def _values(facts: dict[str, Any]) -> str:
    """What may stand there, in words: the kind and its bounds."""
    if "enum" in facts:
        return " or ".join(f"`{json.dumps(value)}`" for value in facts["enum"])
    kinds = [
        option["type"] for option in facts.get("anyOf", [facts]) if option.get("type") not in {None, "null"}
    ]
    words = {"array": "list", "boolean": "true or false", "string": "text", "integer": "whole number"}
    words["object"] = "table"
    kind = words.get(kinds[0], kinds[0]) if kinds else "table"
    bounds = [
        f"{word} {facts[key]:,}"
        for key, word in (
            ("minimum", "from"),
            ("exclusiveMinimum", "above"),
            ("maximum", "to"),
            ("exclusiveMaximum", "below"),
        )
        if key in facts
    ]
    return " ".join([kind, *bounds])


def _mapping() -> str:
    mappings = [FieldMapping(**fields) for fields in PRESETS.values()]
    lines = ["## `[corpus.sources.fields]`", "", _about(FieldMapping), ""]
    lines += [f"| key | {' | '.join(f'`{name}`' for name in PRESETS)} |", "|---" * (len(PRESETS) + 1) + "|"]
    for name in FieldMapping.model_fields:
        cells = (_paths(getattr(mapping, name)) for mapping in mappings)
        lines.append(f"| `{name}` | {' | '.join(cells)} |")
    return "\n".join([*lines, ""])


def _paths(paths: tuple[str, ...]) -> str:
    return ", ".join(f"`{path}`" for path in paths) or "-"


if __name__ == "__main__":
    sys.stdout.write(reference())
