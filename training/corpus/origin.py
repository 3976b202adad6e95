"""What every kind of source looks like to the reader: a stream of numbered records."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, BinaryIO, Protocol

Record = dict[str, Any]
Note = Callable[[int], None]
"""Told now and then how many bytes have been taken so far."""


class Place(Protocol):
    """Where the bytes of one file are: this machine, or a store that fsspec knows.

    Attributes:
        name: For messages; holds no password.
        stem: The file's name without endings, to make ids from.
        suffixes: The endings of its name in lower case, outermost last, for example `(".csv", ".gz")`.
        lasting: Whether it can be opened more than once; a pipe cannot.
    """

    @property
    def name(self) -> str: ...  # noqa: D102
    @property
    def stem(self) -> str: ...  # noqa: D102
    @property
    def suffixes(self) -> tuple[str, ...]: ...  # noqa: D102
    @property
    def lasting(self) -> bool: ...  # noqa: D102

    def size(self) -> int:
        """Bytes, 0 where nobody knows."""
        ...

    def stamp(self) -> Any:
        """JSON values that change when the file does."""
        ...

    def open(self) -> BinaryIO:
        """The raw bytes; reading raises OSError when it fails.

        Raises:
            SourceNotFoundError: It cannot be opened.
        """
        ...


class Origin(Protocol):
    """One file, table or collection that records come from.

    Attributes:
        name: For messages; holds no password.
        stem: Where a candidate has no id it becomes `<stem>-<number>`.
        unit: What a record is there: "lines", "rows" or "documents".
    """

    @property
    def name(self) -> str: ...  # noqa: D102
    @property
    def stem(self) -> str: ...  # noqa: D102
    @property
    def unit(self) -> str: ...  # noqa: D102

    def size(self) -> int:
        """Bytes that reading takes, 0 where nobody knows."""
        ...

    def stamp(self) -> Any:
        """JSON values that change when the content does; never the same twice where that cannot be told.

        Raises:
            SourceNotFoundError: It cannot be reached.
        """
        ...

    def records(self, note: Note) -> Iterator[tuple[int, Record | str]]:
        """Yield (number from 1, record) or, where there is no record, (number, why); memory stays flat.

        Raises:
            SourceNotFoundError: It is not there or cannot be opened.
            BrokenSourceError: It cannot be read to its end.
        """
        ...
