"""Texts by section: labels, and a classifier of sections in the sample release."""

from __future__ import annotations

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


def test_each_section_that_says_something() -> None:
    found = list(section_texts(SOMEBODY, Tokenizer()))

    assert [label for label, _ in found] == ["summary", "education", "key-skills"]
    assert len(found[0][1]) == 100
    assert found[2][1] == ["pastry", "food", "safety"]


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
