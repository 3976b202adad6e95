"""A task: one question put to a release, answered by scores of which one is the primary."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any

from embedsvc.releases.opening import Release
from embedsvc.spaces.space import Matrix, Space
from indexes import NeighbourTable
from training.corpus.split import Part
from training.evaluation.score import Score
from training.preparation.candidate_pairs import TextPair
from training.preparation.prepared_corpus import PreparedCorpus
from training.recipe import EvaluationSection


@dataclass(frozen=True, slots=True)
class GoldFiles:
    """Gold files that the recipe names, those of pairs by a name too; see `training.evaluation.gold`."""

    esco: Path | None = None
    skillspan: Path | None = None
    extraction: Path | None = None
    skill_pairs: Mapping[str, Path] = field(default_factory=dict)
    word_pairs: Mapping[str, Path] = field(default_factory=dict)
    analogies: Path | None = None
    sentence_pairs: Mapping[str, Path] = field(default_factory=dict)

    @classmethod
    def located(cls, section: EvaluationSection, resolve: Callable[[str], Path]) -> GoldFiles:
        """Those that a recipe names, where it says they are."""
        found: dict[str, Any] = {
            key: resolve(named)
            if isinstance(named, str)
            else {name: resolve(path) for name, path in named.items()}
            for key, named in section.files().items()
        }
        return cls(**found)

    def paths(self) -> dict[str, Path]:
        """Every file by its key, and its name behind a dot where the key takes several."""
        found: dict[str, Path] = {}
        for each in fields(self):
            named = getattr(self, each.name)
            if isinstance(named, Path):
                found[each.name] = named
            elif named is not None:
                found |= {f"{each.name}.{name}": path for name, path in named.items()}
        return found


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
        pairs: Two texts of each candidate held back, with the part it belongs to.
        retrained: `similar` of another training of the words, where the recipe asks for one.
        glove: The second space of words, which a release holds and does not open.
    """

    release: Release
    corpus: PreparedCorpus
    vectors: Matrix
    seed: int = 0
    files: GoldFiles = GoldFiles()
    sections: Callable[[Part], Iterable[tuple[Sequence[str], Sequence[str]]]] = lambda _part: ()
    pairs: Callable[[], Iterable[tuple[Part, TextPair]]] = tuple
    retrained: NeighbourTable | None = None
    glove: Space | None = None


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
