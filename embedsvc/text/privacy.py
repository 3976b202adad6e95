"""Personal data out of free text before anything is trained on it or stored.

Taken out, each replaced by one space: e-mail addresses ("jane at gmail dot com" too), web addresses, social
profiles and handles, phone numbers, dates of birth, numbers that are a person's ID, street addresses, and the
candidate's own name where it is known. Left in: "C++", "ASP.NET", "Node.js", years and ranges of years,
"ISO 9001:2008", versions such as "11.2.0.3", salaries, annotations such as "@Override".

Every pattern is bounded, so that hostile text costs time linear in its length. One search for all the marks
that a pattern needs ("@", "://", "street") says which patterns are worth running.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Literal, get_args

from ahocorasick_rs import BytesAhoCorasick, Implementation, MatchKind

from embedsvc.text import addresses, contacts, identifiers, names

Kind = Literal["email", "url", "handle", "phone", "id", "birth", "address", "name"]
KINDS: tuple[Kind, ...] = get_args(Kind)

_GROUPS = (contacts.CUES, identifiers.CUES, addresses.CUES)
_GROUP_OF_CUE = [group for groups in _GROUPS for group, cues in groups.items() for _ in cues]


def _searcher(cues: Iterable[str]) -> BytesAhoCorasick:
    return BytesAhoCorasick(
        [cue.encode() for cue in cues], matchkind=MatchKind.Standard, implementation=Implementation.DFA
    )


_SEARCH = _searcher(cue for groups in _GROUPS for cues in groups.values() for cue in cues)
_STREETS = _searcher(addresses.STREETS)
# What the patterns look at around a mark, in characters.
_BEFORE, _BEHIND = 160, 320


def scrub(text: str, *, name: str = "", counts: Counter[Kind] | None = None) -> str:
    """Return `text` with personal data replaced by single spaces.

    Args:
        text: From `clean_text`.
        name: What the candidate is called, "" where unknown; see `embedsvc.text.names`.
        counts: Receives how much of each kind was taken out.
    """
    found: Counter[Kind] = Counter() if counts is None else counts
    flat = text.encode("utf-8", "ignore")
    seen = [
        (start, _GROUP_OF_CUE[cue]) for cue, start, _ in _SEARCH.find_matches_as_indexes(flat.lower(), True)
    ]
    seen += [(start, "street") for _, start, _ in _STREETS.find_matches_as_indexes(flat + b" ")]
    digits = identifiers.digit_marks(flat)
    if seen:
        text = _near_marks(flat, sorted(seen), digits, found)
    if digits:
        text = identifiers.without_numbers(text, found)
    return names.removed(text, name, found) if name else text


def _near_marks(flat: bytes, seen: Sequence[tuple[int, str]], digits: bool, found: Counter[Kind]) -> str:
    """Run the patterns that need a mark, each where its mark is; all else is copied."""
    parts: list[str] = []
    done = at = 0
    while at < len(seen):
        low, high, marks = max(done, _edge(flat, seen[at][0] - _BEFORE, done)), 0, set()
        while at < len(seen) and (not high or seen[at][0] - _BEFORE <= high):
            high = seen[at][0] + _BEHIND
            marks.add(seen[at][1])
            at += 1
        high = _edge(flat, high, len(flat))
        piece = contacts.removed(flat[low:high].decode(), marks, found)
        piece = identifiers.labelled(piece, marks, digits, found)
        parts += [flat[done:low].decode(), addresses.removed(piece, marks, found)]
        done = high
    parts.append(flat[done:].decode())
    return "".join(parts)


def _edge(flat: bytes, at: int, last: int) -> int:
    """Return where a space or new line begins at `at` or little behind it, else `last`."""
    if at <= 0 or at >= len(flat):
        return last if at > 0 else 0
    ends = [end for end in (flat.find(b" ", at, at + 200), flat.find(b"\n", at, at + 200)) if end >= 0]
    return min(ends, default=last)
