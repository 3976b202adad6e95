"""The clean corpus: the same bytes by any number of processes, flat memory, duplicates kept together."""

from __future__ import annotations

import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest

from embedsvc.errors import EmptyCorpusError
from embedsvc.queries import search
from embedsvc.releases import Store
from embedsvc.releases.opening import open_release
from embedsvc.schemas import SearchRequest
from embedsvc.text import Lexicon, Skill
from tests.training import toy
from training.corpus import Candidate
from training.corpus.fields import CandidateBuilder, FieldMapping
from training.corpus.generator.candidates import Candidates
from training.corpus.generator.loading import load_catalogue
from training.pipeline import Pipeline
from training.preparation.clean_corpus import CleanCorpus, clean
from training.preparation.funnel import funnel
from training.preparation.prepared_corpus import PreparedCorpus
from training.preparation.preparer import Rules, prepare
from training.progress import Quiet
from training.recipe import CleaningSection
from training.reindex import reindex

ROOT = Path(__file__).resolve().parents[2]
LEXICON = Lexicon([Skill(0, "Java", "java", 9), Skill(1, "Machine Learning", "machine_learning", 8)])
SOURCE = Candidates(load_catalogue(), 5)


def generated(count: int, *, pause: float = 0.0) -> Iterator[tuple[Candidate, bool]]:
    builder = CandidateBuilder(FieldMapping())
    for number in range(count):
        if number == count // 2:
            time.sleep(pause)  # so that other processes have begun
        yield builder.build(SOURCE.row(number), str(number)), number % 5 > 0


def made(
    folder: Path, *, workers: int = 1, count: int = 1_500, pause: float = 0.0
) -> tuple[CleanCorpus, PreparedCorpus]:
    for name in ("lexicon", "clean", "corpus"):
        (folder / name).mkdir(parents=True)
    LEXICON.save(folder / "lexicon")
    cleaned, _ = clean(generated(count, pause=pause), CleaningSection(workers=workers), folder / "clean")
    return cleaned, prepare(cleaned, folder / "lexicon", folder / "corpus", Rules(0.2, 0.2), workers=workers)


