"""Cleaning: whatever a candidate's field holds, to plain text.

Each step runs only where a cheap look says that it is needed, and each is linear in the length of the text:

1. markup (only where there is any): known tags go, block tags and <br> become new lines, entities are
   decoded; text with scripts, styles or comments goes through an HTML parser, which drops them. Plain
   fragments do not: to replace their tags takes a third of the time, and "List<String>" survives;
2. Unicode: NFKC; dashes to "-", quotes to ' and ", bullets to a new line and "- ", zero-width signs out;
   mojibake is left alone;
3. control characters out (form feed and vertical tab are new lines);
4. runs of spaces to one, no space at either end of a line, at most one empty line in a row.
"""

from __future__ import annotations

import html
import re
import unicodedata
from functools import lru_cache

from selectolax.lexbor import LexborHTMLParser

_BLOCKS = (
    "address article aside blockquote body br center dd details div dl dt fieldset figcaption figure footer "
    "form h1 h2 h3 h4 h5 h6 head header hr html li main nav ol p pre section table tbody td tfoot th thead "
    "title tr ul"
)
_INLINE = (
    "a abbr acronym b big button caption cite code col del em font i iframe img input ins label link meta "
    "o:p object option q s script select small span strike strong style sub sup svg textarea tt u xml"
)
_PUT_FOR_TAG = dict.fromkeys(_BLOCKS.split(), "\n") | dict.fromkeys(_INLINE.split(), "")
_NAMES = "|".join(_PUT_FOR_TAG)
# A whole tag, so that "a <b" is not taken for one; it ends at the next "<", so that no scan is repeated.
_TAG = re.compile(r"(</?[a-zA-Z][a-zA-Z0-9:]{0,15}(?:[\s/][^<>]*)?>)")
_TAG_NAME = re.compile(r"</?([a-zA-Z][a-zA-Z0-9:]{0,15})")
_NAME_END = 18  # characters from the "<" in which the whole name is
_BLOCK = re.compile(rf"(?=</?(?:{'|'.join(_BLOCKS.split())})(?![\w-]))", re.IGNORECASE)
_ESCAPED_TAG = re.compile(rf"&lt;/?(?:{_NAMES})(?![\w-])[^<>&]{{0,500}}&gt;", re.IGNORECASE)
# What only a parser gets right.
_PAGE = re.compile(r"<(?:!--|!\[|!doctype|script|style|head[\s>]|svg|textarea)", re.IGNORECASE)
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[a-zA-Z][a-zA-Z0-9]{1,31});")
# A tree of n open tags can cost n * n: pieces of this many tags keep a hostile page linear.
_TAGS_PER_PIECE = 1000

_DASHES = "\u2010\u2011\u2012\u2013\u2014\u2015\u2043\u2212\ufe58\ufe63\uff0d"
_BULLETS = (
    "\u2022\u2023\u2219\u25a0\u25a1\u25aa\u25ab\u25ba\u25b6\u25b8\u25c6\u25c7\u25cb\u25cf\u25d8\u25e6\u2605\u2606"
    "\u2713\u2714\u2716\u274f\u2751\u2752\u2756\u2794\u27a2\u27a4\u00b7\uf0b7\uf0a7\uf0d8\uf076\uf0fc\uf0a8\uf02d"
)
_INVISIBLE = (
    "\u00ad\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2061\u2062\u2063\ufeff"
)
_UNIFIED = (
    dict.fromkeys(_DASHES, "-")
    | dict.fromkeys("\u2018\u2019\u201a\u201b\u2032\u02bc", "'")
    | dict.fromkeys("\u201c\u201d\u201e\u201f\u00ab\u00bb\u2033", '"')
    | dict.fromkeys(_BULLETS, "\n- ")
    | dict.fromkeys(_INVISIBLE, "")
    | dict.fromkeys("\u2028\u2029\u0085", "\n")
    # Trademarks out: NFKC would make the word "JavaTM" of them.
    | dict.fromkeys("\u2122\u2120", "")
)
_ODD = re.compile("[" + re.escape("".join(_UNIFIED)) + "\u0080-\u009f]")
_ASCII = bytes(range(128))
# Characters that NFKC changes one by one, whatever stands beside them: no marks, no jamo.
_ALONE = re.compile(
    "[\u0080-\u02ff\u2000-\u20cf\u2100-\u2bff\ue000-\uf8ff\ufb00-\ufb06\ufe58\ufe63\ufeff\uff01-\uff5e]+"
)
_FEW = 24  # kinds of characters; beyond it one pass over the text is quicker than one for each kind


