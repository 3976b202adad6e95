"""The command line: what it prints, what it leaves with, and what it says of bad input."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from embedsvc.releases import Store

ENVIRONMENT = {**os.environ, "COLUMNS": "120", "NO_COLOR": "1"}


@dataclass(frozen=True, slots=True)
class Outcome:
    code: int
    out: str
    err: str


def embedsvc(*arguments: str | bytes | Path, cwd: Path | None = None) -> Outcome:
    """Run the real command in a process of its own."""
    command = [sys.executable, "-m", "embedsvc.cli", *arguments]
    done = subprocess.run(command, capture_output=True, cwd=cwd, env=ENVIRONMENT, timeout=300, check=False)
    return Outcome(done.returncode, done.stdout.decode(), done.stderr.decode())


@pytest.fixture
def store(sample, tmp_path) -> Path:
    """A copy of the sample's store, free to change."""
    shutil.copytree(sample.store, tmp_path / "store")
    return tmp_path / "store"


def test_related_prints_a_table_and_json(sample):
    answer = json.loads(embedsvc("related", "PHP", "-k", "5", "--store", sample.store, "--json").out)
    assert answer["release"] == sample.release
    assert answer["resolved"] == {"query": "PHP", "skill": answer["resolved"]["skill"], "step": "exact"}
    assert answer["resolved"]["skill"].lower() == "php"
    names = [other["skill"] for other in answer["related"]]
    assert len(names) == len(set(names)) == 5
    table = embedsvc("related", "PHP", "-k", "5", "--store", sample.store)
    space = embedsvc("related", "PHP", "-k", "1", "--store", sample.store, "--space", "word2vec", "--json")
    assert json.loads(space.out)["space"] == "word2vec"
    assert table.code == 0
    assert all(name in table.out for name in names)


def test_an_unknown_skill_is_refused_with_suggestions(sample):
    outcome = embedsvc("related", "laravell framewrk zz", "--store", sample.store)
    assert outcome.code == 65
    assert outcome.out == ""
    assert outcome.err.startswith("embedsvc: No skill 'laravell framewrk zz' in release ")
    assert outcome.err.count("\n") == 1


def test_k_out_of_range_is_a_usage_error(sample):
    for k, bound in (("0", "greater than or equal to 1"), ("1000000000", "less than or equal to 1000")):
        outcome = embedsvc("related", "php", "-k", k, "--store", sample.store)
        assert outcome.code == 2
        assert f"Invalid value for '-k': Input should be {bound}\n" in outcome.err


def test_similar_orders_pairs_as_a_reader_would(sample):
    def cosine(left: str, right: str) -> float:
        answer = json.loads(embedsvc("similar", left, right, "--store", sample.store, "--json").out)
        return float(answer["scores"][0])

    near = cosine("php and laravel developer", "built web sites with symfony and mysql")
    far = cosine("php and laravel developer", "reconciled ledgers and ran payroll")
    assert near > far + 0.2


def test_extract_prints_a_table_and_json(sample):
    text = "Java & payroll"
    answer = json.loads(embedsvc("extract", text, "--store", sample.store, "--json").out)
    found = answer["results"][0]["skills"]
    assert [(each["skill"].lower(), each["start"], each["end"]) for each in found] == [
        ("java", 0, 4),
        ("payroll", 7, 14),
    ]
    table = embedsvc("extract", text, "--store", sample.store)
    assert table.code == 0
    assert "as written" in table.out
    assert "payroll" in table.out


def test_classify_and_search_answer(sample):
    answer = json.loads(
        embedsvc("classify", "reconciled ledgers, closed accounts", "--store", sample.store, "--json").out
    )
    best, second, _ = answer["results"][0]["labels"]
    assert best["label"] == "finance"
    assert best["probability"] > second["probability"]
    found = json.loads(
        embedsvc("search", "php laravel mysql", "-k", "3", "--store", sample.store, "--json").out
    )
    assert len(found["results"][0]["hits"]) == 3


def test_search_among_some(sample):
    asked = ("search", "php laravel", "--label", "finance", "--store", sample.store, "--json")
    found = json.loads(embedsvc(*asked).out)
    assert {hit["label"] for hit in found["results"][0]["hits"]} == {"finance"}
    later = json.loads(embedsvc(*asked, "--since", "2999", "--exact").out)
    assert (later["matching"], later["path"], later["results"][0]["hits"]) == (0, "index", [])


