"""Evaluation: every task beside its baselines, with intervals. A task is one small module."""

from training.evaluation.score import Score
from training.evaluation.suite import GoldFiles, evaluate

__all__ = ["GoldFiles", "Score", "evaluate"]
