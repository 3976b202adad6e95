"""Views: a text as words to search in, each of which knows where it stood in the text as it was sent.

Nothing is cleaned away, so that an offset into the view is an offset into the text:

* lower case, letter for letter ("İ" is "i", where `str.lower` would give two characters);
* tags, comments, scripts and styles become blanks, an entity its character and blanks;
* white space, hyphens, slashes, apostrophes and the like part words; commas, full stops, brackets, new lines
  and all other signs end a phrase;
* "+" and "#" stay at the end of a word ("c++", "c#"), a dot stays in front of net, js and io, and "&" is a
  word of its own.

The words are then laid out as b" machine  learning  <end> ", each between two spaces of its own, which is
what a search for whole words needs; `TextView.spans` finds the way back by counting words.
"""

from __future__ import annotations

import html
import re

import numpy as np
import numpy.typing as npt

Positions = npt.NDArray[np.int64]

_END = b"\x02"  # of a phrase
_AND = b"\x03"
_KEPT_DOT = b"\x04"
_DOT = re.compile(rb"\.(?=(?:net|js|io)(?![a-z]))")
# The signs that are all that is not ASCII in most texts: replaced one by one, in a third of the time.
_USUAL = (
    ("\u2022", ","), ("\u2019", "'"), ("\u2013", " "), ("\u00a0", " "), ("\u201c", '"'), ("\u201d", '"'),
    ("\u2018", "'"), ("\u2014", " "), ("\u00b7", ","), ("\uf0b7", ","), ("\u25cf", ","), ("\u2026", ","),
)  # fmt: skip
# Two patterns that each begin with a literal are found several times faster than one that does not.
_PLUS, _SHARP = re.compile(rb"\+[+#]*"), re.compile(rb"#[+#]*")
_PARTING = (
    "\u00a0\u00ad\u2000-\u200d\u2010-\u2015\u2018\u2019\u202f\u2043\u205f\u2060\u2212\u3000\ufe58\ufe63\ufeff"
)
_MARKS = (
    "\u0300-\u036f\u0591-\u05c7\u0610-\u061a\u064b-\u065f\u0900-\u0903\u093a-\u094f\u0980-\u0dff\u0e31-\u0e4e"
)
_SIGN = re.compile(rf"[^\x00-\x7f\w{_MARKS}]")
_PARTS = re.compile(f"[{_PARTING}]").match
# ASCII as wide as an ideograph, and its signs that may belong to a word.
_WIDE = re.compile("[\uff10-\uff19\uff41-\uff5a]")
_WIDE_SIGNS = {"\uff0b": "+", "\uff03": "#", "\uff0e": ".", "\uff0f": " ", "\uff06": "&"}

# A tag that ends before the next one begins, so that no scan is repeated; phrases end at those of blocks.
_TAG = re.compile(r"</?([a-zA-Z][a-zA-Z0-9:]{0,15})(?:[\s/][^<>]{0,2000})?>")
_INLINE_TAGS = "a abbr b big em font i ins mark small span strike strong sub sup tt u wbr"
_INLINE = frozenset(_INLINE_TAGS.split())
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[a-zA-Z][a-zA-Z0-9]{1,31});")
_HIDDEN = {"<!--": "-->", "<script": "</script", "<style": "</style"}
_HIDES = re.compile("|".join(_HIDDEN), re.IGNORECASE)


def _table() -> bytes:
    table = bytearray(b" " * 128 + bytes(range(128, 256)))
    for char in b"abcdefghijklmnopqrstuvwxyz0123456789+#.":
        table[char] = char
    for char in b',;:|()[]{}"!?<>=\r\n\x0b\x0c':
        table[char] = _END[0]
    table[ord("&")] = _AND[0]
    return bytes(table)


_TABLE = _table()
_BLANK = ord(" ")
_KINDS = bytes(char if char in b" \x02\x03" else 1 for char in range(256))


