"""All tasks over one release."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from embedsvc.releases.opening import Release
from embedsvc.spaces.space import Matrix
from training.evaluation import gold
from training.evaluation.aliases import aliases
from training.evaluation.extraction import extraction
from training.evaluation.labels import labels
from training.evaluation.score import Score
from training.evaluation.search import search
from training.evaluation.skills import hidden_skill
from training.preparation.prepared_corpus import PreparedCorpus
from training.taxonomies import read_esco


@dataclass(frozen=True, slots=True)
class GoldFiles:
    """Gold files that the recipe names; see `training.evaluation.gold`."""

    esco: Path | None = None
    skillspan: Path | None = None
    extraction: Path | None = None


def evaluate(
    release: Release, corpus: PreparedCorpus, vectors: Matrix, seed: int, files: GoldFiles
) -> list[Score]:
    """Every task that the release has the parts for.

    Args:
        release: What is judged.
        corpus: Its prepared corpus, whose dev and test parts nobody trained on.
        vectors: (candidates, dimension) the vectors behind the candidates index.
        seed: Of the choice of what is hidden.
        files: What else to judge by.

    Raises:
        CorpusError: A gold file is not there or not what it should be.
    """
    found = [
        *hidden_skill(release, corpus, seed),
        *labels(release, corpus),
        *search(release, corpus, vectors),
    ]
    if files.esco is not None:
        found += aliases(read_esco(files.esco))
    if files.skillspan is not None:
        found += extraction(release, "SkillSpan", gold.skillspan(files.skillspan))
    if files.extraction is not None:
        found += extraction(release, "ESCO extraction", gold.extraction(files.extraction))
    return found
