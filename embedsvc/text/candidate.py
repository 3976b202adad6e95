"""A candidate: the document that everything is trained on and searched for."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Candidate:
    """One candidate as the source tells it; text is raw, neither cleaned nor shortened.

    Fields the source lacks are empty. `skills` are stripped, never empty and differ from one another.
    `label` is the functional area (or whatever the classifier is to learn), None where unknown; of several
    the first, and `other_labels` are the others.
    `updated_at` is kept as the source writes it. `metadata` holds what else of the source is wanted for
    filtering, by the names of the columns. `name` is what the candidate is called, where the recipe
    maps it: it is there to be removed from the other fields, and is stored nowhere.
    """

    id: str
    title: str = ""
    summary: str = ""
    skills: tuple[str, ...] = ()
    experience: str = ""
    education: str = ""
    projects: str = ""
    label: str | None = None
    location: str = ""
    updated_at: str = ""
    name: str = ""
    other_labels: tuple[str, ...] = ()
    metadata: tuple[tuple[str, str | float], ...] = ()

    @property
    def labels(self) -> tuple[str, ...]:
        """All labels, in the order of the source."""
        return () if self.label is None else (self.label, *self.other_labels)