class TextView:
    """A text to search in.

    Args:
        text: As it was sent, any characters. Time and memory are linear in its length.

    Attributes:
        laid_out: The words in UTF-8, each between two spaces of its own.
    """

    def __init__(self, text: str) -> None:
        self._flat = _flat(text)
        self.laid_out = _spread(self._flat)

    def spans(self, starts: Positions, ends: Positions) -> tuple[Positions, Positions]:
        """Return where in the text, in characters, the matches in `laid_out` are.

        Args:
            starts: Byte offsets of the space before each match's first word, ascending.
            ends: Byte offsets after the space behind its last word.
        """
        word_starts, word_ends = _edges(self._flat)
        # Each word has a space before it and one behind it in `laid_out`.
        laid = np.cumsum(word_ends - word_starts + 2)
        first = np.searchsorted(laid, starts, side="right")
        last = np.searchsorted(laid, ends)
        return self._characters(word_starts[first]), self._characters(word_ends[last])

    def _characters(self, offsets: Positions) -> Positions:
        if self._flat.isascii():
            return offsets
        continued = np.flatnonzero(np.frombuffer(self._flat, np.int8) < -64)  # bytes 10xxxxxx of UTF-8
        return offsets - np.searchsorted(continued, offsets)


def laid_out(surface: str) -> bytes:
    """Return a surface form as it appears in `TextView.laid_out`; b"  " where it has no word."""
    return _spread(_flat(surface))


def _flat(text: str) -> bytes:
    """Return one byte for each character of ASCII, UTF-8 for the others: words, spaces and marks."""
    if "<" in text or "&" in text:
        text = _without_markup(text)
    if not text.isascii():
        for sign, plain in _USUAL:
            text = text.replace(sign, plain)
    if text.isascii():
        lower = text.lower()
    else:
        lower = _SIGN.sub(_plain_sign, text.replace("\u0130", "i").lower())
        if b"\xef" in lower.encode("utf-8", "replace"):  # how all of them begin
            lower = _WIDE.sub(lambda wide: chr(ord(wide[0]) - 0xFEE0), lower)
    # A lone surrogate cannot be UTF-8; "?" takes its place.
    flat = lower.encode("utf-8", "replace").translate(_TABLE)
    if b"." in flat:
        flat = _DOT.sub(_KEPT_DOT, flat).replace(b".", _END).replace(_KEPT_DOT, b".")
    flat = _SHARP.sub(_signs, _PLUS.sub(_signs, flat))
    # Two marks never touch, so that an edge is where one kind of character ends and another begins.
    return flat.replace(_END * 2, _END + b" ").replace(_AND * 2, _AND + b" ")


def _plain_sign(found: re.Match[str]) -> str:
    return " " if _PARTS(found[0]) else _WIDE_SIGNS.get(found[0], ",")


def _signs(found: re.Match[bytes]) -> bytes:
    """Keep "+" and "#" behind a letter, unless a letter follows the "+" ("html+css")."""
    flat, start, end = found.string, found.start(), found.end()
    before = flat[start - 1 : start] if start else b""
    behind_letter = before.isalpha() or before >= b"\x80" or before in (b"+", b"#")
    joins = found[0].endswith(b"+") and flat[end : end + 1].isalpha()
    return found[0] if behind_letter and not joins else _END * len(found[0])


def _spread(flat: bytes) -> bytes:
    words = flat.replace(_END, b" \x02 ").replace(_AND, b" \x03 ").split()
    return b" " + b"  ".join(words) + b" "


def _edges(flat: bytes) -> tuple[Positions, Positions]:
    """Return where words and marks start and where they end."""
    kinds = np.frombuffer(b" %b " % flat.translate(_KINDS), np.uint8)
    before, after = kinds[:-1], kinds[1:]
    edges = np.flatnonzero(before != after)
    return edges[after[edges] != _BLANK], edges[before[edges] != _BLANK]


def _without_markup(text: str) -> str:
    """Return a text of the same length without markup."""
    if "<" in text:
        text = _TAG.sub(_blank_tag, _without_hidden(text))
    return _ENTITY.sub(_plain_entity, text) if "&" in text else text


def _blank_tag(tag: re.Match[str]) -> str:
    return (" " if tag[1].lower() in _INLINE else "\n") * len(tag[0])


def _plain_entity(entity: re.Match[str]) -> str:
    char = html.unescape(entity[0])
    return char + " " * (len(entity[0]) - 1) if len(char) == 1 else "," * len(entity[0])


def _without_hidden(text: str) -> str:
    """Blank out comments, scripts and styles; one that does not end is left as it is."""
    parts, done, lower = [], 0, text.replace("\u0130", "i").lower()
    open_ended: set[str] = set()
    for found in _HIDES.finditer(text):
        opening = found[0].lower()
        if found.start() < done or opening in open_ended:
            continue
        end = lower.find(_HIDDEN[opening], found.end())
        if end < 0:
            open_ended.add(opening)
            continue
        end += len(_HIDDEN[opening])
        parts += [text[done : found.start()], "\n" * (end - found.start())]
        done = end
    return "".join([*parts, text[done:]])
