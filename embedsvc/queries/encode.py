"""Free text to sentence vectors by the release's own rules."""

from __future__ import annotations

from collections.abc import Sequence

from embedsvc.releases.opening import Release
from embedsvc.spaces.space import Matrix
from embedsvc.text import clean_text


def encode(release: Release, texts: Sequence[str]) -> Matrix:
    """(n, dimension) float32 unit vectors; a row of zeros where a text holds no known word."""
    return release.sentences.encode([release.tokenizer.tokens(clean_text(text)) for text in texts])
