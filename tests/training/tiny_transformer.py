"""A sentence-transformers checkpoint made on the spot: two thin layers and the letters as its vocabulary."""

from __future__ import annotations

import warnings
from pathlib import Path
from string import ascii_lowercase

import pytest

WORDS = (
    "php",
    "css",
    "html",
    "java",
    "mysql",
    "script",
    "payroll",
    "tally",
    "audit",
    "gst",
    "sap",
    "led",
    "team",
)
DIMENSION, PIECES = 16, 32


def vocabulary() -> list[str]:
    signs = [*ascii_lowercase, *"0123456789.+#"]
    return ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *signs, *(f"##{sign}" for sign in signs), *WORDS]


def make(folder: Path, *, seed: int = 1, safe: bool = True) -> Path:
    """Write the checkpoint; skips the test where torch or sentence-transformers is not installed."""
    torch = pytest.importorskip("torch", reason="making a checkpoint needs torch")
    pytest.importorskip("sentence_transformers", reason="making a checkpoint needs sentence-transformers")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from sentence_transformers import SentenceTransformer
        from sentence_transformers.base.modules import Transformer
        from sentence_transformers.sentence_transformer.modules import Pooling
        from transformers import BertConfig, BertModel, BertTokenizerFast

        torch.manual_seed(seed)
        words = vocabulary()
        plain = folder.with_name(f"{folder.name}-plain")
        plain.mkdir(parents=True)
        (plain / "vocab.txt").write_text("\n".join(words) + "\n")
        config = BertConfig(
            vocab_size=len(words),
            hidden_size=DIMENSION,
            num_hidden_layers=2,
            num_attention_heads=2,
            intermediate_size=32,
            max_position_embeddings=PIECES,
        )
        BertModel(config).save_pretrained(plain)
        BertTokenizerFast(vocab={w: i for i, w in enumerate(words)}, do_lower_case=True).save_pretrained(
            plain
        )
        inner = Transformer(str(plain), max_seq_length=PIECES)
        model = SentenceTransformer(modules=[inner, Pooling(DIMENSION)], device="cpu")
        model.save_pretrained(str(folder), create_model_card=False, safe_serialization=safe)
    return folder
