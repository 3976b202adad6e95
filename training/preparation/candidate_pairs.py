"""Pairs of texts that belong together, mined from the candidates themselves: nobody has to label any.

What one person wrote in two places is about the same work in other words:

    summary/experience   what they say they are, and what they did
    title/skills         what they are called, and what they can do
    earlier/later        the two halves of the experience: other jobs, where there are several

Only the train part is mined, and of near-duplicates the one that stands for them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import orjson

from training.corpus import Candidate
from training.corpus.split import part_of
from training.preparation.clean_corpus import CleanCorpus, candidate_of
from training.preparation.preparer import Preparer, Rules

_SHORTEST = 5  # tokens; fewer say too little to be found by
_FEWEST_SKILLS = 3
_FEWEST_LINES = 6


@dataclass(frozen=True, slots=True)
class TextPair:
    """Two texts that belong together.

    Attributes:
        kind: Where the two are from: `summary/experience` say.
        person: Id of the candidate.
        area: What many share and what is no proof of belonging together: the label, or else the title.
        first: Tokens, a space between two.
        second: Tokens of the other text.
    """

    kind: str
    person: str
    area: str
    first: str
    second: str


def mine_pairs(clean: CleanCorpus, preparer: Preparer, rules: Rules, max_tokens: int) -> Iterator[TextPair]:
    """Every pair of the train part, streamed.

    Args:
        clean: The candidates.
        preparer: Makes tokens of their texts, as for all else.
        rules: What the split was made by.
        max_tokens: More of a text is left out.
    """
    for line, key, kept in clean.entries():
        part = part_of(key, dev_share=rules.dev_share, test_share=rules.test_share, seed=rules.seed)
        if kept and part == "train":
            yield from pairs_of(candidate_of(line)[0], preparer, max_tokens)


def pairs_of(candidate: Candidate, preparer: Preparer, max_tokens: int) -> Iterator[TextPair]:
    """The pairs of one candidate; none where the texts are missing or short."""
    title = preparer.tokenizer.tokens(candidate.title)[:max_tokens]
    summary = preparer.tokenizer.tokens(candidate.summary)[:max_tokens]
    skills = preparer.skills(candidate)[:max_tokens]
    lines = preparer.tokenizer.sentences(candidate.experience)
    experience = _tokens(lines, max_tokens)
    found: list[tuple[str, Sequence[str], Sequence[str]]] = []
    if min(len(summary), len(experience)) >= _SHORTEST:
        found.append(("summary/experience", summary, experience))
    if title and len(skills) >= _FEWEST_SKILLS:
        found.append(("title/skills", title, skills))
    if len(lines) >= _FEWEST_LINES:
        middle = len(lines) // 2
        halves = _tokens(lines[:middle], max_tokens), _tokens(lines[middle:], max_tokens)
        if min(map(len, halves)) >= _SHORTEST:
            found.append(("earlier/later", *halves))
    area = candidate.label or " ".join(title)
    for kind, first, second in found:
        yield TextPair(kind, candidate.id, area, " ".join(first), " ".join(second))


def write_pairs(pairs: Iterator[TextPair], path: Path) -> dict[str, int]:
    """Write pairs, one a line of JSON; the count of each kind."""
    counts: Counter[str] = Counter()
    with path.open("wb") as out:
        for pair in pairs:
            counts[pair.kind] += 1
            out.write(orjson.dumps(asdict(pair), option=orjson.OPT_APPEND_NEWLINE))
    return dict(sorted(counts.items()))


def read_pairs(path: Path, share: float = 1.0) -> Iterator[TextPair]:
    """The pairs that `write_pairs` wrote, streamed; with a share below 1 so many of them, evenly spread."""
    with path.open("rb") as lines:
        for number, line in enumerate(lines):
            if int((number + 1) * share) > int(number * share):
                yield TextPair(**orjson.loads(line))


def _tokens(lines: Sequence[str], most: int) -> list[str]:
    tokens: list[str] = []
    for line in lines:
        if len(tokens) >= most:
            break
        tokens += line.split()
    return tokens[:most]
