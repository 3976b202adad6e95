"""Evaluation: every task beside its baselines, with intervals. A task is one small module."""

from training.evaluation.score import Score
from training.evaluation.suite import TASKS, confusions, evaluate
from training.evaluation.task import GoldFiles, Subject, Task

__all__ = ["TASKS", "GoldFiles", "Score", "Subject", "Task", "confusions", "evaluate"]
