"""What is held back: the split that a release keeps, and texts that somebody of the train part wrote too."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from embedsvc.errors import LeakError
from embedsvc.releases import Store, layout
from tests.training import toy
from training.corpus.split import part_of
from training.pipeline import Pipeline
from training.preparation.held_back import (
    check_held_back,
    hashes,
    held_part,
    set_apart,
    set_lists_apart,
    text_hash,
    write_split,
)
from training.preparation.prepared_corpus import PreparedCorpus
from training.progress import Quiet

KEYS = np.random.default_rng(1).integers(0, 2**63, 2_000, dtype=np.uint64)


def test_the_split_says_the_part_of_every_group(tmp_path: Path) -> None:
    write_split(np.concatenate([KEYS, KEYS[:500]]), 0.05, 0.1, 3, tmp_path)

    expected = [part_of(key, dev_share=0.05, test_share=0.1, seed=3) for key in KEYS.tolist()]
    assert [held_part(tmp_path, key) for key in KEYS.tolist()] == expected
    description = json.loads((tmp_path / "split.json").read_text())
    assert description == {
        "seed": 3,
        "dev_share": 0.05,
        "test_share": 0.1,
        "groups": {part: expected.count(part) for part in ("train", "dev", "test")},
    }
    assert len(np.load(tmp_path / "test.npy")) == expected.count("test") > 150


def test_a_hash_of_a_group_is_not_the_group(tmp_path: Path) -> None:
    write_split(KEYS, 0.05, 0.1, 3, tmp_path)

    for part in ("dev", "test"):
        held = np.load(tmp_path / f"{part}.npy")
        assert held.dtype == np.uint64
        assert held.tolist() == sorted(set(held.tolist()))
        assert not np.isin(held, KEYS).any()


def test_without_shares_nothing_is_held_back(tmp_path: Path) -> None:
    write_split(KEYS, 0.0, 0.0, 1, tmp_path)

    assert held_part(tmp_path, int(KEYS[0])) == "train"
    assert json.loads((tmp_path / "split.json").read_text())["groups"] == {
        "train": 2_000,
        "dev": 0,
        "test": 0,
    }


def documents(folder: Path, *rows: tuple[str, bool, str]) -> Path:
    path = folder / "documents.jsonl"
    path.write_text(
        "".join(json.dumps({"part": part, "kept": kept, "text": text}) + "\n" for part, kept, text in rows)
    )
    return path


def rows(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


ROWS = (
    ("train", True, "java sql"),
    ("test", True, "java sql"),
    ("test", True, "java"),
    ("dev", False, "java sql"),
    ("dev", True, "java sql"),
    ("dev", True, ""),
)
TRAINED = hashes(text_hash("java sql") + text_hash("") + text_hash("cobol") + text_hash("java sql"))


def test_texts_that_were_trained_on_are_set_apart(tmp_path: Path) -> None:
    path = documents(tmp_path, *ROWS)

    taken = set_apart(path, TRAINED)

    assert taken == {"test": 1, "dev": 1}
    assert [row["kept"] for row in rows(path)] == [True, False, True, False, False, True]
    assert [row["text"] for row in rows(path)] == [text for _, _, text in ROWS]
    assert set_apart(path, TRAINED) == {}
    assert [file.name for file in tmp_path.iterdir()] == ["documents.jsonl"]


def test_lists_that_were_trained_on_are_taken_out(tmp_path: Path) -> None:
    lists, held = tmp_path / "lists.txt", tmp_path / "held_lists.txt"
    lists.write_text("java sql\nphp mysql\n")
    held.write_text("sql java\nphp mysql\njava sql\njava sql cobol\n")

    assert set_lists_apart(lists, held) == 2
    assert held.read_text() == "sql java\njava sql cobol\n"
    assert set_lists_apart(lists, held) == 0


def test_to_judge_by_one_is_an_error(tmp_path: Path) -> None:
    path = documents(tmp_path, *ROWS)
    (tmp_path / "lists.txt").write_text("java sql\n")
    (tmp_path / "held_lists.txt").write_text("java sql cobol\n")
    np.save(tmp_path / "trained.npy", TRAINED)

    with pytest.raises(LeakError, match="2 documents of the dev and test parts") as raised:
        check_held_back(tmp_path)

    assert raised.value.details == {"documents": 2}
    assert "java" not in str(raised.value)
    set_apart(path, TRAINED)
    check_held_back(tmp_path)
    (tmp_path / "held_lists.txt").write_text("java sql cobol\njava sql\n")
    with pytest.raises(LeakError, match="1 skill lists of the dev and test parts were trained on") as raised:
        check_held_back(tmp_path)
    assert raised.value.details == {"skill lists": 1}


def test_hashes_are_sorted_and_each_once() -> None:
    assert len(TRAINED) == 2
    assert TRAINED[0] < TRAINED[1]
    assert set(TRAINED.tolist()) == {int.from_bytes(text_hash(text)) for text in ("java sql", "cobol")}
    assert hashes(b"").tolist() == []


def test_who_wrote_the_same_few_words_is_judged_by_in_no_run(tmp_path: Path) -> None:
    """Candidates with other numbers and the same skills: other groups, and the same tokens."""
    records = toy.candidates(150)
    for number in range(60):
        records.append({"id": f"same{number}", "title": "Clerk", "skills": ["PHP", f"unheard of {number}"]})
    toy.write(tmp_path / "candidates.jsonl", records)
    pipeline = Pipeline(toy.recipe(tmp_path), Quiet())

    result = pipeline.run()

    corpus = PreparedCorpus(pipeline.corpus)
    same = [each for each in corpus.documents() if each.id.startswith("same")]
    held = [each for each in same if each.part != "train"]
    assert len({each.text for each in same}) == 1
    assert len(held) >= 2
    assert [each.kept for each in held] == [False] * len(held)
    assert all(each.searchable for each in held)
    report = corpus.report()
    assert report.held_copies == len(held)
    assert report.documents["test"] == sum(each.kept for each in corpus.documents() if each.part == "test")
    manifest = Store(pipeline.located.store).manifest(result.release)
    names = {name for name in manifest.files if name.startswith(f"{layout.SPLIT}/")}
    assert names == {f"{layout.SPLIT}/{name}" for name in ("split.json", "dev.npy", "test.npy")}


def test_a_corpus_changed_by_hand_is_not_judged_by(tmp_path: Path) -> None:
    toy.write(tmp_path / "candidates.jsonl", toy.candidates())
    pipeline = Pipeline(toy.recipe(tmp_path), Quiet())
    learnt = next(each for each in PreparedCorpus(pipeline.corpus).documents() if each.part == "train")
    path = pipeline.corpus / "documents.jsonl"
    changed = [json.loads(line) for line in path.read_text().splitlines()]
    for row in changed:
        if row["part"] == "test":
            row["text"] = learnt.text
    path.write_text("".join(json.dumps(row) + "\n" for row in changed))

    with pytest.raises(LeakError, match="remove the work folder's `corpus-"):
        pipeline.run()