def test_releases_are_listed_shown_verified_activated_and_rolled_back(store, sample):
    with Store(store).draft("second") as draft:
        draft.share(sample.release, *Store(store).manifest(sample.release).files)
        draft.publish(recipe={}, metrics={}, canary=dict(Store(store).manifest(sample.release).canary))
    listed = json.loads(embedsvc("release", "list", "--store", store, "--json").out)
    assert [(each["name"], each["active"]) for each in listed] == [("second", False), (sample.release, True)]
    assert embedsvc("release", "activate", "second", "--store", store).out == "Release second is live.\n"
    assert Store(store).current() == "second"
    assert embedsvc("release", "verify", "second", "--store", store).out == "Release second is whole.\n"
    assert embedsvc("release", "rollback", "--store", store).out == f"Release {sample.release} is live.\n"
    assert Store(store).current() == sample.release
    shown = embedsvc("release", "show", sample.release, "--store", store)
    assert "lexicon/skills.arrow" in shown.out
    assert "hidden skill" in shown.out


def test_rolling_back_with_nothing_before_is_refused(store):
    outcome = embedsvc("release", "rollback", "--store", store)
    assert (outcome.code, outcome.out) == (74, "")
    assert outcome.err == (
        "embedsvc: There is no earlier release to roll back to; activate one by its name.\n"
    )


@pytest.mark.parametrize("name", ["../../etc", "A", "x" * 65, ".hidden", "a/b"])
def test_a_hostile_release_name_never_reaches_the_disk(store, name):
    outcome = embedsvc("release", "show", name, "--store", store)
    assert outcome.code == 65
    assert outcome.err.count("\n") == 1


def test_a_store_that_is_not_there_is_one_sentence(tmp_path):
    outcome = embedsvc("related", "php", "--store", tmp_path / "nowhere")
    assert outcome.code == 74
    assert outcome.err.startswith("embedsvc: There is no release store at ")


def test_a_store_without_an_active_release_says_what_to_do(tmp_path):
    Store(tmp_path / "store", create=True)
    outcome = embedsvc("related", "php", "--store", tmp_path / "store")
    assert outcome.code == 69
    assert "embedsvc release list" in outcome.err


def test_training_from_a_missing_recipe(tmp_path):
    outcome = embedsvc("train", "--recipe", tmp_path / "none.toml")
    assert outcome.code == 78
    assert outcome.err.startswith(f"embedsvc: There is no recipe at {tmp_path / 'none.toml'}")


def test_training_with_an_unknown_key_names_it(tmp_path):
    (tmp_path / "embedsvc.toml").write_text('colour = 1\n[[corpus.sources]]\npath = "x"\nspeed = 2\n')
    outcome = embedsvc("train", cwd=tmp_path)
    assert outcome.code == 78
    assert "colour: unknown key" in outcome.err
    assert "corpus.sources.0.speed: unknown key" in outcome.err


def test_training_from_a_missing_file(tmp_path):
    (tmp_path / "embedsvc.toml").write_text('[[corpus.sources]]\npath = "none.jsonl"\n')
    outcome = embedsvc("train", cwd=tmp_path)
    assert outcome.code == 66
    assert outcome.err == "embedsvc: There is no file none.jsonl; check the path.\n"


def test_a_path_that_is_not_utf8_is_shown_and_refused(tmp_path):
    outcome = embedsvc("train", "--recipe", os.fsencode(tmp_path) + b"/caf\xe9.toml")
    assert outcome.code == 78
    assert "caf\\xe9.toml" in outcome.err


def test_an_existing_recipe_may_have_a_path_that_is_not_utf8(tmp_path):
    folder = Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9"))
    folder.mkdir()
    (folder / "embedsvc.toml").write_text('[[corpus.sources]]\npath = "none.jsonl"\n')
    outcome = embedsvc("train", "--recipe", folder / "embedsvc.toml")
    assert outcome.code == 66
    assert "caf\\xe9/none.jsonl" in outcome.err


def test_generate_writes_what_it_says(tmp_path):
    answer = json.loads(
        embedsvc(
            "corpus",
            "generate",
            "--candidates",
            "1000",
            "--seed",
            "5",
            "--out",
            "c.jsonl",
            "--json",
            cwd=tmp_path,
        ).out
    )
    lines = (tmp_path / "c.jsonl").read_bytes().splitlines()
    assert (answer["candidates"], len(lines)) == (1000, 1000)
    assert answer["bytes"] == (tmp_path / "c.jsonl").stat().st_size


def test_generate_refuses_too_few(tmp_path):
    outcome = embedsvc("corpus", "generate", "--candidates", "10", cwd=tmp_path)
    assert outcome.code == 65
    assert list(tmp_path.iterdir()) == []


def test_serving_on_a_taken_port_says_so(sample):
    import socket

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        outcome = embedsvc("serve", "--store", sample.store, "--port", str(port))
    assert outcome.code == 69
    assert f"Port {port} on 127.0.0.1 is in use" in outcome.err


def test_bad_settings_are_named():
    outcome = embedsvc("serve", "--port", "70000")
    assert outcome.code == 65
    assert "port" in outcome.err


