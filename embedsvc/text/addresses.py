"""Street addresses; a part of `embedsvc.text.privacy`.

A street is a house number, up to four capitalised words and a word such as "Street" or "Nagar", with the
flat, town and postcode that follow. Words that are also something else ("Drive", "Way", "Court") count only
where neither the number is a year nor the words name a product ("Google Drive"). Behind "Address:", "House
No" and the like the rest of the line goes where it holds a digit.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection
from typing import Any

_SURE = (
    "Street|Str|Avenue|Ave|Road|Rd|Boulevard|Blvd|Lane|Ln|Terrace|Parkway|Pkwy|Nagar|Marg|Colony|Stra\u00dfe"
    "|Strasse|Rue|Sector"
)
_UNSURE = "Drive|Dr|Court|Ct|Way|Place|Pl|Circle|Cir|Highway|Hwy|St|Layout|Block|Trail|Square|Sq|Cross"

# What a text must hold, in this case, for a street to be worth looking for.
STREETS = tuple(f" {word}{end}" for word in f"{_SURE}|{_UNSURE}".split("|") for end in " .,\n")
# And in lower case for what is called an address.
CUES: dict[str, tuple[str, ...]] = {
    "premises": (
        "address:", "address :", "address -", "address-", "address for", "h.no", "h. no", "h no", "house no",
        "flat no", "plot no", "door no", "d.no", "p.o. box", "po box", "p o box", "pin code",
        "pincode", "pin:", "pin -", "zip code",
    ),
}  # fmt: skip

_WORDS = r"(?:(?:[NSEW]|[NS][EW])\.? )?(?:[A-Z0-9][\w'.]{0,20} ){1,4}?"
_TAIL = (
    r"\b\.?(?:,? {0,2}(?:Apt|Apartment|Suite|Ste|Unit|Flat|Floor|#)\.? ?#?\w{1,6})?"
    r"(?:,? [A-Z][a-z]{2,20}(?: [A-Z][a-z]{2,20})?(?=,? [A-Z]{2},? \d{5}))?"
    r"(?:,? [A-Z]{2},? \d{5}(?:-\d{4})?)?"
)
_STREET = re.compile(
    rf"(?<![\w$.,/%-])\d{{1,5}}[A-Za-z]?(?:[-/]\d{{1,4}}[A-Za-z]?)?,? {_WORDS}(?:{_SURE}){_TAIL}"
)
_MAYBE_STREET = re.compile(
    rf"(?<![\w$.,/%-])(?!(?:19|20)\d\d )\d{{1,5}}[A-Za-z]?,? (?!\w+ (?:Drive|Square|Circle|Block|Cross)s)"
    rf"(?!(?:[A-Z]\w{{0,20}} ){{0,4}}?(?:Google|One|Hard|Disk|Flash|USB|Tape|Test|Pen|Thumb|Site|Inner"
    rf"|Quality|Retail|Major|New|Supreme|High|Years?|Months?|Plus|First|Code|Building|Work) )"
    rf"{_WORDS}(?:{_UNSURE}){_TAIL}(?! (?:[a-z]|Manager|Engineer))"
)
_PREMISES = re.compile(
    r"\b(?:(?:h\.? ?no|house no|flat no|plot no|door no|d\.no|p\.? ?o\.? box)\b"
    r"\.? ?[:#\-]{0,2} ?\d[^\n]{0,120}"
    r"|(?:pin ?code|pin|zip ?code)\b ?[:\-]{1,2} ?\d{3} ?\d{2,3}(?:-\d{4})?)",
    re.IGNORECASE,
)
_LABELLED = re.compile(
    r"^(?:[-*] ?)?(?:(?:permanent|current|present|residential|home|mailing|postal|correspondence|local) ?)?"
    r"address(?: for [a-z]{4,20})? ?[:\-]{1,2} ?(?=[^\n]{0,200}\d)[^\n]{4,200}",
    re.IGNORECASE | re.MULTILINE,
)


def removed(text: str, marks: Collection[str], found: Counter[Any]) -> str:
    """Return `text` without street addresses; `marks` are the groups of `CUES` and "street" seen in it."""
    count = 0
    if "premises" in marks:
        text, labelled = _LABELLED.subn(" ", text)
        text, premises = _PREMISES.subn(" ", text)
        count = labelled + premises
    if "street" in marks:
        text, sure = _STREET.subn(" ", text)
        text, unsure = _MAYBE_STREET.subn(" ", text)
        count += sure + unsure
    if count:
        found["address"] += count
    return text
