"""Acronyms that a text explains: "Search Engine Optimisation (SEO)", "SEO (Search Engine Optimisation)".

After Schwartz and Hearst, "A Simple Algorithm for Identifying Abbreviation Definitions in Biomedical Text"
(2003): the letters of the short form are looked for in the words before the bracket, from right to left, and
its first letter must begin a word. We ask for more, because CVs put much into brackets: every word of the
long form must begin with a letter of the short one, or be a word like "of" and "and".
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from embedsvc.text import clean_text

_BRACKET = re.compile(r"\(([^()\n]{2,80})\)")
_SHORT = re.compile(r"[A-Za-z][A-Za-z0-9&/.+-]{1,9}")
_WORD = re.compile(r"[A-Za-z][A-Za-z0-9'+#/&-]*")
_LINKS = frozenset(("&", "a", "an", "and", "by", "for", "in", "of", "on", "the", "to", "with"))
_BEFORE = 160  # characters that are searched for a long form
_MOST_WORDS = 10


def explained(text: str) -> Iterator[tuple[str, str]]:
    """Yield (short form, long form), as written, for each explanation in a raw text; linear in its length."""
    for bracket in _BRACKET.finditer(text):
        inside = " ".join(bracket[1].split())
        before = text[max(0, bracket.start() - _BEFORE) : bracket.start()]
        if "<" in before or "&" in before:
            before = clean_text(before)
        before = " ".join(re.split(r"[,;:.!?\n()]", before)[-1].split())
        if _is_short(inside):
            if long := long_form(inside, before.split()):
                yield inside, long
        elif " " in inside and before:
            short = before.rsplit(" ", 1)[-1]
            if _is_short(short) and long_form(short, inside.split()) == inside:
                yield short, inside


def _is_short(form: str) -> bool:
    """Say whether a form could be an acronym: one word of 2 to 10 characters, mostly capitals."""
    capitals = sum(char.isupper() for char in form)
    return _SHORT.fullmatch(form) is not None and capitals >= 2 and 2 * capitals >= len(form)


def long_form(short: str, words: list[str]) -> str:
    """Return the last of `words` that `short` stands for, or "" where it does not."""
    letters = [char for char in short.lower() if char.isalnum()]
    at = len(letters) - 1
    for length, word in enumerate(reversed(words[-_MOST_WORDS:]), start=1):
        if not _WORD.fullmatch(word) or word.lower() == short.lower():
            return ""
        taken = _letters_taken(word.lower(), letters[: at + 1])
        if taken:
            at -= taken
        elif word.lower() not in _LINKS:
            return ""
        if at < 0:
            found = words[len(words) - length :]
            return " ".join(found) if len(found) > 1 or "-" in word else ""
    return ""


def _letters_taken(word: str, letters: list[str]) -> int:
    """Return how many of the last `letters` the word stands for, beginning with its own first one.

    The first of them begins the word, the others follow in it: 2 of "x", "m", "l" for "markup language" is
    never taken, 2 of "d", "b" is for "database". Parts of a hyphenated word begin words of their own.
    """
    parts = [part for part in re.split(r"[-/&]", word) if part]
    initials = "".join(part[0] for part in parts)
    if len(initials) > 1 and "".join(letters).endswith(initials):
        return len(initials)
    for count in (1, 2, 3):
        wanted = letters[-count:]
        if len(wanted) == count and word[:1] == wanted[0] and _in_order(wanted[1:], word[1:]):
            return count
    return 0


def _in_order(letters: list[str], word: str) -> bool:
    rest = iter(word)
    return all(letter in rest for letter in letters)
