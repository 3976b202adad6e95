"""Pairs mined from candidates: which texts belong together, and of whom."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from embedsvc.text import Lexicon, Skill
from training.corpus import Candidate
from training.corpus.split import part_of
from training.preparation import clean_corpus
from training.preparation.candidate_pairs import TextPair, mine_pairs, pairs_of, read_pairs, write_pairs
from training.preparation.preparer import Preparer, Rules
from training.recipe import CleaningSection

LEXICON = Lexicon([Skill(0, "Technical Writing", "technical_writing", 9), Skill(1, "PHP", "php", 8),
                   Skill(2, "SQL", "sql", 7)])  # fmt: skip
SUMMARY = "Writer of handbooks who likes technical writing."
JOBS = [
    "Wrote manuals",
    "Led two writers",
    "Built tables in SQL",
    "Kept a shop",
    "Sold PHP books",
    "Moved house",
]
WRITER = Candidate(
    "c1",
    title="Senior Writer",
    summary=SUMMARY,
    experience="\n".join(JOBS),
    skills=("SQL", "php", "Technical writing"),
)


def found(candidate: Candidate, most: int = 128) -> list[TextPair]:
    return list(pairs_of(candidate, Preparer(LEXICON), most))


def test_a_candidate_gives_three_pairs() -> None:
    whole = "wrote manuals led two writers built tables in sql kept a shop sold php books moved house"

    assert found(WRITER) == [
        TextPair("summary/experience", "c1", "senior writer",
                 "writer of handbooks who likes technical_writing", whole),
        TextPair("title/skills", "c1", "senior writer", "senior writer", "sql php technical_writing"),
        TextPair("earlier/later", "c1", "senior writer",
                 "wrote manuals led two writers built tables in sql",
                 "kept a shop sold php books moved house"),
    ]  # fmt: skip


def test_the_label_is_the_area_where_there_is_one() -> None:
    labelled = Candidate("c2", title="Writer", skills=("SQL", "PHP", "Technical Writing"), label="Media")

    assert [pair.area for pair in found(labelled)] == ["Media"]


def test_texts_that_say_too_little_are_no_pair() -> None:
    assert found(Candidate("c3", title="Writer", summary="I write", skills=("SQL", "PHP"))) == []
    assert found(Candidate("c4")) == []
    short = Candidate("c5", experience="\n".join(["Wrote"] * 6))
    assert found(short) == []


def test_long_texts_are_cut() -> None:
    long = Candidate("c6", summary="word " * 1_000_000, experience="other " * 1_000)

    (pair,) = found(long, 7)

    assert pair.first == " ".join(["word"] * 7)
    assert pair.second == " ".join(["other"] * 7)


def test_only_the_train_part_and_no_copies_are_mined(tmp_path: Path) -> None:
    people = [
        Candidate(f"c{n}", title="Senior Writer", summary=f"{SUMMARY} Person{n} of ward{n} in town{n}.",
                  experience="\n".join(JOBS), skills=("SQL", "PHP", "Technical Writing"))
        for n in range(40)
    ]  # fmt: skip
    section = CleaningSection(duplicate_similarity=1.0, workers=1)
    clean, _ = clean_corpus.clean([(person, True) for person in [*people, people[0]]], section, tmp_path)
    rules = Rules(0.2, 0.3, seed=4)

    mined = {pair.person for pair in mine_pairs(clean, Preparer(LEXICON), rules, 64)}

    keys, kept = np.load(tmp_path / "keys.npy"), np.load(tmp_path / "kept.npy")
    parts = [part_of(int(key), dev_share=0.2, test_share=0.3, seed=4) for key in keys]
    ids = [*(person.id for person in people), "c0"]
    train = {name for name, part, keep in zip(ids, parts, kept, strict=True) if part == "train" and keep}
    assert mined == train
    assert 5 < len(train) < 35
    assert kept.sum() == 40


def test_what_is_written_is_read_again_and_counted(tmp_path: Path) -> None:
    pairs = [*found(WRITER), TextPair("title/skills", "é\n2", "a", "b c", "d")]

    counts = write_pairs(iter(pairs), tmp_path / "pairs")

    assert counts == {"earlier/later": 1, "summary/experience": 1, "title/skills": 2}
    assert list(read_pairs(tmp_path / "pairs")) == pairs
    assert list(read_pairs(tmp_path / "pairs", share=0.5)) == pairs[1::2]
    assert list(read_pairs(tmp_path / "pairs", share=0.25)) == pairs[3:]
