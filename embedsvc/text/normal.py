"""The normal form: one key for all the ways in which a skill is written.

    ReactJS, react.js, React JS, react-js      reactjs
    .NET, dot net, DotNet                      dotnet
    ASP.NET, asp .net, ASP dot net             aspdotnet
    C, C++, C#, F#, R, Go                      c, c++, c#, f#, r, go: all distinct
    R&D, R and D                               randd
    PL/SQL, plsql                              plsql
    e-commerce, E Commerce                     ecommerce

Rules, in order: Unicode NFKC and case folding; accents off Latin, Greek and Cyrillic letters; all white
space out; "&" is "and"; ".net" is "dotnet"; every other sign out except "+" and "#" after a letter or
digit. A surface made of signs alone ("***") is its own normal form, so a visible character never gives "".
"""

from __future__ import annotations

import re
import unicodedata

_DOTNET = re.compile(r"\.net(?!work)")
_NOT_ASCII_KEY = re.compile(r"[^a-z0-9+#]+")
_ACCENTS = re.compile("[\u0300-\u036f]+")


def normal_form(surface: str) -> str:
    """Return the key under which `surface` is grouped with its other spellings.

    Idempotent; the same for any case and any spacing; "" only where nothing is visible.
    """
    compact = "".join(surface.split())
    if compact.isascii():
        compact = compact.lower()
        key = _NOT_ASCII_KEY.sub("", _spelled_out(compact))
    else:
        compact = _folded(compact)
        key = "".join(filter(_belongs, _spelled_out(compact)))
    return key.lstrip("+#") or compact


def _spelled_out(compact: str) -> str:
    if "&" in compact:
        compact = compact.replace("&", "and")
    return _DOTNET.sub("dotnet", compact) if ".net" in compact else compact


def _folded(compact: str) -> str:
    """Fold case and accents of a text that is not ASCII, until nothing changes (two rounds for most)."""
    for _ in range(4):
        plain = _ACCENTS.sub("", unicodedata.normalize("NFKD", compact.casefold()))
        plain = "".join(c for c in unicodedata.normalize("NFKC", plain) if c.isprintable() and c != " ")
        if plain in (compact, ""):  # an accent alone ("¯") is all there is to see
            break
        compact = plain
    return compact


def _belongs(char: str) -> bool:
    return char.isalnum() or char in "+#" or unicodedata.category(char)[0] == "M"
