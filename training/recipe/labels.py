"""Sections on classifiers."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from training.recipe.section import Section, Share


class ClassifierSection(Section):
    """The classifiers: of the label field, and of the section of a CV that a text belongs to."""

    enabled: bool = Field(
        True, description="False leaves the classifier of the label field out of the release."
    )
    kind: Literal["linear", "fasttext"] = Field(
        "linear",
        description=(
            "Of the label field: `linear`, TF-IDF with a plane a label, or `fasttext`, started from the "
            "word space."
        ),
    )
    section: bool = Field(
        True,
        description=(
            "Learn to tell summary, key-skills, work-exp, education and project, from candidates whose "
            "texts come in sections."
        ),
    )
    min_label_count: Annotated[int, Field(ge=2)] = Field(
        5, description="Labels with fewer documents are left out."
    )
    threshold: Share = Field(
        0.0,
        description="Probability from which a label is given where a request does not say.",
    )
    min_candidates: Annotated[int, Field(ge=1)] = Field(
        5, description="`linear`: words in fewer documents enter no model; kept are hashes, never words."
    )
    epochs: Annotated[int, Field(ge=1, le=1000)] = Field(
        25, description="`fasttext`: passes over the labelled documents."
    )
    learning_rate: Annotated[float, Field(gt=0, le=10)] = Field(
        0.5, description="`fasttext`: step size at the start."
    )
    excerpts: Annotated[int, Field(ge=0, le=20)] = Field(
        1, description="`fasttext`: random pieces of each document to learn from too, for short texts."
    )
