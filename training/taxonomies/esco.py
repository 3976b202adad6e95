"""ESCO, the European classification of skills: `skills_en.csv` of the official download (CSV, English).

One row a skill; `preferredLabel` is its name, `altLabels` holds other labels, one a line.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from training.taxonomies.concepts import Concept, neat, table

_COLUMNS = ("preferredLabel", "altLabels")


def read_esco(path: Path) -> Iterator[Concept]:
    """Yield the skills of `skills_en.csv`.

    Raises:
        SourceNotFoundError: The file is not there.
        CorpusError: It is not that table.
    """
    for preferred, alternative in table(path, "ESCO's table of skills", _COLUMNS, ","):
        label = neat(preferred)
        others = dict.fromkeys(neat(line) for line in alternative.splitlines())
        if label:
            yield Concept(label, tuple(other for other in others if other and other != label), "esco")
