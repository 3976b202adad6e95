"""OpenAI's own client against the real service."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Iterator

import numpy as np
import openai
import pytest


@pytest.fixture(scope="module")
def client(address: str) -> Iterator[openai.OpenAI]:
    with openai.OpenAI(base_url=f"{address}/v1", api_key="any", max_retries=0) as client:
        yield client


def test_a_text_and_several(client: openai.OpenAI) -> None:
    one = client.embeddings.create(model="sentences", input="payroll accountant")
    assert [each.embedding for each in one.data] == [[0.0, 0.0, 1.0, 0.0]]
    assert (one.object, one.model, one.usage.prompt_tokens, one.usage.total_tokens) == (
        "list",
        "sentences",
        2,
        2,
    )
    many = client.embeddings.create(model="sentences", input=["javascript", "nurse"])
    assert [each.index for each in many.data] == [0, 1]
    assert many.data[0].embedding == pytest.approx([0.8, 0.6, 0.0, 0.0])
    assert many.data[1].embedding == [0.0, 0.0, 0.0, 1.0]
    assert many.model_extra == {"release": "first", "unknown": [], "tokens": [1, 1], "truncated": []}


def test_both_encodings_are_the_same_numbers(client: openai.OpenAI) -> None:
    as_numbers = client.embeddings.create(model="skills", input="JS", encoding_format="float")
    as_text = client.embeddings.create(model="skills", input="JS", encoding_format="base64")
    written = as_text.data[0].embedding
    assert isinstance(written, str)
    little = np.frombuffer(b64decode(written), "<f4")
    assert as_numbers.data[0].embedding == pytest.approx([0.8, 0.6, 0.0, 0.0])
    assert np.array_equal(np.asarray(as_numbers.data[0].embedding, np.float32), little)


def test_models(client: openai.OpenAI) -> None:
    assert [model.id for model in client.models.list()] == ["sentences", "skills"]
    model = client.models.retrieve("sentences")
    assert (model.id, model.owned_by, model.object) == ("sentences", "embedsvc", "model")
    assert model.created > 1_700_000_000


def test_failures_are_the_clients_own_errors(client: openai.OpenAI) -> None:
    with pytest.raises(openai.BadRequestError, match="token ids") as caught:
        client.embeddings.create(model="sentences", input=[1, 2, 3])
    assert caught.value.body["code"] == "unsupported"  # type: ignore[index]
    with pytest.raises(openai.BadRequestError, match="token ids"):
        client.embeddings.create(model="sentences", input=[[1, 2], [3]])
    with pytest.raises(openai.BadRequestError, match="dimensions"):
        client.embeddings.create(model="sentences", input="php", dimensions=2)
    with pytest.raises(openai.NotFoundError, match="it has: sentences, skills"):
        client.embeddings.create(model="text-embedding-3-small", input="php")
    with pytest.raises(openai.UnprocessableEntityError, match="4 numbers"):
        client.embeddings.create(model="sentences", input="php", dimensions=5)
    with pytest.raises(openai.UnprocessableEntityError):
        client.embeddings.create(model="sentences", input=[])
    with pytest.raises(openai.NotFoundError):
        client.models.retrieve("gpt")


async def test_awaiting_client(address: str) -> None:
    async with openai.AsyncOpenAI(base_url=f"{address}/v1", api_key="any", max_retries=0) as client:
        answer = await client.embeddings.create(model="sentences", input=["php"] * 2048, user="somebody")
    assert len(answer.data) == 2048
    assert answer.data[2047].embedding == [1.0, 0.0, 0.0, 0.0]
