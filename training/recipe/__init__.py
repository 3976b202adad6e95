"""The recipe, `embedsvc.toml`: where candidates come from and what to make of them.

Every knob with its default and its unit. Paths are relative to the recipe's own folder. An unknown key
is an error that names it.
"""

from __future__ import annotations

from training.recipe.candidates import (
    CandidatesSection,
    CleaningSection,
    Corpus,
    IndexSection,
    LexiconSection,
)
from training.recipe.completion import CompletionSection
from training.recipe.evaluation import CardSection, EvaluationSection
from training.recipe.labels import ClassifierSection
from training.recipe.recipe import LocatedRecipe, Recipe, load_recipe, parse_recipe
from training.recipe.spaces import (
    AlignmentSection,
    FastTextSection,
    GloveSection,
    RelationsSection,
    SentencesSection,
    StaticSection,
    TransformerSection,
    Word2VecSection,
)

__all__ = [
    "AlignmentSection",
    "CandidatesSection",
    "CardSection",
    "ClassifierSection",
    "CleaningSection",
    "CompletionSection",
    "Corpus",
    "EvaluationSection",
    "FastTextSection",
    "GloveSection",
    "IndexSection",
    "LexiconSection",
    "LocatedRecipe",
    "Recipe",
    "RelationsSection",
    "SentencesSection",
    "StaticSection",
    "TransformerSection",
    "Word2VecSection",
    "load_recipe",
    "parse_recipe",
]
