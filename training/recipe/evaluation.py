"""Sections on judging a release."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from training.recipe.section import Section


class EvaluationSection(Section):
    """What to judge by beside the candidates held back: gold files, each where it is named, and stability."""

    esco: str | None = Field(None, description="`skills_en.csv` of ESCO: aliases it does not show are asked.")
    skillspan: str | None = Field(
        None, description="SkillSpan, JSON Lines: extraction from sentences of job ads."
    )
    extraction: str | None = Field(
        None, description="Decorte's skill extraction benchmark, JSON Lines with sentence and span."
    )
    stability: Literal["none", "seed", "bootstrap"] = Field(
        "none",
        description="Trains the words once more, by another seed or on lines drawn again with replacement, "
        "and scores how many of a skill's nearest come again.",
    )
    stability_tokens: Annotated[int, Field(ge=1)] = Field(
        5_000_000,
        description="Of a longer corpus lines of so many tokens are drawn for that, and the score is a lower "
        "bound: part of what changes is what was left out.",
    )

    def files(self) -> dict[str, str]:
        """The gold files named, by their key."""
        named = {"esco": self.esco, "skillspan": self.skillspan, "extraction": self.extraction}
        return {name: path for name, path in named.items() if path is not None}


class CardSection(Section):
    """The model card, which is written into the release: see docs/model-card.md."""

    enabled: bool = Field(True, description="False publishes without one.")
    licence: str | None = Field(None, description="Of the vectors and classifiers, as the card states it.")
    owner: str | None = Field(None, description="Whom questions about the release go to, as the card says.")
