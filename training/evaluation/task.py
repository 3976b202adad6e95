"""A task: one question put to a release, answered by scores of which one is the primary."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from embedsvc.releases.opening import Release
from embedsvc.spaces.space import Matrix
from indexes import NeighbourTable
from training.corpus.split import Part
from training.evaluation.score import Score
from training.preparation.prepared_corpus import PreparedCorpus


@dataclass(frozen=True, slots=True)
class GoldFiles:
    """Gold files that the recipe names; see `training.evaluation.gold`."""

    esco: Path | None = None
    skillspan: Path | None = None
    extraction: Path | None = None


@dataclass(frozen=True, slots=True)
class Subject:
    """What is judged, and by what.

    Attributes:
        release: What is judged.
        corpus: Its prepared corpus, whose dev and test parts nobody trained on.
        vectors: (candidates, dimension) the vectors behind the candidates index.
        seed: Of what is drawn by chance.
        files: What else to judge by.
        sections: (labels, tokens) of the sections of candidates of a part.
        retrained: `similar` of another training of the words, where the recipe asks for one.
    """

    release: Release
    corpus: PreparedCorpus
    vectors: Matrix
    seed: int = 0
    files: GoldFiles = GoldFiles()
    sections: Callable[[Part], Iterable[tuple[Sequence[str], Sequence[str]]]] = lambda _part: ()
    retrained: NeighbourTable | None = None


@dataclass(frozen=True, slots=True)
class Task:
    """One question.

    Attributes:
        name: What is asked, as people read it; unique.
        primary: The metric that stands for the task where one number must.
        judge: Its scores of a subject; none where the release lacks the part or the files that are asked.
        lower: Metrics of which less is better.
    """

    name: str
    primary: str
    judge: Callable[[Subject], list[Score]]
    lower: frozenset[str] = frozenset()

    def scores(self, subject: Subject) -> list[Score]:
        """What `judge` finds, each score with its direction, and the primary marked.

        Raises:
            ValueError: There are scores, and none is of the primary metric.
        """
        found = [self.marked(score) for score in self.judge(subject)]
        if found and not any(score.primary for score in found):
            raise ValueError(
                f"task '{self.name}' gives no {self.primary}, which it names as its primary metric"
            )
        return found

    def marked(self, score: Score) -> Score:
        """A score of this task with its direction, and whether it is the primary."""
        return replace(
            score, higher_is_better=score.metric not in self.lower, primary=score.metric == self.primary
        )
