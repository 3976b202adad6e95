"""What each stage of a recipe makes: folders of earlier stages in, one folder out."""

from __future__ import annotations

from training.building.alignment import aligned_static, aligned_subwords, aligned_words
from training.building.candidates import candidate_vectors, candidates, embeddings
from training.building.corpus import clean, corpus, digest, lexicon
from training.building.judging import HeldTexts
from training.building.labels import classifier
from training.building.noise import calibration
from training.building.retraining import retrained
from training.building.sections import section_classifier
from training.building.sentences import kind, pairs, sif, static
from training.building.spaces import completion, evidence, glove, similar, used_with, words
from training.building.subwords import fasttext, guesses
from training.building.transformer import CHECKPOINT, checkpoint, checkpoint_facts, encoder, finetuned

__all__ = [
    "CHECKPOINT",
    "HeldTexts",
    "aligned_static",
    "aligned_subwords",
    "aligned_words",
    "calibration",
    "candidate_vectors",
    "candidates",
    "checkpoint",
    "checkpoint_facts",
    "classifier",
    "clean",
    "completion",
    "corpus",
    "digest",
    "embeddings",
    "encoder",
    "evidence",
    "fasttext",
    "finetuned",
    "glove",
    "guesses",
    "kind",
    "lexicon",
    "pairs",
    "retrained",
    "section_classifier",
    "sif",
    "similar",
    "static",
    "used_with",
    "words",
]
