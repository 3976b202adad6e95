"""Sentence similarity: does the cosine of two sentences agree with people who judged how alike they are?"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from embedsvc.releases.opening import Release
from training.evaluation import gold
from training.evaluation.correlation import spearman
from training.evaluation.gold import JudgedPair
from training.evaluation.score import Score, score
from training.evaluation.simple_texts import row_cosines, tfidf_rows, word_means
from training.evaluation.task import Subject, Task

TASK = "sentence similarity"


def sentence_similarity(release: Release, task: str, pairs: Sequence[JudgedPair]) -> list[Score]:
    """Spearman's correlation over all pairs, beside means of word vectors and TF-IDF over the same sentences.

    A sentence of which no word is known is like none: its cosines are 0.

    Args:
        release: Its tokeniser and its sentence encoder are judged.
        task: Name of the gold file.
        pairs: Of it.
    """
    if not pairs:
        return []
    sentences = [*(pair.one for pair in pairs), *(pair.other for pair in pairs)]
    texts = [release.tokenizer.tokens(sentence) for sentence in sentences]
    judged = np.array([pair.score for pair in pairs])
    ways = {
        "encoder": release.sentences.encode(texts),
        "mean of words": word_means(release.words, texts),
        "TF-IDF": tfidf_rows(texts),
    }
    measures = {
        name: np.column_stack([row_cosines(rows[: len(pairs)], rows[len(pairs) :]), judged])
        for name, rows in ways.items()
    }
    ours = measures.pop("encoder")
    baselines = {name: spearman(each) for name, each in measures.items()}
    return [score(task, "Spearman", ours, baselines, statistic=spearman)]


def _judge(subject: Subject) -> list[Score]:
    found: list[Score] = []
    for name, path in subject.files.sentence_pairs.items():
        found += sentence_similarity(subject.release, f"{TASK}, {name}", list(gold.sentence_pairs(path)))
    return found


SENTENCES = Task(TASK, primary="Spearman", judge=_judge)
