"""Labels too rare to learn are told, in order, and never all of a long list."""

from __future__ import annotations

import logging

import pytest

from training.trainers.rare_labels import learned_labels


def test_rare_labels_are_counted_named_and_logged(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        learned, rare = learned_labels({"b": 5, "a": 9, "z": 1, "y": 4, "x": 4}, 5)

    assert learned == ["a", "b"]
    assert rare == {"labels": 3, "documents": 9, "least": 5, "named": {"x": 4, "y": 4, "z": 1}}
    assert list(rare["named"]) == ["x", "y", "z"]
    assert [record.getMessage() for record in caplog.records] == [
        "3 of 5 labels have fewer than classifier.min_label_count = 5 documents and are not learned "
        "(9 documents): 'x' 4, 'y' 4, 'z' 1."
    ]


def test_where_every_label_is_learned_nothing_is_said(caplog: pytest.LogCaptureFixture) -> None:
    assert learned_labels({"a": 5, "b": 6}, 5) == (["a", "b"], {})
    assert caplog.records == []


def test_twenty_are_named_at_most(caplog: pytest.LogCaptureFixture) -> None:
    learned, rare = learned_labels({f"l{number:02}": 1 for number in range(30)}, 2)

    assert learned == []
    assert rare["labels"] == rare["documents"] == 30
    assert list(rare["named"]) == [f"l{number:02}" for number in range(20)]
    assert caplog.records[0].getMessage().endswith("'l19' 1, and others.")
