"""Classifiers: text to labels with probabilities. Inference only; training is in `training`."""

from embedsvc.classifiers.base import WORK, Classifier
from embedsvc.classifiers.fasttext_classifier import FastTextClassifier
from embedsvc.classifiers.linear_classifier import LinearClassifier
from embedsvc.classifiers.opening import open_classifier

__all__ = ["WORK", "Classifier", "FastTextClassifier", "LinearClassifier", "open_classifier"]
