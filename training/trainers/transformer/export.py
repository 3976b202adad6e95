"""A checkpoint to what the service reads: a graph of ONNX, int8, and how far it is from what was trained."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import numpy as np

from embedsvc.errors import RecipeError
from embedsvc.spaces.pooling import to_unit
from embedsvc.spaces.space import Matrix
from embedsvc.spaces.transformer_encoder import MODEL, TOKENIZER, TransformerEncoder
from embedsvc.spaces.transformer_runtime import UnusableModelError
from training.recipe import TransformerSection
from training.trainers.transformer.libraries import load, missing
from training.trainers.transformer.vocabulary import most_pieces, save_tokenizer, unknown_piece

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

_OPSET = 17
# The mean cosine of served and trained vectors below which something is wrong with the graph.
_LEAST_AGREEMENT = {"int8": 0.95, "float32": 0.999}


def export(
    checkpoint: Path,
    sample: Sequence[Sequence[str]],
    section: TransformerSection,
    parameters: Mapping[str, Any],
    folder: Path,
) -> TransformerEncoder:
    """Write the encoder of a checkpoint into `folder`.

    Args:
        checkpoint: A checked one, fine-tuned or not.
        sample: Tokenised texts by which served and trained vectors are compared.
        section: Parameters.
        parameters: What else the encoder should tell of its making; JSON values.
        folder: Gets `encoder.json`, the graph and the tokenizer.

    Raises:
        OptionalDependencyError: A library is not installed.
        RecipeError: The checkpoint cannot be opened, or what is served would not be what was trained.
    """
    model = load(checkpoint, traceable=True).eval()
    save_tokenizer(model, folder / TOKENIZER)
    with TemporaryDirectory() as scratch:
        whole = Path(scratch) / "whole.onnx"
        _trace(model, whole)
        if section.precision == "int8":
            _quantise(whole, Path(scratch) / "plain.onnx", folder / MODEL)
        else:
            whole.rename(folder / MODEL)
    has = int(model.get_embedding_dimension() or 0)
    if section.dimension > has:
        raise RecipeError(
            f"transformer.dimension is {section.dimension} and the checkpoint gives {has}; lower it."
        )
    most = most_pieces(model, section.max_tokens)
    try:
        encoder = TransformerEncoder(folder, section.dimension or has, most, unknown_piece(model), parameters)
    except UnusableModelError as error:
        raise RecipeError(f"The checkpoint cannot be served ({error}); name another.") from error
    encoder.parameters["agreement"] = _agreement(model, encoder, sample, section.precision)
    encoder.save(folder)
    return encoder


def _trace(model: SentenceTransformer, path: Path) -> None:
    """Write the graph from pieces to the vector of a text, pooling included, for any number and length."""
    import torch

    class Vectors(torch.nn.Module):  # type: ignore[misc, unused-ignore]
        def __init__(self) -> None:
            super().__init__()
            self.model = model

        def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> torch.Tensor:
            given = {"input_ids": input_ids, "attention_mask": attention_mask}
            vectors: torch.Tensor = self.model(given)["sentence_embedding"]
            return vectors

    ids = torch.full((2, 4), model.tokenizer.pad_token_id or 0)
    inputs = ("input_ids", "attention_mask")
    with warnings.catch_warnings(), torch.no_grad():
        # The tracer warns of itself and of branches that no text takes; `_agreement` sees what matters.
        warnings.simplefilter("ignore")
        torch.onnx.export(
            Vectors().eval(),
            (ids + 1, torch.ones_like(ids)),
            str(path),
            input_names=list(inputs),
            output_names=["vectors"],
            dynamic_axes={**{name: {0: "texts", 1: "pieces"} for name in inputs}, "vectors": {0: "texts"}},
            opset_version=_OPSET,
            # The new exporter's graph of the same model was refused by ONNX Runtime once quantised.
            dynamo=False,
        )


def _quantise(whole: Path, plain: Path, path: Path) -> None:
    """Weights to int8, one scale a column; numbers in between are scaled as they come.

    Of the 8 bits one is left free: without it sums overflow on processors that lack VNNI, and the same
    release would answer differently there.
    """
    try:
        from onnxruntime.quantization import QuantType, quantize_dynamic
        from onnxruntime.quantization.shape_inference import quant_pre_process
    except ImportError:
        raise missing("onnx") from None
    quant_pre_process(str(whole), str(plain), skip_symbolic_shape=True)
    quantize_dynamic(str(plain), str(path), per_channel=True, reduce_range=True, weight_type=QuantType.QInt8)


def _agreement(
    model: SentenceTransformer, encoder: TransformerEncoder, sample: Sequence[Sequence[str]], precision: str
) -> dict[str, float | int]:
    """Cosines of served and trained vectors of the same texts.

    Raises:
        RecipeError: On the mean they are too low.
    """
    cosines, lengths = (
        np.sum(encoder.encode(sample) * _trained(model, encoder, sample), axis=1),
        encoder.lengths(sample),
    )
    known = cosines[lengths.known > 0]
    if not len(known):
        return {"texts": 0}
    mean, least = float(known.mean()), float(known.min())
    if mean < _LEAST_AGREEMENT[precision]:
        other = 'set transformer.precision = "float32", or ' if precision == "int8" else ""
        raise RecipeError(
            f"As {precision} the transformer's vectors are too far from those trained (mean cosine "
            f"{mean:.3f}); {other}name another checkpoint."
        )
    return {
        "texts": len(known),
        "truncated": int(lengths.truncated.sum()),
        "mean": round(mean, 5),
        "least": round(least, 5),
    }


def _trained(
    model: SentenceTransformer, encoder: TransformerEncoder, sample: Sequence[Sequence[str]]
) -> Matrix:
    import torch

    rows = []
    with torch.no_grad():
        for text in sample:
            ids = torch.tensor([list(encoder.pieces(text).ids)])
            given = {"input_ids": ids, "attention_mask": torch.ones_like(ids)}
            rows.append(model(given)["sentence_embedding"][0, : encoder.dimension].numpy())
    return to_unit(np.array(rows, np.float32).reshape(len(sample), encoder.dimension))
