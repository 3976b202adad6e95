"""A card as one HTML page that needs nothing else: no script, nothing to load."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from html import escape
from itertools import groupby
from pathlib import Path

from training.card.blocks import Block, Bullets, Card, Facts, Figure, Folded, Section, Table, Text
from training.card.drawing import FIGURE_STYLE, theme

_STYLE = Path(__file__).with_name("page.css").read_text(encoding="utf-8")


def page(card: Card) -> str:
    """The page, UTF-8 text."""
    title, lead = escape(card.title, quote=False), _inline(card.lead)
    links = "".join(f'<a href="#{_anchor(each.title)}">{escape(each.title)}</a>\n' for each in card.sections)
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width,initial-scale=1">\n'
        f"<title>{title}</title>\n<style>{theme()}{FIGURE_STYLE}{_STYLE}</style></head>\n"
        f'<body><main>\n<h1>{title}</h1>\n<p class="lead">{lead}</p>\n'
        f'<nav aria-label="Sections">{links}</nav>\n'
        f"{''.join(map(_section, card.sections))}</main></body></html>\n"
    )


def _section(section: Section) -> str:
    head = f'<section id="{_anchor(section.title)}">\n<h2>{escape(section.title)}</h2>\n'
    return f"{head}{''.join(_blocks(section.blocks))}</section>\n"


def _blocks(blocks: Sequence[Block]) -> Iterator[str]:
    """Small figures and compact tables that follow each other stand side by side."""
    for small, group in groupby(blocks, _is_small):
        inside = "".join(map(_block, group))
        yield f'<div class="figures">\n{inside}</div>\n' if small else inside


def _is_small(block: Block) -> bool:
    return (isinstance(block, Figure) and not block.large) or (isinstance(block, Table) and block.compact)


def _block(block: Block) -> str:
    match block:
        case Text(text):
            return f"<p>{_inline(text)}</p>\n"
        case Bullets(items):
            return f"<ul>{''.join(f'<li>{_inline(item)}</li>' for item in items)}</ul>\n"
        case Facts(items):
            each = "".join(
                f"<div><dt>{escape(what)}</dt><dd>{escape(many)}</dd></div>" for many, what in items
            )
            return f"<dl>{each}</dl>\n"
        case Table():
            return _table(block)
        case Figure():
            return _figure(block)
        case Folded(title, lines):
            code = escape("\n".join(lines), quote=False)
            return f"<details><summary>{escape(title)}</summary><pre><code>{code}</code></pre></details>\n"


def _figure(figure: Figure) -> str:
    drawn = figure.drawing.inline()
    if figure.narrow is not None:
        small = figure.narrow.inline()
        drawn = f'<div class="wide">{drawn}</div><div class="narrow">{small}</div>'
    kind = ' class="large"' if figure.large else ""
    return f"<figure{kind}>{drawn}<figcaption>{_inline(figure.caption)}</figcaption></figure>\n"


def _table(table: Table) -> str:
    names = [*table.columns, *([table.drawn] if table.drawings else [])]
    kinds = [' class="n"' if place in table.numeric else "" for place in range(len(table.columns))]
    kinds = [
        kind or (' class="k"' if "interval" in name else "") for kind, name in zip(kinds, names, strict=False)
    ]
    head = "".join(f"<th{kind}>{escape(name)}</th>" for name, kind in zip(names, [*kinds, ""], strict=False))
    rows = []
    for number, row in enumerate(table.rows):
        cells = [
            f'<td{kind} data-name="{escape(name)}">{_inline(cell)}</td>'
            for name, kind, cell in zip(table.columns, kinds, row, strict=True)
        ]
        cells += [f'<td class="d">{table.drawings[number].inline()}</td>'] if table.drawings else []
        rows.append(f"<tr>{''.join(cells)}</tr>\n")
    kind = ' class="compact"' if table.compact else ""
    return f"<table{kind}><thead><tr>{head}</tr></thead><tbody>\n{''.join(rows)}</tbody></table>\n"


def _inline(text: str) -> str:
    """Escaped, with what stands between backticks as code."""
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", escape(text, quote=False))


def _anchor(title: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", title.casefold()).strip("-")
