"""All that a card is made from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from training.card.measured import Leakage, Measured


@dataclass(frozen=True, slots=True)
class Origin:
    """A release as its card sees it.

    Attributes:
        name: Of the release.
        recipe: What it was made from, as in its manifest: passwords taken out.
        metrics: What evaluation found, as in its manifest.
        report: What each step counted, as in its manifest's notes.
        sizes: Bytes of each file but those of the card.
        measured: What the manifest does not hold.
    """

    name: str
    recipe: Mapping[str, Any]
    metrics: Mapping[str, Any]
    report: Mapping[str, Any]
    sizes: Mapping[str, int]
    measured: Measured

    def counted(self, step: str) -> dict[str, Any]:
        """What a step counted; empty where the release does not tell."""
        found = self.report.get(step)
        return dict(found) if isinstance(found, Mapping) else {}

    def section(self, name: str) -> dict[str, Any]:
        """A section of the recipe; empty where it has none."""
        found = self.recipe.get(name)
        return dict(found) if isinstance(found, Mapping) else {}

    @property
    def leakage(self) -> Leakage | None:
        """The gender leakage probe: of the evaluation, or of the card where a release is older than that."""
        try:
            return Leakage.model_validate(self.metrics["leakage"])
        except (KeyError, ValidationError):
            return self.measured.leakage

    @property
    def scores(self) -> list[dict[str, Any]]:
        """The scores."""
        found = self.metrics.get("scores")
        return [dict(each) for each in found if isinstance(each, Mapping)] if isinstance(found, list) else []
