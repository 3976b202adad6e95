"""Skills: related ones, what the lexicon knows, typeahead, and those that texts name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Final, Literal, Self

from pydantic import Field, model_validator

from embedsvc.schemas.base import MAX_BATCH, MAX_SKILL_LENGTH, MAX_TEXT_LENGTH, Answer, ItemError, K, Request
from embedsvc.schemas.tolerance import TOLERANT, Refused

MAX_ALSO: Final = 100

Relation = Literal["similar", "used_with"]
SpaceName = Literal["skills", "word2vec", "fasttext", "glove", "sentences"]
MAX_NEGATIVE = 100
Step = Literal["exact", "alias", "spelling", "subwords"]

SkillQuery = Annotated[
    str, Field(min_length=1, max_length=MAX_SKILL_LENGTH, description="A skill, in any of its spellings.")
]
Limit = Annotated[int, Field(ge=1, le=100, description="How many skills at most.")]
Cosine = Annotated[float, Field(ge=-1.0, le=1.0, description="Leave out answers that score less.")]


class Resolution(Answer):
    """How a query was understood: which skill, by which step of the ladder."""

    query: str
    skill: str = Field(description="Canonical name.")
    step: Step = Field(
        description="exact: the canonical name; alias: another surface form; spelling: edit distance; "
        "subwords: an unseen form that is made of nearly the same subwords."
    )


class RelatedSkill(Answer):
    """One neighbour of a skill."""

    skill: str
    score: float = Field(
        description="similar: cosine in [-1, 1], lifted towards 1 where lists name both; "
        "used_with: a vote by EASE in [0, 1]."
    )
    candidates: int = Field(description="Distinct candidates who name the skill.")
    relatedness: float | None = Field(
        None,
        description="How far the score lies above the cosines of random skills, in [0, 1]: 0.2 is what one "
        "random pair in 10 reaches, 0.4 one in 100, 0.6 one in 1,000, 0.8 one in 10,000; 1 is the skill "
        "itself. Null for `used_with`, and where the release was made without noise floors.",
    )


class RelatedResponse(Answer):
    """Skills related to one skill, best first."""

    release: str
    relation: Relation
    space: SpaceName = Field(
        "skills", description="Where: `skills` is the relation itself, else scores are cosines in that space."
    )
    resolved: Resolution
    related: list[RelatedSkill]


class RelatedQuery(Request):
    """One item of a batch of related-skill queries."""

    skill: SkillQuery
    also: list[SkillQuery] = Field(
        [],
        max_length=MAX_ALSO,
        description="More skills of one list or CV: answers are related to all of them. `used_with`: the "
        "score is how likely a list with these also names it. `similar`: the mean of the scores.",
    )
    k: K = 10
    relation: Relation = "similar"
    space: SpaceName = Field(
        "skills",
        description="Ask one space of the release alone (`similar` and one skill only); by default the "
        "relation itself, which is made of several kinds of evidence.",
    )
    min_score: Cosine | None = None
    negative: list[SkillQuery] = Field(
        [],
        max_length=MAX_NEGATIVE,
        description="Skills that count against (`similar` only): `django`, also `java`, not `python` asks "
        "what is to java as django is to python. The score is the cosine to the sum less these.",
    )

    @model_validator(mode="after")
    def _similar_only(self) -> Self:
        """Refuse what no counts of lists can tell."""
        if self.negative and self.relation != "similar":
            raise ValueError("negative is for the relation similar; leave one of the two out")
        return self


if TYPE_CHECKING:
    BatchQuery = RelatedQuery | Refused
else:
    BatchQuery = Annotated[RelatedQuery, *TOLERANT]


class RelatedBatchRequest(Request):
    """A batch of related-skill queries."""

    queries: Annotated[list[BatchQuery], Field(min_length=1, max_length=MAX_BATCH)]


class RelatedResult(Answer):
    """The result or the error of the query at `index`; exactly one of the two."""

    index: int
    resolved: Resolution | None = None
    also: list[Resolution] | None = Field(None, description="The query's other skills, where it has some.")
    negative: list[Resolution] | None = Field(None, description="Its skills that count against, if any.")
    related: list[RelatedSkill] | None = None
    space: SpaceName | None = Field(None, description="The space that was asked, where the query names one.")
    error: ItemError | None = None


class RelatedBatchResponse(Answer):
    """Results in the order of the queries."""

    release: str
    results: list[RelatedResult]


class SuggestQuery(Request):
    """A typeahead query."""

    prefix: SkillQuery
    limit: Limit = 10


class SkillAlias(Answer):
    """A surface form of a skill and how many distinct candidates write it so."""

    surface: str
    candidates: int
    source: str = Field(
        description="Why it is one: mined (same normal form), plural, spelling, acronym, context (same "
        "company), esco, onet, or the user."
    )


class SkillResponse(Answer):
    """What the lexicon knows of a skill."""

    release: str
    skill: str
    candidates: int
    aliases: list[SkillAlias]
    resolved: Resolution


class SkillSuggestion(Answer):
    """One row of the typeahead."""

    skill: str
    candidates: int
    surface: str = Field(description="The surface form that the prefix matched.")


class SkillListResponse(Answer):
    """Skills with a surface form that starts with the prefix, the most used first."""

    release: str
    prefix: str
    skills: list[SkillSuggestion]


if TYPE_CHECKING:
    BatchExtractText = str | Refused
else:
    BatchExtractText = Annotated[
        str,
        Field(max_length=MAX_TEXT_LENGTH, description="Plain text or HTML; an empty one names no skill."),
        *TOLERANT,
    ]


class ExtractRequest(Request):
    """Texts to find skills in, as they are: offsets are those of the text that was sent."""

    texts: Annotated[
        list[BatchExtractText],
        Field(min_length=1, max_length=MAX_BATCH),
    ]


class ExtractedSkill(Answer):
    """A skill named in a text."""

    skill: str = Field(description="Canonical name.")
    surface: str = Field(description="As written: `text[start:end]`.")
    start: int = Field(description="Where it begins, in characters (Unicode code points) from 0.")
    end: int = Field(description="Where it ends.")
    step: Step = Field(description="exact: a spelling of the canonical name; alias: another surface form.")


class ExtractResult(Answer):
    """The skills in the text at `index`, in order and not overlapping, or its error."""

    index: int
    skills: list[ExtractedSkill] | None = None
    error: ItemError | None = None


class ExtractResponse(Answer):
    """Results in the order of the texts."""

    release: str
    results: list[ExtractResult]
