"""CSV, TSV and their like."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from embedsvc.errors import BrokenSourceError
from training.corpus import bytestream
from training.corpus.fields import FieldMapping
from training.corpus.origin import Note, Place, Record
from training.corpus.sources.columns import require_known
from training.corpus.sources.file_origin import FileOrigin
from training.corpus.values import cell_of

_ROWS_PER_NOTE = 256
_DELIMITERS = ",;\t|"


@dataclass(frozen=True, slots=True)
class Dialect:
    """How a table is written as text.

    Attributes:
        delimiter: One character; None takes the one of , ; tab | that the first line holds most of.
        quote: One character, or "" where cells are never quoted.
        encoding: As Python names it.
        columns: Names of the columns where the first line does not hold them.
    """

    delimiter: str | None = None
    quote: str = '"'
    encoding: str = "utf-8"
    columns: tuple[str, ...] = ()


class Delimited(FileOrigin):
    """A table as text whose first line names the columns, unless the dialect does."""

    unit = "rows"

    def __init__(self, place: Place, mapping: FieldMapping, dialect: Dialect) -> None:
        super().__init__(place)
        self._mapping = mapping
        self._dialect = dialect

    def records(self, note: Note) -> Iterator[tuple[int, Record | str]]:
        """Yield (number of the line a row begins at, row) or (number, what is wrong)."""
        csv.field_size_limit(bytestream.MAX_RECORD_BYTES)
        with bytestream.opened(self.place, note) as stream:
            lines = _Lines(stream.file, self._dialect.encoding, self.name)
            try:
                for count, row in enumerate(self._rows(lines), 1):
                    yield row
                    if count % _ROWS_PER_NOTE == 0:
                        note(stream.taken)
            except UnicodeError:
                raise BrokenSourceError(
                    f"{self.name}:{lines.number}: not {self._dialect.encoding} from here on; "
                    "set `encoding` to the file's own."
                ) from None

    def _rows(self, lines: _Lines) -> Iterator[tuple[int, Record | str]]:
        first = next(lines, None)
        if first is None:
            return
        names = self._dialect.columns
        reader = csv.reader(
            _chained(first, lines),
            delimiter=self._dialect.delimiter or max(_DELIMITERS, key=first.count),
            quotechar=self._dialect.quote or None,
            quoting=csv.QUOTE_MINIMAL if self._dialect.quote else csv.QUOTE_NONE,
            strict=True,
        )
        if not names:
            try:
                names = tuple(name.strip() for name in next(reader))
            except csv.Error as error:
                raise BrokenSourceError(
                    f"{self.name}:1: the column names cannot be read ({error})."
                ) from None
            lines.damaged = False
        self._check(names)
        begins = 1 if self._dialect.columns else lines.number + 1
        while True:
            try:
                row = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                if lines.ended:
                    raise BrokenSourceError(
                        f"{self.name} ends inside the quoted cell of the row that begins at line {begins}; "
                        "fetch it again, or close the quotes."
                    ) from None
                yield begins, f"not a row: {error}"
            else:
                if row:
                    yield begins, self._record(names, row, lines)
            begins = lines.number + 1
            lines.damaged = False

    def _record(self, names: Sequence[str], row: list[str], lines: _Lines) -> Record | str:
        if len(row) != len(names):
            return f"{len(row)} cells where there are {len(names)} columns"
        if lines.damaged:
            return f"not {self._dialect.encoding}"
        return {name: cell_of(cell) for name, cell in zip(names, row, strict=True)}

    def _check(self, names: tuple[str, ...]) -> None:
        if len(set(names)) < len(names):
            raise BrokenSourceError(
                f"{self.name}: two columns have one name; if the first line is no header, "
                "name the columns with `columns` in the recipe."
            )
        # The first line of a table without a header is a candidate: it must not be shown.
        require_known(self.name, names, self._mapping, show=bool(self._dialect.columns))


def _chained(first: str, lines: _Lines) -> Iterator[str]:
    yield first
    yield from lines


class _Lines:
    """Lines of text; knows the number of the last, and whether one held bytes that are no text."""

    def __init__(self, file: io.BufferedReader[Any], encoding: str, name: str) -> None:
        wide = encoding.lower().replace("_", "-").startswith(("utf-16", "utf-32"))
        plain = encoding.lower().replace("_", "-") in {"utf-8", "utf8"}
        self._text = io.TextIOWrapper(
            file,
            encoding="utf-8-sig" if plain else encoding,
            # One bad byte costs its row; where characters are wider than bytes, it costs all that follows.
            errors="strict" if wide else "surrogateescape",
            newline="\n",
        )
        self._name = name
        self.number = 0
        self.damaged = False
        self.ended = False

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = self._text.readline(bytestream.MAX_RECORD_BYTES)
        if not line:
            self.ended = True
            raise StopIteration
        if len(line) == bytestream.MAX_RECORD_BYTES:
            raise BrokenSourceError(
                f"{self._name}:{self.number + 1}: the line is longer than {bytestream.MAX_RECORD_BYTES} "
                "characters; write one candidate a row."
            )
        self.number += 1
        if not line.isascii():
            try:
                line.encode()
            except UnicodeEncodeError:
                self.damaged = True
        return line
