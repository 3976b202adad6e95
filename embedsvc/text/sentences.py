"""Where a sentence ends: at ". ", "! " or "? " before a capital letter, but not behind an abbreviation.

Not an end: "Sr. Developer", "e.g. Java", "B.Tech. Computer Science", "J. Smith", "No. 7", "3.5", ".NET 4.5".
An end: "Node.js. Built", "etc. Worked", "C++. Led". A guess, good enough for the windows of a word model.
"""

from __future__ import annotations

import re

_END = re.compile(r"[.!?][\")']? (?=[A-Z\u00c0-\u00d6\u00d8-\u00de\u0391-\u03a9\u0410-\u042f\"(])")
# "etc", "inc" and "ltd" are missing: before a capital letter they mostly end a sentence.
_LISTED = """
sr jr mr mrs ms dr prof st mt ft no nos vs viz approx fig dept univ govt asst assoc addl mgr engr
engg exec dir gen col capt lt sgt hon rev ave blvd rd ext tel ph mob cell est resp spec cert misc
intl natl jan feb mar apr jun jul aug sep sept oct nov dec b.tech m.tech ph.d b.sc m.sc b.com m.com
b.e m.e b.a m.a m.b.a m.c.a b.c.a e.g i.e u.s u.s.a u.k u.a.e a.k.a w.r.t c.v p.g d.o.b
"""
_ABBREVIATIONS = frozenset(_LISTED.split())
_LONGEST = max(map(len, _ABBREVIATIONS))


def one_a_line(text: str) -> str:
    """Return `text` with a new line for the space after each sentence."""
    return _END.sub(_parted, text)


def _parted(end: re.Match[str]) -> str:
    mark = end[0]
    if mark[0] == "." and _is_abbreviation(end.string, end.start()):
        return mark
    return mark[:-1] + "\n"


def _is_abbreviation(text: str, dot: int) -> bool:
    start = max(0, dot - _LONGEST - 2)
    words = text[start:dot].split()
    if not words:
        return False
    word = words[-1].lstrip("(\"'-/,;:").lower()
    # One letter is an initial, but for languages that are called so.
    return word in _ABBREVIATIONS or (len(word) == 1 and word.isalpha() and word not in "cr")
