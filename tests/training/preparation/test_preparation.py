"""Preparation: what is held back stays out, personal data stays out, a skill is one token."""

from __future__ import annotations

from pathlib import Path

import pytest

from embedsvc.text import Alias, Lexicon, Skill
from tests.training import toy
from training.corpus import Candidate
from training.preparation.clean_corpus import clean
from training.preparation.prepared_corpus import PreparedCorpus
from training.preparation.preparer import Preparer, Rules, prepare
from training.recipe import CleaningSection

LEXICON = Lexicon(
    [
        Skill(0, "machine learning", "machine_learning", 90),
        Skill(1, "php", "php", 80),
        Skill(2, "C++", "c++", 70),
        Skill(3, "accounts payable", "accounts_payable", 60),
    ],
    [Alias("ML", 0, 5, "mined")],
)


def candidate(number: int, **fields: object) -> Candidate:
    return Candidate(**{"id": str(number), "title": "Developer", **fields})  # type: ignore[arg-type]


def prepared(
    folder: Path, *candidates: Candidate, dev: float = 0.0, test: float = 0.0, searchable: bool = True
) -> PreparedCorpus:
    LEXICON.save(folder / "lexicon")
    for name in ("clean", "corpus"):
        (folder / name).mkdir()
    cleaned, _ = clean(
        ((each, searchable) for each in candidates), CleaningSection(workers=1), folder / "clean"
    )
    return prepare(cleaned, folder / "lexicon", folder / "corpus", Rules(dev, test, seed=1))


def test_skills_of_several_words_are_one_token_in_text_and_lists(tmp_path: Path) -> None:
    corpus = prepared(
        tmp_path,
        candidate(
            1,
            title="Machine-Learning Engineer",
            summary="Machine learning in C++. Also <b>Accounts&nbsp;Payable</b>, ML.",
            skills=("ML", "PHP", "machine learning", "unknown skill", "c++"),
        ),
    )

    assert corpus.text.read_text().splitlines() == [
        "machine_learning engineer",
        "machine_learning in c++",
        "also accounts_payable machine_learning",
    ]
    assert corpus.lists.read_text().splitlines() == ["machine_learning php c++"]
    (document,) = corpus.documents()
    assert document.title_tokens == ["machine_learning", "engineer"]
    assert document.tokens == [
        "machine_learning", "in", "c++", "also", "accounts_payable", "machine_learning",
        "machine_learning", "php", "c++",
    ]  # fmt: skip
    assert list(corpus.skill_rows(LEXICON)) == [[0, 1, 2]]


def test_texts_held_back_never_reach_what_is_trained_on(tmp_path: Path) -> None:
    people = [
        candidate(
            n, title=f"title{n}x", summary=f"marker{n}x word", skills=("php", "ml", f"skill{n}"), label="it"
        )
        for n in range(300)
    ]

    corpus = prepared(tmp_path, *people, dev=0.2, test=0.2)

    parts = {document.id: document.part for document in corpus.documents()}
    text = set(corpus.text.read_text().split())
    for person in people:
        trained = parts[person.id] == "train"
        assert (f"marker{person.id}x" in text) == trained
    held = [number for number, part in parts.items() if part != "train"]
    assert 80 < len(held) < 160
    assert len(corpus.lists.read_text().splitlines()) == 300 - len(held)
    assert corpus.report().lists == 300
    # Everybody has the same two skills of the lexicon, so that to judge by them would be to ask by heart.
    assert corpus.held_lists.read_text() == ""
    assert {tokens[0] for _, tokens in corpus.labelled("train")} == {
        f"marker{number}x" for number, part in parts.items() if part == "train"
    }
    assert not any("title" in token for _, tokens in corpus.labelled("test") for token in tokens)


def test_the_same_text_is_in_the_same_part(tmp_path: Path) -> None:
    people = [
        candidate(
            100 * copy + n,
            title=f"Title {copy}",
            summary=f"Text {n} " + " " * copy,
            skills=("PHP", "C++")[:: 1 - 2 * copy],
        )
        for n in range(60)
        for copy in (0, 1)
    ]

    corpus = prepared(tmp_path, *people, dev=0.3, test=0.3)

    parts = {int(document.id): document.part for document in corpus.documents()}
    assert all(parts[n] == parts[100 + n] for n in range(60))
    assert set(parts.values()) == {"train", "dev", "test"}


