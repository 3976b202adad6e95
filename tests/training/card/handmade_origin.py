"""An origin made by hand: every part of a card, in small numbers."""

from __future__ import annotations

from typing import Any

from training.card.measured import (
    Association,
    Bias,
    Counts,
    Curve,
    Effort,
    Histogram,
    Leakage,
    Loss,
    Measured,
    RareLabels,
    SkillMap,
)
from training.card.origin import Origin

HOSTILE = "<script>alert('x')</script>|`& \"C++\""
COUNTS = Counts(
    skills=1234,
    aliases=56,
    words=7890,
    word_dimension=48,
    sentences="static",
    sentence_dimension=32,
    candidates=4321,
    labels={"label": 2},
    rare_labels={"label": RareLabels(labels=3, documents=7, least=5, named={"Arts": 4, HOSTILE: 2})},
)
MEASURED = Measured(
    embedsvc="0.1.0",
    python="3.11.7",
    machine="2 cores, x86_64",
    counts=COUNTS,
    losses=[
        Loss(space="words", points=[(0, 4.0), (1, 3.0), (2, 2.125)], unit="epoch"),
        Loss(space="classifier-label", points=[(1, 0.5), (2, 0.25), (4, 0.13)], unit="passes over the texts"),
    ],
    histograms=[
        Histogram(
            space="skills", low=-0.2, high=1, random=[0.75, 0.25, 0, 0], near=[0, 0, 0.5, 0.5], floor=0.31,
            median=0.72, above=0.987,
        )
    ],
    map=SkillMap(
        skills=["php", HOSTILE, "audit", "payroll"], candidates=[90, 80, 70, 5], x=[0, 0.1, 1, 0.9],
        y=[0, 0.1, 1, 0.9], cluster=[0, 0, 1, 1], clusters=[["php", HOSTILE], ["audit", "payroll"]], kept=0.5,
    ),
    curve=Curve(
        backend="faiss_hnsw", size=4321, queries=200,
        usual=Effort(effort=64, recall=0.991, queries_a_second=9000),
        efforts=[
            Effort(effort=16, recall=0.91, queries_a_second=30_000),
            Effort(effort=64, recall=0.991, queries_a_second=9100),
        ],
        exact=2000,
    ),
    bias=Bias(
        male=["he", "him", "man"], female=["she", "her", "woman"],
        tests=[
            Association(
                first="leading", second="assisting", first_words=["ceo", "boss"],
                second_words=["aide", "clerk"], effect=1.25, p=0.0123,
            )
        ],
        occupations={"ceo": 0.08, "boss": 0.05, "aide": -0.06, "clerk": -0.07}, low=-0.04, high=0.04,
    ),
    leakage=Leakage(female=120, male=340, auc=0.664, low=0.611, high=0.717),
)  # fmt: skip
RECIPE: dict[str, Any] = {
    "store": "store",
    "work": "work",
    "seed": 5,
    "corpus": {
        "sources": [
            {"path": "exports/of/ann/resumes.csv", "preset": "flat", "searchable": True},
            {
                "url": "postgresql://reader:secret@db.internal/hr",
                "query": "SELECT * FROM people WHERE name = 'Bo'",
            },
        ],
        "test_share": 0.05,
    },
    "lexicon": {"min_candidates": 7},
    "word2vec": {"epochs": 9, "window": 5},
    "card": {"enabled": True, "licence": "CC-BY-4.0", "owner": "search@example.org"},
}
METRICS: dict[str, Any] = {
    "scores": [
        {
            "task": "hidden skill", "metric": "R@10", "value": 0.4465, "low": 0.426, "high": 0.4675,
            "items": 2000, "baselines": {"popularity": 0.0705}, "primary": True, "higher_is_better": True,
        },
        {
            "task": "extraction", "metric": "recall", "value": 0.3, "low": 0.25, "high": 0.35, "items": 60,
            "baselines": {"dictionary": 0.5},
        },
        {
            "task": "index", "metric": "recall@10", "value": 0.99, "low": 0.98, "high": 0.995, "items": 60,
            "baselines": {"exact": 1.0},
        },
        {
            "task": "label", "metric": "ECE", "value": 0.2, "low": 0.15, "high": 0.25, "items": 60,
            "baselines": {"uncalibrated": 0.1}, "higher_is_better": False,
        },
    ],
    "confusion": {"label": {"labels": ["finance", HOSTILE], "counts": [[30, 2], [1, 27]]}},
}  # fmt: skip
REPORT: dict[str, Any] = {
    "sources": {"first_bad": ["line 3: Bo Jones, bo@example.org"]},
    "cleaning": {
        "candidates": 5000, "clean": 4990, "kept": 4321, "exact_duplicates": 11, "near_duplicates": 22,
        "private.email": 17,
    },
    "lexicon": {
        "lists": 4000, "entries": 40_000, "forms": 9000, "kept": 1290, "skills": 1234,
        "dropped": {"rare": 7000},
    },
    "corpus": {
        "candidates": 5000, "sentences": 60_000, "tokens": 700_000, "mentions": 80_000, "lists": 3900,
        "train": 3900, "dev": 200, "test": 221, "labelled": 100,
    },
}  # fmt: skip
ORIGIN = Origin(
    name="20260102-030405-abcdef",
    recipe=RECIPE,
    metrics=METRICS,
    report=REPORT,
    sizes={
        "spaces/words/vectors.npy": 3_000_000,
        "spaces/words/keys.arrow": 500_000,
        "lexicon/skills.arrow": 250_000,
    },
    measured=MEASURED,
)
