"""Labels of texts."""

from __future__ import annotations

import numpy as np

from embedsvc.classifiers import WORK
from embedsvc.errors import InputError
from embedsvc.queries.batches import item_error
from embedsvc.releases.opening import Release
from embedsvc.schemas import ClassifyRequest, ClassifyResponse, ClassifyResult, LabelScore
from embedsvc.text import Tokenizer, clean_text
from embedsvc.text.sections import sections

_NOTHING_LEFT = "The text holds no word; send a text in words."


def classify(release: Release, request: ClassifyRequest) -> ClassifyResponse:
    """The likeliest labels of each text whose probability reaches the threshold, best first.

    The threshold is the classifier's own, of each label, where the request has none.

    Raises:
        UnknownNameError: The release has no such classifier.
    """
    classifier = release.classifier(request.classifier)
    texts = [marked_tokens(release.tokenizer, text) for text in request.texts]
    shares = classifier.probabilities(texts)
    given = shares >= (classifier.thresholds if request.threshold is None else request.threshold)
    order = np.argsort(-shares, axis=1, kind="stable")
    results = []
    for index, tokens in enumerate(texts):
        if not tokens:
            results.append(ClassifyResult(index=index, error=item_error(InputError(_NOTHING_LEFT))))
            continue
        columns = [column for column in order[index] if given[index, column]][: request.top_k]
        labels = [
            LabelScore(label=classifier.labels[column], probability=round(float(shares[index, column]), 4))
            for column in columns
        ]
        results.append(ClassifyResult(index=index, labels=labels))
    return ClassifyResponse(release=release.name, classifier=request.classifier, results=results)


def marked_tokens(tokenizer: Tokenizer, text: str) -> list[str]:
    """The tokens of a text as classifiers read them: WORK begins the work history where a heading says so."""
    found: list[str] = []
    for kind, part in sections(text):
        if kind == "experience" and WORK not in found:
            found.append(WORK)
        found += tokenizer.tokens(part)
    # A text that is nothing but a heading has no section.
    return found if found not in ([], [WORK]) else tokenizer.tokens(clean_text(text))
