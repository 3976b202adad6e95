"""Extraction on sentences whose skills people have marked, beside a plain dictionary of the same lexicon.

A mention is right where it is a marked span ("exact"), where the two share more than half of what they cover
("half": Jaccard of characters of 0.5 or more), or where they share anything ("overlap"). Annotators mark
whole phrases ("experience with Java and SQL"), so that "exact" is severe; and a dictionary of 10,000 skills
has some word of any phrase, so that its recall by "overlap" says little. The baseline finds every surface
form in any case, longest first, and judges none.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from embedsvc.releases.opening import Release
from embedsvc.text.extraction import Extractor
from training.evaluation import gold
from training.evaluation.gold import Sentence, Span
from training.evaluation.score import Measures, Score, score
from training.evaluation.task import Subject, Task

BASELINE = "lower-case dictionary"
_SHARED = {"half": 0.5, "exact": 1.0, "overlap": 0.0}


def extraction(release: Release, task: str, sentences: Iterable[Sentence]) -> list[Score]:
    """Precision, recall and F1 of the mentions, in each sense of right, over all sentences together.

    Args:
        release: What is judged.
        task: Name of the gold file.
        sentences: Of it.
    """
    read = list(sentences)
    if not read:
        return []
    ours = counted(release.extractor, read)
    plain = counted(Extractor(release.lexicon, judge=False), read)
    found = []
    for place, how in enumerate(_SHARED):
        columns = slice(4 * place, 4 * place + 4)
        for statistic, metric in ((precision, "precision"), (recall, "recall"), (f1, "F1")):
            baseline = {BASELINE: statistic(plain[:, columns])}
            found.append(score(f"{task}, {how}", metric, ours[:, columns], baseline, statistic=statistic))
    return found


def counted(extractor: Extractor, sentences: Sequence[Sentence]) -> Measures:
    """Count each sentence.

    Returns:
        (sentences, 12): right mentions, mentions, found spans, spans; for each sense of right.
    """
    rows = []
    for sentence in sentences:
        mentions = [(found.start, found.end) for found in extractor.extract(sentence.text)]
        row: list[int] = []
        for least in _SHARED.values():
            right = sum(any(_match(mention, span, least) for span in sentence.spans) for mention in mentions)
            hit = sum(any(_match(mention, span, least) for mention in mentions) for span in sentence.spans)
            row += right, len(mentions), hit, len(sentence.spans)
        rows.append(row)
    return np.array(rows, np.float64)


def _match(one: Span, other: Span, least: float) -> bool:
    shared = min(one[1], other[1]) - max(one[0], other[0])
    covered = max(one[1], other[1]) - min(one[0], other[0])
    return shared > 0 and shared >= least * covered


def precision(counts: Measures) -> float:
    """Right mentions of all mentions; 0 where there is none."""
    right, mentions, _, _ = counts.sum(axis=0)
    return float(right / mentions) if mentions else 0.0


def recall(counts: Measures) -> float:
    """Found spans of all spans; 0 where there is none."""
    _, _, hit, spans = counts.sum(axis=0)
    return float(hit / spans) if spans else 0.0


def f1(counts: Measures) -> float:
    """Harmonic mean of precision and recall."""
    both = (precision(counts), recall(counts))
    return 2 * both[0] * both[1] / sum(both) if sum(both) else 0.0


def _skillspan(subject: Subject) -> list[Score]:
    path = subject.files.skillspan
    return extraction(subject.release, "SkillSpan", gold.skillspan(path)) if path is not None else []


def _esco(subject: Subject) -> list[Score]:
    path = subject.files.extraction
    return extraction(subject.release, "ESCO extraction", gold.extraction(path)) if path is not None else []


SKILLSPAN = Task("SkillSpan", primary="F1", judge=_skillspan)
ESCO_EXTRACTION = Task("ESCO extraction", primary="F1", judge=_esco)
