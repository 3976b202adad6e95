"""E-mail addresses, web addresses, social profiles and handles; a part of `embedsvc.text.privacy`."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection
from typing import Any

_NETWORKS = ("skype", "twitter", "telegram", "whatsapp", "instagram", "facebook", "linkedin", "hangouts")
_PROVIDERS = (
    "gmail|yahoo|ymail|hotmail|outlook|live|msn|rediff|rediffmail|icloud|aol|proton|protonmail|gmx|mail"
)

# What a text must hold, in lower case, for the patterns of a group to be worth running.
CUES: dict[str, tuple[str, ...]] = {
    "at": ("@",),
    "spelled": ("(at)", "[at]", "{at}", " dot ", " at gmail", " at yahoo", " at hotmail", " at outlook"),
    "url": ("://", "www."),
    "profile": (".com/", ".org/", ".me/", ".net/", "wa.me", "t.me"),
    "network": _NETWORKS,
}

_EMAIL = re.compile(r"(?:mailto:)?[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,6}")
_SPACED_EMAIL = re.compile(
    rf"[\w.+-]{{1,64}} ?@ ?(?:{_PROVIDERS}) ?[., ] ?(?:com|co|net|org|in|de|fr|uk)\b(?:\.\w{{2,3}}\b)?",
    re.IGNORECASE,
)
_OBFUSCATED_EMAIL = re.compile(
    r"[\w.+-]{1,64} ?[\[({]at[\])}] ?[\w-]{1,63}(?: ?(?:[\[({]dot[\])}]|\.| dot ) ?[a-z]{2,12}){1,3}",
    re.IGNORECASE,
)
# In words alone only for the mail providers: "worked at amazon dot com" is no address.
_SPELLED_EMAIL = re.compile(
    rf"[\w.+-]{{1,64}}(?: (?:dot|underscore) [\w-]{{1,30}}){{0,3}} at (?:{_PROVIDERS})(?: dot |\.)"
    r"(?:com|co|net|org|in|me|de|fr)(?: dot (?:in|uk|jp))?\b",
    re.IGNORECASE,
)
# Lower case first, or with a digit or underscore: "@johndoe", "@John_Doe1"; "@Override" and "@media" stay.
_HANDLE = re.compile(
    r"(?<![\w@])@(?!(?:media|import|keyframes|angular|font|page|param|return|throws|types|property|include"
    r"|mixin|extend|charset|supports|interface|implementation|selector|synthesize|import)\b)"
    r"(?=[a-z]|\w{0,30}[\d_])[A-Za-z_]\w{2,30}(?![\w/])"
)
_URL = re.compile(r"(?:[a-zA-Z]{3,5}://|www\.)[^\s<>\"]{1,2000}", re.IGNORECASE)
_PROFILE = re.compile(
    r"(?:[a-z]{2,3}\.)?(?:linkedin|github|gitlab|facebook|twitter|instagram|behance|dribbble|medium|stackoverflow"
    r"|hackerrank|leetcode|kaggle|bitbucket|codepen|codechef|geeksforgeeks|about|x|t|wa|youtube|pinterest|xing"
    r"|researchgate|angel)\.(?:com|me|org|net|co)/[^\s<>\",;)]{1,200}",
    re.IGNORECASE,
)
_LABELLED_HANDLE = re.compile(
    r"\b(?:skype|twitter|telegram|whatsapp|instagram|facebook|linkedin|hangouts)\b"
    r"(?: ?(?:id|handle|profile|name|no))?\.? ?[:@\-] ?(?=\S{0,80}[\d_.:/@])\S{3,80}",
    re.IGNORECASE,
)


def removed(text: str, marks: Collection[str], found: Counter[Any]) -> str:
    """Return `text` without contacts; `marks` are the groups of `CUES` seen in it."""
    count = 0
    if "at" in marks:
        text, count = _EMAIL.subn(" ", text)
        if "@" in text:
            text, spaced = _SPACED_EMAIL.subn(" ", text)
            count += spaced
    if "spelled" in marks:
        text, bracketed = _OBFUSCATED_EMAIL.subn(" ", text)
        text, spelled = _SPELLED_EMAIL.subn(" ", text)
        count += bracketed + spelled
    _note(found, "email", count)
    if "at" in marks:
        text, count = _HANDLE.subn(" ", text)
        _note(found, "handle", count)
    if "url" in marks:
        text, count = _URL.subn(" ", text)
        _note(found, "url", count)
    if "profile" in marks:
        text, count = _PROFILE.subn(" ", text)
        _note(found, "url", count)
    if "network" in marks:
        text, count = _LABELLED_HANDLE.subn(" ", text)
        _note(found, "handle", count)
    return text


def _note(found: Counter[Any], kind: str, count: int) -> None:
    if count:
        found[kind] += count
