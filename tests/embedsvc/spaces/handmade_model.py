"""A transformer's folder without a transformer: its graph takes the mean of one row a piece."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

PIECES = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "php", "machine", "learn", "##ing", "sql", "anti"]
ROWS = np.zeros((len(PIECES), 3), np.float32)
ROWS[4:9] = [[3, 0, 1], [0, 4, 2], [6, 8, 0], [0, 0, 5], [1, 1, 1]]
ROWS[9] = -ROWS[4]


def tokenizer(pieces: list[str]) -> str:
    """The file of a WordPiece vocabulary that puts [CLS] and [SEP] around a text."""
    marks = {name: {"id": name, "ids": [pieces.index(name)], "tokens": [name]} for name in ("[CLS]", "[SEP]")}
    sequence = {"Sequence": {"id": "A", "type_id": 0}}
    single = [_mark("[CLS]"), sequence, _mark("[SEP]")]
    return json.dumps(
        {
            "version": "1.0",
            "truncation": None,
            "padding": None,
            "added_tokens": [],
            "normalizer": {"type": "Lowercase"},
            "pre_tokenizer": {"type": "WhitespaceSplit"},
            "post_processor": {
                "type": "TemplateProcessing",
                "single": single,
                "pair": [*single, {"Sequence": {"id": "B", "type_id": 1}}],
                "special_tokens": marks,
            },
            "decoder": None,
            "model": {
                "type": "WordPiece",
                "vocab": {piece: row for row, piece in enumerate(pieces)},
                "unk_token": "[UNK]",
                "continuing_subword_prefix": "##",
                "max_input_chars_per_word": 100,
            },
        }
    )


def graph(rows: np.ndarray, path: Path, name: str = "input_ids") -> None:
    """Write a model that gives the mean of the rows of all pieces, the marks (rows of zeros) included."""
    inputs = [
        helper.make_tensor_value_info(each, TensorProto.INT64, ["n", "m"])
        for each in (name, "attention_mask")
    ]
    outputs = [helper.make_tensor_value_info("vectors", TensorProto.FLOAT, ["n", rows.shape[1]])]
    nodes = [
        helper.make_node("Gather", ["rows", name], ["taken"]),
        helper.make_node("ReduceMean", ["taken"], ["vectors"], axes=[1], keepdims=0),
    ]
    made = helper.make_graph(nodes, "mean", inputs, outputs, [numpy_helper.from_array(rows, "rows")])
    model = helper.make_model(made, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.save(model, str(path))


def _mark(name: str) -> dict[str, object]:
    return {"SpecialToken": {"id": name, "type_id": 0}}


def write(folder: Path) -> Path:
    """Both files, without `encoder.json`."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "tokenizer.json").write_text(tokenizer(PIECES))
    graph(ROWS, folder / "model.onnx")
    return folder