def test_ready_fails_in_one_sentence_where_nothing_listens():
    outcome = embedsvc("ready", "--url", "http://127.0.0.1:9")
    assert outcome.code == 69
    assert outcome.err.count("\n") == 1


_HELP = """
import sys
sys.argv = ["embedsvc", "--help"]
from embedsvc.cli import main
try:
    main()
except SystemExit:
    pass
heavy = {"numpy", "faiss", "gensim", "fasttext", "pyarrow", "fastapi"} & set(sys.modules)
assert not heavy, heavy
"""


def test_help_imports_nothing_heavy():
    done = subprocess.run([sys.executable, "-c", _HELP], capture_output=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr.decode()


def test_lines_that_cannot_be_read_are_named_by_file_and_number(sample, tmp_path):
    lines = sample.corpus.read_text().splitlines()[:1000]
    lines[6] = lines[6][:40]
    lines[41] = "[1, 2]"
    (tmp_path / "candidates.jsonl").write_text("\n".join(lines) + "\n")
    (tmp_path / "embedsvc.toml").write_text(sample.recipe.read_text().replace("epochs = 4", "epochs = 1"))
    trained = embedsvc("train", "--activate", cwd=tmp_path)
    assert trained.code == 0
    assert "2 of 1,000 lines could not be read and were passed over:\n" in trained.out
    assert "candidates.jsonl:7: " in trained.out
    assert "candidates.jsonl:42: " in trained.out
    indexed = embedsvc("reindex", "--no-activate", cwd=tmp_path)
    assert "candidates.jsonl:42: " in indexed.out
    assert "To serve it: embedsvc release activate " in indexed.out


def test_a_release_is_compared_with_another(store, sample, tmp_path):
    with Store(store).draft("second") as draft:
        draft.share(sample.release, *Store(store).manifest(sample.release).files)
        draft.publish(recipe={}, metrics={}, canary=dict(Store(store).manifest(sample.release).canary))
    compared = embedsvc("release", "diff", sample.release, "second", "--store", store, "--json")
    diff = json.loads(compared.out)
    assert (diff["before"], diff["after"]) == (sample.release, "second")
    assert {score["verdict"] for score in diff["scores"]} == {"only before"}
    assert diff["skills_added"]["count"] == diff["skills_gone"]["count"] == 0
    assert [(each["relation"], each["kept"], each["movers"]) for each in diff["relations"]] == [
        ("similar", 1.0, []),
        ("used_with", 1.0, []),
    ]
    assert all(file["same"] for file in diff["files"])
    page = tmp_path / "diff.html"
    shown = embedsvc("release", "diff", sample.release, "second", "--store", store, "--html", page)
    assert shown.code == 0
    assert f"Files: 0 of {len(diff['files'])} changed" in shown.out
    assert f"<h1>{sample.release} to second</h1>" in page.read_text()
    missing = embedsvc("release", "diff", sample.release, "nobody", "--store", store)
    assert (missing.code, missing.out) == (66, "")
    assert missing.err.startswith("embedsvc: ")


def test_the_gate_refuses_a_release_and_force_lets_it_pass(store, sample):
    with Store(store).draft("second") as draft:
        draft.share(sample.release, *Store(store).manifest(sample.release).files)
        recipe = {"gate": {"floors": {"hidden skill R@10": 0.5}}}
        draft.publish(recipe=recipe, metrics={}, canary=dict(Store(store).manifest(sample.release).canary))
    refused = embedsvc("release", "activate", "second", "--store", store)
    assert (refused.code, refused.out) == (65, "")
    assert refused.err == (
        "embedsvc: Release second may not go live: it has no score 'hidden skill R@10', for which 0.5 is "
        "asked. Train a better one, or activate it with --force.\n"
    )
    assert Store(store).current() == sample.release
    forced = embedsvc("release", "activate", "second", "--force", "--store", store)
    assert (forced.code, forced.out) == (0, "Release second is live.\n")
    assert Store(store).current() == "second"
    (note,) = Store(store).manifest("second").notes["forced"]
    assert note["faults"] == ["it has no score 'hidden skill R@10', for which 0.5 is asked"]


@pytest.mark.parametrize(
    ("arguments", "field"),
    [
        (("related", ""), "skill"),
        (("similar", "", "php"), "pairs[0][0]"),
        (("classify", ""), "texts[0]"),
        (("search", ""), "queries[0]"),
    ],
)
def test_an_empty_text_is_refused_in_a_sentence(arguments, field, sample):
    refused = embedsvc(*arguments, "--store", sample.store)
    assert (refused.code, refused.out) == (65, "")
    assert refused.err == f"embedsvc: {field}: String should have at least 1 character.\n"