def bytes_in(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_any_number_of_processes_gives_the_same_bytes(tmp_path: Path) -> None:
    made(tmp_path / "one")
    made(tmp_path / "two", workers=2, pause=2.0)

    files = bytes_in(tmp_path / "one")
    assert len(files) > 7
    assert bytes_in(tmp_path / "two") == files


def test_what_was_written_is_read_again(tmp_path: Path) -> None:
    cleaned, _ = made(tmp_path, count=50)

    everybody = list(cleaned.candidates(all_of_a_group=True))

    assert len(cleaned) == len(everybody) == 50
    assert [candidate.id for candidate, _ in everybody] == [SOURCE.row(number)["id"] for number in range(50)]
    assert [searchable for _, searchable in everybody] == [number % 5 > 0 for number in range(50)]
    assert all("<" not in candidate.summary for candidate, _ in everybody)
    assert [candidate.location for candidate, _ in everybody] == [
        SOURCE.row(n)["location"] for n in range(50)
    ]


def test_a_group_is_in_one_part_and_one_of_it_is_learned_from(tmp_path: Path) -> None:
    _, corpus = made(tmp_path)
    documents = {document.id: document for document in corpus.documents()}

    groups: dict[int, list[int]] = defaultdict(list)
    for number in range(1_500):
        original = SOURCE.reposted(number)
        groups[number if original is None else original].append(number)
    several = [members for members in groups.values() if len(members) > 1]
    parts = set()
    for members in several:
        of_group = [documents[SOURCE.row(number)["id"]] for number in members]
        assert len({document.part for document in of_group}) == 1
        newest = max(of_group, key=lambda document: document.updated_at).updated_at
        assert [document.updated_at for document in of_group if document.kept] == [newest]
        parts.add(of_group[0].part)
    assert parts == {"train", "dev", "test"}
    assert corpus.copies("test") == {
        number for number, document in documents.items() if document.part == "test" and not document.kept
    }
    kept = sum(document.kept for document in documents.values())
    assert kept == len(groups)
    assert sum(corpus.report().documents.values()) == kept
    for part in ("train", "test"):
        assert {document.kept for document in corpus.sample(part, 10_000)} == {True}


def test_duplicates_leave_search_where_that_is_asked_for(tmp_path: Path) -> None:
    cleaned, corpus = made(tmp_path)
    (tmp_path / "dropped").mkdir()
    rules = Rules(0.2, 0.2, drop_duplicates=True)

    dropped = prepare(cleaned, tmp_path / "lexicon", tmp_path / "dropped", rules)

    found = {document.id for document in corpus.documents() if document.searchable}
    left = {document.id for document in dropped.documents() if document.searchable}
    assert left == {document.id for document in corpus.documents() if document.searchable and document.kept}
    assert len(found) > len(left)
    assert dropped.text.read_bytes() == corpus.text.read_bytes()


def test_a_release_finds_all_copies_or_one(tmp_path: Path) -> None:
    people = toy.candidates()
    for number in range(5):
        people.append(people[7] | {"id": f"copy{number}", "updated_at": f"2026-02-0{number + 1}"})
    toy.write(tmp_path / "candidates.jsonl", people)

    for drop, copies in ((False, 6), (True, 1)):
        located = toy.recipe(tmp_path, cleaning={"drop_duplicates": drop})
        result, _ = toy.train(located)
        store = Store(located.store)
        store.activate(result.release)
        names = [result.release, reindex(located, Quiet()).release]
        for name in names:
            asked = SearchRequest(queries=[people[7]["summary"]], k=160)
            (found,) = search(open_release(store, name), asked).results
            ids = {hit.id for hit in found.hits or []}
            assert len(ids & {"c7", *(f"copy{number}" for number in range(5))}) == copies
            assert ("copy4" in ids) is True
        assert result.report["cleaning"]["exact_duplicates"] == 5
        assert result.report["lexicon"]["lists"] == result.report["cleaning"]["kept"]


def test_memory_does_not_grow_with_the_corpus(tmp_path: Path) -> None:
    def peak(count: int) -> int:
        folder = tmp_path / str(count)
        folder.mkdir()
        job = [sys.executable, "-m", "tests.training.measured_corpus", str(count), str(folder)]
        return int(subprocess.run(job, cwd=ROOT, capture_output=True, check=True, timeout=300).stdout)

    assert peak(5_000) < 1.2 * peak(500)


def test_a_corpus_in_another_language_is_refused(tmp_path: Path) -> None:
    people = toy.candidates()
    for person in people:
        person["experience"] += " I worked as a nurse in a hospital and took care of patients for ten years."
    toy.write(tmp_path / "candidates.jsonl", people)

    with pytest.raises(
        EmptyCorpusError, match="None of the 150 candidates has any text in the languages wanted"
    ):
        toy.train(toy.recipe(tmp_path, cleaning={"languages": ["de"]}))


def test_skills_are_learned_from_candidates_in_one_text(tmp_path: Path) -> None:
    people = [
        {"id": person["id"], "text": f"{person['summary']}\nKey Skills\n{', '.join(person['skills'])}\n"}
        for person in toy.candidates()
    ]
    toy.write(tmp_path / "candidates.jsonl", people)
    sources = [{"path": "candidates.jsonl", "preset": "flat"}]

    report = Pipeline(toy.recipe(tmp_path, corpus={"sources": sources}), Quiet()).prepare()

    assert report["cleaning"]["section.skills"] == 150
    assert report["lexicon"]["skills"] == 12
    assert report["corpus"]["lists"] == 150


def test_the_funnel_counts_every_step(tmp_path: Path) -> None:
    people = toy.candidates()
    for number, person in enumerate(people):
        # So that nobody is somebody else's duplicate by chance.
        person["projects"] = " ".join(f"p{number}x{word}" for word in range(20))
    people[0]["summary"] += " Mail a@example.org, call +49 170 5551234."
    people.append(people[1] | {"id": "again"})
    people.append(people[2] | {"id": "nearly", "experience": people[2]["experience"] + " Now."})
    people.append({"id": "nobody"})
    toy.write(tmp_path / "candidates.jsonl", people)
    with (tmp_path / "candidates.jsonl").open("a") as file:
        file.write("{no json\n")

    report = Pipeline(toy.recipe(tmp_path), Quiet()).prepare()
    steps = {step.step: step for step in funnel(report)}

    assert {name: steps[name].count for name in steps if steps[name].count and "part" not in name} == {
        "lines read": 154,
        "bad lines": 1,
        "candidates": 153,
        "empty": 1,
        "exact duplicates": 1,
        "near-duplicates": 1,
        "kept to train on": 150,
        "characters": report["cleaning"]["characters"],
        "personal data taken out: email": 1,
        "personal data taken out: phone": 1,
        "sentences to train on": report["corpus"]["sentences"],
        "tokens to train on": report["corpus"]["tokens"],
        "skill mentions among them": report["corpus"]["mentions"],
        "skill lists": 150,
        "with a label": 152,
        "searchable": 152,
    }
    assert sum(steps[f"part {part}"].count for part in ("train", "dev", "test")) == 150
    assert steps["empty"].share == pytest.approx(1 / 153)
    trained = steps["part train"].count
    assert steps["skill mentions among them"].count >= 4 * trained
