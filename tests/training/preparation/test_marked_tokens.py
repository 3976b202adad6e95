"""Documents know where the work history begins."""

from __future__ import annotations

from typing import Any

import pytest

from embedsvc.classifiers import WORK
from embedsvc.text import Lexicon
from embedsvc.text.candidate import Candidate
from training.preparation.preparer import Preparer


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"summary": "Keen cook", "experience": "Hotel"}, ["keen", "cook", WORK, "hotel"]),
        ({"experience": "Hotel. Bar.", "education": "School"}, [WORK, "hotel", "bar", "school"]),
        ({"summary": "Keen cook", "education": "School"}, ["keen", "cook", "school"]),
        ({"title": "Cook"}, []),
    ],
)
def test_a_mark_stands_in_front_of_the_work_history(fields: dict[str, Any], expected: list[str]) -> None:
    document, _, _ = Preparer(Lexicon([])).document(Candidate("1", **fields), "train", searchable=True)

    assert document.marked_tokens == expected
    assert document.tokens == [token for token in expected if token != WORK]
