"""What a card shows that a release's manifest does not hold: measured once, kept beside the card as JSON.

A card made again from what is kept here has the same bytes, timings of the index included.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from embedsvc.errors import ReleaseCorruptError

MEASURED = "measured.json"


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class RareLabels(_Model):
    """Labels that a classifier did not learn.

    Attributes:
        labels: How many.
        documents: How many documents have one.
        least: Documents that a label needs.
        named: The most frequent of them, with their documents.
    """

    labels: int
    documents: int
    least: int
    named: dict[str, int]


class Counts(_Model):
    """How large the parts of the release are; labels known and left out are by classifier."""

    skills: int
    aliases: int
    words: int
    word_dimension: int
    sentences: str
    sentence_dimension: int
    candidates: int
    labels: dict[str, int]
    rare_labels: dict[str, RareLabels] = {}


class Loss(_Model):
    """The training curve of a space or classifier: (how far the training was, loss), in order of time."""

    space: str
    points: list[tuple[float, float]]
    unit: str


class Histogram(_Model):
    """Similarities of neighbours beside those of random pairs, in bins of equal width.

    Attributes:
        space: What is compared.
        low: Left edge of the first bin.
        high: Right edge of the last bin.
        random: Share of the random pairs in each bin.
        near: Share of the neighbours in each bin.
        floor: 95 % of the random pairs are less similar.
        median: Of the neighbours.
        above: Share of the neighbours above the floor.
    """

    space: str
    low: float
    high: float
    random: list[float]
    near: list[float]
    floor: float
    median: float
    above: float


class SkillMap(_Model):
    """The most used skills in two dimensions, the most used first; coordinates in [0, 1].

    Attributes:
        clusters: What each cluster is called: its most used skills.
        kept: Share of a skill's ten nearest in the space that are among its ten nearest on the map.
    """

    skills: list[str]
    candidates: list[int]
    x: list[float]
    y: list[float]
    cluster: list[int]
    clusters: list[list[str]]
    kept: float


class Effort(_Model):
    """What one search effort gives: recall@10 and queries a second of one thread."""

    effort: int
    recall: float
    queries_a_second: float


class Curve(_Model):
    """Recall against speed of the candidates index.

    Attributes:
        backend: Of the index.
        size: Vectors in it.
        queries: How many were asked.
        usual: At the effort it was built with; that is 0 where the backend does not call it a number.
        efforts: A sweep, in the backend's own unit.
        exact: Queries a second of a scan of all vectors.
    """

    backend: str
    size: int
    queries: int
    usual: Effort
    efforts: list[Effort]
    exact: float


class Association(_Model):
    """A word embedding association test: how much nearer `first` is to male words than `second`."""

    first: str
    second: str
    first_words: list[str]
    second_words: list[str]
    effect: float
    p: Annotated[float, Field(gt=0, le=1)]


class Bias(_Model):
    """Associations of occupations with gendered words.

    Attributes:
        male: The male words that the space knows; so are `female`.
        occupations: Mean cosine with male words minus that with female words, less the mean of all
            occupations.
        low: The same of random words: 2.5 % are lower.
        high: 97.5 % of random words are lower.
    """

    male: list[str]
    female: list[str]
    tests: list[Association]
    occupations: dict[str, float]
    low: float
    high: float


class Leakage(_Model):
    """How well a linear probe tells texts that speak of a woman from those that speak of a man.

    The area under the ROC curve (0.5 is chance) over texts left out, their gendered words taken out,
    with a bootstrap 95 % interval; None where too few texts hold such words.
    """

    female: int
    male: int
    auc: float | None = None
    low: float | None = None
    high: float | None = None


class Measured(_Model):
    """All of it; a part is None where the release or the corpus does not allow it."""

    embedsvc: str
    python: str
    machine: str
    counts: Counts
    losses: list[Loss]
    histograms: list[Histogram]
    map: SkillMap | None
    curve: Curve | None
    bias: Bias | None
    leakage: Leakage | None = None  # of cards made before the evaluation kept it

    def save(self, folder: Path) -> None:
        """Write it into `folder`, which is made where missing."""
        folder.mkdir(parents=True, exist_ok=True)
        (folder / MEASURED).write_text(self.model_dump_json() + "\n", encoding="utf-8")

    @classmethod
    def open(cls, folder: Path) -> Measured:
        """What `save` wrote.

        Raises:
            ReleaseCorruptError: It is missing or is something else.
        """
        try:
            return cls.model_validate_json((folder / MEASURED).read_bytes())
        except (OSError, ValidationError) as error:
            raise ReleaseCorruptError(
                "The measurements of the model card cannot be read; verify the release or train again."
            ) from error
