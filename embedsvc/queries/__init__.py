"""What can be asked of an open release: plain functions from a release and a request to a schema."""

from embedsvc.queries.canary import check_canary, make_canary
from embedsvc.queries.candidates import (
    candidate,
    erase_candidate,
    put_candidate,
    put_candidates,
    similar_candidates,
)
from embedsvc.queries.classify import classify
from embedsvc.queries.embeddings import embeddings, embeddings_json, model_info, models
from embedsvc.queries.explain import explain
from embedsvc.queries.extract import extract
from embedsvc.queries.gate import Gate, Golden, check_gate
from embedsvc.queries.related import RELATION_ITSELF, related, related_batch, related_json
from embedsvc.queries.release_diff import ReleaseDiff, Side, release_diff
from embedsvc.queries.release_info import CARD_FILE, release_info
from embedsvc.queries.resolve import resolve
from embedsvc.queries.search import search
from embedsvc.queries.search_string import search_string
from embedsvc.queries.similarity import similarity
from embedsvc.queries.skill_gap import skill_gap
from embedsvc.queries.skills import skill_info, suggest

__all__ = [
    "CARD_FILE",
    "RELATION_ITSELF",
    "Gate",
    "Golden",
    "ReleaseDiff",
    "Side",
    "candidate",
    "check_canary",
    "check_gate",
    "classify",
    "embeddings",
    "embeddings_json",
    "erase_candidate",
    "explain",
    "extract",
    "make_canary",
    "model_info",
    "models",
    "put_candidate",
    "put_candidates",
    "related",
    "related_batch",
    "related_json",
    "release_diff",
    "release_info",
    "resolve",
    "search",
    "search_string",
    "similar_candidates",
    "similarity",
    "skill_gap",
    "skill_info",
    "suggest",
]
