"""The table of scores as it stands on a screen of 80 columns."""

from __future__ import annotations

from typing import Any

import pytest

from embedsvc.cli.screen import scores_table


def score(task: str, metric: str, value: float, items: int, **baselines: float) -> dict[str, Any]:
    low, high = value - 0.02, value + 0.01
    named = {name.replace("_", " "): each for name, each in baselines.items()}
    told = {"task": task, "metric": metric, "value": value, "low": low, "high": high}
    return {**told, "items": items, "baselines": named}


def test_a_task_is_named_once_and_no_line_wraps(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    scores = [
        score("hidden skill", "R@10", 0.4470, 2000, popularity=0.0705, item_cosine=0.3875),
        score("hidden skill", "MRR", 0.2589, 2000),
        score("aliases [x]", "precision of the alias step", 1.0, 30, dictionary_in_lower_case=0.25),
        {**score("labels", "ECE", 0.1155, 89), "higher_is_better": False},
    ]

    scores_table("Release 20260101-000000-abcdef", scores)

    assert capsys.readouterr().out == (
        "Release 20260101-000000-abcdef\n"
        "task, metric                   value  95 % interval  baselines\n"
        "\n"
        "hidden skill (2,000 items)\n"
        "  R@10                         0.447    0.427-0.457  popularity 0.070\n"
        "                                                     item cosine 0.388\n"
        "  MRR                          0.259    0.239-0.269\n"
        "\n"
        "aliases [x] (30 items)\n"
        "  precision of the alias step  1.000    0.980-1.010  dictionary in lower case 0.250\n"
        "\n"
        "labels (89 items)\n"
        "  ECE (less is better)         0.116    0.096-0.126\n"
    )


def test_no_scores_are_a_heading(capsys: pytest.CaptureFixture[str]) -> None:
    scores_table("Scores", [])

    assert capsys.readouterr().out == "Scores\ntask, metric  value  95 % interval  baselines\n"
