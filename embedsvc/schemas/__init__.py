"""The wire contract: what the service takes and answers, shared with the SDK.

Every successful answer names the release it came from. Every list request takes a batch; a batch
never fails whole: each item carries its own result or error, in the order asked.
"""

from embedsvc.schemas.base import (
    MAX_BATCH,
    MAX_HITS,
    MAX_K,
    MAX_SKILL_LENGTH,
    MAX_TEXT_LENGTH,
    ErrorBody,
    ErrorResponse,
    ItemError,
    K,
)
from embedsvc.schemas.classify import (
    ClassifyRequest,
    ClassifyResponse,
    ClassifyResult,
    LabelScore,
)
from embedsvc.schemas.releases import (
    LiveResponse,
    ReadyResponse,
    ReleaseInfo,
    ReleaseListResponse,
)
from embedsvc.schemas.search import (
    CandidateHit,
    SearchRequest,
    SearchResponse,
    SearchResult,
)
from embedsvc.schemas.similarity import (
    SimilarityRequest,
    SimilarityResponse,
)
from embedsvc.schemas.skills import (
    Cosine,
    ExtractedSkill,
    ExtractRequest,
    ExtractResponse,
    ExtractResult,
    Limit,
    RelatedBatchRequest,
    RelatedBatchResponse,
    RelatedQuery,
    RelatedResponse,
    RelatedResult,
    RelatedSkill,
    Relation,
    Resolution,
    SkillAlias,
    SkillListResponse,
    SkillQuery,
    SkillResponse,
    SkillSuggestion,
    Step,
    SuggestQuery,
)

__all__ = [
    "MAX_BATCH",
    "MAX_HITS",
    "MAX_K",
    "MAX_SKILL_LENGTH",
    "MAX_TEXT_LENGTH",
    "CandidateHit",
    "ClassifyRequest",
    "ClassifyResponse",
    "ClassifyResult",
    "Cosine",
    "ErrorBody",
    "ErrorResponse",
    "ExtractRequest",
    "ExtractResponse",
    "ExtractResult",
    "ExtractedSkill",
    "ItemError",
    "K",
    "LabelScore",
    "Limit",
    "LiveResponse",
    "ReadyResponse",
    "RelatedBatchRequest",
    "RelatedBatchResponse",
    "RelatedQuery",
    "RelatedResponse",
    "RelatedResult",
    "RelatedSkill",
    "Relation",
    "ReleaseInfo",
    "ReleaseListResponse",
    "Resolution",
    "SearchRequest",
    "SearchResponse",
    "SearchResult",
    "SimilarityRequest",
    "SimilarityResponse",
    "SkillAlias",
    "SkillListResponse",
    "SkillQuery",
    "SkillResponse",
    "SkillSuggestion",
    "Step",
    "SuggestQuery",
]
