"""What the documents say of settings, errors and the recipe is what the code does."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import get_args

import pytest

from embedsvc.errors import tree
from embedsvc.releases import Manifest, layout
from embedsvc.releases.pointer import Pointer
from embedsvc.settings import Settings
from training.recipe import parse_recipe
from training.recipe.reference import reference

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"


def table(page: str, columns: int) -> list[list[str]]:
    """Rows of the page's tables with so many columns whose first cell is code, without their backticks."""
    rows = [line.strip("|").split(" | ") for line in page.splitlines() if line.startswith("| `")]
    return [[cell.strip().strip("`") for cell in row] for row in rows if len(row) == columns]


def test_the_reference_of_the_recipe_is_up_to_date() -> None:
    assert (DOCS / "recipe.md").read_text("utf-8") == reference(), (
        "run: python -m training.recipe.reference >docs/recipe.md"
    )


def test_the_reference_explains_every_knob() -> None:
    silent = [row[0] for row in table(reference(), 4) if not row[3]]

    assert silent == []


def test_every_setting_is_described_with_its_default() -> None:
    rows = table((DOCS / "operations.md").read_text("utf-8"), 3)
    described = {name: default for name, default, _ in rows if name.startswith("EMBEDSVC_")}
    defaults = {f"EMBEDSVC_{name.upper()}": field for name, field in Settings.model_fields.items()}

    assert set(described) == set(defaults)
    # The number of threads depends on the machine.
    assert described.pop("EMBEDSVC_CPU_THREADS") == "cores, at most 4"
    assert described == {name: shown(field.default) for name, field in defaults.items() if name in described}


def shown(default: object) -> str:
    if default is None or default == "":
        return "none"
    if isinstance(default, bool):
        return str(default).lower()
    return f"{default:g}" if isinstance(default, float) else str(default)


def test_every_error_is_described_with_its_codes() -> None:
    described = [row[:4] for row in table((DOCS / "errors.md").read_text("utf-8"), 6)]

    assert described == [[kind.code, kind.__name__, str(kind.status), str(kind.exit_code)] for kind in tree()]


def test_every_field_of_the_manifest_and_the_pointer_is_described() -> None:
    page = (DOCS / "release-format.md").read_text("utf-8")
    described = set(re.findall(r"^\| (`[a-z_]+`(?:, `[a-z_]+`)*) \| [^|]+ \|$", page, re.MULTILINE))
    names = {name for cell in described for name in re.findall(r"`(.+?)`", cell)}

    assert names == {*Manifest.model_fields, *Pointer.model_fields}


def test_every_place_in_a_release_is_described() -> None:
    page = (DOCS / "release-format.md").read_text("utf-8")
    places = [layout.LEXICON, layout.WORDS, layout.SENTENCES, layout.CANDIDATES, *layout.RELATIONS.values()]

    assert [place for place in places if f"\n{place}/ " not in page] == []
    assert f"\n{layout.CLASSIFIERS}/<name>/ " in page


@pytest.mark.parametrize("page", sorted(DOCS.glob("*.md")), ids=lambda path: path.name)
def test_every_recipe_shown_is_a_recipe(page: Path, tmp_path: Path) -> None:
    for shown in re.findall(r"^```toml\n(.*?)^```", page.read_text("utf-8"), re.MULTILINE | re.DOTALL):
        somewhere = {"corpus": {"sources": [{"path": "candidates.jsonl"}]}}  # a part of a recipe may be shown
        assert parse_recipe(somewhere | tomllib.loads(shown), tmp_path).recipe.corpus.sources


@pytest.mark.parametrize(
    "page", [*sorted(DOCS.glob("*.md")), *sorted(ROOT.glob("*.md"))], ids=lambda path: path.name
)
def test_every_link_leads_to_a_file(page: Path) -> None:
    targets = re.findall(r"\]\((?!https?:)([^)#]+)", page.read_text("utf-8"))

    assert [target for target in targets if not (page.parent / target).exists()] == []


def test_the_log_choices_are_listed() -> None:
    page = (DOCS / "operations.md").read_text("utf-8")
    for name in ("access_log", "log_level"):
        (row,) = [line for line in page.splitlines() if line.startswith(f"| `EMBEDSVC_{name.upper()}`")]
        assert set(get_args(Settings.model_fields[name].annotation)) <= set(re.findall(r"`(\w+)`", row))
