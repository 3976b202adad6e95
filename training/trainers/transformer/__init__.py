"""Sentence vectors by a transformer: a checkpoint is fine-tuned on mined pairs and exported for serving."""

from __future__ import annotations

from training.trainers.transformer.checkpoint import check, fetch, fingerprint
from training.trainers.transformer.export import export
from training.trainers.transformer.trainer import train_transformer

__all__ = ["check", "export", "fetch", "fingerprint", "train_transformer"]
