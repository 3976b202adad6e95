"""Vectors of texts and skills, on the trained sample release."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Sequence
from typing import Any

import numpy as np
import orjson
import pytest
from pydantic import ValidationError

from embedsvc.errors import InputError, UnknownNameError, UnsupportedError
from embedsvc.queries import embeddings, embeddings_json, model_info, models
from embedsvc.queries.encode import encode
from embedsvc.releases.opening import Release
from embedsvc.schemas import EmbeddingsRequest
from embedsvc.spaces import StaticEncoder
from embedsvc.text import clean_text

TEXTS = ["Java developer with Spring and Hibernate", "<p>Patient care in an ICU</p>", "zzqq xxyy"]


def asked(release: Release, texts: Any, **options: Any) -> np.ndarray:
    return np.array(embeddings(release, EmbeddingsRequest(input=texts, **options)).vectors)


def test_vectors_are_those_of_the_encoder(release: Release) -> None:
    told = embeddings(release, EmbeddingsRequest(input=TEXTS))
    assert np.array_equal(np.array(told.vectors, np.float32), encode(release, TEXTS))
    assert told.unknown == [2]
    read = sum(len(release.tokenizer.tokens(clean_text(text))) for text in TEXTS)
    assert (told.usage.prompt_tokens, told.model, told.release) == (read, "sentences", release.name)
    assert np.array_equal(asked(release, TEXTS[0]), asked(release, TEXTS)[:1])


def test_base64_is_little_endian_float32(release: Release) -> None:
    request = EmbeddingsRequest(input=TEXTS, encoding_format="base64")
    wire = orjson.loads(embeddings_json(release, request))
    rows = [np.frombuffer(b64decode(each["embedding"]), "<f4") for each in wire["data"]]
    assert np.array_equal(np.stack(rows), encode(release, TEXTS))
    assert np.array_equal(np.array(embeddings(release, request).vectors, np.float32), np.stack(rows))


def test_a_prefix_is_the_shorter_encoders_vector(release: Release) -> None:
    encoder = release.sentences
    assert isinstance(encoder, StaticEncoder)
    assert model_info(release, "sentences").prefixes == [32]
    tokens = [release.tokenizer.tokens(clean_text(text)) for text in TEXTS]
    for length in (1, 32, encoder.dimension):
        cut = asked(release, TEXTS, dimensions=length)
        assert cut.shape == (3, length)
        assert cut == pytest.approx(encoder.shortened(length).encode(tokens), abs=1e-6)
    assert np.linalg.norm(asked(release, TEXTS[:2], dimensions=7), axis=1) == pytest.approx([1, 1])
    with pytest.raises(InputError, match=f"has {encoder.dimension} numbers"):
        asked(release, TEXTS, dimensions=encoder.dimension + 1)


def test_a_space_that_was_not_trained_for_it_is_not_cut(release: Release) -> None:
    assert model_info(release, "skills").prefixes == []
    with pytest.raises(UnsupportedError, match="not trained"):
        asked(release, "java", model="skills", dimensions=2)
    whole = release.words.dimension
    assert asked(release, "java", model="skills", dimensions=whole).shape == (1, whole)


def test_skills_by_any_of_their_forms(release: Release) -> None:
    skill = next(each for each in release.lexicon if release.lexicon.aliases(each.row))
    row = release.words.row(skill.token)
    assert row is not None
    names = [skill.name, release.lexicon.aliases(skill.row)[0].surface, "zzqq xxyy", " "]
    told = embeddings(release, EmbeddingsRequest(input=[*names[:3], names[3]], model="skills"))
    vector = release.words.vectors[row] / np.linalg.norm(release.words.vectors[row])
    assert np.array(told.vectors[:2]) == pytest.approx(np.stack([vector, vector]), abs=1e-6)
    assert told.unknown == [2, 3]


def test_models_are_the_two(release: Release) -> None:
    told = models(release)
    assert [(each.id, each.kind, each.dimension) for each in told.data] == [
        ("sentences", "static", release.sentences.dimension),
        ("skills", "word2vec", release.words.dimension),
    ]
    assert {each.release for each in told.data} == {told.release} == {release.name}
    assert told.data[0].created == release.created > 1_700_000_000
    with pytest.raises(UnknownNameError) as caught:
        embeddings(release, EmbeddingsRequest(input="a", model="gpt"))
    assert caught.value.details == {"known": ["sentences", "skills"]}


@pytest.mark.parametrize("tokens", [[1, 2], [[1], [2, 3]], [[]]])
def test_token_ids_are_refused(release: Release, tokens: Any) -> None:
    with pytest.raises(UnsupportedError, match="send texts"):
        asked(release, tokens)


@pytest.mark.parametrize("given", ["", [], [""], ["a", 1], None, True, {"a": 1}, ["a"] * 2049, [[["a"]]]])
def test_input_of_another_kind_is_invalid(given: Any) -> None:
    with pytest.raises(ValidationError):
        EmbeddingsRequest(input=given)


def test_what_stands_beside_a_text_does_not_change_its_vector(release: Release) -> None:
    def one_by_one(texts: Sequence[str]) -> np.ndarray:
        return np.concatenate([asked(release, text) for text in texts])

    texts = TEXTS * 30
    assert asked(release, texts) == pytest.approx(one_by_one(texts), abs=1e-6)
