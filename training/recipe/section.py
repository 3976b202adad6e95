"""What all sections of a recipe have in common."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

Share = Annotated[float, Field(ge=0.0, le=1.0)]


class Section(BaseModel):
    """A section: an unknown key is an error, and nothing is changed once read."""

    model_config = ConfigDict(extra="forbid", frozen=True)
