"""Changes made at the service meet a re-index: taken over, kept while it runs, never undone."""

from __future__ import annotations

from pathlib import Path

import pytest

from embedsvc.errors import ErasedCandidateError, StoreError
from embedsvc.queries import candidate, erase_candidate, put_candidate, search
from embedsvc.releases import Store
from embedsvc.releases.changes import Put
from embedsvc.releases.erasure import holding_erased, prove
from embedsvc.releases.opening import Release, open_release
from embedsvc.schemas import CandidateIn, SearchRequest
from tests.training import toy
from training import reindex as reindexing
from training.progress import Quiet
from training.reindex import reindex


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return toy.served(tmp_path_factory.mktemp("changing"), toy.candidates(60))


@pytest.fixture
def folder(trained: Path, tmp_path: Path) -> Path:
    return toy.copied(trained, tmp_path)


def found(release: Release) -> set[str]:
    (result,) = search(release, SearchRequest(queries=["PHP and MySQL"], k=200)).results
    return {hit.id for hit in result.hits or []}


def person(identity: str, title: str, updated_at: str = "2026-05-05") -> CandidateIn:
    return CandidateIn(id=identity, title=title, summary="Worked with PHP.", updated_at=updated_at)


def journalled(folder: Path) -> list[str]:
    _, changes = Store(folder / "store").journal.reader().read()
    return [change.candidate.id for change in changes if isinstance(change, Put)]


def test_a_reindex_takes_changes_over_and_leaves_out_what_the_sources_hold(folder: Path) -> None:
    before = toy.live(folder)
    everybody = {f"c{number}" for number in range(60)}
    assert found(before) == everybody
    put_candidate(before, person("c1", "Newer than the source"))
    put_candidate(before, person("c2", "Older than the source", "2025-01-01"))
    put_candidate(before, person("guest", "In no source"))
    erase_candidate(before, "c3")
    reindex(toy.recipe(folder), Quiet())
    after = toy.live(folder)
    assert after.name != before.name
    assert after.candidates is not None
    assert len(after.candidates.table) == len(everybody)  # one erased, one put in, and nothing laid over it
    assert found(after) == found(before) == everybody - {"c3"} | {"guest"}
    titles = [candidate(after, identity).title for identity in ("c1", "c2", "guest")]
    assert titles[0] == "Newer than the source"
    assert titles[1].endswith("Specialist")
    assert titles[2] == "In no source"
    # The sources hold as new a version of c2 alone; the others are needed by the next re-index.
    assert journalled(folder) == ["c1", "guest"]
    toy.write(folder / "candidates.jsonl", [{**each, "updated_at": "2026-06"} for each in toy.candidates(60)])
    reindex(toy.recipe(folder), Quiet())
    assert found(toy.live(folder)) == everybody - {"c3"} | {"guest"}
    assert candidate(toy.live(folder), "c1").title.endswith("Specialist")
    assert journalled(folder) == ["guest"]
    with pytest.raises(ErasedCandidateError):
        put_candidate(toy.live(folder), person("c3", "Again"))
    # Only the first release still holds who was erased; without it nothing is left.
    store = Store(folder / "store")
    proof = prove(store, "c3")
    assert {trace.place for trace in proof.traces} == {before.name} == {*holding_erased(store)}
    store.remove([before.name])
    assert prove(store, "c3").holds
    assert not prove(store, "c4").holds
    with pytest.raises(StoreError, match="is active"):
        store.remove([toy.live(folder).name])


def test_what_comes_while_the_job_runs_is_kept(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store, build = Store(folder / "store"), reindexing.index_recall

    def meanwhile(*arguments: object) -> object:
        put_candidate(toy.live(folder), person("late", "Came late"))
        put_candidate(toy.live(folder), person("c5", "Changed late"))
        erase_candidate(toy.live(folder), "c4")
        return build(*arguments)  # type: ignore[arg-type]

    put_candidate(toy.live(folder), person("early", "Came early"))
    monkeypatch.setattr(reindexing, "index_recall", meanwhile)
    result = reindex(toy.recipe(folder), Quiet())
    assert store.manifest(result.release).notes["changes"] == {"through": 1}
    after = toy.live(folder)
    assert {"late", "early", "c5"} <= found(after)
    assert "c4" not in found(after)
    assert candidate(after, "c5").title == "Changed late"
    monkeypatch.undo()
    reindex(toy.recipe(folder), Quiet())
    assert {"late", "early", "c5"} <= found(toy.live(folder))
    assert "c4" not in found(toy.live(folder))
    # Back at the first release nobody who was erased is found.
    store.rollback()
    store.rollback()
    assert "c4" not in found(toy.live(folder))


def test_training_leaves_out_who_was_erased_and_reads_the_sources_again(folder: Path) -> None:
    erase_candidate(toy.live(folder), "c7")
    put_candidate(toy.live(folder), person("guest", "Put in"))
    result, _ = toy.train(toy.recipe(folder))
    again, recorder = toy.train(toy.recipe(folder))
    assert again.release == result.release
    assert recorder.made == []
    release = open_release(Store(folder / "store"), result.release)
    assert "c7" not in found(release)
    assert "guest" in found(release)
    corpus = b"".join(path.read_bytes() for path in (folder / "work").glob("corpus-*/*.*"))
    assert b"report8" in corpus
    assert b"report7 " not in corpus


def test_a_release_that_waits_takes_nothing_from_the_live_one(folder: Path) -> None:
    before = toy.live(folder)
    put_candidate(before, person("c2", "Older than the source", "2025-01-01"))
    put_candidate(before, person("guest", "In no source"))
    made = reindex(toy.recipe(folder), Quiet(), activate=False)
    assert toy.live(folder).name == before.name == made.parent
    assert journalled(folder) == ["c2", "guest"]
    assert candidate(toy.live(folder), "guest").title == "In no source"
    Store(folder / "store").activate(made.release)
    after = toy.live(folder)
    assert after.name == made.release
    assert found(after) == {f"c{number}" for number in range(60)} | {"guest"}
    assert candidate(after, "c2").title.endswith("Specialist")
