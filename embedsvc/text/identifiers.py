"""Phone numbers, numbers of identity papers and dates of birth; a part of `embedsvc.text.privacy`."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection
from typing import Any

# What a text must hold, in lower case, for the labelled patterns to be worth running.
CUES: dict[str, tuple[str, ...]] = {
    "birth": ("birth", "dob ", "dob:", "dob-", "dob.", "d.o.b", "d. o. b", "d o b", "born"),
    "identity": (
        "passport", "aadhaar", "aadhar", "adhar", "ssn", "social security", "pan no", "pan:", "pan card",
        "pan number", "voter", "licence", "license", "national id", "nric", "emirates id", "iqama", "nino",
        "national insurance", "iban", "uan", "tax id",
    ),
}  # fmt: skip

_MONTH = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]{0,6}"
_DAY = (
    rf"(?:\d{{1,4}}(?:st|nd|rd|th)?[ ,./\-]{{0,3}}(?:\d{{1,2}}|{_MONTH})[ ,./\-']{{0,3}}\d{{0,4}}"
    rf"|{_MONTH} \d{{1,2}}(?:st|nd|rd|th)?,? \d{{4}})"
)
_BIRTH = re.compile(
    rf"\b(?:d\.? ?o\.? ?b\b\.?|date of birth|birth ?(?:date|day)|born)[ :\-]{{0,5}}"
    rf"(?:(?:on|is|in) )?(?:the )?{_DAY}",
    re.IGNORECASE,
)
# All of these have as many digits as a text must have to come here.
_LABELLED_ID = re.compile(
    r"\b(?:passport|aadhaa?r|adhar|ssn|social security|pan(?= card| no| num| ?:)|voter(?: id)?"
    r"|driv(?:er'?s?|ing) licen[cs]e|national id|nric|emirates id|iqama|nino"
    r"|national insurance|iban|uan|tax id)(?: (?:card|number|no|id))?\b\.?(?: ?(?:number|no)\b\.?)?"
    r" ?(?:is )?[:#\-]{0,2} ?"
    r"(?=[A-Z0-9\-]{0,6}(?: [A-Z0-9\-]{0,4})?\d)[A-Z0-9](?:[ \-]?[A-Z0-9]){3,33}",
    re.IGNORECASE,
)
_PHONE_LABEL = re.compile(
    r"(?<![^\W_])(?:tele?phone|phone|ph|tel|mobile|mob|cell|fax|contact|call(?: me)?|whatsapp)"
    r"(?: (?:on|at|no|number|num|#))?[. ]{0,2}[:#\-]{0,2}[ +(]{0,3}$",
    re.IGNORECASE,
)
# British National Insurance: two letters, six digits, one letter; Indian PAN; letters and seven digits.
_NINO = r"[A-Z]{2} ?\d{2} ?\d{2} ?\d{2} ?[A-D]"
_PAN = r"[A-Z]{5}\d{4}[A-Z]"
_IBAN = r"[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){3,7}(?: ?[A-Z0-9]{1,3})?"
_LETTERED_ID = re.compile(rf"(?<![A-Za-z0-9])(?:{_PAN}|{_NINO}|{_IBAN}|[A-Z]{{1,3}}\d{{7,}})(?![A-Za-z0-9])")
# A stretch of digits and what may stand between those of a phone number; looked at closely where found.
_DIGITS = re.compile(r"\d[\d ().\-]{2,}\d")
_PHONE = re.compile(r"\d(?:[ ().\-]{0,3}\d){8,16}(?!\d)")
_LONG_NUMBER = re.compile(r"\d{9,}|\b\d{3}-\d{2}-\d{4}\b")
_LEAST_DIGITS = 7
_NUMBER = re.compile(r"\d+")
_YEAR = re.compile(r"(?:19|20)\d\d")
_STANDARD = re.compile(r"(?:iso|iec|ieee|ts|bs|ohsas|en|rfc|nist)[ :\-/]{0,3}$", re.IGNORECASE)
_MONEY = re.compile(r"(?:[$\u20ac\u00a3\u20b9]|\b(?:rs|inr|usd|eur|gbp|aed))\.? ?$", re.IGNORECASE)
_UNIT = re.compile(
    r" ?(?:usd|eur|inr|gbp|dollars|euros|rupees|users|records|rows|customers|per annum|lakh|crore)\b",
    re.IGNORECASE,
)


def _classes() -> bytes:
    table = bytearray(b"x" * 256)
    for char in b"ABCDEFGHIJKLMNOPQRSTUVWXYZ":
        table[char] = ord("A")
    for char in b"0123456789":
        table[char] = ord("0")
    return bytes(table)


_CLASSES = _classes()
_SHAPES = (b"AAAAA0000A", b"AA000000A", b"AA00AAAA0000")  # of PAN, NINO and IBAN, less what parts them


def digit_marks(flat: bytes) -> bool:
    """Say whether a text, as bytes, has enough digits near each other to be worth a closer look."""
    classes = flat.translate(_CLASSES, b" ().-/+")
    return b"0000000" in classes or any(shape in classes for shape in _SHAPES)


def labelled(text: str, marks: Collection[str], digits: bool, found: Counter[Any]) -> str:
    """Return `text` without dates of birth and what is called the number of a paper.

    Args:
        text: Clean text.
        marks: The groups of `CUES` seen in it.
        digits: What `digit_marks` said of the whole text.
        found: Receives the counts.
    """
    if "birth" in marks:
        text, count = _BIRTH.subn(" ", text)
        _note(found, "birth", count)
    if digits and "identity" in marks:
        text, count = _LABELLED_ID.subn(" ", text)
        _note(found, "id", count)
    return text


def without_numbers(text: str, found: Counter[Any]) -> str:
    """Return `text` without phone, identity and long numbers; only stretches of digits are looked at."""
    text, count = _LETTERED_ID.subn(" ", text)
    _note(found, "id", count)
    parts: list[str] = []
    done = 0
    for stretch in _DIGITS.finditer(text):
        digits, start, end = stretch[0], stretch.start(), stretch.end()
        if len(digits) < _LEAST_DIGITS - 1:
            continue
        if _is_labelled(digits, text[max(0, start - 24) : start]):
            kind = "phone"
        elif _is_private(digits, text[max(0, start - 8) : start], text[end : end + 12]):
            kind = "phone" if _PHONE.search(digits) else "id"
        else:
            continue
        _note(found, kind, 1)
        parts += [text[done:start].rstrip("+("), " "]
        done = end
    if not parts:
        return text
    parts.append(text[done:])
    return "".join(parts)


def _is_labelled(stretch: str, before: str) -> bool:
    """Say whether a number of six digits or more stands behind "Phone:" and the like."""
    groups = _NUMBER.findall(stretch)
    enough = sum(map(len, groups)) >= _LEAST_DIGITS - 1
    return enough and not _are_dates(groups) and _PHONE_LABEL.search(before) is not None


def _is_private(stretch: str, before: str, after: str) -> bool:
    if not _PHONE.search(stretch) and not _LONG_NUMBER.search(stretch):
        return False
    return not _is_harmless(stretch, before, after)


def _is_harmless(stretch: str, before: str, after: str) -> bool:
    """Say whether digits are dates, a list of years, a version, an amount or the number of a standard."""
    if _MONEY.search(before) or _UNIT.match(after):
        return True
    groups = _NUMBER.findall(stretch)
    if max(map(len, groups)) > 8:
        return False
    if _are_dates(groups):
        return True
    years = sum(1 for group in groups if _YEAR.fullmatch(group))
    if len(groups) == 2 and years and len(groups[1]) == 5:
        return True  # "May 2014 28801" is a date and the postcode after it
    if all(len(group) <= 2 for group in groups) and "." in stretch and " " not in stretch:
        return True
    return _STANDARD.search(before) is not None


def _are_dates(groups: list[str]) -> bool:
    years = sum(1 for group in groups if _YEAR.fullmatch(group))
    return years > 0 and all(len(group) <= 2 or _YEAR.fullmatch(group) for group in groups)


def _note(found: Counter[Any], kind: str, count: int) -> None:
    if count:
        found[kind] += count
