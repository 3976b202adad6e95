"""The candidate's own name; a part of `embedsvc.text.privacy`.

Only where the recipe maps the name, and only in that candidate's own texts: the whole name in any case, and
each part of three letters or more where it is written with a capital. A part that is an English word too
("Will", "Grant", "May", "Rose") goes with the whole name only.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection
from functools import lru_cache
from typing import Any

_SHORTEST = 3
_MOST_PARTS = 6
_PART = re.compile(r"[^\W\d_]+(?:['\u2019-][^\W\d_]+)*")
_TITLES_LISTED = """
adv and bin ca das del den der dos dr er ibn miss mr mrs ms prof shri smt sri the van von
"""
_TITLES = frozenset(_TITLES_LISTED.split())
# Names that are words of CVs.
_WORDS_LISTED = """
abap access ada agile amber android angel angular april art august autumn azure baker banks barber
bell bill bishop black brook brown buck carpenter carter case chance chase chef clay cliff cook
cooper dale dart dash dean dell delphi design divine don drew dusty ember english express faith
farmer finance fisher flora ford foreman forest france frank french gardener gene german glen gold
grace grant gray green grove gulf guy hall harmony harvest hill holly hope hunter india iris ivy
jack java jenkins jewel joy judge jules june kafka keen kent king lake lane law lead lee lisp long
love lucky luna major manual maple march mark marketing marshal marshall mason may maya mercy miles
miller mills mini nurse oak oracle page paris park parks patience pearl penny perl pierce pike pilot
poet porter power price prince professor project python rails ray reed reel rich rider river rob
robin rose ruby rust sage sales sandy santa sap scala scott sea sharp sketch skill smart smith snow
sparks spring stack star sterling stone strong sue summer swift tanner taylor teacher teal tech
terry theory tom trade turner unity valley victory violet virginia wade walker ward washington water
weaver web west white will win winter wise wood woods work young
"""
_WORDS = frozenset(_WORDS_LISTED.split())


def removed(text: str, name: str, found: Counter[Any]) -> str:
    """Return `text` without the name of the candidate, whose parts are parted by anything but letters."""
    parts = _parts(name)
    lower = text.lower()
    present = tuple(part for part in parts if part in lower)
    if not present:
        return text
    count = 0
    if len(parts) > 1 and len(present) == len(parts):
        text, count = _whole(parts).subn(" ", text)
    for part in present:
        if len(part) >= _SHORTEST and part not in _WORDS:
            text, single = _single(part).subn(" ", text)
            count += single
    if count:
        found["name"] += count
    return text


def without_skills(name: str, skills: Collection[str]) -> str:
    """Return `name` less the parts that the candidate names as a skill."""
    if not name:
        return ""
    known = {word for skill in skills for word in skill.lower().split()}
    return " ".join(part for part in _parts(name) if part not in known)


def _parts(name: str) -> tuple[str, ...]:
    found = [part.lower() for part in _PART.findall(name[:200])]
    return tuple(dict.fromkeys(part for part in found if part not in _TITLES))[:_MOST_PARTS]


@lru_cache(maxsize=1024)
def _whole(parts: tuple[str, ...]) -> re.Pattern[str]:
    """The name in its order or with the last part first."""
    gap = r"[\W_]{1,3}"
    orders = (parts, (parts[-1], *parts[:-1]))
    return re.compile(
        rf"\b(?:{'|'.join(gap.join(map(re.escape, order)) for order in orders)})(?:['\u2019]s)?\b",
        re.IGNORECASE,
    )


@lru_cache(maxsize=1024)
def _single(part: str) -> re.Pattern[str]:
    either = {part.capitalize(), part.upper(), "-".join(map(str.capitalize, part.split("-")))}
    return re.compile(rf"\b(?:{'|'.join(map(re.escape, sorted(either)))})(?:['\u2019][sS])?\b")
