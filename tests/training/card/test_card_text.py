"""A card says what its release says: the numbers, in Markdown and on the page, and nothing else."""

from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from tests.training.card.handmade_origin import HOSTILE, MEASURED, ORIGIN
from tests.training.card.svg_nodes import NAMESPACE, nodes, parsed
from training.card import compose, markdown, page

_VOID = {"meta", "br"}


class Reader(HTMLParser):
    """Checks that every element is closed in order; keeps texts and attributes that load something."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.texts: list[str] = []
        self.loaded: list[str] = []
        self.ids: list[str] = []
        self.links: list[str] = []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        if tag not in _VOID:
            self.open.append(tag)
        self.loaded += [found[name] for name in ("src", "data", "xlink:href", "srcset") if name in found]
        self.loaded += [tag] * (tag in {"script", "link", "iframe", "object", "embed", "img"})
        self.links += [found["href"]] if "href" in found else []
        self.ids += [found["id"]] if "id" in found else []

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


@pytest.fixture(scope="module")
def read() -> Reader:
    return Reader(page(compose(ORIGIN)))


@pytest.fixture(scope="module")
def text() -> str:
    return markdown(compose(ORIGIN))


def test_the_page_loads_nothing_and_its_links_lead_somewhere(read: Reader) -> None:
    assert read.loaded == []
    assert [link for link in read.links if link.removeprefix("#") not in read.ids] == []
    assert len(read.links) == 14
    assert set(re.findall(r"https?://[^\s\"<]+", page(compose(ORIGIN)))) == {"http://www.w3.org/2000/svg"}
    assert "@import" not in page(compose(ORIGIN))
    assert "url(" not in page(compose(ORIGIN))


NUMBERS = [
    "20260102-030405-abcdef",
    "1,234",
    "7,890",
    "700,000",
    "0.447",
    "0.426 to 0.468",
    "popularity 0.070",
    "+1.25",
    "0.0123",
    "0.664",
    "0.611 to 0.717",
    "120 texts hold female words alone and 340 male words alone",
    "98.7%",
    "99.1%",
    "9,000 queries a second",
    "fewer than 7 candidates",
    "11 candidates said the very same as another and 22 nearly so",
    "CC-BY-4.0",
    "search@example.org",
    "57 of 60 texts",
    "3.50",
]


@pytest.mark.parametrize("number", NUMBERS)
def test_the_numbers_are_in_both(number: str, read: Reader, text: str) -> None:
    assert number in " ".join("".join(read.texts).split())
    assert number in " ".join(text.replace("\\", "").split())


def test_scores_say_which_is_primary_which_way_is_better_and_which_are_behind(text: str) -> None:
    rows = [line for line in text.splitlines() if line.startswith(("| hidden skill", "| label"))]

    assert rows == [
        "| hidden skill | R@10 (primary) | 0.447 | 0.426 to 0.468 | popularity 0.070 | 2,000 |",
        "| label | ECE (lower is better) | 0.200 | 0.150 to 0.250 | uncalibrated 0.100 | 60 |",
    ]
    assert "Clearly worse than one of their baselines: extraction, recall; label, ECE." in text


def test_secrets_queries_bad_lines_and_folders_are_in_neither(text: str) -> None:
    for written in (page(compose(ORIGIN)), text):
        assert "secret" not in written
        assert "WHERE" not in written
        assert "Bo" not in re.findall(r"\w+", written)
        assert "exports/of/ann" not in written
        assert "postgresql://reader:***@db.internal/hr" in written.replace("\\", "")
        assert "resumes.csv" in written


def test_what_differs_from_the_defaults_is_told(text: str) -> None:
    assert "| `lexicon.min_candidates` | 7 | 5 |" in text
    assert "| `word2vec.epochs` | 9 | 5 |" in text
    assert "| `word2vec.window`" not in text
    assert "Seed 5." in text


def test_a_hostile_name_is_text_everywhere(read: Reader, text: str) -> None:
    assert "script" not in read.open
    assert HOSTILE in "".join(read.texts)
    outside = re.sub(r"(?s)`{4,}.*?`{4,}|`[^`\n]*`", "", text)
    assert re.search(r"(?<!\\)<script", outside) is None
    for figure in compose(ORIGIN).figures():
        assert nodes(figure.drawing.alone(), "script") == []


def test_every_row_of_a_markdown_table_has_the_cells_of_its_head(text: str) -> None:
    tables = re.findall(r"(?m)(?:^\|.*\|\n)+", text)

    assert len(tables) == 7
    for table in tables:
        widths = {len(re.findall(r"(?<!\\)\|", line)) for line in table.splitlines()}
        assert len(widths) == 1


def test_what_was_not_measured_is_left_out_or_said_to_be_so() -> None:
    bare = MEASURED.model_copy(
        update={"map": None, "curve": None, "bias": None, "leakage": None, "histograms": [], "losses": []}
    )
    card = compose(replace(ORIGIN, measured=bare, metrics={}, report={}))

    assert [section.title for section in card.sections] == [
        "Overview",
        "Intended use",
        "Training data",
        "Recipe",
        "Bias check",
        "Limits",
        "Licence and provenance",
        "Files",
    ]
    text = markdown(card)
    assert "nothing is known of the bias of this release. That is no sign that it has none." in text
    assert "nothing is known" not in markdown(compose(ORIGIN))
    assert "Word vectors: not measured, for the corpus holds too few gendered words" in text
    assert "needs the corpus and is made when a release is evaluated: not measured" in text


def test_what_coverage_means_is_said_where_there_is_any(text: str) -> None:
    coverage = {"task": "analogies", "metric": "coverage", "value": 0.4, "low": 0.3, "high": 0.5}
    covered = markdown(compose(replace(ORIGIN, metrics={"scores": [coverage]})))

    assert "coverage is its share, and the file's other scores are over that alone" in covered
    assert "coverage" not in text


def test_the_probe_of_the_evaluation_stands_for_that_of_an_older_card() -> None:
    kept = {"female": 51, "male": 62, "auc": 0.5, "low": 0.44, "high": 0.56}

    text = markdown(compose(replace(ORIGIN, metrics={**ORIGIN.metrics, "leakage": kept})))

    assert "51 texts hold female words alone and 62 male words alone" in text
    assert "0.500 (95 % interval 0.440 to 0.560; 0.5 is chance), so no leak was shown" in text
    older = markdown(compose(ORIGIN))
    assert "an area under the curve of 0.664" in older
    assert markdown(compose(replace(ORIGIN, metrics={**ORIGIN.metrics, "leakage": "none"}))) == older


def test_pictures_are_well_formed_and_carry_a_title() -> None:
    figures = compose(ORIGIN).figures()

    assert [figure.name for figure in figures] == [
        "map",
        "similarity-skills",
        "confusion-label",
        "index",
        "candidates",
        "removed",
        "lexicon",
        "dropped",
        "loss-words",
        "loss-classifier-label",
        "occupations",
    ]
    for figure in figures:
        tree = parsed(figure.drawing.alone())
        assert tree.tag == f"{NAMESPACE}svg"
        assert tree.attrib["aria-label"] == figure.drawing.title
        assert tree.attrib["viewBox"] == f"0 0 {figure.drawing.width:.4g} {figure.drawing.height:.4g}"


def test_an_origin_gives_the_same_bytes_twice() -> None:
    assert page(compose(ORIGIN)) == page(compose(ORIGIN))
    assert markdown(compose(ORIGIN)) == markdown(compose(ORIGIN))


def test_labels_that_were_not_learned_are_a_limit(text: str, read: Reader) -> None:
    limits = text.split("## Limits")[1].split("\n## ")[0]
    assert (
        "The classifier label did not learn labels of fewer than 5 documents, and gives their texts others. "
        "Labels left out: 3; documents with one: 7; Arts (4), "
    ) in limits
    assert "and others" in limits
    assert any("did not learn labels of fewer than 5 documents" in told for told in read.texts)


def test_the_curve_of_a_classifier_says_what_it_is(text: str) -> None:
    assert "Mean squared hinge loss of the texts learned from" in text
