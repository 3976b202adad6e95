"""What a card is made of, before it is a page or Markdown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from training.card.drawing import Drawing


@dataclass(frozen=True, slots=True)
class Text:
    """A paragraph; what stands between backticks is code."""

    text: str


@dataclass(frozen=True, slots=True)
class Bullets:
    """A list of paragraphs."""

    items: Sequence[str]


@dataclass(frozen=True, slots=True)
class Facts:
    """A few numbers that say what the release is: (number, what it counts)."""

    items: Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of cells; a drawing in a row stands for it on a page and is left out in Markdown.

    Attributes:
        columns: Their names.
        rows: Cells, as many as columns.
        numeric: Which columns are set to the right.
        drawings: One a row, or none at all.
        drawn: The name of the column of drawings.
        compact: No wider than it needs to be, and side by side with small figures.
    """

    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    numeric: frozenset[int] = frozenset()
    drawings: Sequence[Drawing] = ()
    drawn: str = ""
    compact: bool = False


@dataclass(frozen=True, slots=True)
class Figure:
    """A picture; `narrow` is another drawing of it for small screens.

    Attributes:
        name: Of its file, without ending.
        drawing: Of it.
        caption: What it says.
        narrow: For small screens.
        large: As wide as the page; others stand side by side.
    """

    name: str
    drawing: Drawing
    caption: str
    narrow: Drawing | None = None
    large: bool = False


@dataclass(frozen=True, slots=True)
class Folded:
    """Lines of code that are shown when asked for."""

    title: str
    lines: Sequence[str]


Block = Text | Bullets | Facts | Table | Figure | Folded


@dataclass(frozen=True, slots=True)
class Section:
    """Blocks under a heading."""

    title: str
    blocks: Sequence[Block]


@dataclass(frozen=True, slots=True)
class Card:
    """A whole card."""

    title: str
    lead: str
    sections: Sequence[Section] = field(default_factory=tuple)

    def figures(self) -> list[Figure]:
        """All pictures, in order."""
        return [block for section in self.sections for block in section.blocks if isinstance(block, Figure)]
