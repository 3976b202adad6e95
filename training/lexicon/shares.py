"""How often a surface form means the skill: what a text's writer says of themselves.

Of the candidates whose text holds a form, some list the skill. For "java" it is half of them, for "payroll" a
third, for "go" one in a hundred and for "customers" nobody, whatever the text is about. This share, counted
apart for the form as a word ("go") and as a name ("Go"), is what extraction judges by.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from embedsvc.text import Lexicon
from embedsvc.text.extraction import Extractor, is_name
from embedsvc.text.skills import UNMEASURED
from training.lexicon.forms import GENERAL_WORDS, STOP_WORDS, forms_of

_PRIOR_WEIGHT = 5  # candidates that an unmeasured form counts for
_SHORT = 2  # characters; as a word, such a form is rather "go" or "it" than a skill


class SkillShares:
    """Counts the shares of the surface forms of a lexicon.

    Args:
        lexicon: As it is before the shares are known.
        max_words: As when it was mined.
    """

    def __init__(self, lexicon: Lexicon, max_words: int) -> None:
        self._lexicon = lexicon
        self._max_words = max_words
        self._extractor = Extractor(lexicon, judge=False)
        self._seen: Counter[tuple[str, bool]] = Counter()
        self._listed: Counter[tuple[str, bool]] = Counter()

    def add(self, entries: Iterable[str], text: str) -> None:
        """Count one candidate's skill list and text; one of the two alone says nothing."""
        if not text:
            return
        listed = self._rows(entries)
        if not listed:
            return
        seen = {
            (surface, is_name(text, start, end)) for surface, start, end in self._extractor.surfaces(text)
        }
        self._seen.update(seen)
        self._listed.update(form for form in seen if self._row(form[0]) in listed)

    def _rows(self, entries: Iterable[str]) -> set[int]:
        forms = (form for raw in entries for form in forms_of(raw, self._max_words))
        found = (self._lexicon.find(form.surface) for form in forms if form.surface)
        return {match.row for match in found if match is not None}

    def _row(self, surface: str) -> int:
        match = self._lexicon.find(surface)
        return match.row if match is not None else -1

    def of(self, surface: str) -> tuple[float, float]:
        """Return (as a word, as a name) of a surface form of the lexicon."""
        plain = surface.casefold()
        unlikely = len(plain) <= _SHORT or plain in STOP_WORDS or plain in GENERAL_WORDS
        return self._share(surface, 0.0 if unlikely else UNMEASURED, False), self._share(
            surface, UNMEASURED, True
        )

    def _share(self, surface: str, prior: float, named: bool) -> float:
        form = (surface, named)
        return round((self._listed[form] + prior * _PRIOR_WEIGHT) / (self._seen[form] + _PRIOR_WEIGHT), 4)
