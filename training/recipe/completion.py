"""The section on completing lists of several skills."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from training.recipe.section import Section


class CompletionSection(Section):
    """Completion of skill lists: `used_with` of several skills at once.

    What the skills of a list vote for is put in order by a small network over all that is known of the pairs.
    It learns from the lists themselves, one skill hidden and the list taken out of all counts, and enters a
    release where it puts the hidden skills higher than votes do, on lists that it did not learn from.
    """

    enabled: bool = Field(True, description="False leaves several skills to the votes of `used_with`.")
    min_lists: Annotated[int, Field(ge=1)] = Field(
        1_000, description="Lists of two skills or more, below which nothing is trained."
    )
    questions: Annotated[int, Field(ge=1, le=200_000)] = Field(
        15_000,
        description="Lists drawn to learn from, one hidden skill each: about 3 milliseconds and "
        "92 * `candidates` bytes each.",
    )
    candidates: Annotated[int, Field(ge=10, le=1_000)] = Field(
        150, description="Skills put in order, those with the most votes; no others are ever answered."
    )
    pairs: Annotated[int, Field(ge=10, le=100_000)] = Field(
        2_000, description="Pairs kept a skill, 16 bytes each at most: those it votes most for."
    )
    hidden: Annotated[list[Annotated[int, Field(ge=1, le=1_000)]], Field(max_length=5)] = Field(
        [24, 24], description="Widths of the network's hidden layers."
    )
    epochs: Annotated[int, Field(ge=1, le=1_000)] = Field(
        8, description="Passes over the questions; the best one counts, by questions held back."
    )
    learning_rate: Annotated[float, Field(gt=0, le=1)] = Field(
        0.004, description="Size of a first step; it falls linearly."
    )
