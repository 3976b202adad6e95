"""Queries to judge the step `subwords` by: words that mean nothing, words that are no skills, typing errors.

All are kept only where no earlier step of the ladder understands them: they are what the step gets to see.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterator, Sequence

from embedsvc.text import Lexicon

_TRIES = 20  # a word wanted
_BEGIN, _END = "\x02", "\x03"
_LONGEST, _SHORTEST = 40, 4
_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_MOST_EDITS = 3


def made_up_words(lexicon: Lexicon, most: int, seed: int) -> list[str]:
    """Up to `most` words of letters that follow one another as in the names of the skills.

    A Markov chain of second order: they look more like skills than any words of the language do, so a
    threshold that keeps them out keeps out others too.
    """
    generator = random.Random(seed)  # noqa: S311 - a draw, not a secret
    following: defaultdict[str, list[str]] = defaultdict(list)
    for skill in lexicon:
        name = f"{_BEGIN}{_BEGIN}{skill.name.lower()}{_END}"
        for at in range(len(name) - 2):
            following[name[at : at + 2]].append(name[at + 2])
    drawn = (_chain(following, generator) for _ in range(most * _TRIES if following else 0))
    return _first_unknown(lexicon, drawn, most)


def other_words(lexicon: Lexicon, words: Sequence[str], most: int, seed: int) -> list[str]:
    """Up to `most` of the `words` of a corpus that are no skills."""
    generator = random.Random(seed)  # noqa: S311 - a draw, not a secret
    others = [word for word in words if lexicon.row_of_token(word) is None]
    return _first_unknown(lexicon, iter(generator.sample(others, len(others))), most)


def misspelt_skills(lexicon: Lexicon, most: int, seed: int) -> list[tuple[str, int]]:
    """Up to `most` (a name with one to three random edits behind its first character, row of the skill)."""
    generator = random.Random(seed)  # noqa: S311 - a draw, not a secret
    rows = [skill.row for skill in lexicon if len(skill.name) > _SHORTEST]
    meant: dict[str, int] = {}

    def drawn() -> Iterator[str]:
        for _ in range(most * _TRIES if rows else 0):
            row = generator.choice(rows)
            query = lexicon[row].name.lower()
            for _ in range(generator.randint(1, _MOST_EDITS)):
                query = _edited(query, generator)
            meant[query] = row
            yield query

    return [(query, meant[query]) for query in _first_unknown(lexicon, drawn(), most)]


def _chain(following: dict[str, list[str]], generator: random.Random) -> str:
    word = _BEGIN * 2
    while len(word) < _LONGEST:
        letter = generator.choice(following[word[-2:]])
        if letter == _END:
            break
        word += letter
    return word[2:].strip()


def _edited(word: str, generator: random.Random) -> str:
    at, letter = generator.randrange(1, len(word)), generator.choice(_LETTERS)
    kinds = [
        word[:at] + letter + word[at:],
        word[:at] + letter + word[at + 1 :],
        word[:at] + word[at + 1 :],
        word[:at] + word[at : at + 2][::-1] + word[at + 2 :],
    ]
    return generator.choice(kinds if len(word) > _SHORTEST else kinds[:2])


def _first_unknown(lexicon: Lexicon, queries: Iterator[str], most: int) -> list[str]:
    found: dict[str, None] = {}
    for query in queries:
        if len(found) == most:
            break
        if len(query) >= _SHORTEST and query not in found and _unknown(lexicon, query):
            found[query] = None
    return list(found)


def _unknown(lexicon: Lexicon, query: str) -> bool:
    return (
        lexicon.find(query) is None
        and lexicon.likeness.same_words(query) is None
        and lexicon.correction(query) is None
    )
