"""Cleans and prepares COUNT invented candidates in FOLDER, in one process; prints its peak memory in KiB."""

from __future__ import annotations

import random
import resource
import sys
from collections.abc import Iterator
from pathlib import Path

from embedsvc.text import Lexicon, Skill
from training.corpus import Candidate
from training.preparation.clean_corpus import clean
from training.preparation.preparer import Rules, prepare
from training.recipe import CleaningSection

_WORDS = [f"word{number}" for number in range(3_000)]


def _candidates(count: int) -> Iterator[tuple[Candidate, bool]]:
    generator = random.Random(1)
    for number in range(count):
        text = ". ".join(" ".join(generator.choices(_WORDS, k=12)).capitalize() for _ in range(60))
        yield Candidate(str(number), "Title", summary=text, skills=("php", "sql")), True


def main(count: int, folder: Path) -> None:
    for name in ("lexicon", "clean", "corpus"):
        (folder / name).mkdir()
    Lexicon([Skill(0, "php", "php", 9), Skill(1, "sql", "sql", 8)]).save(folder / "lexicon")
    cleaned, _ = clean(_candidates(count), CleaningSection(workers=1), folder / "clean")
    prepare(cleaned, folder / "lexicon", folder / "corpus", Rules(0.05, 0.05))
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)  # noqa: T201


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]))
