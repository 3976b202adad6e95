"""Exact and near-duplicates: who is found, who is kept, and that the state stays small."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from training.corpus import Candidate, fingerprint
from training.corpus.duplicates import Duplicates, Groups, bands_for, pairs
from training.corpus.fields import CandidateBuilder, FieldMapping
from training.corpus.generator.candidates import Candidates
from training.corpus.generator.loading import load_catalogue
from training.corpus.shingles import SIGNATURE, shingles, signatures
from training.preparation.cleaning import Cleaner, date_of, row_of

WORDS = [f"word{number}" for number in range(500)]
LONG = " ".join(WORDS[:60])


def person(number: int, text: str = LONG, **fields: object) -> Candidate:
    return Candidate(**{"id": str(number), "summary": text, **fields})  # type: ignore[arg-type]


def grouped(folder: Path, *candidates: Candidate, threshold: float = 0.7) -> Groups:
    batch = Cleaner().batch([row_of(candidate, True) for candidate in candidates])
    with Duplicates(folder, threshold) as duplicates:
        duplicates.add(batch.fingerprints, batch.dates, batch.telling, batch.signatures)
        return duplicates.groups()


def test_the_newest_of_a_group_is_kept_and_the_first_gives_the_key(tmp_path: Path) -> None:
    people = [
        person(0, updated_at="2024-05-01"),
        person(1, " ".join(WORDS[100:160])),
        person(2, LONG + " and more", updated_at="2025-01-01"),
        person(3, LONG.upper(), updated_at="2023-01-01"),
        person(4, " ".join(WORDS[100:160]) + ".", updated_at=""),
    ]

    groups = grouped(tmp_path, *people)

    keys = [fingerprint(people[at]) for at in (0, 1, 0, 0, 1)]
    assert groups.keys.tolist() == keys
    assert groups.kept.tolist() == [False, False, True, False, True]
    assert (groups.exact, groups.near) == (2, 1)
    assert list(tmp_path.iterdir()) == []


def test_what_is_joined_by_a_chain_is_one_group(tmp_path: Path) -> None:
    # Each shares two thirds of its text or more with the next one, the ends hardly anything.
    chain = [person(step, " ".join(WORDS[10 * step : 10 * step + 80])) for step in range(6)]

    groups = grouped(tmp_path, *chain, threshold=0.6)

    assert len(set(groups.keys.tolist())) == 1
    assert groups.kept.tolist() == [False] * 5 + [True]


def test_who_says_little_is_nobodys_duplicate_but_in_the_same_part(tmp_path: Path) -> None:
    lists = [Candidate(id=str(number), skills=("C#", "SQL", "Git")) for number in range(3)]

    groups = grouped(
        tmp_path,
        *lists,
        person(3, "Ten years of C# and SQL in banks"),
        person(4, "Ten years of C# and SQL in banks"),
    )

    assert groups.kept.all()
    assert len(set(groups.keys[:3].tolist())) == len(set(groups.keys[3:].tolist())) == 1
    assert (groups.exact, groups.near) == (0, 0)


def test_a_threshold_of_one_takes_equal_texts_alone(tmp_path: Path) -> None:
    groups = grouped(tmp_path, person(0), person(1, LONG + " more"), person(2, LONG + "!"), threshold=1.0)

    assert groups.kept.tolist() == [False, True, True]
    assert (groups.exact, groups.near) == (1, 0)


@pytest.mark.parametrize("count", [0, 1])
def test_hardly_anybody(tmp_path: Path, count: int) -> None:
    groups = grouped(tmp_path, *[person(number) for number in range(count)])

    assert groups.kept.tolist() == [True] * count


def test_reposts_of_the_generator_are_found(tmp_path: Path) -> None:
    """Of the pairs of one person's posts; the sample corpus says who repeats whom."""
    source, builder, count = Candidates(load_catalogue(), 1), CandidateBuilder(FieldMapping()), 3_000
    people = [builder.build(source.row(number), str(number)) for number in range(count)]
    originals: dict[int, list[int]] = defaultdict(list)
    for number in range(count):
        original = source.reposted(number)
        originals[number if original is None else original].append(number)

    groups = grouped(tmp_path, *people)

    found: dict[int, list[int]] = defaultdict(list)
    for number, key in enumerate(groups.keys.tolist()):
        found[key].append(number)
    true_pairs = {pair for members in originals.values() for pair in combinations(members, 2)}
    found_pairs = {pair for members in found.values() for pair in combinations(members, 2)}
    assert len(true_pairs) > 100
    assert len(found_pairs & true_pairs) / len(true_pairs) > 0.98
    assert len(found_pairs & true_pairs) / len(found_pairs) > 0.98


