"""Candidates in: sources, field mapping, splits.

A candidate reaches training as a `Candidate` with raw text; cleaning is `embedsvc.text`'s work.
"""

from embedsvc.text.candidate import Candidate
from training.corpus.fields import FieldMapping
from training.corpus.origin import Origin
from training.corpus.paths import expand, shown
from training.corpus.reading import read_candidates
from training.corpus.report import BadLine, SourceReport
from training.corpus.sources import Source, open_source
from training.corpus.split import Part, fingerprint, part_of

__all__ = [
    "BadLine",
    "Candidate",
    "FieldMapping",
    "Origin",
    "Part",
    "Source",
    "SourceReport",
    "expand",
    "fingerprint",
    "open_source",
    "part_of",
    "read_candidates",
    "shown",
]
