"""Labels of texts."""

from __future__ import annotations

from embedsvc.errors import InputError
from embedsvc.queries.batches import item_error
from embedsvc.releases.opening import Release
from embedsvc.schemas import ClassifyRequest, ClassifyResponse, ClassifyResult, LabelScore
from embedsvc.text import clean_text

_NOTHING_LEFT = "The text holds no word; send a text in words."


def classify(release: Release, request: ClassifyRequest) -> ClassifyResponse:
    """The likeliest labels of each text whose probability reaches the threshold, best first.

    Raises:
        UnknownNameError: The release has no such classifier.
    """
    classifier = release.classifier(request.classifier)
    texts = [release.tokenizer.tokens(clean_text(text)) for text in request.texts]
    results = []
    for index, (tokens, found) in enumerate(zip(texts, classifier.top(texts, request.top_k), strict=True)):
        if not tokens:
            results.append(ClassifyResult(index=index, error=item_error(InputError(_NOTHING_LEFT))))
            continue
        labels = [
            LabelScore(label=label, probability=round(share, 4))
            for label, share in found
            if share >= request.threshold
        ]
        results.append(ClassifyResult(index=index, labels=labels))
    return ClassifyResponse(release=release.name, classifier=request.classifier, results=results)
