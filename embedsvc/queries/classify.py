"""Labels of texts."""

from __future__ import annotations

import numpy as np

from embedsvc.classifiers import WORK
from embedsvc.queries.batches import error_of, text_of
from embedsvc.queries.encode import read_of
from embedsvc.queries.few_shot import few_shot
from embedsvc.queries.stages import stage
from embedsvc.releases.opening import Release
from embedsvc.schemas import ClassifyRequest, ClassifyResponse, ClassifyResult, LabelScore
from embedsvc.text import Tokenizer, clean_text
from embedsvc.text.sections import sections

EXAMPLES = "examples"
"""What an answer by examples names as its classifier."""

_DEFAULT = "label"
_NOTHING_LEFT = "The text holds no word; send a text in words."


def classify(release: Release, request: ClassifyRequest) -> ClassifyResponse:
    """The likeliest labels of each text whose probability reaches the threshold, best first.

    The threshold is the classifier's own, of each label, where the request has none; by examples it is the
    probability of none of the labels.

    Raises:
        UnknownNameError: The release has no such classifier.
        InputError: An example holds no word that the release knows.
    """
    if request.examples is not None:
        labels, name = list(request.examples), EXAMPLES
        given = [text_of(text) for text in request.texts]
        texts = [release.tokenizer.tokens(clean_text(text)) for text in given]
        found = few_shot(release, request.examples, given)
        shares, thresholds = found[:, :-1], found[:, -1:]  # none of these is likelier than a label not given
        read, truncated = read_of(release, texts)
    else:
        name = request.classifier or _DEFAULT
        classifier = release.classifier(name)
        texts = [marked_tokens(release.tokenizer, text_of(text)) for text in request.texts]
        labels, thresholds = list(classifier.labels), classifier.thresholds
        with stage("classify", name):
            shares = classifier.probabilities(texts)
        read, truncated = [len(each) - each.count(WORK) for each in texts], [False] * len(texts)
    reached = shares >= (thresholds if request.threshold is None else request.threshold)
    order = np.argsort(-shares, axis=1, kind="stable")
    results = []
    for index, tokens in enumerate(texts):
        if not tokens:
            error = error_of(request.texts[index], _NOTHING_LEFT)
            results.append(ClassifyResult(index=index, error=error))
            continue
        columns = [column for column in order[index] if reached[index, column]][: request.top_k]
        scores = [
            LabelScore(label=labels[column], probability=round(float(shares[index, column]), 4))
            for column in columns
        ]
        results.append(
            ClassifyResult(index=index, labels=scores, tokens=read[index], truncated=truncated[index])
        )
    return ClassifyResponse(release=release.name, classifier=name, results=results)


def marked_tokens(tokenizer: Tokenizer, text: str) -> list[str]:
    """The tokens of a text as classifiers read them: WORK begins the work history where a heading says so."""
    found: list[str] = []
    for kind, part in sections(text):
        if kind == "experience" and WORK not in found:
            found.append(WORK)
        found += tokenizer.tokens(part)
    # A text that is nothing but a heading has no section.
    return found if found not in ([], [WORK]) else tokenizer.tokens(clean_text(text))
