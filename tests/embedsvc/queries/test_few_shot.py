"""Labels by a few examples: the nearest mean, none of these, what is refused."""

from __future__ import annotations

import numpy as np
import pytest
from pydantic import ValidationError

from embedsvc.errors import InputError
from embedsvc.queries import classify
from embedsvc.queries.few_shot import few_shot
from embedsvc.releases import Store
from embedsvc.releases.opening import Release, open_release
from embedsvc.schemas import ClassifyRequest, ClassifyResult
from tests.conftest import Sample

EXAMPLES = {
    "Software": ["Java developer with Spring and Hibernate", "Python, Django and REST services"],
    "People": ["Payroll, statutory compliance and employee relations"],
    "Care": ["Patient care in an intensive care unit"],
}


def results(release: Release, *texts: str, threshold: float | None = None) -> list[ClassifyResult]:
    request = ClassifyRequest(texts=list(texts), examples=EXAMPLES, threshold=threshold)
    answer = classify(release, request)
    assert answer.classifier == "examples"
    return answer.results


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("Wrote Java services", "Software"),
        ("Ran the payroll", "People"),
        ("Nursed patients in the ICU", "Care"),
    ],
)
def test_the_label_of_the_nearest_examples(release: Release, text: str, label: str) -> None:
    (result,) = results(release, text, threshold=0.0)

    assert result.labels is not None
    assert result.labels[0].label == label
    assert len(result.labels) == 3


def test_an_example_is_of_its_own_label(release: Release) -> None:
    texts = [given[-1] for given in EXAMPLES.values()]

    shares = few_shot(release, EXAMPLES, texts)

    assert shares.shape == (3, 4)
    np.testing.assert_allclose(shares.sum(axis=1), 1.0)
    assert shares.argmax(axis=1).tolist() == [0, 1, 2]


def test_a_text_near_no_example_gets_no_label(release: Release) -> None:
    only = {"Care": EXAMPLES["Care"]}

    answer = classify(
        release, ClassifyRequest(texts=["SEO and content marketing", *only["Care"]], examples=only)
    )

    assert answer.results[0].labels == []
    assert answer.results[1].labels is not None
    assert [label.label for label in answer.results[1].labels] == ["Care"]


def test_the_order_of_examples_does_not_matter(release: Release) -> None:
    backwards = {label: given[::-1] for label, given in reversed(EXAMPLES.items())}

    one, other = few_shot(release, EXAMPLES, ["Java"]), few_shot(release, backwards, ["Java"])

    np.testing.assert_allclose(one[0, [2, 1, 0, 3]], other[0], atol=1e-5)


def test_an_example_without_a_known_word_is_refused(release: Release) -> None:
    request = ClassifyRequest(texts=["Java"], examples={"a": ["Java"], "b": ["SQL", "zzqq xxyy 99"]})

    with pytest.raises(InputError, match=r"Example 2 of label 2 holds no word that release .* knows"):
        classify(release, request)


def test_a_text_without_a_word_is_an_error_of_its_own(release: Release) -> None:
    found = results(release, "99", "Java")

    assert found[0].error is not None
    assert found[0].error.message == "The text holds no word; send a text in words."
    assert found[1].error is None


@pytest.mark.parametrize(
    "wrong",
    [
        {"examples": {}},
        {"examples": {"a": []}},
        {"examples": {"": ["x"]}},
        {"examples": {"a": [""]}},
        {"examples": {"a": ["x"] * 21}},
        {"examples": {"a": ["x" * 100_001]}},
        {"examples": {str(number): ["x"] for number in range(101)}},
        {"examples": {"a" * 201: ["x"]}},
        {"examples": {"a": ["x"]}, "classifier": "label"},
    ],
)
def test_too_few_and_too_many_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        ClassifyRequest.model_validate({"texts": ["Java"], **wrong})


def test_the_most_that_is_allowed() -> None:
    examples = {str(number): ["x"] * 20 for number in range(100)}

    assert ClassifyRequest(texts=["Java"], examples=examples).examples == examples


def test_the_skills_it_compares_with_are_encoded_once_a_release(
    sample: Sample, monkeypatch: pytest.MonkeyPatch
) -> None:
    release = open_release(Store(sample.store), sample.release)
    sizes: list[int] = []
    encode = release.sentences.encode
    monkeypatch.setattr(release.sentences, "encode", lambda texts: sizes.append(len(texts)) or encode(texts))

    first, second = (few_shot(release, EXAMPLES, ["Ran the payroll"]) for _ in range(2))

    assert sizes == [2, 1, 1, 505, 1, 2, 1, 1, 1]  # 505 of 2,521 skills
    assert first.tobytes() == second.tobytes()
