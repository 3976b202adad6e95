"""Candidates in: sources, field mapping, splits.

A candidate reaches training as a `Candidate` with raw text; cleaning is `embedsvc.text`'s work.
"""

from training.corpus.candidate import Candidate
from training.corpus.fields import FieldMapping
from training.corpus.report import BadLine, SourceReport
from training.corpus.sources import read_candidates
from training.corpus.split import DEFAULT_SHARES, Part, Shares, fingerprint, part_of

__all__ = [
    "DEFAULT_SHARES",
    "BadLine",
    "Candidate",
    "FieldMapping",
    "Part",
    "Shares",
    "SourceReport",
    "fingerprint",
    "part_of",
    "read_candidates",
]
