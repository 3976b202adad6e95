"""Candidates to vectors, by the lexicon and the sentence encoder of a release."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

from embedsvc.spaces import TextEncoder
from embedsvc.spaces.space import Matrix
from embedsvc.text import Lexicon, Tokenizer
from embedsvc.text.candidate import Candidate
from embedsvc.text.candidate_tokens import CandidateTokens


class CandidateEncoder:
    """Encodes clean candidates as training does.

    It knows nothing of the release, so that who follows the release's candidates does not keep it alive: a
    release goes, with all that it maps, when the last request lets go of it.
    """

    def __init__(self, lexicon: Lexicon, tokenizer: Tokenizer, sentences: TextEncoder) -> None:
        self._lexicon = lexicon
        self._tokenizer = tokenizer
        self._sentences = sentences

    def __call__(self, candidates: Sequence[Candidate]) -> Matrix:
        """(n, dimension) float32 unit vectors; zeros where no word is known."""
        return self._sentences.encode([self._tokens.encoded(each) for each in candidates])

    @cached_property
    def _tokens(self) -> CandidateTokens:
        return CandidateTokens(self._lexicon, self._tokenizer)
