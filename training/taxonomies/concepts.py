"""What a taxonomy says of one skill, and how its tables are read."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from embedsvc.errors import CorpusError, SourceNotFoundError
from training.corpus.paths import shown

_FIELD = re.compile(r" \([^()]+\)$")
_LONGEST_CELL = 1 << 20  # characters; descriptions are long


@dataclass(frozen=True, slots=True)
class Concept:
    """One skill of a taxonomy: its preferred label and other labels."""

    label: str
    others: tuple[str, ...]
    source: Literal["esco", "onet"]

    @property
    def names(self) -> tuple[str, ...]:
        """The label, and the label without the field it belongs to: "Java (computer programming)", "Java"."""
        plain = _FIELD.sub("", self.label)
        return (self.label, plain) if plain != self.label else (self.label,)


def table(path: Path, what: str, columns: Sequence[str], delimiter: str) -> Iterator[list[str]]:
    """Yield the cells of `columns` of each row of a table with a header line, in UTF-8.

    Raises:
        SourceNotFoundError: The file is not there.
        CorpusError: It is not such a table, or lacks a column.
    """
    csv.field_size_limit(_LONGEST_CELL)
    try:
        with path.open(encoding="utf-8-sig", newline="") as lines:
            if delimiter == "\t":
                rows = csv.reader(lines, delimiter=delimiter, quoting=csv.QUOTE_NONE)
            else:
                rows = csv.reader(lines, delimiter=delimiter)
            header = [cell.strip() for cell in next(rows, [])]
            missing = [column for column in columns if column not in header]
            if missing:
                raise CorpusError(
                    f"{shown(path)} is not {what}: it has no column {missing[0]!r}; "
                    "give the official download.",
                    details={"columns": list(columns)},
                )
            places = [header.index(column) for column in columns]
            for row in rows:
                if len(row) > max(places):
                    yield [row[place] for place in places]
    except FileNotFoundError as fault:
        raise SourceNotFoundError(f"{shown(path)} is not there: check the path in the recipe.") from fault
    except (OSError, UnicodeDecodeError, csv.Error) as fault:
        raise CorpusError(f"{shown(path)} cannot be read as {what}: give the official download.") from fault


def neat(label: str) -> str:
    """Return a label with single spaces."""
    return " ".join(label.split())