def test_counts(tmp_path: Path) -> None:
    corpus = prepared(
        tmp_path,
        candidate(1, summary="One two. Three four five", skills=("php", "ml"), label="it"),
        candidate(2, title="", experience="alone", skills=("php",)),
        candidate(3, title="Cook"),
    )

    report = corpus.report()
    assert (report.candidates, report.train, report.dev, report.test) == (3, 3, 0, 0)
    assert (report.sentences, report.tokens, report.lists) == (2, 5, 1)
    assert (report.labelled, report.searchable) == (1, 3)
    assert report.mentions == 0
    assert report.documents == {"train": 3, "dev": 0, "test": 0}


def test_who_is_neither_searchable_nor_labelled_is_no_document(tmp_path: Path) -> None:
    corpus = prepared(
        tmp_path,
        candidate(1, summary="job advertisement text", label=None),
        candidate(2, label="it"),
        searchable=False,
    )

    assert [document.id for document in corpus.documents()] == ["2"]
    assert "job advertisement text" in corpus.text.read_text()


@pytest.mark.parametrize(
    ("most", "expected"), [(1000, 100), (100, 100), (99, 99), (51, 51), (40, 40), (1, 1)]
)
def test_a_sample_is_spread_over_the_whole_corpus(tmp_path: Path, most: int, expected: int) -> None:
    corpus = prepared(tmp_path, *(candidate(n, summary=f"text {n}") for n in range(100)))

    ids = [int(document.id) for document in corpus.sample("train", most)]

    assert len(ids) == expected
    assert ids == sorted(ids)
    assert ids[0] < 10
    assert most == 1 or ids[-1] > 90


def test_a_sample_is_of_its_part_alone(tmp_path: Path) -> None:
    corpus = prepared(tmp_path, *(candidate(n, summary=f"text word{n}x") for n in range(100)), test=0.3)

    sampled = list(corpus.sample("test", 10))

    assert len(sampled) == 10
    assert {document.part for document in sampled} == {"test"}
    assert list(corpus.sample("dev", 10)) == []


def test_training_and_re_indexing_see_the_same_document() -> None:
    person = candidate(7, summary="Machine learning. PHP", skills=("c++",), label="it", updated_at="2026")

    document, sentences, skills = Preparer(LEXICON).document(person, "train", searchable=True)

    assert sentences == ["developer", "machine_learning", "php"]
    assert skills == ["c++"]
    assert (document.id, document.title, document.label, document.updated_at) == (
        "7",
        "Developer",
        "it",
        "2026",
    )
    assert document.tokens == ["machine_learning", "php", "c++"]


EMAIL, PHONE, HANDLE = "jane.doe77@example.org", "+49 170 5551234", "linkedin.com/in/jane-doe-77"
SECRETS = [b"jane", b"example.org", b"5551234", b"170 555", b"doe-77", b"doe77"]


def test_personal_data_is_in_no_file_of_a_run(tmp_path: Path) -> None:
    """Planted in every text field of a tenth of the candidates, and in more skill lists than the floor."""
    people = toy.candidates()
    for person in people[::10]:
        for field in ("title", "summary", "experience", "projects", "education"):
            contact = f" Mail {EMAIL} or call {PHONE}, see {HANDLE}. Then more text."
            person[field] = str(person.get(field, "")) + contact
        person["skills"] += [EMAIL, f"PHP {PHONE}", HANDLE, f"contact {EMAIL}"]
        person["location"] = f"Berlin, {EMAIL}"
    toy.write(tmp_path / "candidates.jsonl", people)

    toy.train(toy.recipe(tmp_path))

    written = [
        path for place in ("work", "store") for path in (tmp_path / place).rglob("*") if path.is_file()
    ]
    assert len(written) > 30
    for path in written:
        data = path.read_bytes().lower()
        assert [secret for secret in SECRETS if secret in data] == [], path.relative_to(tmp_path)
    texts = next((tmp_path / "work").glob("corpus-*/text.txt")).read_text()
    assert "then more text" in texts
