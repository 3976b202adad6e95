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
    r"|hackerrank|leetcode|kaggle|bitbucket|about|t)\.(?:com|me|org|net)/[^\s<>\",;)]{1,200}",
    re.IGNORECASE,
)
_LABELLED_HANDLE = re.compile(
    r"\b(?:skype|twitter|telegram|whatsapp|instagram|facebook|linkedin|hangouts)\b"
    r"(?: ?(?:id|handle|profile|name|no))?\.? ?[:@\-] ?(?=\S*[\d_.:/@])\S{3,80}",
    re.IGNORECASE,
)
_SOCIAL_MARK = re.compile(
    r"\.(?:com|me|org|net)/|(?:kype|itter|gram|app|ebook|edIn|edin|outs|SKYPE|ITTER)", re.ASCII
)
_BIRTH = re.compile(
    r"\b(?:d\.? ?o\.? ?b\b\.?|date of birth|birth ?date)[ :\-]{0,5}"
    r"(?:\d{1,4}(?:st|nd|rd|th)?[ ,./\-]{0,3}(?:\d{1,2}|[a-z]{3,9})[ ,./\-]{0,3}\d{0,4}"
    r"|[a-z]{3,9} \d{1,2},? \d{4})?",
    re.IGNORECASE,
)
_LONG_NUMBER = re.compile(r"\d{9,}")
_PHONE = re.compile(r"(?<![\w.])(?:\+ ?|\( ?)?\d(?:[ ().\-/]{0,3}\d){8,16}(?![\w])")
_ID = re.compile(r"\b(?:[A-Z]{5}\d{4}[A-Z]|\d{3}-\d{2}-\d{4}|[A-Z]{1,3}\d{7,})\b")
_DIGITS_NEAR = re.compile(r"\d[\d ().\-/]{6,}\d")
_NUMBER = re.compile(r"\d+")
_YEAR = re.compile(r"(?:19|20)\d\d")
_STANDARD = re.compile(r"(?:iso|iec|ieee|ts|bs|ohsas|en|rfc|nist)[ :\-/]{0,3}$", re.IGNORECASE)


def scrub(text: str) -> str:
    """Return `text` with personal data replaced by single spaces."""
    if "@" in text:
        text = _HANDLE.sub(" ", _EMAIL.sub(" ", text))
    if "at)" in text or "at]" in text or "AT)" in text or "AT]" in text or "at}" in text:
        text = _OBFUSCATED_EMAIL.sub(" ", text)
    if "://" in text or "www." in text:
        text = _URL.sub(" ", text)
    if _SOCIAL_MARK.search(text):
        text = _LABELLED_HANDLE.sub(" ", _PROFILE.sub(" ", text))
    if "irth" in text or "BIRTH" in text or "DOB" in text or "D.O.B" in text or "dob" in text:
        text = _BIRTH.sub(" ", text)
    return _without_numbers(text)


def _without_numbers(text: str) -> str:
    if not _DIGITS_NEAR.search(text):
        return text
    text = _PHONE.sub(_unless_harmless, text)
    text = _LONG_NUMBER.sub(" ", text)
    return _ID.sub(" ", text)


def _unless_harmless(found: re.Match[str]) -> str:
    """Keep dates, lists of years, versions and standards; anything else of 9 or more digits is a phone."""
    groups = _NUMBER.findall(found[0])
    if len(groups) > 1:
        years = sum(1 for group in groups if _YEAR.fullmatch(group))
        if years and all(len(group) <= 2 or _YEAR.fullmatch(group) for group in groups):
            return found[0]
        if all(len(group) <= 2 for group in groups) and "." in found[0] and " " not in found[0]:
            return found[0]
    before = found.string[max(0, found.start() - 8) : found.start()]
    return found[0] if _STANDARD.search(before) else " "
