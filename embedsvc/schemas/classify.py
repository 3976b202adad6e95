"""Labels of texts."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, model_validator

from embedsvc.schemas.base import (
    MAX_BATCH,
    MAX_EXAMPLES,
    MAX_LABEL_LENGTH,
    MAX_LABELS,
    Answer,
    ItemError,
    Request,
    Text,
)
from embedsvc.schemas.tolerance import BatchText


class ClassifyRequest(Request):
    """Texts to label, by a classifier of the release or by a few examples of each label."""

    texts: Annotated[list[BatchText], Field(min_length=1, max_length=MAX_BATCH)]
    classifier: Annotated[
        str | None, Field(min_length=1, max_length=100, description="`label` where nothing is said.")
    ] = None
    examples: Annotated[
        dict[
            Annotated[str, Field(min_length=1, max_length=MAX_LABEL_LENGTH)],
            Annotated[list[Text], Field(min_length=1, max_length=MAX_EXAMPLES)],
        ]
        | None,
        Field(
            min_length=1,
            max_length=MAX_LABELS,
            description="Instead of a classifier, texts of each label; a text near none gets no label.",
        ),
    ] = None
    top_k: Annotated[int, Field(ge=1, le=100)] = 3
    threshold: Annotated[
        float | None, Field(ge=0.0, le=1.0, description="The classifier's own where nothing is said.")
    ] = None

    @model_validator(mode="after")
    def _one_of_the_two(self) -> ClassifyRequest:
        if self.examples is not None and self.classifier is not None:
            raise ValueError("give a classifier or examples, not both")
        return self


class LabelScore(Answer):
    """A label and its probability in [0, 1]."""

    label: str
    probability: float


class ClassifyResult(Answer):
    """The labels or the error of the text at `index`; no label reaching the threshold gives an empty list."""

    index: int
    labels: list[LabelScore] | None = None
    error: ItemError | None = None
    tokens: int | None = Field(None, description="Tokens read of the text.")
    truncated: bool | None = Field(
        None,
        description="Whether the text goes on behind what was read; a classifier reads all.",
    )


class ClassifyResponse(Answer):
    """Results in the order of the texts."""

    release: str
    classifier: str
    results: list[ClassifyResult]
