"""Tokens: cleaned text to lower-case tokens, with every mention of a skill as one token.

What a token is:

* words are runs of letters and digits, in lower case: "10g", "3d", "b2b";
* "+" and "#" stay at the end of a word that ends in a letter: "c++", "c#", "f#"; "5+" is a number;
* a dot stays in front of net, js and io: ".net", "asp.net", "node.js", "socket.io"; elsewhere it ends a word;
* "-", "/", "&" and "_" part words; an apostrophe vanishes: "self-taught" is two tokens, "bachelor's" one;
* numbers alone are dropped, and so are runs of more than 64 characters, unless they belong to a skill:
  "sql server 2008" is kept by a lexicon that knows it, "in 2008" loses its year;
* a mention of a skill, in any of its surface forms, becomes the token of the skill: longest match from
  left to right, whole words only, never across a comma, a full stop or a line.

Speed: one pass of `bytes.translate`, a few literal replacements and one Aho-Corasick search over the whole
text. The tokens are laid out as "^tok ^tok ", each between a start mark and a space of its own, so that two
matches side by side share no boundary. A Python loop runs only over the matches; to take out the marks is one
pass of `bytes.translate` again.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from ahocorasick_rs import BytesAhoCorasick, Implementation, MatchKind

from embedsvc.text.lexicon import Lexicon
from embedsvc.text.sentences import one_a_line

LONGEST_TOKEN = 64
# Marks in place of new lines, of commas and the like, of full stops and of dots that stay, and in front of
# each token; clean text holds none of them, and the table makes spaces of those that other text holds.
_LINE, _BREAK, _STOP, _KEPT_DOT, _START = b"\x01", b"\x02", b"\x03", b"\x04", b"\x05"
_NUMBER = re.compile(rb"\x05[0-9]+ ")
_BREAKS_TO_STOPS = bytes.maketrans(_LINE + _BREAK, b"\n" + _STOP)
_LONG = re.compile(rf"[^ \n]{{{LONGEST_TOKEN + 1},}} ")

# Slashed and hyphened terms that stay together without a lexicon; a lexicon's own forms come first.
_BUILT_IN = ("ci/cd", "tcp/ip", "pl/sql", "i/o", "r&d", "ui/ux", "t-sql", "e-commerce", "e-mail", "x-ray")
# "pl/sql" is also "plsql", but "b.e" must not catch every "be".
_SHORTEST_JOINED = 5
_SEPARATOR = re.compile(r"[\s\-_/.&*']+")
_DOTNET = re.compile(r" ?\.net\b|(?<!\w)dot[ -]?net\b", re.IGNORECASE)
_DOT = re.compile(rb"\.(?=(?:net|js|io)(?![a-z]))")
# Two patterns that each begin with a literal are found several times faster than one that does not.
_PLUS, _SHARP = re.compile(rb"\+[+#]*"), re.compile(rb"#[+#]*")
_MARKS = (
    "\u0300-\u036f\u0591-\u05c7\u0610-\u061a\u064b-\u065f\u0900-\u0903\u093a-\u094f\u0980-\u0dff\u0e31-\u0e4e"
)
_NOT_WORD = re.compile(rf"[^\x00-\x7f\w{_MARKS}]+")


def _table() -> bytes:
    table = bytearray(b" " * 128 + bytes(range(128, 256)))
    for char in b"abcdefghijklmnopqrstuvwxyz0123456789+#.":
        table[char] = char
    for char in b"ABCDEFGHIJKLMNOPQRSTUVWXYZ":
        table[char] = char + 32
    for char in b',;:|()[]{}"!?':
        table[char] = _BREAK[0]
    table[ord("\n")] = _LINE[0]
    return bytes(table)


_TABLE = _table()


class Tokenizer:
    """Turns cleaned text into tokens.

    Args:
        lexicon: Where given, mentions of its skills become `Skill.token`.
    """

    def __init__(self, lexicon: Lexicon | None = None) -> None:
        patterns = _patterns(lexicon)
        self._targets = list(patterns.values())
        self._search = BytesAhoCorasick(
            list(patterns), matchkind=MatchKind.LeftmostLongest, implementation=Implementation.ContiguousNFA
        )

    def tokens(self, text: str) -> list[str]:
        """Return the tokens of `text` (from `clean_text`), skills merged."""
        return _kept(self._merged(_laid_out(text))).split()

    def sentences(self, text: str) -> list[str]:
        """Return each line or sentence of `text` that has tokens, as tokens with one space between them.

        No skill spans two of them.
        """
        kept = _kept(self._merged(_laid_out(one_a_line(text))))
        return [line for line in map(str.strip, kept.split("\n")) if line]

    def lines(self, text: str) -> Iterator[list[str]]:
        """Yield the tokens of each line or sentence of `text` that has any, as `sentences`."""
        for sentence in self.sentences(text):
            yield sentence.split()

    def _merged(self, padded: bytes) -> bytes:
        matches = self._search.find_matches_as_indexes(padded)
        if not matches:
            return padded
        targets, parts, done = self._targets, [], 0
        for pattern, start, end in matches:
            parts.append(padded[done:start])
            parts.append(targets[pattern])
            done = end
        parts.append(padded[done:])
        return b"".join(parts)


def _laid_out(text: str) -> bytes:
    """Return `text` in lower case, a start mark in front of each token and a space behind it."""
    if not text.isascii():
        text = _NOT_WORD.sub(" ", text.lower())
    flat = text.encode("utf-8", "ignore").translate(_TABLE, b"'")
    if b"." in flat:
        flat = (
            _DOT.sub(_KEPT_DOT, flat).replace(b".", b" \x03 ").replace(_KEPT_DOT, b".").replace(b"#.", b"# .")
        )
    flat = _SHARP.sub(_signs, _PLUS.sub(_signs, flat))
    flat = flat.replace(_BREAK, b" \x02 ").replace(_LINE, b" \x01 ")
    tokens = flat.split()
    return _START + b" \x05".join(tokens) + b" " if tokens else b""


def _signs(found: re.Match[bytes]) -> bytes:
    """Keep "+" and "#" behind a letter; part "html+css", but not "c++11"."""
    flat, start, end = found.string, found.start(), found.end()
    before = flat[start - 1 : start]
    if not (before.isalpha() or before in b"+#" or before >= b"\x80") or not before:
        return b" "
    return b" " if found[0] == b"+" and flat[end : end + 1].isalpha() else found[0]


def _kept(marked: bytes) -> str:
    """Take out numbers, what is too long, and marks; new lines part lines, spaces tokens."""
    # To replace a literal takes a fifth of the time of a pattern.
    words = marked.translate(_BREAKS_TO_STOPS).replace(b"\x05\x03 ", b"")
    kept = _NUMBER.sub(b"", words).translate(None, _START)
    text = kept.decode()
    return _LONG.sub("", text) if _has_long_run(kept) else text


def _has_long_run(kept: bytes) -> bool:
    """Say whether so many bytes stand without a space, in leaps of nearly as many."""
    at, last = 0, len(kept) - LONGEST_TOKEN
    while at < last:
        at = kept.rfind(b" ", at, at + LONGEST_TOKEN + 1) + 1
        if not at:
            return True
    return False


def _patterns(lexicon: Lexicon | None) -> dict[bytes, bytes]:
    """Map each laid-out surface form to the laid-out token of its skill, forms as written first."""
    forms: list[tuple[str, str]] = []
    if lexicon is not None:
        forms = [(skill.name, skill.token) for skill in lexicon]
        forms += [(a.surface, lexicon[a.row].token) for skill in lexicon for a in lexicon.aliases(skill.row)]
    patterns: dict[bytes, bytes] = {}
    for surface, token in forms:
        patterns.setdefault(_laid_out(surface), _target(token))
    for surface, token in forms + [(term, term) for term in _BUILT_IN]:
        for variant in _variants(surface):
            patterns.setdefault(_laid_out(variant), _target(token))
    patterns.pop(b"", None)
    return {pattern: target for pattern, target in patterns.items() if pattern != target}


def _variants(surface: str) -> Iterator[str]:
    """Yield other spellings of a surface form: "react.js" is also "react js" and "reactjs"."""
    if _DOTNET.search(surface):
        for spelling in (".net", " .net", " dot net", "dotnet"):
            yield _DOTNET.sub(spelling, surface)
    pieces = [piece for piece in _SEPARATOR.split(surface) if piece]
    yield " ".join(pieces)
    if 2 <= len(pieces) <= 3:
        if pieces[-1].lower() in ("js", "io"):
            yield ".".join(pieces)
        joined = "".join(pieces)
        if len(joined) >= _SHORTEST_JOINED:
            yield joined


def _target(token: str) -> bytes:
    return _START + token.encode("utf-8", "ignore") + b" "
