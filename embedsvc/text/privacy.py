"""Personal data out of free text before anything is trained on it or stored.

Taken out, each replaced by one space: e-mail addresses, web addresses, social profiles and handles, phone
numbers, dates of birth, and numbers that look like a person's ID. Left in: "C++", "ASP.NET", "Node.js",
years and ranges of years, "ISO 9001:2008", versions such as "11.2.0.3", annotations such as "@Override".

Every pattern is bounded, so that hostile text costs time linear in its length; each runs only where a
cheap look finds its mark ("@", "://", a run of digits).
"""

from __future__ import annotations

import re

_EMAIL = re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,6}")
_OBFUSCATED_EMAIL = re.compile(
    r"[\w.+-]{1,64} ?[\[({]at[\])}] ?[\w-]{1,63}(?: ?(?:[\[({]dot[\])}]|\.) ?[a-z]{2,12}){1,3}", re.IGNORECASE
)
# Lower case first, or with a digit or underscore: "@johndoe", "@John_Doe1"; "@Override" and "@media" stay.
_HANDLE = re.compile(
    r"(?<![\w@])@(?!(?:media|import|keyframes|angular|font|page|param|return|throws)\b)"
    r"(?=[a-z]|\w{0,30}[\d_])[A-Za-z_]\w{2,30}(?![\w/])"
)
_URL = re.compile(r"(?:[a-zA-Z]{3,5}://|www\.)[^\s<>\"]{1,2000}")
_PROFILE = re.compile(
    r"(?:[a-z]{2,3}\.)?(?:linkedin|github|gitlab|facebook|twitter|instagram|behance|dribbble|medium|stackoverflow"
    r"|hackerrank|leetcode|kaggle|bitbucket)\.(?:com|me|org|net)/[^\s<>\",;)]{1,200}",
    re.IGNORECASE,
)
_LABELLED_HANDLE = re.compile(
    r"\b(?:skype|twitter|telegram|whatsapp|instagram|facebook|linkedin|hangouts)\b"
    r"(?: ?(?:id|handle|profile|name|no))?\.? ?[:@\-] ?(?=\S{0,80}[\d_.:/@])\S{3,80}",
    re.IGNORECASE,
)
_NETWORKS = ("skype", "twitter", "telegram", "whatsapp", "instagram", "facebook", "linkedin", "hangouts")
_BIRTH = re.compile(
    r"\b(?:d\.? ?o\.? ?b\b\.?|date of birth|birth ?date)[ :\-]{0,5}"
    r"(?:(?:on|is) )?(?:\d{1,4}(?:st|nd|rd|th)?[ ,./\-]{0,3}(?:\d{1,2}|[a-z]{3,9})[ ,./\-]{0,3}\d{0,4}"
    r"|[a-z]{3,9} \d{1,2},? \d{4})",
    re.IGNORECASE,
)
# A stretch of digits and what may stand between those of a phone number; looked at closely where found.
_DIGITS = re.compile(r"\d[\d ().\-]{2,}\d[A-Z]?")
_PHONE = re.compile(r"\d(?:[ ().\-]{0,3}\d){8,16}(?!\d)")
_LONG_NUMBER = re.compile(r"\d{9,}|\b\d{3}-\d{2}-\d{4}\b")
_LETTERED_ID = re.compile(r"(?<![A-Za-z0-9])(?:[A-Z]{5}\d{4}[A-Z]|[A-Z]{1,3}\d{7,})$")
_LEAST_DIGITS = 7
_NUMBER = re.compile(r"\d+")
_YEAR = re.compile(r"(?:19|20)\d\d")
_STANDARD = re.compile(r"(?:iso|iec|ieee|ts|bs|ohsas|en|rfc|nist)[ :\-/]{0,3}$", re.IGNORECASE)


def scrub(text: str) -> str:
    """Return `text` with personal data replaced by single spaces."""
    if "@" in text:
        text = _HANDLE.sub(" ", _EMAIL.sub(" ", text))
    if "://" in text or "www." in text:
        text = _URL.sub(" ", text)
    lower = text.lower()
    if "at)" in lower or "at]" in lower or "at}" in lower:
        text = _OBFUSCATED_EMAIL.sub(" ", text)
    if ".com/" in lower or ".org/" in lower or ".me/" in lower or ".net/" in lower:
        text = _PROFILE.sub(" ", text)
    if any(network in lower for network in _NETWORKS):
        text = _LABELLED_HANDLE.sub(" ", text)
    if "birth" in lower or "dob" in lower or "d.o.b" in lower or "d. o. b" in lower:
        text = _BIRTH.sub(" ", text)
    return _without_numbers(text)


def _without_numbers(text: str) -> str:
    """Take out phone, identity and long numbers, looking only at the stretches that may hold one."""
    parts: list[str] = []
    done = 0
    for found in _DIGITS.finditer(text):
        stretch, start, end = found[0], found.start(), found.end()
        before = text[max(0, start - 8) : start]
        if before[-1:].isupper() and (lettered := _LETTERED_ID.search(before + stretch)):
            start -= len(before) - lettered.start()
        elif len(stretch) < _LEAST_DIGITS or not _is_private(stretch, before):
            continue
        parts += [text[done:start].rstrip("+("), " "]
        done = end
    parts.append(text[done:])
    return "".join(parts)


def _is_private(stretch: str, before: str) -> bool:
    if not _PHONE.search(stretch) and not _LONG_NUMBER.search(stretch):
        return False
    return not _is_harmless(stretch, before)


def _is_harmless(stretch: str, before: str) -> bool:
    """Say whether digits are dates, a list of years, a version or the number of a standard."""
    groups = _NUMBER.findall(stretch)
    if max(map(len, groups)) > 8:
        return False
    years = sum(1 for group in groups if _YEAR.fullmatch(group))
    if years and all(len(group) <= 2 or _YEAR.fullmatch(group) for group in groups):
        return True
    if len(groups) == 2 and years and len(groups[1]) == 5:
        return True  # "May 2014 28801" is a date and the postcode after it
    if all(len(group) <= 2 for group in groups) and "." in stretch and " " not in stretch:
        return True
    return bool(_STANDARD.search(before))