def test_form_letters_are_compared_in_linear_time() -> None:
    same = np.tile(signatures([shingles(person(0))[0]]), (4_000, 1))

    found = list(pairs(same, np.arange(4_000), 0.7))

    bands = bands_for(0.7)[0]
    assert sum(map(len, found)) == bands * 2 * 3_999


@pytest.mark.parametrize(
    ("threshold", "bands", "rows"), [(0.5, 42, 3), (0.7, 32, 4), (0.9, 12, 10), (0.01, 128, 1)]
)
def test_bands_find_pairs_at_the_threshold(threshold: float, bands: int, rows: int) -> None:
    assert bands_for(threshold) == (bands, rows)
    assert threshold < 0.1 or 1 - (1 - threshold**rows) ** bands >= 0.99


@pytest.mark.parametrize("shared", [10, 30, 50])
def test_signatures_estimate_the_jaccard_similarity(shared: int) -> None:
    left, right = person(0), person(1, " ".join([*WORDS[:shared], *WORDS[200:260]]))
    sets = [shingles(each)[0] for each in (left, right)]
    exact = len(np.intersect1d(*sets)) / len(np.union1d(*sets))

    one, other = signatures(sets)

    assert one.shape == (SIGNATURE,)
    assert float((one == other).mean()) == pytest.approx(exact, abs=0.15)


def test_case_marks_spacing_and_order_of_skills_make_no_shingle() -> None:
    one = person(0, "I cook, well. And bake bread every day", skills=("Baking", "Sauces"))
    other = person(1, "i  COOK well\nand bake; bread (every) day", skills=("sauces", "baking!"))
    assert set(shingles(one)[0].tolist()) == set(shingles(other)[0].tolist())
    assert shingles(replace(one, skills=("Baking",)))[0].size == shingles(one)[0].size - 1


@given(st.lists(st.sampled_from(WORDS), min_size=4, max_size=60))
def test_there_is_a_shingle_for_each_four_words(words: list[str]) -> None:
    hashes, telling = shingles(person(0, " ".join(words)))
    distinct = {tuple(words[at : at + 4]) for at in range(len(words) - 3)}
    assert hashes.size == len(words) - 3
    assert len(set(hashes.tolist())) == len(distinct)
    assert telling == (len(words) - 3 >= 12)


def test_a_text_of_fifty_megabytes_has_its_shingles() -> None:
    hashes, telling = shingles(person(0, "lorem ipsum dolor " * 2_800_000))
    assert telling
    assert len(np.unique(hashes)) < 20
    assert shingles(person(0, "x" * 1_000_000))[0].size >= 1


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("2024-03-01", 20240301000000),
        ("2024-03-01T12:30:05.123Z", 20240301123005),
        ("2024/3/1", 20240301000000),
        ("2024-03", 20240300000000),
        ("1709251200", 1709251200),
        ("01.03.2024", 0),
        ("yesterday", 0),
        ("", 0),
        ("9" * 40, 999999999999999999),
    ],
)
def test_dates_become_numbers_in_their_order(text: str, number: int) -> None:
    assert date_of(text) == number
