"""Skill extraction: ours against a plain dictionary, on the same documents, the same lexicon and one core.

    python -m benchmarks.extract [--corpus candidates.jsonl.gz] [--documents 5000] [--rounds 3] [--json]

ours        Extractor.extract: longest match with offsets into the text as it is, judged by measured shares.
unjudged    the same search without judgement.
dictionary  what one writes in ten lines: lower-case words by a regular expression, and the longest run of
            them, up to six words, that is a key of a dict. No markup, no spellings, no judgement.

Speed is in MB (10^6 bytes of UTF-8) of raw text per second of CPU time, the ways in turns; the found skills
are thrown away as they come. Without --corpus the documents are generated candidates.
"""

from __future__ import annotations

import argparse
import json
import re
import time
from collections.abc import Callable
from itertools import islice
from pathlib import Path
from typing import Any

from benchmarks.text import documents_of, generated, spread
from embedsvc.text import Lexicon
from embedsvc.text.extraction import Extractor
from training.lexicon.mining import Written, mine

_WORD = re.compile(r"\w[\w+#.]*")
_MOST_WORDS = 6


class Candidates:
    """What is mined: the documents, readable twice."""

    def __init__(self, documents: list[tuple[str, list[str]]]) -> None:
        self._documents = documents

    def __iter__(self) -> Any:
        return (Written(skills, text) for text, skills in self._documents)


class Dictionary:
    """The plain way."""

    def __init__(self, lexicon: Lexicon) -> None:
        forms = [(skill.name, skill.row) for skill in lexicon]
        forms += [(alias.surface, skill.row) for skill in lexicon for alias in lexicon.aliases(skill.row)]
        self._rows = {" ".join(_WORD.findall(form.lower())): row for form, row in reversed(forms)}

    def extract(self, text: str) -> list[tuple[int, int, int]]:
        """Return (row, start, end) of each mention."""
        words = [(found[0], found.start(), found.end()) for found in _WORD.finditer(text.lower())]
        found, at = [], 0
        while at < len(words):
            for length in range(min(_MOST_WORDS, len(words) - at), 0, -1):
                row = self._rows.get(" ".join(word for word, _, _ in words[at : at + length]))
                if row is not None:
                    found.append((row, words[at][1], words[at + length - 1][2]))
                    at += length
                    break
            else:
                at += 1
        return found


def speed(megabytes: float, texts: list[str], extract: Callable[[str], list[Any]]) -> tuple[float, int]:
    """Return MB per second of CPU time of one run, and the mentions found."""
    begin = time.process_time()
    mentions = sum(len(extract(text)) for text in texts)
    return megabytes / (time.process_time() - begin), mentions


def measure(documents: list[tuple[str, list[str]]], rounds: int) -> dict[str, Any]:
    """Mine the lexicon, run all ways in turns, and return what the report shows."""
    texts = [text for text, _ in documents]
    megabytes = sum(len(text.encode("utf-8", "ignore")) for text in texts) / 1e6
    lexicon = mine(Candidates(documents), min_candidates=5).lexicon
    ways = {
        "ours": Extractor(lexicon).extract,
        "unjudged": Extractor(lexicon, judge=False).extract,
        "dictionary": Dictionary(lexicon).extract,
    }
    speeds: dict[str, list[float]] = {name: [] for name in ways}
    mentions: dict[str, int] = {}
    for _ in range(rounds):
        for name, extract in ways.items():
            found, mentions[name] = speed(megabytes, texts, extract)
            speeds[name].append(found)
    return {
        "documents": len(texts),
        "megabytes": megabytes,
        "skills": len(lexicon),
        "mb_per_s": {name: spread(found) for name, found in speeds.items()},
        "mentions": mentions,
    }


def main() -> None:
    """Parse the command line, measure, print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--corpus", type=Path, help="JSON Lines of candidates, plain or gzip")
    parser.add_argument("--documents", type=int, default=5_000)
    parser.add_argument("--rounds", type=int, default=3, help="repetitions of each way, in turns")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    documents = documents_of(options.corpus) if options.corpus else generated(options.documents)
    result = measure(list(islice(documents, options.documents)), options.rounds)
    if options.json:
        print(json.dumps(result, indent=2))
        return
    print("{documents} documents, {megabytes:.1f} MB of raw text, {skills} skills".format(**result))
    for name, figures in result["mb_per_s"].items():
        shown = "  ".join(f"{label} {value:6.1f}" for label, value in figures.items())
        print(f"  {name:11} {shown} MB/s  {result['mentions'][name]:>9,} mentions")


if __name__ == "__main__":
    main()
