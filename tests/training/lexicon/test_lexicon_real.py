"""The lexicon of real candidates: what a recruiter must find in it, and must not."""

import gzip
from collections.abc import Iterator
from pathlib import Path

import orjson
import pytest

from embedsvc.text import Tokenizer, clean_text
from training.lexicon.mining import MinedLexicon
from training.lexicon.mining import mine_lists as mine

FILES = ("skills_jd_skill2vec", "cv_it_multilabel", "cv_livecareer")


def skill_lists(folder: Path) -> Iterator[list[str]]:
    for name in FILES:
        with gzip.open(folder / f"{name}.jsonl.gz", "rb") as lines:
            for line in lines:
                yield orjson.loads(line)["skills"]


@pytest.fixture(scope="module")
def mined(real_data: Path) -> MinedLexicon:
    return mine(skill_lists(real_data), min_candidates=5)


def test_its_size_is_known(mined: MinedLexicon) -> None:
    assert mined.report.lists == 52_651
    assert 11_000 < mined.report.skills < 12_000
    assert 750 < mined.report.merged < 950


@pytest.mark.parametrize(
    "skill",
    [
        "c", "c++", "c#", "r", "go", "f#", "node.js", "pl/sql", "marketing", "junit",
        "machine learning", "seo", "payroll", "php", "user experience", "accounts payable",
        "nursing", "clinical trials", "3d",
    ],
)  # fmt: skip
def test_skills_are_there(mined: MinedLexicon, skill: str) -> None:
    match = mined.lexicon.find(skill)
    assert match is not None
    assert match.step == "exact"


@pytest.mark.parametrize(
    "junk",
    [
        "and", "the", "it", "be", "knowledge", "experience", "tools", "fresher", "bba fresher",
        "etc", "2008", "m", "management", "desk", "mumbai", "gurgaon", "jobs in chennai", "skills",
    ],
)  # fmt: skip
def test_junk_is_not(mined: MinedLexicon, junk: str) -> None:
    assert mined.lexicon.row_of_token(junk.replace(" ", "_")) is None


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("reactjs", "React.js"),
        ("web services", "web service"),
        ("aws", "Amazon Web Services"),
        ("ecommerce", "e-commerce"),
        ("plsql", "PL/SQL"),
        ("data modeling", "data modelling"),
        ("asp.net", "ASP dot net"),
        ("project management", "project managment"),
        ("sem", "search engine marketing"),
        ("ppc", "pay per click"),
        ("gcp", "good clinical practices"),
    ],
)
def test_spellings_meet(mined: MinedLexicon, one: str, other: str) -> None:
    first, second = mined.lexicon.find(one), mined.lexicon.find(other)
    assert first is not None
    assert second is not None
    assert first.row == second.row


def test_distinct_names_stay_distinct(mined: MinedLexicon) -> None:
    names = ["c", "c++", "c#", "java", "javascript", "jython", "python", "jquery", "sql", "spring", "sprint"]
    found = [mined.lexicon.find(name) for name in names]
    assert len({match.row for match in found if match is not None}) == len(names)


def test_no_form_is_below_the_floor(mined: MinedLexicon) -> None:
    assert min(skill.candidates for skill in mined.lexicon) >= 5
    assert min(alias.candidates for skill in mined.lexicon for alias in mined.lexicon.aliases(skill.row)) >= 5


def test_real_text_gets_its_skills(real_data: Path, mined: MinedLexicon) -> None:
    tokenizer = Tokenizer(mined.lexicon)
    text = clean_text("Built React JS front-ends; stored procedure tuning in SQL Server 2008 (PL/SQL).")
    assert tokenizer.tokens(text) == [
        "built", "reactjs", "front_end", "stored_procedures", "tuning", "in", "sql_server_2008", "pl/sql",
    ]  # fmt: skip
