import pytest
from hypothesis import given
from hypothesis import strategies as st

from embedsvc.text import clean_text


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        ("plain text stays", "plain text stays"),
        ("<p>Hello <b>Java</b>Script &amp; R&amp;D</p><ul><li>a<li>b</ul>", "Hello JavaScript & R&D\n\na\nb"),
        ("one<br>two<BR/>three", "one\ntwo\nthree"),
        ("<td class='x'>SQL</td><td>Java</td>", "SQL\n\nJava"),
        ("a <script>var x = 1;</script><style>p {}</style><!-- no --> b", "a b"),
        ("List<String> and Map<K, V>", "List<String> and Map<K, V>"),
        ("5 < 6 and 7 > 6", "5 < 6 and 7 > 6"),
        ("&lt;p&gt;escaped&lt;/p&gt; twice", "escaped\ntwice"),
        ("AT&T and R&D", "AT&T and R&D"),
        ("C&#43;&#43; &#x26; caf&eacute;", "C++ & café"),
        ("a\u2013b \u201cq\u201d it\u2019s", 'a-b "q" it\'s'),
        ("Skills: \u2022 Java \u2022 SQL", "Skills:\n- Java\n- SQL"),
        ("Java\u2122 and Oracle\u00ae", "Java and Oracle\u00ae"),
        ("o\ufb03ce \uff23\uff0b\uff0b \u00a0x", "office C++ x"),
        ("zero\u200bwidth soft\u00adhyphen", "zerowidth softhyphen"),
        ("J\x00a\x00v\x00a\ttab\x0cpage\r\nline\rend", "Java tab\npage\nline\nend"),
        ("  a   b  \n\n\n\n  c  ", "a b\n\nc"),
        ("saut\u00c3\u00a9", "saut\u00c3\u00a9"),
        ("lone \ud800 surrogate", "lone surrogate"),
        ("", ""),
    ],
)
def test_clean_text(raw: str, text: str) -> None:
    assert clean_text(raw) == text


@pytest.mark.parametrize(
    "bomb",
    [
        "<div>" * 100_000 + "x" + "</div>" * 100_000,
        "<!-- c -->" + "".join(f"<font color={i}>" for i in range(20_000)) + "x",
        "<!-- c -->" + "<b><p>" * 50_000 + "x",
    ],
)
def test_a_depth_bomb_gives_its_text(bomb: str) -> None:
    assert clean_text(bomb) == "x"


@pytest.mark.parametrize("unit", ["<", "&", "&lt;p", "<p ", " ", "\n ", "a", "\u2022", "<!--", "-", "\ufb03"])
def test_a_million_of_one_thing_ends(unit: str) -> None:
    # A quadratic step would take minutes here.
    cleaned = clean_text(unit * (1_000_000 // len(unit)) + " end")
    assert cleaned.endswith("end") or unit == "<!--"  # a comment never closed swallows the rest


@given(st.text(alphabet=st.characters(exclude_characters="<&")))
def test_cleaning_twice_changes_nothing(raw: str) -> None:
    once = clean_text(raw)
    assert clean_text(once) == once


@given(
    st.text(
        "aeo 1\u00b4\u00a8\u00bd\u2026\u2122\u2022\u2013\u00a0\ufb03\uff23\u2167\u212b"
        "\u0301\u00e9\u4e2d\uf0b7"
    )
)
def test_characters_one_by_one_are_as_good_as_the_whole_text(raw: str) -> None:
    # A mark that joins the character before it makes the whole text go through NFKC at once.
    whole = clean_text(f"{raw}\n\nx\u0323")
    assert whole.removesuffix("x\u0323").strip() == clean_text(raw)


@given(st.text())
def test_no_control_character_and_no_double_space_is_left(raw: str) -> None:
    text = clean_text(raw)
    assert not any(ord(char) < 32 and char != "\n" for char in text)
    assert "  " not in text
    assert "\n\n\n" not in text
