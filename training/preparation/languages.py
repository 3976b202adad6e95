"""Which language a text is written in; the only module that imports py3langid."""

from __future__ import annotations

from collections.abc import Collection

from embedsvc.errors import OptionalDependencyError, RecipeError

_LEAST_LETTERS = 80  # of a shorter text nobody can tell
_LOOKED_AT = 800  # characters
_SURE = 0.5
# Hardly anybody's CV, and lists of English terms are easily taken for them.
_UNLIKELY = frozenset({"pcm", "la", "eo", "vo", "ia", "oc"})


class LanguageCheck:
    """Says whether a text is in one of the wanted languages.

    Args:
        wanted: ISO 639-1 codes such as "en".

    Raises:
        OptionalDependencyError: py3langid is not installed.
        RecipeError: It does not know one of the codes.
    """

    def __init__(self, wanted: Collection[str]) -> None:
        try:
            from py3langid.langid import MODEL_FILE, LanguageIdentifier
        except ImportError:
            raise OptionalDependencyError(
                "Checking languages needs py3langid, which is not installed: "
                "pip install 'embedsvc[languages]'."
            ) from None
        self._wanted = frozenset(wanted)
        self._identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
        known = set(self._identifier.labels)
        if unknown := sorted(self._wanted - known):
            raise RecipeError(
                f"cleaning.languages: {', '.join(unknown)} is no language that is known; "
                f"give codes such as en, out of {', '.join(sorted(known))}."
            )
        self._identifier.set_languages(sorted((known - _UNLIKELY) | self._wanted))

    def other(self, text: str) -> str | None:
        """The language of `text` where it is surely none of those wanted, else None."""
        looked_at = text[:_LOOKED_AT]
        if sum(map(str.isalpha, looked_at)) < _LEAST_LETTERS:
            return None
        language, share = self._identifier.classify(looked_at)
        return str(language) if language not in self._wanted and share >= _SURE else None
