"""What is tried where nothing but a recall is asked for: backends, their arguments, their efforts."""

from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from itertools import count
from typing import Any

from indexes.tuning import Goal

_WIDE = 256, 4_096  # dimensions; below, few are to be saved, above, few vectors may have to train 64
_STEPS = tuple(1 + part / 16 for part in range(16))


@dataclass(frozen=True)
class Family:
    """One build, and the arguments of a search that are tried on it.

    Attributes:
        backend: an `ApproximateIndex` by its name in `indexes.registry`.
        built: arguments it is built with.
        least: the first effort tried; it is raised until the recall is held.
        variants: other arguments of a search; the efforts are tried with each of them.
    """

    backend: str
    built: dict[str, Any]
    least: int = 1
    variants: tuple[dict[str, Any], ...] = ({},)

    def efforts(self, most: int) -> Iterator[int]:
        """From the least effort to `most`, each about a twentieth more than the one before."""
        found = 0
        for power in count():
            for step in _STEPS:
                effort = round(self.least * step * 2**power)
                if effort > most:
                    return
                if effort > found:
                    found = effort
                    yield effort


def usual_families(goal: Goal, metric: str = "cosine", dimension: int = 0) -> list[Family]:
    """What is tried by default.

    Left out is what never came near the front in `benchmarks/ann.py`, such as forests. Codes of one bit a
    dimension are quick by their size alone, so they are tried where memory is limited; hnswlib's graph, which
    each process reads into its memory, where that is allowed and the library is installed. Vectors of many
    dimensions are also tried by their main directions, where the metric bears that the origin moves.
    """
    found = [
        Family("faiss_factory", {"factory": "IVF{lists},Flat", "refine": 1}),
        Family("faiss_factory", {"factory": "IVF{lists},SQbf16"}, variants=_refined(1, 2)),
        Family("faiss_factory", {"factory": "IVF{lists},SQ8"}, variants=_refined(1, 2)),
        Family("faiss_hnsw", {"m": 16, "ef_construction": 400}, least=goal.k),
        Family("faiss_hnsw", {"m": 32, "ef_construction": 400}, least=goal.k),
    ]
    if 0 < dimension <= _WIDE[0]:
        # Four bits a dimension, compared many at once in registers: the quickest from 100,000 vectors on.
        factory = f"IVF{{lists}},PQ{dimension}x4fsr"
        found.insert(3, Family("faiss_factory", {"factory": factory}, variants=_refined(2, 4)))
    if goal.max_bytes is not None:
        found.insert(
            2, Family("faiss_factory", {"factory": "IVF{lists},RaBitQ"}, variants=_refined(8, 16, 32))
        )
    if metric != "ip" and _WIDE[0] <= dimension <= _WIDE[1]:
        found.append(Family("faiss_factory", {"factory": "PCA64,IVF{lists},SQ8"}, variants=_refined(2, 4)))
    if not goal.mapped and find_spec("hnswlib") is not None:
        found.append(Family("hnswlib", {"m": 16, "ef_construction": 200}, least=goal.k))
    return found


def _refined(*counts: int) -> tuple[dict[str, Any], ...]:
    return tuple({"refine": count} for count in counts)
