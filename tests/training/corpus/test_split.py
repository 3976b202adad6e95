"""Which part a candidate belongs to."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from embedsvc.errors import RecipeError
from training.corpus import Candidate, fingerprint, part_of

COOK = Candidate(
    id="1", title="Cook", summary="I cook, well.", skills=("Baking", "Sauces"), experience="Inn é•1"
)

FINGERPRINT = 8113910357407840952
PARTS = "nnntnnnvnnnnnnnnnnvnnnnvvnnnnnnvnnnnntnnnvnnnnnnnnnntnnnnnnnnntnnnnnnnnnnntnnnnn"

TEXT = st.text(st.characters(blacklist_categories=["Cs"]))


def test_the_fingerprint_stays_what_it_was_in_earlier_versions():
    assert fingerprint(COOK) == FINGERPRINT


def test_id_case_marks_spacing_and_order_of_skills_do_not_matter():
    same = Candidate(
        id="2", title="Chef", summary="i COOK – well", skills=("sauces", "baking!"), experience="INN\né 1"
    )
    assert fingerprint(same) == fingerprint(COOK)


@pytest.mark.parametrize(
    "change",
    [
        {"summary": "I cook badly."},
        {"skills": ("Baking",)},
        {"experience": "Inn è 1"},
        {"summary": "", "experience": ""},
    ],
)
def test_other_content_has_another_fingerprint(change: dict[str, Any]):
    assert fingerprint(replace(COOK, **change)) != fingerprint(COOK)


def test_without_the_main_text_the_rest_counts_and_then_the_id():
    cook, waiter = Candidate(id="1", title="Cook"), Candidate(id="1", title="Waiter")
    assert fingerprint(cook) != fingerprint(waiter)
    assert fingerprint(cook) == fingerprint(replace(cook, id="2"))
    assert fingerprint(Candidate(id="1")) != fingerprint(Candidate(id="2"))


@given(TEXT)
def test_only_lower_case_letters_and_digits_count(text: str):
    reduced = "".join(letter for letter in text.lower() if letter.isalnum())
    with_text = replace(COOK, summary=text)
    # `\w` knows a few letters and digits more than isalnum, never fewer.
    assert fingerprint(with_text) == fingerprint(replace(with_text, summary=f"  {text.lower()}--"))
    if text.isascii():
        assert fingerprint(with_text) == fingerprint(replace(COOK, summary=reduced))


def test_parts_stay_what_they_were_in_earlier_versions():
    assert "".join(part_of(group)[-1] for group in range(80)) == PARTS


def test_parts_have_their_shares():
    counts = Counter(part_of(group, dev_share=0.1, test_share=0.2) for group in range(20_000))
    assert counts["dev"] == pytest.approx(2_000, abs=150)
    assert counts["test"] == pytest.approx(4_000, abs=200)


def test_another_dev_share_leaves_the_test_part_alone_and_a_seed_does_not():
    def chosen(**how: Any) -> set[int]:
        return {group for group in range(2_000) if part_of(group, **how) == "test"}

    assert chosen(dev_share=0.3) == chosen() != chosen(seed=1)


def test_shares_of_nothing_leave_all_to_train():
    assert {part_of(group, dev_share=0.0, test_share=0.0) for group in range(200)} == {"train"}


@pytest.mark.parametrize(
    ("dev", "test"), [(-0.1, 0.1), (0.5, 0.5), (1.0, 0.0), (float("nan"), 0.1), (0.1, 2.0)]
)
def test_shares_that_leave_nothing_are_refused(dev: float, test: float):
    with pytest.raises(RecipeError, match="add up to less than 1"):
        part_of(1, dev_share=dev, test_share=test)
