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
    labels: Literal["auto", "one", "several"] = Field(
        "auto",
        description=(
            "Labels a candidate may have. `one`: its first alone. `several`: each is decided alone, with a "
            "threshold of its own. Auto is several where one labelled candidate in a hundred has more."
        ),
    )
    threshold: Share = Field(
        0.0,
        description="Of one label, the probability from which it is given where a request does not say.",
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
    autotune_seconds: Annotated[int, Field(ge=0, le=86_400)] = Field(
        0,
        description=(
            "`fasttext`: time to search for epochs, learning rate, dimension, words in a row, subwords, and "
            "whether to start from the word space, by the candidates of the dev part, from which the model "
            "learns in the end too, in that time; 0 takes what the recipe says. What is found depends on the "
            "machine's speed."
        ),
    )
    quantize: bool = Field(
        False,
        description="`fasttext`: a product-quantised model, `.ftz`, about a tenth of the size.",
    )
    excerpts: Annotated[int, Field(ge=0, le=20)] = Field(
        1, description="`fasttext`: random pieces of each document to learn from too, for short texts."
    )
