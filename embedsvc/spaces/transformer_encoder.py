"""Sentence vectors by a transformer: a fine-tuned checkpoint as a graph of ONNX, its numbers usually int8.

A folder of it:

    encoder.json    kind, dimension, pieces of a text that are read, what it was trained with, and size and
                    sha256 of the two others
    model.onnx      from the pieces of a text to its unit vector; pooling is a part of the graph
    tokenizer.json  how a text is cut into pieces

It reads the same tokens as every other kind, joined again by spaces: on the STS benchmark's dev part MiniLM
lost 0.003 of Spearman's correlation by that (0.867 as written, 0.864 as tokens), and a candidate and a query
can never be seen differently. For vocabularies of lower-case words this costs little; choose such a
checkpoint.
"""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np

from embedsvc.errors import InputError
from embedsvc.spaces.encoder import (
    TextLengths,
    read_description,
    trained_prefixes,
    unopened,
    write_description,
)
from embedsvc.spaces.pooling import to_unit
from embedsvc.spaces.space import UNREADABLE, Matrix
from embedsvc.spaces.transformer_runtime import OnnxModel, PieceCutter, Pieces, UnusableModelError

MODEL: Final = "model.onnx"
TOKENIZER: Final = "tokenizer.json"


class TransformerEncoder:
    """Encodes tokenised texts by a transformer.

    Args:
        folder: Where its files lie.
        dimension: Numbers a vector; of more that the model gives the first count.
        max_tokens: Pieces of a text that are read, the marks at its ends counted.
        unknown: The piece that stands for what the vocabulary lacks, or None.
        parameters: What it was trained with; JSON values.

    Raises:
        OptionalDependencyError: onnxruntime or tokenizers is not installed.
        UnusableModelError: A file is none of its kind, or they do not belong together.
    """

    def __init__(
        self,
        folder: Path,
        dimension: int,
        max_tokens: int,
        unknown: int | None,
        parameters: Mapping[str, Any] | None = None,
    ) -> None:
        self.folder = folder
        self.dimension = dimension
        self.max_tokens = max_tokens
        self.parameters = dict(parameters or {})
        self._unknown = unknown
        self._cutter = PieceCutter(folder / TOKENIZER, max_tokens, unknown)
        self._model = OnnxModel(folder / MODEL)
        self._try_out()

    kind = "transformer"

    @property
    def prefixes(self) -> tuple[int, ...]:
        """First numbers of a vector that were trained to do alone."""
        return trained_prefixes(self.parameters, self.dimension)

    def encode(self, texts: Sequence[Sequence[str]]) -> Matrix:
        """(n, dimension) float32 unit vectors; a row of zeros where no piece is known.

        Each text is run alone: int8 scales its numbers by the largest of the run, so that beside another
        text its vector would be another, and with one thread and nothing padded it is as fast.
        """
        vectors = np.zeros((len(texts), self.dimension), np.float32)
        for row, text in enumerate(texts):
            pieces = self._cutter.pieces(text)
            if pieces.known:
                vectors[row] = self._model.vectors([pieces.ids])[0, : self.dimension]
        return to_unit(vectors)

    def lengths(self, texts: Sequence[Sequence[str]]) -> TextLengths:
        """How much `encode` reads of each text, in pieces of words."""
        found = [self._cutter.pieces(text) for text in texts]
        return TextLengths(
            tokens=np.array([each.read for each in found], np.int64),
            known=np.array([each.known for each in found], np.int64),
            truncated=np.array([each.truncated for each in found], np.bool_),
        )

    def pieces(self, text: Sequence[str]) -> Pieces:
        """A text as the model reads it."""
        return self._cutter.pieces(text)

    def shortened(self, dimension: int) -> TransformerEncoder:
        """The encoder of the first `dimension` numbers of each vector.

        Raises:
            InputError: There are not so many.
        """
        if not 1 <= dimension <= self.dimension:
            raise InputError(
                f"No vector has a first part of {dimension} numbers; ask for 1 to {self.dimension}."
            )
        return TransformerEncoder(self.folder, dimension, self.max_tokens, self._unknown, self.parameters)

    def save(self, folder: Path) -> None:
        """Write the encoder into `folder`; what lies there already stays as it is."""
        folder.mkdir(parents=True, exist_ok=True)
        for name in (MODEL, TOKENIZER):
            if folder.resolve() != self.folder.resolve():
                shutil.copyfile(self.folder / name, folder / name)
        write_description(
            folder,
            {
                "kind": self.kind,
                "dimension": self.dimension,
                "max_tokens": self.max_tokens,
                "unknown": self._unknown,
                "parameters": self.parameters,
                "files": {name: _stamp(folder / name) for name in (MODEL, TOKENIZER)},
            },
        )

    @classmethod
    def open(cls, folder: Path) -> TransformerEncoder:
        """Open a saved encoder.

        Raises:
            ReleaseCorruptError: A file is missing, cut short, changed, or of another model.
            OptionalDependencyError: onnxruntime or tokenizers is not installed.
        """
        description = read_description(folder)
        try:
            dimension, most, unknown = (description[key] for key in ("dimension", "max_tokens", "unknown"))
            parameters, files = dict(description["parameters"]), dict(description["files"])
            for name in (MODEL, TOKENIZER):
                if _stamp(folder / name) != files[name]:
                    raise unopened(f"{name} is not the file that encoder.json tells of")
        except UNREADABLE as error:
            raise unopened(error) from error
        if not (_is_size(dimension) and _is_size(most) and (unknown is None or type(unknown) is int)):
            raise unopened("encoder.json holds sizes that are none")
        try:
            return cls(folder, dimension, most, unknown, parameters)
        except UnusableModelError as error:
            raise unopened(error) from error

    def _try_out(self) -> None:
        """Run the model on the last row of the vocabulary: a smaller model than the vocabulary's has none.

        Raises:
            UnusableModelError: It cannot be run, or gives no vectors of the dimension.
        """
        try:
            vector = self._model.vectors([[self._cutter.size - 1]])[0]
        except UnusableModelError as error:
            raise UnusableModelError(f"{MODEL} and {TOKENIZER} do not belong together: {error}") from None
        if len(vector) < self.dimension or not np.isfinite(vector).all():
            raise UnusableModelError(f"{MODEL} gives no vectors of {self.dimension} numbers")


def _stamp(path: Path) -> dict[str, Any]:
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return {"bytes": path.stat().st_size, "sha256": digest}


def _is_size(value: object) -> bool:
    return type(value) is int and value > 0
