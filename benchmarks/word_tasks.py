"""Word similarity and analogies: how well vectors agree with people, for benchmarks of word spaces."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from pathlib import Path

from embedsvc.spaces.space import Matrix
from training.evaluation import gold
from training.evaluation.correlation import spearman
from training.evaluation.score import Measures, mean
from training.evaluation.words import WordVectors, analogies, word_similarity


def judge_words(folder: Path, keys: Sequence[str], vectors: Matrix) -> dict[str, float]:
    """The value of each of `asked_of`'s tasks, rounded."""
    return {task: round(STATISTICS[task](each), 4) for task, each in asked_of(folder, keys, vectors).items()}


def asked_of(folder: Path, keys: Sequence[str], vectors: Matrix) -> dict[str, Measures]:
    """What vectors answer on the tasks of a folder; pairs and questions with an unknown word are left out.

    Args:
        folder: Holds `eval_wordsim_<name>.jsonl.gz` ({"w1", "w2", "score"}) and `eval_analogies.jsonl.gz`
            ({"a", "b", "c", "d"}: a is to b as c is to d).
        keys: The most frequent first.
        vectors: (keys, dimension)

    Returns:
        By name, (pairs, 2) cosines and people's scores, whose statistic is Spearman's correlation; and for
        `analogies` (questions,) 1 for each that is answered rightly (3CosAdd, Mikolov et al. 2013), of those
        whose words are all frequent.
    """
    words = WordVectors(keys, vectors)
    answers = {
        path.name.removeprefix("eval_wordsim_").removesuffix(".jsonl.gz"): word_similarity(
            words, list(gold.word_pairs(path))
        )[0]
        for path in sorted(folder.glob("eval_wordsim_*.jsonl.gz"))
    }
    questions = folder / "eval_analogies.jsonl.gz"
    if questions.exists():
        answers["analogies"] = analogies(words, gold.analogies(questions))[0]
    return answers


STATISTICS: defaultdict[str, Callable[[Measures], float]] = defaultdict(lambda: spearman, analogies=mean)
