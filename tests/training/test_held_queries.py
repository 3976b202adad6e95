"""Queries held back for tuning: titles, but none that the index is judged by."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from training.held_queries import HeldQueries, open_queries
from training.preparation.prepared_corpus import Document


class Encoder:
    """Two numbers a text: its words, and one; nothing of a text of which no word is known."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def encode(self, texts: list[list[str]]) -> np.ndarray:
        self.asked = [" ".join(text) for text in texts]
        rows = [[0.0, 0.0] if "unknown" in text else [len(text), 1.0] for text in texts]
        return np.array(rows, np.float32).reshape(-1, 2)


def document(title: str, text: str = "", part: Any = "train") -> Document:
    return Document("1", title, None, "", part, True, True, title, text)


def drawn(documents: list[Document], folder: Path) -> list[str]:
    held, encoder = HeldQueries(), Encoder()
    for each in documents:
        held.add(each)
    held.write(encoder, folder)  # type: ignore[arg-type]
    return sorted(encoder.asked)


def test_titles_are_drawn_but_none_of_the_test_part(tmp_path: Path) -> None:
    documents = [
        document("php developer", "wrote shops in php"),
        document("php developer", "wrote shops in php"),
        document("plumber", "wrote of pipes", part="test"),
        document("hairdresser", "wrote of pipes"),
        document("nurse", part="dev"),
        document("welder", part="test"),
        document("welder"),
        document("", "eleven words of which the first ten are taken as title instead"),
        document("unknown"),
        document(""),
    ]
    found = drawn(documents, tmp_path)
    opening = "eleven words of which the first ten are taken as"
    assert found == [opening, "hairdresser", "nurse", "php developer", "unknown", "wrote shops in php"]
    lengths = [row[0] for row in sorted(open_queries(tmp_path, 2).tolist())]
    assert lengths == [1.0, 1.0, 2.0, 4.0, 10.0]


@pytest.mark.parametrize("backwards", [False, True])
def test_the_same_two_thousand_whatever_the_order(backwards: bool, tmp_path: Path) -> None:
    documents = [document(f"title {number}", f"text {number}") for number in range(20_000)]
    found = drawn(documents[::-1] if backwards else documents, tmp_path)
    assert len(found) == len(set(found)) == 2_000
    assert found[:3] == ["title 10007", "title 1001", "title 10010"]


def test_where_nothing_was_drawn_there_is_nothing(tmp_path: Path) -> None:
    assert open_queries(tmp_path, 5).shape == (0, 5)
    assert drawn([], tmp_path) == []
    assert open_queries(tmp_path, 2).shape == (0, 2)
