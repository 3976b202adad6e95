"""Composes a card and writes it: Markdown with its pictures, and one page."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from embedsvc.releases import Store, layout
from embedsvc.releases.opening import open_release
from training.card import contents, findings, guidance
from training.card.blocks import Card, Section
from training.card.markdown import markdown
from training.card.measured import MEASURED, Measured
from training.card.measuring import measure
from training.card.origin import Origin
from training.card.page import page

MARKDOWN, PAGE, FIGURES = "card.md", "card.html", "figures"

_SECTIONS: tuple[Callable[[Origin], Section | None], ...] = (
    contents.overview,
    guidance.intended_use,
    findings.scores,
    findings.skill_map,
    findings.similarities,
    findings.confusion,
    findings.index,
    contents.data,
    contents.recipe,
    contents.training_curves,
    findings.bias,
    guidance.limits,
    guidance.provenance,
    contents.files,
)


def compose(origin: Origin) -> Card:
    """The card; the same origin gives the same card. What there is nothing to say of is left out."""
    found = [section for make in _SECTIONS if (section := make(origin)) is not None]
    lead = (
        "What this release of embeddings was trained on, how good it is, and what it should not be used for."
    )
    return Card(f"Model card: {origin.name}", lead, found)


def write_card(folder: Path, name: str, measured: Measured, **facts: Mapping[str, Any]) -> None:
    """Write the card of a release that is about to be published into it: the last of its files.

    Args:
        folder: Of the release, all other files in it.
        name: Of the release.
        measured: What `measure` gave.
        facts: `recipe`, `metrics` and `report`, as its manifest will hold them.
    """
    sizes = {
        path.relative_to(folder).as_posix(): path.stat().st_size
        for path in folder.rglob("*")
        if path.is_file()
    }
    origin = Origin(name=name, measured=measured, sizes=without_card(sizes), **facts)
    save(compose(origin), folder / layout.CARD)
    measured.save(folder / layout.CARD)


def save(card: Card, folder: Path) -> None:
    """Write a card and its pictures into `folder`, which is made where missing."""
    (folder / FIGURES).mkdir(parents=True, exist_ok=True)
    for figure in card.figures():
        (folder / FIGURES / f"{figure.name}.svg").write_text(figure.drawing.alone(), encoding="utf-8")
    (folder / MARKDOWN).write_text(markdown(card, FIGURES), encoding="utf-8")
    (folder / PAGE).write_text(page(card), encoding="utf-8")


def card_of(store: Store, name: str) -> Card:
    """The card of a published release; what one without a card lacks is measured now.

    Raises:
        UnknownReleaseError: The store has no such release.
        ReleaseCorruptError: A file of it is missing or damaged.
    """
    manifest, folder = store.manifest(name), store.path(name)
    if f"{layout.CARD}/{MEASURED}" in manifest.files:
        measured = Measured.open(folder / layout.CARD)
    else:
        seed = manifest.recipe.get("seed")
        measured = measure(open_release(store, name), folder, seed if isinstance(seed, int) else 1)
    report = manifest.notes.get("report")
    return compose(
        Origin(
            name=name,
            recipe=manifest.recipe,
            metrics=manifest.metrics,
            report=report if isinstance(report, dict) else {},
            sizes=without_card({path: entry.bytes for path, entry in manifest.files.items()}),
            measured=measured,
        )
    )


def without_card(sizes: Mapping[str, int]) -> dict[str, int]:
    """The sizes of all files but those of the card, in the order of their paths."""
    return {path: size for path, size in sorted(sizes.items()) if not path.startswith(f"{layout.CARD}/")}
