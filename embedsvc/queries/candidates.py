"""One candidate: what is known of it, who is like it, putting it in, erasing it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import count

import numpy as np

from embedsvc.errors import (
    EmbedsvcError,
    ErasedCandidateError,
    InputError,
    UnknownCandidateError,
    UnknownNameError,
)
from embedsvc.queries.batches import item_error
from embedsvc.queries.search import effort_of, hits_of, nearest
from embedsvc.queries.stages import stage
from embedsvc.releases.candidate_index import CandidateIndex
from embedsvc.releases.candidates import Kind
from embedsvc.releases.changes import Erasure, Put
from embedsvc.releases.following import FollowedCandidates, State
from embedsvc.releases.journal import Reader
from embedsvc.releases.opening import Release
from embedsvc.schemas import (
    CandidateIn,
    CandidateResponse,
    ErasureResponse,
    PutCandidateResponse,
    PutCandidatesRequest,
    PutCandidatesResponse,
    PutResult,
    SimilarCandidatesQuery,
    SimilarCandidatesResponse,
)
from embedsvc.spaces.space import Matrix
from embedsvc.text.candidate import Candidate
from embedsvc.text.candidate_cleaning import scrubbed
from embedsvc.text.sectioning import sectioned

_COMMON = ("id", "title", "label", "updated_at")


def candidate(release: Release, identity: str) -> CandidateResponse:
    """What the release keeps of a candidate.

    Raises:
        UnknownCandidateError: Nobody is found under that id.
        UnknownNameError: The release has no candidates index; so for all functions here.
    """
    candidates = _candidates(release)
    facts = candidates.table.facts(_row(candidates, identity))
    columns = {name: value for name, value in facts.items() if name not in _COMMON}
    common = {name: facts[name] for name in _COMMON}
    return CandidateResponse.model_validate({"release": release.name, **common, "columns": columns})


def similar_candidates(release: Release, request: SimilarCandidatesQuery) -> SimilarCandidatesResponse:
    """Those most like a candidate, by their vectors.

    Raises:
        UnknownCandidateError: Nobody is found under that id.
    """
    candidates = _candidates(release)
    own = candidates.rows_of([request.id])
    vector = candidates.index.vectors_at([_row(candidates, request.id)])
    effort = effort_of(request, candidates.index.size)
    with stage("search", candidates.index.backend):
        found = nearest(candidates, vector, request.k + len(own), effort)
    others = ~np.isin(found.ids[0], own)
    return SimilarCandidatesResponse(
        release=release.name,
        id=request.id,
        hits=hits_of(candidates, found.ids[0][others][: request.k], found.scores[0][others][: request.k]),
        path=found.path,
    )


def put_candidate(release: Release, given: CandidateIn) -> PutCandidateResponse:
    """Put one candidate in; durable, and seen by every process, when this returns.

    Raises:
        InputError: Its texts hold no word that the release knows, or a column is unknown.
        ErasedCandidateError: It was erased.
        ChangesFullError: The journal has reached its size.
        StoreError: The store cannot be written to.
    """
    (outcome,) = _put(release, [given])
    if isinstance(outcome, EmbedsvcError):
        raise outcome
    return PutCandidateResponse(release=release.name, id=given.id, created=outcome)


def put_candidates(release: Release, request: PutCandidatesRequest) -> PutCandidatesResponse:
    """Put candidates in, those that can be all at once; errors of the store as of `put_candidate`."""
    results = [
        PutResult(index=index, error=item_error(outcome))
        if isinstance(outcome, EmbedsvcError)
        else PutResult(index=index, created=outcome)
        for index, outcome in enumerate(_put(release, request.candidates))
    ]
    return PutCandidatesResponse(release=release.name, results=results)


def erase_candidate(release: Release, identity: str, *, unknown: bool = False) -> ErasureResponse:
    """Erase a candidate for good; durable, and seen by every process, when this returns.

    Erasing again changes nothing. What was put in of the candidate is taken out of the journal.

    Args:
        release: The live one.
        identity: The candidate's id.
        unknown: Record also an id that nobody bears, so that no later release takes it in.

    Raises:
        UnknownCandidateError: Nobody bears that id, and nobody did.
        StoreError: The store cannot be written to.
    """
    with _following(release).writing() as (state, reader):
        who = reader.who(identity)
        before = state.erased.get(who)
        at = before or _now()
        if before is None:
            rows = _following(release).rows_of(identity)
            if not rows and identity not in state.texts and not unknown:
                raise _unknown(identity)
            change = Erasure(reader.last + 1, at, who, release.name, tuple(rows))
            _following(release).journal.append([change], reader)
        if identity in state.texts:
            _following(release).journal.rewrite(
                lambda change: not isinstance(change, Put) or change.candidate.id != identity
            )
    return ErasureResponse(release=release.name, erased_at=at, already=before is not None)


def _put(release: Release, given: Sequence[CandidateIn]) -> list[bool | EmbedsvcError]:
    """For each candidate whether it is new, or why it cannot be put in."""
    following = _following(release)
    kinds = _candidates(release).table.columns
    outcomes: list[bool | EmbedsvcError | None] = [_fault(each, kinds) for each in given]
    cleaned = [_clean(each) for each in given]
    with stage("encode", release.sentences.kind):
        vectors = release.encode_candidates(cleaned)
    for place in np.flatnonzero(~vectors.any(axis=1)).tolist():
        outcomes[place] = outcomes[place] or InputError(
            "The candidate's texts hold no word this release knows, so that nothing could find it."
        )
    with following.writing() as (state, reader):
        return _written(following, state, reader, cleaned, vectors, outcomes)


def _written(
    following: FollowedCandidates,
    state: State,
    reader: Reader,
    cleaned: Sequence[Candidate],
    vectors: Matrix,
    outcomes: list[bool | EmbedsvcError | None],
) -> list[bool | EmbedsvcError]:
    numbers, at, seen = count(reader.last + 1), _now(), set[str]()
    puts: list[Put] = []
    told: list[bool | EmbedsvcError] = []
    known = {*state.rows, *_known(state, [each.id for each in cleaned])}
    for each, vector, fault in zip(cleaned, vectors, outcomes, strict=True):
        if fault is None and reader.who(each.id) in state.erased:
            fault = ErasedCandidateError(
                "The candidate was erased, which is for good; put it in under another id."
            )
        if isinstance(fault, EmbedsvcError):
            told.append(fault)
            continue
        puts.append(Put(next(numbers), at, each, following.encoder, vector.tobytes()))
        told.append(each.id not in known and each.id not in seen)
        seen.add(each.id)
    if puts:
        following.journal.append(puts, reader)
    return told


def _known(state: State, identities: Sequence[str]) -> set[str]:
    rows = state.view.rows_of(identities).tolist()
    return {str(state.view.table.card(row).id) for row in rows}


def _fault(given: CandidateIn, kinds: dict[str, Kind]) -> InputError | None:
    """What is wrong with the columns."""
    for column, value in given.metadata.items():
        kind = kinds.get(column) if column != "location" else None
        if kind is None:
            known = sorted(name for name in kinds if name != "location")
            return InputError(
                f"metadata: there is no column {column!r}; there are: {', '.join(known) or 'none'}.",
                details={"known": known},
            )
        if isinstance(value, str) != (kind == "text"):
            return InputError(f"metadata: the column {column!r} holds {kind}s; give a {kind}.")
    return None


def _clean(given: CandidateIn) -> Candidate:
    """The candidate by the rules of training: sections in fields of their own, no personal data."""
    raw = Candidate(
        **{
            **given.model_dump(exclude={"metadata", "skills"}),
            "skills": tuple(dict.fromkeys(skill.strip() for skill in given.skills if skill.strip())),
            "updated_at": given.updated_at or _now(),
            "metadata": tuple(given.metadata.items()),
        }
    )
    return scrubbed(sectioned(raw, Counter()), Counter())


def _candidates(release: Release) -> CandidateIndex:
    candidates = release.candidates
    if candidates is None:
        raise _no_index(release)
    return candidates


def _following(release: Release) -> FollowedCandidates:
    if release.following is None:
        raise _no_index(release)
    return release.following


def _no_index(release: Release) -> UnknownNameError:
    return UnknownNameError(f"Release {release.name} has no candidates index; run 'embedsvc reindex'.")


def _row(candidates: CandidateIndex, identity: str) -> int:
    rows = candidates.rows_of([identity])
    if not len(rows):
        raise _unknown(identity)
    return int(rows[-1])


def _unknown(identity: str) -> UnknownCandidateError:
    return UnknownCandidateError(f"There is no candidate {identity[:100]!r}; check the id.")


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
