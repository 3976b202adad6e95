"""All tasks over one release."""

from __future__ import annotations

from embedsvc.releases.opening import Release
from embedsvc.spaces.space import Matrix
from training.evaluation.labels import labels
from training.evaluation.score import Score
from training.evaluation.search import search
from training.evaluation.skills import hidden_skill
from training.preparation import PreparedCorpus


def evaluate(release: Release, corpus: PreparedCorpus, vectors: Matrix, seed: int) -> list[Score]:
    """Every task that the release has the parts for.

    Args:
        release: What is judged.
        corpus: Its prepared corpus, whose dev and test parts nobody trained on.
        vectors: (candidates, dimension) the vectors behind the candidates index.
        seed: Of the choice of what is hidden.
    """
    return [*hidden_skill(release, corpus, seed), *labels(release, corpus), *search(release, corpus, vectors)]
