"""Texts by section: labels, pieces, and a classifier of sections in the sample release."""

from __future__ import annotations

import random

import pytest

from embedsvc.queries import classify
from embedsvc.releases.opening import Release
from embedsvc.schemas import ClassifyRequest
from embedsvc.text import Tokenizer
from training.corpus.candidate import Candidate
from training.trainers.section_texts import section_texts

SOMEBODY = Candidate(
    "1",
    title="Cook",
    summary=" ".join(f"s{number}" for number in range(100)),
    skills=("Pastry", "Food Safety"),
    education="B.Sc.",
    projects="99",
)


def test_each_section_gives_itself_and_a_piece() -> None:
    found = list(section_texts(SOMEBODY, Tokenizer(), random.Random(1)))

    assert [label for label, _ in found] == [
        "summary",
        "summary",
        "education",
        "education",
        *["key-skills"] * 2,
    ]
    whole, piece = found[0][1], found[1][1]
    assert len(whole) == 100
    assert 8 <= len(piece) <= 40
    assert " ".join(piece) in " ".join(whole)
    assert found[4][1] == ["pastry", "food", "safety"]


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("Bachelor of Science, University of Delhi", "education"),
        ("Python, SQL, Docker, Kubernetes, Git", "key-skills"),
    ],
)
def test_the_sample_tells_sections(release: Release, text: str, label: str) -> None:
    (result,) = classify(release, ClassifyRequest(texts=[text], classifier="section", top_k=1)).results

    assert result.labels is not None
    assert result.labels[0].label == label
