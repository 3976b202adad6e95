"""A card as Markdown (GitHub's), with its pictures as files beside it."""

from __future__ import annotations

from collections.abc import Iterator

from training.card.blocks import Block, Bullets, Card, Facts, Figure, Folded, Table, Text

_SPECIAL = str.maketrans({sign: f"\\{sign}" for sign in "\\*_[]<>#|~"})


def markdown(card: Card, pictures: str = "figures") -> str:
    """The text; `pictures` is the folder of the SVG files, relative to it."""
    parts = [f"# {_escaped(card.title)}", _escaped(card.lead)]
    for section in card.sections:
        parts.append(f"## {_escaped(section.title)}")
        parts += ["\n".join(_lines(block, pictures)) for block in section.blocks]
    return "\n\n".join(parts) + "\n"


def _lines(block: Block, pictures: str) -> Iterator[str]:
    match block:
        case Text(text):
            yield _escaped(text)
        case Bullets(items):
            yield from (f"- {_escaped(item)}" for item in items)
        case Facts(items):
            yield from _rows(["", "count"], [(_escaped(what), many) for many, what in items], frozenset({1}))
        case Table(columns, rows, numeric):
            yield from _rows([*columns], [[_escaped(cell) for cell in row] for row in rows], numeric)
        case Figure(name, drawing, caption):
            yield f"![{_escaped(drawing.title)}]({pictures}/{name}.svg)"
            yield ""
            yield _escaped(caption)
        case Folded(_, lines):
            fence = "`" * (1 + max(3, *(line.count("`") for line in [*lines, ""])))
            yield from (f"{fence}toml", *lines, fence)


def _rows(
    columns: list[str], rows: list[tuple[str, str]] | list[list[str]], numeric: frozenset[int]
) -> Iterator[str]:
    yield f"| {' | '.join(columns)} |"
    yield f"|{'|'.join('---:' if place in numeric else '---' for place in range(len(columns)))}|"
    yield from (f"| {' | '.join(row)} |" for row in rows)


def _escaped(text: str) -> str:
    """Escaped but for what stands between backticks, where only a bar would end a cell."""
    parts = " ".join(text.split()).split("`")
    if len(parts) % 2 == 0:  # a backtick without its other half is one of the text's own
        return "\\`".join(part.translate(_SPECIAL) for part in parts)
    shown = [
        part.replace("|", "\\|") if number % 2 else part.translate(_SPECIAL)
        for number, part in enumerate(parts)
    ]
    return "`".join(shown)
