"""What runs a transformer: ONNX Runtime and tokenizers, which are imported here and nowhere else.

Neither file is ever unpickled: a model is a graph of known operators, a tokenizer is JSON.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from embedsvc.errors import OptionalDependencyError
from embedsvc.spaces.space import Matrix

if TYPE_CHECKING:
    from tokenizers import Tokenizer

_INPUTS = {"input_ids", "attention_mask", "token_type_ids"}
_FATAL_ONLY = 4  # what fails is raised; nothing of it is for standard error


class UnusableModelError(Exception):
    """The library cannot read a file, or the file does not do what is asked of it."""


@dataclass(frozen=True, slots=True)
class Pieces:
    """A text as its model reads it.

    Attributes:
        ids: Rows of the vocabulary, with the marks at both ends.
        read: Pieces without the marks.
        known: Of these, those that the vocabulary has.
        truncated: Whether the text goes on behind them.
    """

    ids: Sequence[int]
    read: int
    known: int
    truncated: bool


class PieceCutter:
    """Cuts texts into the pieces of words that a model's vocabulary has.

    Args:
        path: A `tokenizer.json`.
        most: Pieces of a text, the marks counted; more are left out.
        unknown: The id that stands for what the vocabulary lacks, or None.

    Raises:
        OptionalDependencyError: tokenizers is not installed.
        UnusableModelError: The file is no tokenizer, or leaves no room for a piece.
    """

    def __init__(self, path: Path, most: int, unknown: int | None) -> None:
        try:
            from tokenizers import Tokenizer
        except ImportError:
            raise _missing("tokenizers") from None
        try:
            self._tokenizer: Tokenizer = Tokenizer.from_file(str(path))
            self._tokenizer.no_padding()
            self._tokenizer.enable_truncation(most)
        except Exception as error:  # noqa: BLE001 - the library raises nothing more narrow
            raise UnusableModelError(f"{path.name}: {_short(error)}") from None
        self._most = most
        self._unknown = unknown
        self.size: int = self._tokenizer.get_vocab_size(with_added_tokens=True)

    def pieces(self, tokens: Sequence[str]) -> Pieces:
        """The pieces of a text of which these are the tokens; skills of several words come apart again."""
        # A token is a piece at least, so that no more tokens than pieces need be looked at.
        looked_at = tokens[: self._most]
        cut = self._tokenizer.encode(" ".join(looked_at).replace("_", " "))
        own = [each for each, mark in zip(cut.ids, cut.special_tokens_mask, strict=True) if not mark]
        known = sum(each != self._unknown for each in own)
        return Pieces(cut.ids, len(own), known, bool(cut.overflowing) or len(looked_at) < len(tokens))


class OnnxModel:
    """A graph from the pieces of a text to its vector, run by one thread.

    A server scales by its workers, and threads that wait for each other would only slow down the others.

    Args:
        path: A file of ONNX.

    Raises:
        OptionalDependencyError: onnxruntime is not installed.
        UnusableModelError: The file is no such graph.
    """

    def __init__(self, path: Path) -> None:
        try:
            import onnxruntime
        except ImportError:
            raise _missing("onnxruntime") from None
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = _FATAL_ONLY
        try:
            self._session: Any = onnxruntime.InferenceSession(
                str(path), options, providers=["CPUExecutionProvider"]
            )
        except Exception as error:  # noqa: BLE001 - one class a fault, all of a private module
            raise UnusableModelError(f"{path.name}: {_short(error)}") from None
        self._inputs = {each.name for each in self._session.get_inputs()}
        if "input_ids" not in self._inputs or not self._inputs <= _INPUTS:
            raise UnusableModelError(f"{path.name} does not read the pieces of texts")

    def vectors(self, ids: Sequence[Sequence[int]]) -> Matrix:
        """(n, dimension) float32 vectors of n texts of equally many pieces.

        Raises:
            UnusableModelError: The graph cannot be run on them.
        """
        rows = np.asarray(ids, np.int64)
        given = {
            "input_ids": rows,
            "attention_mask": np.ones_like(rows),
            "token_type_ids": np.zeros_like(rows),
        }
        try:
            (found,) = self._session.run(None, {name: given[name] for name in self._inputs})
        except Exception as error:  # noqa: BLE001 - as above
            raise UnusableModelError(f"the model cannot be run: {_short(error)}") from None
        vectors = np.asarray(found)
        if vectors.dtype != np.float32 or vectors.ndim != 2 or len(vectors) != len(rows):
            raise UnusableModelError("the model does not give a vector a text")
        return vectors


def _missing(package: str) -> OptionalDependencyError:
    return OptionalDependencyError(
        f"A release with a transformer needs {package}, which is not installed: "
        "pip install 'embedsvc[transformer-serve]'."
    )


def _short(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0][:200]
