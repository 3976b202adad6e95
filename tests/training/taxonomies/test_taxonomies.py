"""ESCO and O*NET: the shape of the official downloads, and what becomes of them in a lexicon."""

from __future__ import annotations

import csv
import gzip
from collections.abc import Iterable
from pathlib import Path

import orjson
import pytest

from embedsvc.errors import CorpusError, SourceNotFoundError
from tests.training import toy
from training.lexicon.mining import mine_lists
from training.taxonomies import Concept, read_esco, read_onet

ESCO_COLUMNS = (
    "conceptType", "conceptUri", "skillType", "reuseLevel", "preferredLabel", "altLabels", "hiddenLabels",
    "status", "modifiedDate", "scopeNote", "definition", "inScheme", "description",
)  # fmt: skip
ONET_COLUMNS = (
    "O*NET-SOC Code",
    "Example",
    "Commodity Code",
    "Commodity Title",
    "Hot Technology",
    "In Demand",
)


def write_esco(path: Path, skills: Iterable[tuple[str, str]]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        rows = csv.DictWriter(file, ESCO_COLUMNS)
        rows.writeheader()
        for label, others in skills:
            rows.writerow(
                {"preferredLabel": label, "altLabels": others, "description": 'Of "all", \n kinds.'}
            )
    return path


def write_onet(path: Path, tools: Iterable[str]) -> Path:
    lines = [
        ONET_COLUMNS,
        *(("11-1011.00", tool, "43232202", "Document software", "N", "N") for tool in tools),
    ]
    path.write_text("".join("\t".join(line) + "\n" for line in lines), encoding="utf-8")
    return path


def test_esco(tmp_path: Path) -> None:
    path = write_esco(
        tmp_path / "skills_en.csv",
        [("manage staff", "supervise  staff\nlead staff\n\nlead staff\nmanage staff"), ("weld, solder", "")],
    )
    assert list(read_esco(path)) == [
        Concept("manage staff", ("supervise staff", "lead staff"), "esco"),
        Concept("weld, solder", (), "esco"),
    ]


def test_onet(tmp_path: Path) -> None:
    path = write_onet(
        tmp_path / "Technology Skills.txt",
        [
            'Autodesk "CAD"',
            "Structured query language SQL",
            "Customer relationship management CRM software",
            "Microsoft SQL",
            "Microsoft SQL",
        ],
    )
    assert list(read_onet(path)) == [
        Concept('Autodesk "CAD"', (), "onet"),
        Concept("Structured query language SQL", ("Structured query language", "SQL"), "onet"),
        Concept(
            "Customer relationship management CRM software",
            ("Customer relationship management software",),
            "onet",
        ),
        Concept("Microsoft SQL", (), "onet"),
    ]


@pytest.mark.parametrize("read", [read_esco, read_onet])
@pytest.mark.parametrize("content", [b"", b"a,b\n1,2\n", b"\xff\xfe\x00", b"Example,preferredLabel\n", b"{}"])
def test_another_file_is_refused_by_name(tmp_path: Path, read, content: bytes) -> None:
    path = tmp_path / "other.csv"
    path.write_bytes(content)
    with pytest.raises(CorpusError, match=r"other\.csv.*official download"):
        list(read(path))


@pytest.mark.parametrize("read", [read_esco, read_onet])
def test_a_missing_file_is_refused_by_name(tmp_path: Path, read) -> None:
    with pytest.raises(SourceNotFoundError, match=r"none\.csv"):
        list(read(tmp_path / "none.csv"))


CONCEPTS = [
    Concept("Java (computer programming)", ("JDK language", "shared name"), "esco"),
    Concept("manage staff", ("supervise staff", "php", "shared name"), "esco"),
    Concept("Manage Staff", ("lead a team",), "onet"),
    Concept("rare thing", (), "esco"),
]


def seeded(source: list[list[str]], **knobs):
    return mine_lists(source, min_candidates=3, concepts=CONCEPTS, **knobs)


def test_a_taxonomy_adds_skills_and_aliases_and_merges_none() -> None:
    mined = seeded([["java"]] * 9 + [["php"]] * 8 + [["rare thing"]] * 2)
    lexicon = mined.lexicon
    assert [(skill.name, skill.candidates) for skill in lexicon] == [
        ("java", 9),
        ("php", 8),
        ("manage staff", 0),
        ("rare thing", 0),  # two candidates are below the floor, and not told
    ]
    assert {
        (a.surface, lexicon[a.row].name, a.source, a.candidates)
        for s in lexicon
        for a in lexicon.aliases(s.row)
    } == {
        ("Java (computer programming)", "java", "esco", 0),
        ("JDK language", "java", "esco", 0),
        ("supervise staff", "manage staff", "esco", 0),
        ("lead a team", "manage staff", "onet", 0),
    }
    assert mined.report.aliases == {"esco": 3, "onet": 1}


def test_what_candidates_write_names_and_counts(tmp_path: Path) -> None:
    lexicon = seeded([["supervise staff"]] * 4 + [["manage staff"]] * 5).lexicon
    assert [(skill.name, skill.candidates) for skill in lexicon][:2] == [
        ("manage staff", 5),
        ("supervise staff", 4),
    ]


def test_the_user_has_the_last_word_over_a_taxonomy(tmp_path: Path) -> None:
    wishes = tmp_path / "aliases.csv"
    wishes.write_text("supervise staff,\nJDK language,manage staff\nphp,manage staff\n")
    lexicon = seeded([["java"]] * 9 + [["php"]] * 8, user_aliases=wishes).lexicon
    assert lexicon.find("supervise staff") is None
    (row,) = {match.row for match in map(lexicon.find, ("JDK language", "php", "manage staff")) if match}
    assert (lexicon[row].name, lexicon[row].candidates) == ("manage staff", 8)
    assert {(a.surface, a.source) for a in lexicon.aliases(row)} == {
        ("php", "user"),
        ("jdk language", "user"),
        ("lead a team", "onet"),
    }


def test_a_recipe_names_them_and_their_content_counts(tmp_path: Path) -> None:
    toy.write(tmp_path / "candidates.jsonl", toy.candidates())
    write_esco(tmp_path / "skills_en.csv", [("keep ledgers", "bookkeeping")])
    write_onet(tmp_path / "tools.txt", ["Ledger software"])
    located = toy.recipe(tmp_path, lexicon={"esco": "skills_en.csv", "onet": "tools.txt"})
    first, _ = toy.train(located)
    counted = first.report["lexicon"]["aliases"]
    assert counted["esco"] == 1
    write_onet(tmp_path / "tools.txt", ["Ledger software", "Other software"])
    second, recorder = toy.train(located)
    assert "lexicon" in recorder.made
    assert second.report["lexicon"]["skills"] == first.report["lexicon"]["skills"] + 1


def test_a_recipe_that_names_a_missing_file_is_refused(tmp_path: Path) -> None:
    toy.write(tmp_path / "candidates.jsonl", toy.candidates())
    with pytest.raises(SourceNotFoundError, match=r"skills_en\.csv"):
        toy.train(toy.recipe(tmp_path, lexicon={"esco": "skills_en.csv"}))


def test_all_of_esco(real_data: Path, tmp_path: Path) -> None:
    with gzip.open(real_data / "gold_esco_skills.jsonl.gz", "rb") as lines:
        rows = [orjson.loads(line) for line in lines]
    path = write_esco(
        tmp_path / "skills_en.csv", [(row["label"], "\n".join(row["alt_labels"] or ())) for row in rows]
    )
    mined = mine_lists([], min_candidates=5, concepts=read_esco(path))
    assert 13_800 < len(mined.lexicon) <= len(rows)
    assert mined.report.aliases["esco"] > 55_000
    assert {skill.candidates for skill in mined.lexicon} == {0}
    found = [mined.lexicon.find(row["label"]) for row in rows]
    assert all(match is not None and match.step == "exact" for match in found)
