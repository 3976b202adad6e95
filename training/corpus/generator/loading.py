"""Reads the catalogue's files and refuses one that is wrong.

A list of skills or titles is one string with commas, a list of sentences one string with a line each,
so that a file reads as a recruiter would write it down.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import fields
from functools import cache
from itertools import chain
from pathlib import Path
from typing import Any, TypeVar

from embedsvc.errors import InputError
from training.corpus.generator.catalogue import LEVELS, Area, Catalogue, Duty, Occupation, Stack
from training.corpus.generator.dice import running_sums

FOLDER = Path(__file__).parent / "catalogue"
PHRASES = "phrases.toml"
ZIPF_OFFSET, ZIPF_EXPONENT = 2.0, 0.8
"""Weight of the skill of rank r in its stack: 1 / (r + offset) ** exponent."""

_LADDER = ("Junior {} | Trainee {} | {} | {}", "{}", "Senior {} | {} | Sr. {}", "Lead {} | Senior {} | {}")
_SLOT = re.compile(r"\{(\w*)\}")
_SKILL_SLOTS, _NUMBER_SLOTS = "abc", "nmp"
_AREA_KEYS = frozenset(field.name for field in fields(Area)) | {
    "weight",
    "ladder",
    "stacks",
    "occupations",
    "aliases",
}
_PHRASE_KEYS = (
    *(
        "cities",
        "employer_heads",
        "institutions",
        "duties",
        "bullets",
        "dashes",
        "junk_skills",
        "soft_skills",
    ),
    *("summaries", "summary_closers", "buzzwords", "summary_headings", "skill_headings", "work_headings"),
    *("duty_headings", "environment_headings"),
)
T = TypeVar("T")
_Aliases = Mapping[str, tuple[str, ...]]


@cache
def load_catalogue(folder: Path = FOLDER) -> Catalogue:
    """The catalogue in `folder`: one TOML file for each functional area, and the phrases.

    Raises:
        InputError: A file is missing or wrong; the message names it.
    """
    paths = sorted(path for path in folder.glob("*.toml") if path.name != PHRASES)
    if not paths:
        raise InputError(f"{folder.name!r} holds no catalogue file; put one TOML file for each area there.")
    files = {path.name: _read(path) for path in paths}
    aliases = _aliases(files)
    stacks = _stacks(files, aliases)
    areas: dict[str, Area] = {}
    occupations: list[Occupation] = []
    for name, data in files.items():
        area = _in_file(name, _area, data)
        if area.label in areas:
            raise InputError(f"{name}: the label {area.label!r} is in another file too; give it one file.")
        areas[area.label] = area
        occupations += _in_file(name, _occupations, data, stacks)
    phrases = _in_file(PHRASES, _phrases, _read(folder / PHRASES))
    duties = tuple(_in_file(PHRASES, _duty, line) for line in phrases["duties"])
    catalogue = Catalogue(areas, tuple(occupations), aliases, phrases, duties)
    _check_surfaces(catalogue)
    return catalogue


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise InputError(f"{path.name}: {error}; mend the catalogue file.") from error


def _in_file(name: str, build: Callable[..., T], *parts: Any) -> T:
    try:
        return build(*parts)
    except KeyError as error:
        raise InputError(f"{name}: {error.args[0]!r} is missing or not known; mend the file.") from error
    except (ValueError, TypeError, AttributeError) as error:
        raise InputError(f"{name}: {error}; mend the catalogue file.") from error


def _phrases(data: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    return {key: _lines(data[key]) for key in _PHRASE_KEYS}


def _commas(text: str) -> tuple[str, ...]:
    return tuple(part for part in (piece.strip() for piece in re.split(r"[,\n]", text)) if part)


def _lines(text: str) -> tuple[str, ...]:
    return tuple(line for line in (raw.strip() for raw in text.splitlines()) if line)


def _duty(line: str, forms: Mapping[str, Sequence[str]] | None = None) -> Duty:
    names = set(_SLOT.findall(line))
    unknown = names - set(_SKILL_SLOTS + _NUMBER_SLOTS)
    slots = sum(name in _SKILL_SLOTS for name in names)
    if unknown or not names.issuperset(_SKILL_SLOTS[:slots]):
        raise ValueError(
            f"the duty {line!r} may use {{a}}, {{b}}, {{c}} in this order, {{n}}, {{m}} and {{p}}"
        )
    named = {skill for skill, spelt in (forms or {}).items() if any(_names(line, form) for form in spelt)}
    return Duty(line, slots, frozenset(named), "did {" in line)


def _names(line: str, form: str) -> bool:
    # Whole words only: "R" is not named by every word with an r in it. The first test is the fast one.
    return form.casefold() in line.casefold() and bool(
        re.search(rf"(?<!\w){re.escape(form)}(?![\w+#])", line, re.IGNORECASE)
    )


def _stack(name: str, skills: str, duties: str, aliases: _Aliases) -> Stack:
    names = _commas(skills)
    if len(set(names)) != len(names):
        twice = next(one for one in names if names.count(one) > 1)
        raise ValueError(f"the stack {name!r} lists {twice!r} twice")
    weights = [1.0 / (rank + ZIPF_OFFSET) ** ZIPF_EXPONENT for rank in range(len(names))]
    forms = {skill: (skill, *aliases.get(skill, ())) for skill in names}
    lines = tuple(_duty(line, forms) for line in _lines(duties))
    return Stack(name, names, running_sums(weights), lines)


def _table(name: str, body: Mapping[str, str], aliases: _Aliases) -> Stack:
    if unknown := body.keys() - {"skills", "duties"}:
        raise ValueError(f"{min(unknown)!r} is no key of a stack")
    return _stack(name, body["skills"], body["duties"], aliases)


def _stacks(files: Mapping[str, dict[str, Any]], aliases: _Aliases) -> dict[str, Stack]:
    found: dict[str, Stack] = {}
    for file, data in files.items():
        for name, body in data.get("stacks", {}).items():
            if name in found:
                raise InputError(f"{file}: there is another stack {name!r}; rename one.")
            found[name] = _in_file(file, _table, name, body, aliases)
    return found


def _area(data: dict[str, Any]) -> Area:
    if unknown := data.keys() - _AREA_KEYS:
        raise ValueError(f"{min(unknown)!r} is no key of an area")
    projects = [line.partition(" | ") for line in _lines(data.get("projects", ""))]
    return Area(
        label=data["label"],
        common=_stack(f"{data['label']} common", data["common"], "", {}),
        duties=tuple(_duty(line) for line in _lines(data["duties"])),
        focus=_lines(data["focus"]),
        employers=_commas(data["employers"]),
        degrees=_commas(data["degrees"]),
        projects=tuple((name, _duty(text)) for name, _, text in projects),
    )


def _occupations(data: dict[str, Any], stacks: Mapping[str, Stack]) -> list[Occupation]:
    bodies = data["occupations"]
    # An area's weight is shared out, so that adding an occupation does not make its area larger.
    total = sum(body.get("weight", 1.0) for body in bodies)
    return [
        Occupation(
            name=_commas(body["titles"])[0],
            label=data["label"],
            titles=_commas(body["titles"]),
            core=stacks[body["core"]],
            stacks=tuple((stacks[name], float(share)) for name, share in body.get("stacks", {}).items()),
            ladder=_ladder(body.get("ladder") or data.get("ladder") or _LADDER),
            weight=data["weight"] * body.get("weight", 1.0) / total,
        )
        for body in bodies
    ]


def _ladder(rungs: Iterable[str]) -> tuple[tuple[str, ...], ...]:
    ladder = tuple(tuple(part.strip() for part in rung.split("|")) for rung in rungs)
    if len(ladder) != LEVELS or any(part.count("{}") != 1 for part in chain(*ladder)):
        raise ValueError(f"a ladder has {LEVELS} rungs, each with {{}} for the title")
    return ladder


def _aliases(files: Mapping[str, dict[str, Any]]) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for file, data in files.items():
        for skill, forms in data.get("aliases", {}).items():
            if skill in found:
                raise InputError(f"{file}: the aliases of {skill!r} are in another file too; join them.")
            found[skill] = _in_file(file, _commas, forms)
    return found


def _check_surfaces(catalogue: Catalogue) -> None:
    owners: dict[str, str] = {}
    for skill in sorted(catalogue.skills):
        for form in (skill, *catalogue.aliases.get(skill, ())):
            owner = owners.setdefault(form.casefold(), skill)
            if owner != skill:
                raise InputError(f"{form!r} is written for both {owner!r} and {skill!r}; keep it for one.")
    if strangers := catalogue.aliases.keys() - catalogue.skills:
        raise InputError(f"Aliases are given for {min(strangers)!r}, which no stack lists; add it to one.")
