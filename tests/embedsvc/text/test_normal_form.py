import pytest
from hypothesis import given
from hypothesis import strategies as st

from embedsvc.text import normal_form

surfaces = st.text(max_size=30)


@pytest.mark.parametrize(
    ("key", "spellings"),
    [
        ("reactjs", ["ReactJS", "react.js", "React JS", "react-js", "REACT_JS", "React . js"]),
        ("dotnet", [".NET", "dot net", "DotNet", ".net"]),
        ("aspdotnet", ["ASP.NET", "asp .net", "asp dot net"]),
        ("vbdotnet", ["VB.NET", "vb .net"]),
        ("nodejs", ["Node.js", "NodeJS", "node js"]),
        ("plsql", ["PL/SQL", "plsql", "PL-SQL", "pl / sql"]),
        ("randd", ["R&D", "R and D", "r & d"]),
        ("msexcel", ["Ms-Excel", "MS Excel"]),
        ("3dmax", ["3D Max", "3d-max"]),
        ("ecommerce", ["e-commerce", "ecommerce", "E Commerce"]),
        ("c", ["C", "c", " C "]),
        ("c++", ["C++", "c ++"]),
        ("c#", ["C#", "c #"]),
        ("f#", ["F#"]),
        ("r", ["R"]),
        ("go", ["Go", "GO"]),
        ("a+", ["A+"]),
        ("resume", ["résumé", "RESUME"]),
        ("strasse", ["Straße", "STRASSE"]),
        ("internetworking", ["Internetworking"]),
        ("हिन्दी", ["हिन्दी"]),
        ("***", ["***", "* * *"]),
    ],
)
def test_spellings_share_a_key(key: str, spellings: list[str]) -> None:
    assert [normal_form(spelling) for spelling in spellings] == [key] * len(spellings)


@given(surfaces)
def test_idempotent(surface: str) -> None:
    assert normal_form(normal_form(surface)) == normal_form(surface)


@given(surfaces.filter(lambda s: any(c.isprintable() and not c.isspace() for c in s)))
def test_never_empty_for_something_visible(surface: str) -> None:
    assert normal_form(surface)


@given(st.text(alphabet=st.characters(codec="latin-1"), max_size=30))
def test_stable_under_case_and_spacing(surface: str) -> None:
    key = normal_form(surface)
    assert normal_form(surface.lower()) == key
    assert normal_form(surface.casefold()) == key
    assert normal_form(f"  {surface}\t") == key
    assert normal_form(" ".join(surface)) == key
