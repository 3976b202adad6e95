"""Free text to sentence vectors by the release's own rules."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from embedsvc.queries.stages import stage
from embedsvc.releases.opening import Release
from embedsvc.spaces.space import Matrix
from embedsvc.text import clean_text


@dataclass(frozen=True, slots=True)
class Encoded:
    """Texts as vectors, and how much of each was read.

    Attributes:
        vectors: (n, dimension) float32 unit vectors; a row of zeros where a text holds no known word.
        tokens: Of each text, the tokens read, counted in the encoder's own.
        truncated: Of each text, whether it goes on behind them.
    """

    vectors: Matrix
    tokens: list[int]
    truncated: list[bool]


def encoded(release: Release, texts: Sequence[str]) -> Encoded:
    """Vectors of texts, and how much of each was read."""
    with stage("encode", release.sentences.kind):
        found = [release.tokenizer.tokens(clean_text(text)) for text in texts]
        tokens, truncated = read_of(release, found)
        return Encoded(release.sentences.encode(found), tokens, truncated)


def read_of(release: Release, texts: Sequence[Sequence[str]]) -> tuple[list[int], list[bool]]:
    """Of tokenised texts, the tokens that the sentence encoder reads, and whether the text goes on behind."""
    if release.sentences.max_tokens is None:
        return [len(tokens) for tokens in texts], [False] * len(texts)
    lengths = release.sentences.lengths(texts)
    return lengths.tokens.tolist(), lengths.truncated.tolist()


def encode(release: Release, texts: Sequence[str]) -> Matrix:
    """(n, dimension) float32 unit vectors; a row of zeros where a text holds no known word."""
    with stage("encode", release.sentences.kind):
        return release.sentences.encode([release.tokenizer.tokens(clean_text(text)) for text in texts])
