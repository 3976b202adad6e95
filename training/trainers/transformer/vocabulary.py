"""The vocabulary of an opened checkpoint: its tokenizer as one file, and how long a text may be."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from embedsvc.errors import RecipeError

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer


def save_tokenizer(model: SentenceTransformer, path: Path) -> None:
    """Write `tokenizer.json`.

    Raises:
        RecipeError: The checkpoint has a tokenizer of Python alone, or more pieces than its model has rows.
    """
    tokenizer = getattr(model.tokenizer, "backend_tokenizer", None)
    if tokenizer is None:
        raise RecipeError(
            "The checkpoint's tokenizer cannot be written as tokenizer.json; name a checkpoint that has one."
        )
    network: Any = model[0]
    rows = network.auto_model.get_input_embeddings().num_embeddings
    if len(model.tokenizer) > rows:
        raise RecipeError(
            f"The checkpoint's vocabulary has {len(model.tokenizer):,} pieces and its model {rows:,} rows: "
            "the two do not belong together. Fetch it again."
        )
    tokenizer.save(str(path))


def most_pieces(model: SentenceTransformer, wanted: int) -> int:
    """Pieces of a text that are read: as many as wanted, at most those that the checkpoint was made for."""
    return min(wanted, model.max_seq_length or wanted)


def unknown_piece(model: SentenceTransformer) -> int | None:
    """The piece that stands for what the vocabulary lacks; None where it lacks nothing."""
    found = model.tokenizer.unk_token_id
    return None if found is None else int(found)
