"""What a search for the best backend tried, kept beside the index that it chose."""

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from indexes.errors import CorruptIndexError

FILE = "tuning.json"
FORMAT = 1


@dataclass(frozen=True)
class Goal:
    """What is asked of an index.

    Attributes:
        recall: of the first `k`, in (0, 1].
        k: neighbours asked for.
        max_bytes: what a search may read at most; None for no limit.
        mapped: only what maps its vectors, so that processes share them and open it at once.
    """

    recall: float = 0.95
    k: int = 10
    max_bytes: int | None = None
    mapped: bool = True

    def __post_init__(self) -> None:
        if not 0.0 < self.recall <= 1.0:
            raise ValueError(f"recall must be above 0 and at most 1, not {self.recall!r}")
        if self.k < 1 or (self.max_bytes is not None and self.max_bytes < 1):
            raise ValueError(f"k and max_bytes must be at least 1, not {self.k!r} and {self.max_bytes!r}")


@dataclass(frozen=True)
class Trial:
    """One backend with one set of arguments, as it was measured.

    Attributes:
        backend: its name in `indexes.registry`.
        args: its arguments, the effort among them.
        rows: vectors in it: all, or a sample where there are too many to try everything on.
        recall: mean recall of the held-back queries against exact search over the same vectors.
        margin: what chance may have added to it: 1.64 standard errors of the mean.
        microseconds: a query, asked alone, in one thread.
        bytes: what a search reads of it; that of a trial on a sample is scaled to all vectors.
        build_seconds: by all threads allowed.
        final: whether it was timed again in turns with the others that hold the recall.
    """

    backend: str
    args: dict[str, Any]
    rows: int
    recall: float
    margin: float
    microseconds: float
    bytes: int
    build_seconds: float
    final: bool = False

    def holds(self, recall: float) -> bool:
        """Whether it finds so much on other queries too, but for one case in twenty."""
        return self.recall - self.margin >= recall

    def fits(self, goal: Goal) -> bool:
        """Whether it is small enough."""
        return goal.max_bytes is None or self.bytes <= goal.max_bytes

    @property
    def name(self) -> str:
        """The backend, or what FAISS's factory was told."""
        return str(self.args.get("factory", self.backend))


@dataclass(frozen=True)
class Tuning:
    """All that was tried.

    Attributes:
        recall: that was asked for, of the first `k`.
        max_bytes: that a search may read at most, or None.
        size: vectors indexed.
        queries: that were held back.
        chosen: the trial whose backend and arguments the index has.
        trials: all of them, in the order they were tried.
    """

    recall: float
    k: int
    max_bytes: int | None
    size: int
    dimension: int
    metric: str
    queries: int
    chosen: Trial
    trials: list[Trial] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """Everything, as JSON has it."""
        return {"format": FORMAT, **asdict(self)}

    def save(self, folder: Path) -> None:
        """Write it into the folder of the index."""
        text = json.dumps(self.as_json(), indent=1)
        (folder / FILE).write_text(text + "\n", encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> "Tuning | None":
        """What `save` wrote, or None where the index was not tuned.

        Raises:
            CorruptIndexError: it is something else.
        """
        path = folder / FILE
        if not path.is_file():
            return None
        try:
            return cls.from_json(json.loads(path.read_bytes()))
        except (ValueError, RecursionError) as error:
            raise CorruptIndexError(f"{path} cannot be read ({error}): build the index again") from error

    @classmethod
    def from_json(cls, content: object) -> "Tuning":
        """What `as_json` gave.

        Raises:
            ValueError: it is something else.
        """
        if not isinstance(content, dict) or content.get("format") != FORMAT:
            raise ValueError(f"it is not of format {FORMAT}")
        facts = {name: value for name, value in content.items() if name not in ("format", "chosen", "trials")}
        try:
            trials = [Trial(**each) for each in content["trials"]]
            return cls(**facts, chosen=Trial(**content["chosen"]), trials=trials)
        except (TypeError, KeyError) as error:
            raise ValueError(f"a field is missing or strange: {error}") from error
