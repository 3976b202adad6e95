"""Sections on judging a release."""

from __future__ import annotations

from pydantic import Field

from training.recipe.section import Section


class EvaluationSection(Section):
    """Gold files to judge by, beside the candidates held back; each is judged where it is named."""

    esco: str | None = Field(None, description="`skills_en.csv` of ESCO: aliases it does not show are asked.")
    skillspan: str | None = Field(
        None, description="SkillSpan, JSON Lines: extraction from sentences of job ads."
    )
    extraction: str | None = Field(
        None, description="Decorte's skill extraction benchmark, JSON Lines with sentence and span."
    )


class CardSection(Section):
    """The model card, which is written into the release: see docs/model-card.md."""

    enabled: bool = Field(True, description="False publishes without one.")
    licence: str | None = Field(None, description="Of the vectors and classifiers, as the card states it.")
    owner: str | None = Field(None, description="Whom questions about the release go to, as the card says.")
