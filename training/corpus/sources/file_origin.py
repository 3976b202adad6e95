"""What origins that are files have in common."""

from __future__ import annotations

from typing import Any

from training.corpus.origin import Place


class FileOrigin:
    """A file of some format; subclasses add `unit` and `records`."""

    def __init__(self, place: Place) -> None:
        self.place = place
        self.name = place.name
        self.stem = place.stem

    def size(self) -> int:
        """Bytes, compressed where the file is."""
        return self.place.size()

    def stamp(self) -> Any:
        """What changes when the file does."""
        return self.place.stamp()
