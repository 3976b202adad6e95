"""Cleaning one candidate: no personal data, no other language, nothing that breaks on hostile text."""

from __future__ import annotations

import builtins
import sys
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from embedsvc.errors import OptionalDependencyError, RecipeError
from training.corpus import Candidate
from training.preparation.clean_corpus import candidate_of
from training.preparation.cleaning import Cleaner, row_of

TEXTS = ("title", "summary", "experience", "education", "projects")
GERMAN = "Ich habe zehn Jahre lang als Krankenpfleger in einer Klinik gearbeitet und Patienten versorgt. " * 2
ENGLISH = (
    "For ten years I worked as a nurse in a hospital, took care of patients and trained new nurses. " * 2
)


def cleaned(candidate: Candidate, *languages: str) -> tuple[Candidate | None, dict[str, int]]:
    cleaner = Cleaner(languages)
    return cleaner.clean(candidate), dict(cleaner.counts)


def test_every_field_is_plain_text_without_personal_data() -> None:
    raw = {field: f"<p>{field}&nbsp;of Asha Verma</p> mail asha@example.org, Python" for field in TEXTS}
    person = Candidate(
        id="1", skills=("PHP", "asha@example.org", "Call +49 170 5551234"), label="it", updated_at="2024",
        location="12 Elm Street", name="Asha Verma", **raw,
    )  # fmt: skip

    got, counts = cleaned(person)

    assert got is not None
    for field in TEXTS:
        assert getattr(got, field).replace(",", "").split() == [field, "of", "mail", "Python"]
    assert got.skills == ("PHP", "Call")
    assert (got.id, got.label, got.updated_at, got.location, got.name) == ("1", "it", "2024", "", "")
    assert counts["private.email"] == 6
    assert counts["private.phone"] == 1
    assert counts["private.name"] == 5


def test_a_name_that_is_a_skill_stays() -> None:
    got, _ = cleaned(Candidate(id="1", summary="Julia Roy writes Julia", skills=("Julia",), name="Julia Roy"))
    assert got is not None
    assert got.summary.split() == ["Julia", "writes", "Julia"]


@pytest.mark.parametrize("text", ["", " ", "<br>", "\u200b", "\x00\x01", "asha@example.org"])
def test_a_candidate_of_whom_nothing_is_left_is_empty(text: str) -> None:
    got, counts = cleaned(Candidate(id="1", title=text, summary=text, skills=()))
    assert got is None
    assert counts["empty"] == 1


@pytest.mark.parametrize(
    ("text", "languages", "other"),
    [
        (ENGLISH, ("en",), None),
        (GERMAN, ("en",), "de"),
        (GERMAN, ("en", "de"), None),
        (GERMAN, (), None),
        ("Krankenpfleger", ("en",), None),
        (
            "Java, SQL, Spring Boot, Hibernate, Oracle 11g, Linux, Jenkins, Git, Maven, Docker, Kubernetes",
            ("en",),
            None,
        ),
    ],
)
def test_other_languages_are_left_out_where_that_is_sure(
    text: str, languages: tuple[str, ...], other: str | None
) -> None:
    got, counts = cleaned(Candidate(id="1", experience=text), *languages)

    assert (got is None) == (other is not None)
    assert counts.get("other_language", 0) == (other is not None)
    assert counts.get(f"language.{other}", 0) == (other is not None)


def test_an_unknown_language_is_refused() -> None:
    with pytest.raises(RecipeError, match=r"cleaning\.languages: english, xx is no language that is known"):
        Cleaner(("xx", "en", "english"))


def test_without_the_library_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def refuse(name: str, *rest: Any) -> Any:
        if name.startswith("py3langid"):
            raise ImportError(name)
        return real(name, *rest)

    monkeypatch.delitem(sys.modules, "py3langid.langid", raising=False)
    monkeypatch.setattr(builtins, "__import__", refuse)
    with pytest.raises(OptionalDependencyError, match=r"pip install 'embedsvc\[languages\]'"):
        Cleaner(("en",))


@pytest.mark.parametrize(
    "text",
    [
        "<div>" * 100_000 + "PHP" + "</div>" * 100_000,
        "PHP\x00" * 100,
        "half \ud83d a character, PHP \udc00",
        "PHP " + "a" * 1_000_000,
        "PHP " + "1" * 1_000_000,
        "PHP " + "@" * 1_000_000,
        "PHP " + " - " * 300_000,
        "PHP " + "\u2022" * 300_000,
        "PHP " + "\u0301" * 300_000,
        "PHP " + "A. " * 300_000,
        "PHP " + "Skills:\n" * 100_000,
        "PHP. " + "Built services in Java for banks. " * 1_500_000,
    ],
    ids=["bomb", "nul", "surrogates", "a", "1", "@", "-", "bullet", "accent", "A.", "heading", "50 MB"],
)
def test_hostile_texts_end_and_can_be_written(text: str) -> None:
    person = Candidate(id="1\ud800", summary=text, skills=("PHP\udfff", "SQL"), label="it\ud800")

    batch = Cleaner().batch([row_of(person, True)])

    got, searchable = candidate_of(batch.lines)
    assert (got.id, got.label, got.skills, searchable) == ("1", "it", ("PHP", "SQL"), True)
    assert "PHP" in got.summary
    assert len(batch.fingerprints) == len(batch.dates) == 8


@given(st.text(), st.text(), st.lists(st.text(), max_size=3))
def test_whatever_is_read_can_be_written(text: str, name: str, skills: list[str]) -> None:
    batch = Cleaner().batch([row_of(Candidate("1", text, text, tuple(skills), name=name, label=text), False)])
    assert batch.lines.count(b"\n") == batch.telling.count(b"\x00") + batch.telling.count(b"\x01")
