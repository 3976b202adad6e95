"""The tokens of a candidate: the same at training, at re-indexing, and when one is put in at the service."""

from __future__ import annotations

from embedsvc.text.candidate import Candidate
from embedsvc.text.lexicon import Lexicon
from embedsvc.text.tokens import Tokenizer

SECTIONS = ("summary", "experience", "projects", "education")
_CACHED_SKILLS = 100_000


class CandidateTokens:
    """Takes clean candidates apart by a lexicon.

    Args:
        lexicon: Of the release.
        tokenizer: Its tokenizer; made where none is given.
    """

    def __init__(self, lexicon: Lexicon, tokenizer: Tokenizer | None = None) -> None:
        self.lexicon = lexicon
        self.tokenizer = tokenizer or Tokenizer(lexicon)
        self._skill_tokens: dict[str, str] = {}

    def sentences(self, candidate: Candidate) -> list[str]:
        """The candidate's sections, a sentence or line each, as tokens with a space between two."""
        return [sentence for found in self.sections(candidate).values() for sentence in found]

    def sections(self, candidate: Candidate) -> dict[str, list[str]]:
        """The sentences or lines of each text of the candidate, as tokens with a space between two."""
        texts = {section: getattr(candidate, section) for section in SECTIONS}
        return {name: self.tokenizer.sentences(text) if text else [] for name, text in texts.items()}

    def skills(self, candidate: Candidate) -> list[str]:
        """Skill tokens of the candidate's skill field, each once, in the order written."""
        tokens = dict.fromkeys(map(self._skill_token, candidate.skills))
        tokens.pop("", None)
        return list(tokens)

    def encoded(self, candidate: Candidate) -> list[str]:
        """What the sentence encoder reads of a candidate: title, texts, skills."""
        title = self.tokenizer.tokens(candidate.title)
        return [*title, *" ".join([*self.sentences(candidate), *self.skills(candidate)]).split()]

    def _skill_token(self, surface: str) -> str:
        token = self._skill_tokens.get(surface)
        if token is None:
            found = self.lexicon.find(surface)
            token = "" if found is None else self.lexicon[found.row].token
            if len(self._skill_tokens) < _CACHED_SKILLS:
                self._skill_tokens[surface] = token
        return token
