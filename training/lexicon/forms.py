"""Surface forms of skills as candidates write them: what is trimmed off, and what is not a skill at all.

    "- Knowledge of Java (4 years)"        Java
    "languages: python"                    python
    "microsoft office (word"               microsoft office
    "Amazon Web Services (AWS)"            Amazon Web Services, with the short form AWS
    "bba fresher", "etc.", "2008", ...     dropped, each by a named rule

Both tables, `TRIMS` and `RULES`, are the whole of it: a rule is a line here and a case in the tests.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from embedsvc.text import clean_text, normal_form, scrub

LONGEST_RAW = 2_000  # characters of one entry of a skill field; a longer one is prose
LONGEST_FORM = 60  # characters; "national institute of standards and technology" has 46


def _words(file: str) -> frozenset[str]:
    lines = Path(__file__).with_name(file).read_text(encoding="utf-8").splitlines()
    return frozenset(word for line in lines if not line.startswith("#") for word in line.split())


STOP_WORDS = _words("stop_words.txt")
GENERAL_WORDS = _words("general_words.txt")
PLACES = _words("places.txt")
_UNSPELLED = frozenset(("a", "an", "and", "for", "in", "of", "on", "the", "to", "with"))
_ONE_LETTER = frozenset("cr")  # the languages C and R; other letters alone are remains of broken lists

_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?"
    r"|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)"
)
_PRAISE = r"(?:good|excellent|strong|exceptional|outstanding|superb|superior|great|proven|thorough)"
_DEGREE = r"(?:basic|working|in[- ]depth|practical|prior|advanced)"
_FAMILIARITY = (
    r"(?:knowledge|experience|exposure|proficient|proficiency|expertise|expert|familiarity|familiar|understanding"
    r"|skilled|experienced|well[- ]versed|ability|able|hands[- ]on|command)"
)


@dataclass(frozen=True, slots=True)
class Trim:
    """A part of a form that is taken off: `pattern` is replaced by `replacement`."""

    name: str
    pattern: re.Pattern[str]
    replacement: str = ""


def _trim(name: str, pattern: str, replacement: str = "") -> Trim:
    return Trim(name, re.compile(pattern, re.IGNORECASE), replacement)


TRIMS = (
    _trim("broken bullet", "^(?:\u00e2\u20ac[\u00a2\u2039\u00a6])+"),
    _trim("underscores", r"_+", " "),
    _trim("spaced sign", r"(?<=\w) ?([/-]) (?=\w)|(?<=\w) ([/-]) ?(?=\w)|(?<=^c) (?=[#+])", r"\1\2"),
    _trim("duration", r"\(?\b(?:less than |more than |over |around )?"
          r"\d{1,2}\+? ?(?:years?|yrs?|months?)(?: of)?(?: exp(?:erience)?)?\)?$"),
    _trim("heading", r"^[^:()]{3,40}:(?=\s*[^\d\s])"),
    _trim("bracket left open", r"\([^()]*$"),
    _trim("bracket never opened", r"^([^()]*)\)", r"\1"),
    _trim("signs in front", r"^[^\w.(]+|^\.(?!net\b)"),
    _trim("signs behind", r"[^\w+#)!]+$"),
    _trim("conjunction in front",
          r"^(?:and|or|the|with|using|including|of|for|like|also|etc|such as|e\.?g)\.? "),
    _trim("conjunction behind", r" (?:and|or|the|with|of|in|for|etc|e\.t\.c|like|such as)\.?$"),
    _trim("familiarity",
          rf"^(?:(?:{_PRAISE}|{_DEGREE}) )*{_FAMILIARITY} (?:of|in|on|with|at|to|using|about) "),
    # "good clinical practice" is a skill of its own, and so are "strong authentication" and "Great Plains".
    _trim("praise", rf"^(?:very )?{_PRAISE} (?!clinical|manufacturing|laborator|distribution|documentation"
          r"|agricultur|pharma|practice|authentication|plains|and |or )"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Rule:
    """Why a trimmed form is not a skill; `applies` gets it in lower case."""

    name: str
    applies: Callable[[str], bool]


def _search(pattern: str) -> Callable[[str], bool]:
    find = re.compile(pattern).search
    return lambda form: find(form) is not None


RULES = (
    Rule("no letter", lambda form: not any(char.isalpha() for char in form)),
    Rule("too long", lambda form: len(form) > LONGEST_FORM),
    Rule("broken text", _search("\u00e2\u20ac|\u00c3|\u00e2\u201a|\ufffd|[\u0080-\u009f]")),
    Rule("personal data", lambda form: scrub(form) != form),
    Rule("one letter", lambda form: len(form) == 1 and form < "\u0250" and form not in _ONE_LETTER),
    Rule("date", _search(
        rf"^(?:\d{{1,2}} )?{_MONTH} ?'?(?:\d{{2,4}}|$)"
        r"|^(?:19|20)\d\d ?(?:-|to) ?(?:present|current|date|till)")),
    Rule("duration", _search(r"\b\d{1,2}\+? ?(?:years?|yrs?|months?|lpa|lakhs?|lacs?)\b")),
    Rule("job advertisement", _search(
        r"\b(?:freshers?|openings|vacanc(?:y|ies)|walk-?ins?|jobs|urgent(?:ly)?|immediate joiners?)\b")),
    Rule("terms of work", _search(
        r"^(?:only )?(?:full|part)[- ]?time\b|\bper (?:hour|day|week|month|year|annum)$|\bbonus(?:es)?$")),
    # What advertisements promise not to ask for, and nobody shall search by.
    Rule("protected characteristic", _search(
        r"^(?:age|ancestry|caste|citizenship|creed|(?:(?:physical )?(?:or )?(?:mental )?)disabilit(?:y|ies)"
        r"|ethnicity|ethnic origin|gender(?: identity| expression| identity or expression)?|marital status"
        r"|genetic information|national origin|nationality|pregnancy|race|religion|sex|sexual orientation"
        r"|(?:protected )?veteran(?: status)?)$")),
    Rule("sentence", _search(
        r"\w{4}[.!?;] [a-z]|^(?:must|should|responsible|worked|candidates?) "
        r"|^(?:i|we|my|our|you|your|he|she|they)(?: \S+){3}"
        r"|(?:\S+ )+(?:is|are|were|will|should|must|have|has|been|that|which|who) \S+ \S")),
    Rule("place", lambda form: form in PLACES),
    Rule("general word", lambda form: form in GENERAL_WORDS),
    Rule("filler words only", lambda form: all(word in STOP_WORDS for word in re.split(r"[\s/&,-]+", form))),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Form:
    """One trimmed surface form, or the rule that dropped it.

    Attributes:
        surface: As written, trimmed, single spaces; "" where dropped.
        key: Its normal form.
        dropped_by: Name of the rule, "" where kept.
        short: Normal form of the acronym that stood beside it in brackets, or "".
    """

    surface: str
    key: str = ""
    dropped_by: str = ""
    short: str = ""


def forms_of(raw: str, max_words: int) -> tuple[Form, ...]:
    """Return the forms in one entry of a skill field; more than one where it is itself a list."""
    if len(raw) > LONGEST_RAW:
        return (Form("", dropped_by="too long"),)
    return _forms_of(raw, max_words)


@lru_cache(maxsize=1 << 17)  # candidates repeat each other's skills
def _forms_of(raw: str, max_words: int) -> tuple[Form, ...]:
    pieces = [piece for piece in re.split(r"[,;|\n\t]", clean_text(raw)) if piece.strip()]
    return tuple(form for piece in pieces for form in _judged(piece, max_words))


def _judged(piece: str, max_words: int) -> Iterator[Form]:
    surface, short = _without_brackets(trimmed(piece))
    lower = surface.lower()
    for rule in RULES:
        if rule.applies(lower):
            yield Form("", dropped_by=rule.name)
            return
    if len(lower.split()) > max_words:
        yield Form("", dropped_by="too many words")
        return
    yield Form(surface, normal_form(surface), short=normal_form(short) if short else "")
    if short:
        yield Form(short, normal_form(short))


def trimmed(piece: str) -> str:
    """Return `piece` after all of `TRIMS`, again and again until nothing changes (three rounds at most)."""
    for _ in range(3):
        before = piece
        for trim in TRIMS:
            piece = " ".join(trim.pattern.sub(trim.replacement, piece.strip()).split())
        if piece == before:
            break
    return piece


_BRACKETS = re.compile(r"^([^()]+?) ?\(([^()]*)\)$")


def _without_brackets(form: str) -> tuple[str, str]:
    """Part "Amazon Web Services (AWS)" or "AWS (Amazon Web Services)" into the long form and the short."""
    found = _BRACKETS.match(form)
    if not found:
        return form, ""
    outside, inside = found[1].strip(), found[2].strip()
    if is_acronym(inside, outside):
        return outside, inside
    if is_acronym(outside, inside):
        return inside, outside
    return outside, ""


def is_acronym(short: str, long: str) -> bool:
    """Say whether `short` (2 to 8 letters) spells the first letters of the words of `long`."""
    letters = short.lower()
    words = [word for word in re.split(r"[\s\-/&]+", long.lower()) if word]
    if not (2 <= len(letters) <= 8 and letters.isalpha() and len(words) > 1):
        return False
    initials = "".join(word[0] for word in words)
    content = "".join(word[0] for word in words if word not in _UNSPELLED)
    return letters in (initials, content)
