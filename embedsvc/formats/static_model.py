"""A folder that model2vec and sentence-transformers open: a text is the mean of its words' vectors.

`model.safetensors` holds one float32 tensor, `tokenizer.json` a vocabulary of whole words, `config.json` and
`modules.json` say what they are. The safetensors layout: 8 bytes length of a JSON header, the header, the
numbers. Read is the same folder, and the nested one of sentence-transformers' own StaticEmbedding.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from embedsvc.formats.base import Block, Progress, Table, fault, rows_a_block

TENSORS, TOKENIZER = "model.safetensors", "tokenizer.json"
_NESTED = "0_StaticEmbedding"
_TENSOR_NAMES = ("embeddings", "embedding.weight")
_TYPES: dict[str, npt.DTypeLike] = {"F32": "<f4", "F16": "<f2", "F64": "<f8"}
_UNKNOWN = "[UNK]"
_MAX_HEADER = 100 << 20
_NO_MODEL = "this is no folder of static embeddings of model2vec or sentence-transformers"


class StaticModel:
    """Word vectors as a sentence encoder."""

    name = "sentence-transformers"
    suffixes = ()
    unwritable = " \t\n\r\v\f\0"

    def read(self, path: Path, progress: Progress) -> Iterator[Block]:
        """See `Format.read`. The keys are the tokenizer's tokens, the one for unknown words left out."""
        folder = path if (path / TENSORS).is_file() else path / _NESTED
        if not (folder / TENSORS).is_file() or not (folder / TOKENIZER).is_file():
            raise fault(path, f"{_NO_MODEL}: {TENSORS} or {TOKENIZER} is missing.")
        tokens, unknown = _tokens(folder / TOKENIZER)
        matrix = _tensor(folder / TENSORS)
        if len(matrix) != len(tokens):
            raise fault(
                path,
                f"the tokenizer has {len(tokens):,} tokens and the tensor {len(matrix):,} rows.",
            )
        step = rows_a_block(matrix.shape[1])
        for begin in range(0, len(tokens), step):
            rows = [row for row in range(begin, min(begin + step, len(tokens))) if tokens[row] != unknown]
            if rows:
                yield Block([tokens[row] for row in rows], matrix[rows].astype(np.float32))
            progress(min(begin + step, len(tokens)), len(tokens))

    def write(self, table: Table, path: Path, progress: Progress) -> list[str]:
        """See `Format.write`. Row 0 is that of unknown words, all zeros."""
        path.mkdir()
        unknown = _UNKNOWN
        taken = set(table.keys)
        while unknown in taken:
            unknown += "_"
        _write_tensor(table, path / TENSORS, progress)
        lower = all(key == key.lower() for key in table.keys)
        documents = {
            TOKENIZER: _tokenizer([unknown, *table.keys], unknown, lower=lower),
            "config.json": {"model_type": "model2vec", "normalize": True, "embedding_dtype": "float32"},
            "modules.json": [
                _module(0, ".", "StaticEmbedding"),
                _module(1, "1_Normalize", "Normalize"),
            ],
        }
        for name, document in documents.items():
            (path / name).write_text(json.dumps(document, ensure_ascii=False), encoding="utf-8")
        (path / "1_Normalize").mkdir()
        return [
            "A text is cut at white space, so a key of several words joined by '_' is met only if written so."
        ]


def _module(place: int, path: str, kind: str) -> dict[str, Any]:
    return {"idx": place, "name": str(place), "path": path, "type": f"sentence_transformers.models.{kind}"}


def _tokenizer(words: list[str], unknown: str, *, lower: bool) -> dict[str, Any]:
    return {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "added_tokens": [],
        "normalizer": {"type": "Lowercase"} if lower else None,
        "pre_tokenizer": {"type": "WhitespaceSplit"},
        "post_processor": None,
        "decoder": None,
        "model": {
            "type": "WordLevel",
            "vocab": {word: row for row, word in enumerate(words)},
            "unk_token": unknown,
        },
    }


def _write_tensor(table: Table, path: Path, progress: Progress) -> None:
    shape = [len(table) + 1, table.dimension]
    described = {"dtype": "F32", "shape": shape, "data_offsets": [0, 4 * shape[0] * shape[1]]}
    header = json.dumps({_TENSOR_NAMES[0]: described}).encode()
    header += b" " * (-len(header) % 8)
    done = 0
    with path.open("xb") as out:
        out.write(len(header).to_bytes(8, "little") + header)
        out.write(bytes(4 * table.dimension))
        for block in table.blocks():
            out.write(block.vectors.astype("<f4", copy=False).tobytes())
            done += len(block.keys)
            progress(done, len(table))


def _tensor(path: Path) -> npt.NDArray[np.floating[Any]]:
    size = path.stat().st_size
    with path.open("rb") as file:
        length = int.from_bytes(file.read(8), "little")
        if length > min(_MAX_HEADER, size):
            raise fault(path, "this is no safetensors file, or it is cut short.")
        text = file.read(length)
    try:
        header = json.loads(text)
        described = next(header[name] for name in _TENSOR_NAMES if name in header)
        kind, (rows, columns) = np.dtype(_TYPES[described["dtype"]]), map(int, described["shape"])
        begin, end = map(int, described["data_offsets"])
    except (ValueError, KeyError, TypeError, StopIteration, RecursionError):
        raise fault(path, f"{_NO_MODEL}: it holds no tensor of floats called {_TENSOR_NAMES[0]}.") from None
    if rows < 1 or columns < 1 or begin < 0 or end - begin != rows * columns * kind.itemsize:
        raise fault(path, "the tensor's size contradicts its shape; the file is damaged.")
    if 8 + length + end > size:
        raise fault(path, "the tensor is cut short; fetch the file again.")
    return np.memmap(path, kind, "r", 8 + length + begin, (rows, columns))


def _tokens(path: Path) -> tuple[list[str], str | None]:
    """Tokens by row, and the one that stands for unknown words."""
    try:
        document = json.loads(path.read_bytes())
        model = document["model"]
        if isinstance(model["vocab"], dict):
            rows = {int(row): str(token) for token, row in model["vocab"].items()}
        else:
            rows = {row: str(piece[0]) for row, piece in enumerate(model["vocab"])}
        rows |= {int(each["id"]): str(each["content"]) for each in document.get("added_tokens") or ()}
        unknown = model.get("unk_token")
        if isinstance(model.get("unk_id"), int):
            unknown = rows.get(model["unk_id"])
        return [rows[row] for row in range(len(rows))], unknown
    except (OSError, ValueError, KeyError, TypeError, AttributeError, IndexError, RecursionError):
        raise fault(
            path, "this is no tokenizer.json with a vocabulary in which every row has a token."
        ) from None
