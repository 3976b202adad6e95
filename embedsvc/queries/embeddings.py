"""Vectors of texts and skills, in the words of OpenAI's API."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Sequence

import numpy as np
import orjson

from embedsvc.errors import InputError, UnknownNameError, UnknownSkillError, UnsupportedError
from embedsvc.queries.encode import Encoded, encoded
from embedsvc.queries.resolve import resolve
from embedsvc.queries.stages import stage
from embedsvc.releases.opening import Release
from embedsvc.schemas import EmbeddingsRequest, EmbeddingsResponse, ModelInfo, ModelListResponse
from embedsvc.spaces.pooling import to_unit

SENTENCES = "sentences"
SKILLS = "skills"


def embeddings(release: Release, request: EmbeddingsRequest) -> EmbeddingsResponse:
    """The vector of each input, at unit length; zeros where the release knows no word of it.

    Raises:
        UnknownNameError: The release has no such model.
        UnsupportedError: The input is token ids, or the model was not trained to have its vectors cut.
        InputError: `dimensions` is more than the model has.
    """
    return EmbeddingsResponse.model_validate_json(embeddings_json(release, request))


def embeddings_json(release: Release, request: EmbeddingsRequest) -> bytes:
    """What `embeddings` answers, as JSON bytes: a matrix of numbers is too many for a model of each.

    Raises:
        The same errors as `embeddings`.
    """
    model = model_info(release, request.model)
    if request.dimensions is not None:
        _check_dimensions(model, request.dimensions)
    texts = _texts(request.input)
    found = encoded(release, texts) if model.id == SENTENCES else _skills(release, texts)
    vectors, tokens = found.vectors, sum(found.tokens)
    if request.dimensions is not None and request.dimensions < model.dimension:
        vectors = to_unit(np.ascontiguousarray(vectors[:, : request.dimensions]))
    as_text = request.encoding_format == "base64"
    little = vectors.astype("<f4", copy=False)
    with stage("serialise"):
        return orjson.dumps(
            {
                "object": "list",
                "data": [
                    {
                        "object": "embedding",
                        "index": index,
                        "embedding": b64encode(row.tobytes()).decode() if as_text else row,
                    }
                    for index, row in enumerate(little if as_text else vectors)
                ],
                "model": model.id,
                "usage": {"prompt_tokens": tokens, "total_tokens": tokens},
                "release": release.name,
                "unknown": np.flatnonzero(~vectors.any(axis=1)).tolist(),
                "tokens": found.tokens,
                "truncated": np.flatnonzero(found.truncated).tolist(),
            },
            option=orjson.OPT_SERIALIZE_NUMPY,
        )


def models(release: Release) -> ModelListResponse:
    """All that makes vectors in the release."""
    found = [model_info(release, name) for name in (SENTENCES, SKILLS)]
    return ModelListResponse(data=found, release=release.name)


def model_info(release: Release, name: str) -> ModelInfo:
    """What is known of a model.

    Raises:
        UnknownNameError: The release has none of that name.
    """
    facts = {"id": name, "created": release.created, "release": release.name}
    if name == SENTENCES:
        encoder = release.sentences
        return ModelInfo(
            **facts,
            kind=encoder.kind,
            dimension=encoder.dimension,
            prefixes=list(encoder.prefixes),
            max_tokens=encoder.max_tokens,
        )
    if name == SKILLS:
        words = release.words
        return ModelInfo(**facts, kind=words.kind, dimension=words.dimension, prefixes=[], max_tokens=None)
    raise UnknownNameError(
        f"Release {release.name} has no model of that name; it has: {SENTENCES}, {SKILLS}.",
        details={"known": [SENTENCES, SKILLS]},
    )


def _check_dimensions(model: ModelInfo, asked: int) -> None:
    if asked > model.dimension:
        raise InputError(f"A vector of '{model.id}' has {model.dimension} numbers; ask for no more of them.")
    if asked < model.dimension and not model.prefixes:
        raise UnsupportedError(
            f"A part of a vector of '{model.id}' ({model.kind}) means nothing, as it was not trained to; "
            "leave 'dimensions' out."
        )


def _texts(given: str | list[str] | list[int] | list[list[int]]) -> list[str]:
    texts = [given] if isinstance(given, str) else [each for each in given if isinstance(each, str)]
    if not texts or (isinstance(given, list) and len(texts) < len(given)):
        raise UnsupportedError(
            "The input is token ids of a vocabulary that is not this model's; send texts "
            "(with LangChain's OpenAIEmbeddings: check_embedding_ctx_length=False)."
        )
    return texts


def _skills(release: Release, skills: Sequence[str]) -> Encoded:
    words = release.words
    vectors = np.zeros((len(skills), words.dimension), np.float32)
    for place, skill in enumerate(skills):
        try:
            known, _ = resolve(release, skill)
        except (UnknownSkillError, InputError):
            continue
        row = words.row(release.lexicon[known].token)
        if row is not None:
            vectors[place] = words.vectors[row]
    return Encoded(to_unit(vectors), [1] * len(skills), [False] * len(skills))
