"""Classifiers: text to labels with probabilities. Inference only; training is in `training`."""

from embedsvc.classifiers.fasttext_classifier import FastTextClassifier

__all__ = ["FastTextClassifier"]
