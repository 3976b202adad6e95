"""The Boolean string for a skill: what is in it, why, and that nothing in a form becomes an operator."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from embedsvc.errors import UnknownSkillError
from embedsvc.queries import search_string
from embedsvc.releases.opening import Release
from embedsvc.schemas import SearchStringQuery, SearchStringResponse
from embedsvc.spaces import SifEncoder, Space
from embedsvc.text import Alias, Lexicon, Skill
from indexes import NeighbourTable
from tests.embedsvc.queries.small_release import small_release

SMALL = small_release()


def ask(skill: str, release: Release = SMALL, **options: Any) -> SearchStringResponse:
    return search_string(release, SearchStringQuery(skill=skill, **options))


def test_name_forms_and_similar_skills_with_their_reasons() -> None:
    told = ask("python3")
    assert told.query == (
        '("python" OR "python3" OR ("Py" AND ("django" OR "docker")) OR "python_3" OR "NOT python" '
        'OR "django" OR "flask")'
    )
    assert (told.resolved.skill, told.resolved.step) == ("python", "alias")
    assert [(each.term, each.reason, each.source, each.candidates) for each in told.terms] == [
        ("python", "skill", None, 100),
        ("python3", "alias", "mined", 40),
        ("Py", "alias", "acronym", 20),
        ("python_3", "alias", "mined", 10),
        ("NOT python", "alias", "user", 4),
        ("django", "similar", None, 90),
        ("flask", "similar", None, 80),
    ]
    assert [each.relatedness for each in told.terms[-2:]] == [0.95, 0.9]
    assert [(each.term, each.why) for each in told.omitted] == [
        ('py" OR "x', "unsafe"),
        ("python 3", "same"),
    ]


def test_what_mostly_means_something_else_stands_beside_what_it_is_used_with() -> None:
    told = ask("go", similar=0)
    # salt is used with go most, but means nothing alone either.
    assert told.query == '(("go" AND ("docker" OR "kubernetes")) OR "golang")'
    assert told.terms[0].guarded_by == ["docker", "kubernetes"]
    # Nothing is used with salt: asked for it stands alone, as somebody's neighbour it would be left out.
    assert ask("salt").query == '("salt")'


def test_how_similar_and_how_many() -> None:
    assert [each.term for each in ask("django", least=0.96).terms] == ["django", "flask"]
    assert [each.term for each in ask("django", similar=1).terms] == ["django", "flask"]
    assert [each.term for each in ask("django", similar=0).terms] == ["django"]
    assert [each.term for each in ask("django", least=1.0).terms] == ["django"]


@pytest.mark.parametrize("most", [20, 21, 30, 60, 100, 10_000])
def test_length_is_kept_and_what_is_left_out_is_told(most: int) -> None:
    whole, told = ask("python"), ask("python", max_length=most)
    assert len(told.query) <= most
    assert told.terms[0].term == "python"
    too_long = [each.term for each in told.omitted if each.why == "length"]
    assert {each.term for each in told.terms} | set(too_long) == {each.term for each in whole.terms}


def test_no_such_skill() -> None:
    with pytest.raises(UnknownSkillError):
        ask("qqqqqq")


FORMS = st.text(st.sampled_from("ab\"\\()* ANDORT'“”\n\x00~^:[]{}!?-+/.") | st.characters(), min_size=1)


@given(forms=st.lists(FORMS.filter(lambda form: bool(form.strip())), max_size=6, unique=True))
def test_whatever_candidates_wrote_no_operator_comes_out(forms: list[str]) -> None:
    aliases = [Alias(form, 0, 1, "mined", 0.9, 0.9) for form in forms]
    words = Space("word2vec", ["a"], np.ones(1, np.int64), np.ones((1, 2), np.float32))
    table = NeighbourTable.from_rows(np.full((1, 1), -1), np.zeros((1, 1)))
    odd = Release(
        "odd",
        {},
        Lexicon([Skill(0, "python", "python", 9)], aliases),
        words,
        SifEncoder.fit(words, []),
        {"similar": table},
        None,
        {},
    )
    told = ask("python", odd)
    assert told.query.startswith('("python"')
    # Cut at its quotes, the string is words alone inside and one operator alone between.
    inside, between = told.query.split('"')[1::2], told.query.split('"')[2:-1:2]
    assert set(between) <= {" OR "}
    assert [each.term for each in told.terms] == inside
    assert all(re.fullmatch(r"[\w.+#/&' -]+", term) for term in inside)


def test_every_skill_of_a_trained_release(release: Release) -> None:
    for row in range(0, len(release.lexicon), 7):
        name = release.lexicon[row].name
        told = ask(name, release)
        assert told.terms[0].skill == name
        assert told.query.count('"') == 2 * sum(1 + len(each.guarded_by) for each in told.terms)
        assert (
            told.query.count("(")
            == told.query.count(")")
            == 1 + 2 * sum(bool(each.guarded_by) for each in told.terms)
        )
