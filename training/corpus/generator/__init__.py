"""The sample corpus: invented candidates, generated from our own catalogue of occupations and skills.

Every candidate is drawn from a generator of its own, keyed by seed and index: the same seed gives the
same bytes, and a larger corpus begins with the smaller one.
"""

from training.corpus.generator.catalogue import Area, Catalogue, Duty, Occupation, Stack
from training.corpus.generator.loading import load_catalogue
from training.corpus.generator.stream import MAX_CANDIDATES, MIN_CANDIDATES, generate, write

__all__ = [
    "MAX_CANDIDATES",
    "MIN_CANDIDATES",
    "Area",
    "Catalogue",
    "Duty",
    "Occupation",
    "Stack",
    "generate",
    "load_catalogue",
    "write",
]
