"""What every sentence encoder is: tokenised texts in, unit vectors out, whatever is inside.

Texts are token lists of the release's own `Tokenizer`, for every kind: a candidate is prepared once, when
the corpus is, and a query by the same rules when it comes, so that no kind can see the two differently, and
none reads a raw text twice. A kind with a vocabulary of its own joins the tokens again.

The folder of an encoder holds `encoder.json`, whose `kind` says what the other files are.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from embedsvc.errors import ReleaseCorruptError
from embedsvc.spaces.space import UNREADABLE, Matrix, Space

_DESCRIPTION = "encoder.json"


@dataclass(frozen=True, slots=True)
class TextLengths:
    """How much of each text an encoder reads.

    Attributes:
        tokens: (n,) int64 tokens it reads of each text, known or not.
        known: (n,) int64 those of them that have a vector.
        truncated: (n,) bool, whether the text goes on behind them.
    """

    tokens: npt.NDArray[np.int64]
    known: npt.NDArray[np.int64]
    truncated: npt.NDArray[np.bool_]


class TextEncoder(Protocol):
    """Turns tokenised texts into vectors; safe to share between threads."""

    @property
    def kind(self) -> str:
        """What it is, as in the recipe: `sif` say."""
        ...

    @property
    def dimension(self) -> int:
        """Length of a vector."""
        ...

    @property
    def max_tokens(self) -> int | None:
        """Tokens of a text that it reads at most, counted in its own; None where it reads all."""
        ...

    @property
    def prefixes(self) -> tuple[int, ...]:
        """First numbers of a vector that were trained to do alone; of none no part may be taken."""
        ...

    def encode(self, texts: Sequence[Sequence[str]]) -> Matrix:
        """(n, dimension) float32 unit vectors; a row of zeros where no token is known.

        Any number of texts of any length: an encoder makes its own batches, and what stands beside a text
        does not change its vector.
        """
        ...

    def lengths(self, texts: Sequence[Sequence[str]]) -> TextLengths:
        """How much `encode` reads of each text."""
        ...

    def save(self, folder: Path) -> None:
        """Write what `open_encoder` opens."""
        ...


def word_lengths(space: Space, texts: Sequence[Sequence[str]]) -> TextLengths:
    """Lengths for an encoder that reads every token of a text and knows the keys of `space`."""
    return TextLengths(
        tokens=np.array([len(text) for text in texts], np.int64),
        known=np.array([len(space.rows(text)) for text in texts], np.int64),
        truncated=np.zeros(len(texts), np.bool_),
    )


def trained_prefixes(parameters: Mapping[str, Any], dimension: int) -> tuple[int, ...]:
    """The prefixes below `dimension` that an encoder's training parameters name, the shortest first."""
    named = parameters.get("prefixes")
    if not isinstance(named, list):
        return ()
    return tuple(sorted({each for each in named if isinstance(each, int) and 0 < each < dimension}))


def open_encoder(folder: Path, words: Space) -> TextEncoder:
    """Open the encoder of a folder, of whatever kind.

    Args:
        folder: What an encoder saved.
        words: The word space of the same release.

    Raises:
        OptionalDependencyError: The libraries that run this kind are not installed.
        ReleaseCorruptError: A file is missing, damaged or of another release, or the kind is not known.
    """
    # Imported when used: each kind imports this module.
    from embedsvc.spaces.sif import SifEncoder
    from embedsvc.spaces.static_encoder import StaticEncoder
    from embedsvc.spaces.transformer_encoder import TransformerEncoder

    kind = read_description(folder).get("kind")
    if kind == "sif":
        return SifEncoder.open(folder, words)
    if kind == "static":
        return StaticEncoder.open(folder, words)
    if kind == "transformer":
        return TransformerEncoder.open(folder)
    raise ReleaseCorruptError(
        f"The sentence encoder is of a kind this version does not know ({str(kind)[:64]!r}); "
        "serve the release with the version that made it, or build it again."
    )


def read_description(folder: Path) -> dict[str, Any]:
    """What `encoder.json` says.

    Raises:
        ReleaseCorruptError: It is missing or no JSON object.
    """
    try:
        description = json.loads((folder / _DESCRIPTION).read_bytes())
    except UNREADABLE as error:
        raise unopened(error) from error
    if not isinstance(description, dict):
        raise unopened("encoder.json is no JSON object")
    return description


def saved_dimension(folder: Path) -> int:
    """Length of the vectors of a saved encoder of any kind.

    Raises:
        ReleaseCorruptError: The folder does not tell.
    """
    dimension = read_description(folder).get("dimension")
    if not isinstance(dimension, int) or dimension < 1:
        raise unopened("encoder.json tells no dimension")
    return dimension


def write_description(folder: Path, description: Mapping[str, Any]) -> None:
    """Write `encoder.json`, making the folder where missing."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / _DESCRIPTION).write_text(json.dumps(description, indent=2, sort_keys=True) + "\n")


def unopened(reason: object) -> ReleaseCorruptError:
    """The error of an encoder whose files cannot be read."""
    return ReleaseCorruptError(f"The sentence encoder cannot be opened ({reason}); build the release again.")
