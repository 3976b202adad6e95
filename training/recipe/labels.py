"""Sections on classifiers."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from training.recipe.section import Section


class ClassifierSection(Section):
    """The classifier of the label field (fastText), started from the word space."""

    enabled: bool = Field(True, description="False leaves it out of the release.")
    epochs: Annotated[int, Field(ge=1, le=1000)] = Field(
        25, description="Passes over the labelled documents."
    )
    learning_rate: Annotated[float, Field(gt=0, le=10)] = Field(0.5, description="Step size at the start.")
    min_label_count: Annotated[int, Field(ge=2)] = Field(
        5, description="Labels with fewer documents are left out."
    )
    excerpts: Annotated[int, Field(ge=0, le=20)] = Field(
        1, description="Random pieces of each document to learn from too, so that short texts are understood."
    )
