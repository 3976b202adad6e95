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
    skill_pairs: dict[str, str] = Field(
        {},
        description="Pairs of skills that people relate, each file by a name: JSON Lines with a, b and "
        "perhaps weight; both relations are judged by them.",
    )
    word_pairs: dict[str, str] = Field(
        {},
        description="Pairs of words that people judged, each file by a name: JSON Lines with w1, w2, score.",
    )
    analogies: str | None = Field(
        None, description="JSON Lines with a, b, c, d: a is to b as c is to d; asked of every word space."
    )
    sentence_pairs: dict[str, str] = Field(
        {},
        description="Pairs of sentences that people judged, each file by a name: JSON Lines with s1, s2, "
        "score, as the STS benchmark and SICK.",
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

    def files(self) -> dict[str, str | dict[str, str]]:
        """The gold files named, by their key; of a key that takes several, by their name."""
        kept = self.model_dump(exclude={"stability", "stability_tokens"})
        return {key: named for key, named in kept.items() if named}


class CardSection(Section):
    """The model card, which is written into the release: see docs/model-card.md."""

    enabled: bool = Field(True, description="False publishes without one.")
    licence: str | None = Field(None, description="Of the vectors and classifiers, as the card states it.")
    owner: str | None = Field(None, description="Whom questions about the release go to, as the card says.")
