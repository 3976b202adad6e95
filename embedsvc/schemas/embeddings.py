"""Vectors of texts and skills, in the words of OpenAI's API: its own client works unchanged."""

from __future__ import annotations

from array import array
from base64 import b64decode
from typing import Annotated, Any, Literal

from pydantic import Discriminator, Field, Tag

from embedsvc.schemas.base import Answer, Request, Text

MAX_INPUTS = 2_048
"""Texts a request, as many as OpenAI takes: clients split by that."""
MAX_DIMENSION = 100_000

EncodingFormat = Literal["float", "base64"]
ModelName = Annotated[
    str,
    Field(
        min_length=1,
        max_length=100,
        description="`sentences` encodes texts, `skills` gives vectors of skills; GET /v1/models lists them.",
    ),
]
Dimensions = Annotated[
    int,
    Field(
        ge=1,
        le=MAX_DIMENSION,
        description="Only the first numbers of each vector, at unit length again, where the model was "
        "trained for that (`prefixes` of the model).",
    ),
]


def _kind(given: Any) -> str:
    if isinstance(given, str):
        return "text"
    first = given[0] if isinstance(given, list) and given else None
    return "tokens" if isinstance(first, int | list) and not isinstance(first, bool) else "texts"


class EmbeddingsRequest(Request):
    """One text or several."""

    input: Annotated[
        Annotated[Text, Tag("text")]
        | Annotated[list[Text], Field(min_length=1, max_length=MAX_INPUTS), Tag("texts")]
        | Annotated[list[int] | list[list[int]], Tag("tokens")],
        Discriminator(_kind),
        Field(description="A text or a list of them. Lists of token ids are refused: send texts."),
    ]
    model: ModelName = "sentences"
    encoding_format: Annotated[
        EncodingFormat,
        Field(description="base64: of little-endian float32 numbers; a quarter of the bytes."),
    ] = "float"
    dimensions: Dimensions | None = None
    user: Annotated[
        str | None, Field(max_length=1_000, description="Taken, as OpenAI has it, and neither used nor kept.")
    ] = None


class Embedding(Answer):
    """The vector of the input at `index`, at unit length."""

    object: Literal["embedding"] = "embedding"
    index: int
    embedding: list[float] | str = Field(description="Numbers, or base64 of little-endian float32.")

    def numbers(self) -> list[float]:
        """The vector as numbers, whichever way it came."""
        if not isinstance(self.embedding, str):
            return self.embedding
        floats = array("f", b64decode(self.embedding))
        if array("H", [1]).tobytes() != b"\x01\x00":
            floats.byteswap()
        return floats.tolist()


class EmbeddingsUsage(Answer):
    """What was read, counted in the model's own tokens."""

    prompt_tokens: int
    total_tokens: int


class EmbeddingsResponse(Answer):
    """Vectors in the order of the inputs."""

    object: Literal["list"] = "list"
    data: list[Embedding]
    model: str
    usage: EmbeddingsUsage
    release: str
    unknown: list[int] = Field(
        [], description="Indexes of inputs of which the release knows no word; their vectors are zeros."
    )
    tokens: list[int] = Field([], description="Tokens read of each input, counted in the model's own.")
    truncated: list[int] = Field(
        [], description="Indexes of inputs that go on behind what was read (`max_tokens` of the model)."
    )

    @property
    def vectors(self) -> list[list[float]]:
        """All vectors as numbers."""
        return [each.numbers() for each in self.data]


class ModelInfo(Answer):
    """Something that makes vectors."""

    id: str
    object: Literal["model"] = "model"
    created: int = Field(description="When its release was made, in seconds since 1970.")
    owned_by: Literal["embedsvc"] = "embedsvc"
    release: str
    kind: str = Field(description="How it was made: `static`, `sif`, `transformer`, `word2vec`.")
    dimension: int
    prefixes: list[int] = Field(
        description="First numbers of a vector that were trained to do alone; `dimensions` takes any number "
        "where there is one, and these are best."
    )
    max_tokens: int | None = Field(description="How much of a text it reads; null where all.")


class ModelListResponse(Answer):
    """All that makes vectors in the live release."""

    object: Literal["list"] = "list"
    data: list[ModelInfo]
    release: str