def _control_table() -> tuple[bytes, bytes]:
    table = bytearray(range(256))
    table[ord("\t")] = ord(" ")
    for char in b"\r\x0b\x0c":
        table[char] = ord("\n")
    return bytes(table), bytes(char for char in (*range(32), 127) if char not in b"\t\n\r\x0b\x0c")


_CONTROLS, _DELETED = _control_table()
_EMPTY_LINES = re.compile(rb"\n\n\n+")


def clean_text(raw: str) -> str:
    """Return `raw` as plain text: no markup, no control characters, unified signs, single spaces.

    New lines are kept. Time is linear in the length, whatever the content.
    """
    text = raw
    if "<" in text or "&" in text:
        text = _without_markup(text)
    if not text.isascii():
        text = _unified(text)
    return _spaced(text)


def _without_markup(text: str) -> str:
    if "&lt;" in text and _ESCAPED_TAG.search(text):
        text = _decoded(text)
    if "<" in text:
        text = "".join(map(_text_of, _pieces(text))) if _PAGE.search(text) else _without_tags(text)
    return _decoded(text) if "&" in text else text


def _without_tags(text: str) -> str:
    """Put a new line for each block tag and nothing for each inline one; "List<String>" stays."""
    parts = _TAG.split(text)
    parts[1::2] = [tag if (put := _put_for(tag[:_NAME_END])) is None else put for tag in parts[1::2]]
    return "".join(parts)


@lru_cache(maxsize=4096)
def _put_for(tag: str) -> str | None:
    name = _TAG_NAME.match(tag)
    return _PUT_FOR_TAG.get(name[1].lower()) if name else None


def _decoded(text: str) -> str:
    return _ENTITY.sub(lambda entity: html.unescape(entity[0]), text)


def _pieces(page: str) -> list[str]:
    if page.count("<") <= _TAGS_PER_PIECE:
        return [page]
    starts = [tag.start() for tag in re.finditer("<", page)][_TAGS_PER_PIECE::_TAGS_PER_PIECE]
    return [page[low:high] for low, high in zip([0, *starts], [*starts, len(page)], strict=True)]


def _text_of(page: str) -> str:
    tree = LexborHTMLParser(_BLOCK.sub("\n", page))
    tree.strip_tags(["script", "style", "head"])
    return tree.body.text(deep=True, separator="", strip=False) if tree.body is not None else ""


def _unified(text: str) -> str:
    beyond = text.encode("utf-8", "ignore").translate(None, _ASCII).decode()
    kinds = set(beyond)
    if len(kinds) <= _FEW and _ALONE.fullmatch("".join(kinds)):
        for kind in kinds:
            put = _put_for_character(kind)
            if put != kind:
                text = text.replace(kind, put)
        return text
    text = unicodedata.normalize("NFKC", text.replace("\u2122", "").replace("\u2120", ""))
    return _ODD.sub(lambda odd: _UNIFIED.get(odd[0], ""), text)


@lru_cache(maxsize=4096)
def _put_for_character(kind: str) -> str:
    if kind in "\u2122\u2120":
        return ""
    return _ODD.sub(lambda odd: _UNIFIED.get(odd[0], ""), unicodedata.normalize("NFKC", kind))


def _spaced(text: str) -> str:
    """Take out control characters and needless white space, as bytes: several times faster than by regex."""
    flat = text.encode("utf-8", "ignore")
    if b"\r" in flat:
        flat = flat.replace(b"\r\n", b"\n")
    flat = flat.translate(_CONTROLS, _DELETED)
    while b"  " in flat:
        # Each pass halves the runs, so few passes do.
        flat = flat.replace(b"  ", b" ")
    flat = flat.replace(b" \n", b"\n").replace(b"\n ", b"\n")
    return _EMPTY_LINES.sub(b"\n\n", flat).decode().strip()
