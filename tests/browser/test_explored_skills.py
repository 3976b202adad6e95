"""Skills in a real browser: what is seen is what the API answers, by keyboard, with Back and with links."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.browser.conftest import Explored
from tests.browser.reading import expect, heading, rows, told


def test_a_skill_is_typed_and_chosen_by_keyboard(opened: Any, explored: Explored) -> None:
    page = opened()
    field = page.get_by_role("combobox", name="Skill")
    page.keyboard.press("Tab")
    field.focus()
    page.keyboard.type("p")
    options = page.get_by_role("option")
    expect(options).to_have_count(3)
    names = [each["skill"] for each in explored.ask("v1/skills?prefix=p")["skills"]]
    assert options.locator(".name").all_text_contents() == names == ["php", "pl/sql", "payroll"]
    expect(field).to_have_attribute("aria-expanded", "true")

    page.keyboard.press("ArrowUp")
    expect(options.nth(2)).to_have_attribute("aria-selected", "true")
    page.keyboard.press("ArrowDown")
    assert field.get_attribute("aria-activedescendant") is None
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    assert field.get_attribute("aria-activedescendant") == options.nth(1).get_attribute("id")
    page.keyboard.press("Enter")
    heading(page, "pl/sql")
    assert page.url.endswith("/#skills?q=pl%2Fsql")
    expect(options).to_have_count(0)

    field.fill("")
    field.type("ja")
    expect(options).to_have_count(1)
    page.keyboard.press("Escape")
    expect(field).to_have_attribute("aria-expanded", "false")
    assert field.input_value() == "ja"
    page.keyboard.press("Escape")
    assert field.input_value() == ""


def test_both_columns_hold_what_the_api_answers(opened: Any, explored: Explored) -> None:
    page = opened("#skills?q=php")
    heading(page, "php")
    for relation in ("similar", "used_with"):
        answer = explored.ask(f"v1/skills/php/related?relation={relation}&k=12")["related"]
        assert rows(page, relation) == told(answer)
    assert rows(page, "similar")[0] == ("javascript", "0.90")
    assert rows(page, "used_with")[0] == ("日本語", "0.90")
    expect(page.locator(".facts").first).to_contain_text("100 candidates name it.")
    # Of `similar` the bars are relatedness.
    related = explored.ask("v1/skills/php/related")["related"][0]["relatedness"]
    width = page.locator(".column.similar .filled").first.evaluate("bar => bar.style.width")
    assert width == f"{related * 100:.1f}%".replace(".0%", "%")


@pytest.mark.parametrize(
    ("typed", "name", "words"),
    [
        ("JS", "javascript", "“JS” is another way to write javascript."),
        ("javascrpt", "javascript", "“javascrpt” was read as javascript, by its spelling."),
    ],
)
def test_it_says_how_a_skill_was_understood(opened: Any, typed: str, name: str, words: str) -> None:
    page = opened()
    page.get_by_role("combobox").fill(typed)
    page.get_by_role("button", name="Ask").click()
    heading(page, name)
    expect(page.locator(".answer .facts").first).to_contain_text(words)


def test_an_unknown_skill_is_told_with_what_it_may_mean(opened: Any, explored: Explored) -> None:
    page = opened("#skills?q=learning")
    problem = page.get_by_role("alert")
    expect(problem.get_by_role("heading")).to_have_text("No such skill")
    expect(problem).to_contain_text("unknown_skill")
    suggested = explored.ask("v1/skills/learning")["error"]["details"]["suggestions"]
    assert problem.locator(".line a").all_text_contents() == suggested
    if suggested:
        problem.locator(".line a").first.click()
        heading(page, suggested[0])


def test_a_name_becomes_the_query_and_back_works(opened: Any) -> None:
    page = opened("#skills?q=php")
    page.locator(".column.similar a.name").first.click()
    heading(page, "javascript")
    assert page.url.endswith("#skills?q=javascript")
    expect(page.get_by_role("combobox")).to_have_value("javascript")
    page.get_by_role("link", name="Search", exact=True).click()
    expect(page.get_by_role("heading", level=1, name="Search")).to_be_visible()
    page.go_back()
    heading(page, "javascript")
    page.go_back()
    heading(page, "php")
    page.reload()
    heading(page, "php")


def test_a_row_shows_its_evidence(opened: Any, explored: Explored) -> None:
    page = opened("#skills?q=php")
    row = page.locator(".column.similar li[data-skill=javascript]")
    button = row.get_by_role("button")
    assert button.get_attribute("aria-expanded") == "false"
    button.press("Enter")
    corpus = explored.ask("v1/skills/php/explain?other=javascript&relation=similar")["explained"][0]["corpus"]
    assert (corpus["together"], corpus["lists"], corpus["expected"]) == (9, 1000, 9.0)
    expect(row.locator(".evidence")).to_contain_text(
        f"9 of 1,000 lists name both php and javascript; by chance it would be 9: about as often "
        f"(PMI {corpus['pmi']:.2f} bits)."
    )
    expect(row.locator(".evidence")).to_contain_text("100 lists name php, 90 name javascript.")
    rare = page.locator(".column.used_with li[data-skill='日本語']")
    rare.get_by_role("button").click()
    expect(rare.locator(".evidence")).to_contain_text("would be 1: 9 times as often (PMI 3.17 bits).")
    assert button.get_attribute("aria-expanded") == "true"
    button.press("Enter")
    expect(row.locator(".evidence")).to_be_hidden()

    counts = {"lists": 1000, "floor": 5, "named": 100, "other_named": None, "together": None}
    told = {"skill": "c++", "rank": None, "corpus": {**counts, "expected": None, "pmi": None}}
    few = {"resolved": {"skill": "php"}, "explained": [told]}
    page.route(re.compile("/explain"), lambda route: route.fulfill(json=few))
    hidden = page.locator(".column.used_with li[data-skill='c++']")
    hidden.get_by_role("button").click()
    expect(hidden.locator(".evidence")).to_contain_text(
        "fewer than 5 of 1,000 lists name both php and c++.100 lists"
    )
    expect(hidden.locator(".evidence")).to_contain_text("Counts below 5 are not told")


def test_the_models_are_compared(opened: Any, explored: Explored) -> None:
    page = opened("#skills?q=php")
    page.get_by_text("What each model says by itself").click()
    for name, space in (("word2vec", "word2vec"), ("Sentence encoder", "sentences")):
        column = page.get_by_role("region", name=name, exact=True)
        expect(column.locator("li").first).to_be_visible()
        found = explored.ask(f"v1/skills/php/related?space={space}&k=12")["related"]
        assert column.locator(".name").all_text_contents() == [each["skill"] for each in found]
        assert column.locator(".score").all_text_contents() == [f"{each['score']:.2f}" for each in found]
        assert column.locator("li.both .name").first.text_content() == "javascript"
    expect(page).to_have_url(re.compile(r"#skills\?q=php&models=1$"))
    page.reload()
    expect(page.get_by_role("region", name="word2vec", exact=True)).to_be_visible()
    page.get_by_text("What each model says by itself").click()
    expect(page).to_have_url(re.compile(r"#skills\?q=php$"))


def test_several_skills_are_asked_at_once(opened: Any, explored: Explored) -> None:
    page = opened("#skills?q=php")
    page.locator(".column.similar li[data-skill=javascript]").get_by_role("button").click()
    page.get_by_role("link", name="Add javascript").click()
    heading(page, "php and javascript")
    queries: list[dict[str, Any]] = [{"skill": "php", "also": ["javascript"], "k": 12}]
    queries += [{**queries[0], "relation": "used_with"}, {"skill": "php", "negative": ["payroll"]}]
    answers = [
        told(each["related"]) for each in explored.ask("v1/skills/related", {"queries": queries})["results"]
    ]
    assert (rows(page, "similar"), rows(page, "used_with")) == (answers[0], answers[1])
    page.get_by_role("link", name="Take javascript away").click()
    heading(page, "php")

    page.get_by_label("counts against").check()
    page.get_by_role("combobox").fill("payroll")
    page.keyboard.press("Enter")
    heading(page, "php, less payroll")
    assert page.url.endswith("#skills?q=php&not=payroll")
    assert page.locator("#skill-chips .against").inner_text().split() == [
        "−",
        "counting",
        "against:",
        "payroll",
        "×",
    ]
    assert rows(page, "similar") == answers[2] == [("javascript", "0.57")]
    page.get_by_role("link", name="Take php away").click()
    expect(page.locator("#view-skills .status")).to_have_text("Type a skill, or take an example.")


def test_no_view_mixes_two_releases(opened: Any) -> None:
    page = opened("#skills?q=php")
    expect(page.locator("#served")).to_have_text("Release first")
    asked: list[str] = []

    def swapped(route: Any) -> None:
        """Answer the first question from the release before, and all others from the next."""
        asked.append(route.request.url)
        name = "first" if len(asked) == 1 else "next"
        route.fulfill(json={**route.fetch().json(), "release": name})

    page.route(re.compile("/v1/skills/payroll"), swapped)
    page.route(re.compile("/health/ready"), lambda route: route.fulfill(json={"release": "next"}))
    page.goto(page.url.replace("php", "payroll"))
    heading(page, "payroll")
    assert (len(asked), len(set(asked))) == (6, 3)
    expect(page.locator("#served")).to_have_text("Release next")
    # What examples are made of is asked for again.
    with page.expect_request(re.compile("/health/ready")):
        page.get_by_role("button", name="Example").click()


def test_a_late_answer_never_stands_over_a_newer_one(opened: Any) -> None:
    page = opened("#skills?q=php")
    heading(page, "php")
    held: list[Any] = []
    page.route(re.compile(r"/v1/skills/payroll"), lambda route: held.append(route))
    page.goto(page.url.replace("php", "payroll"))
    expect(page.locator("#view-skills .status")).to_have_text("Asking…")
    page.goto(page.url.replace("payroll", "javascript"))
    heading(page, "javascript")
    assert held
    for route in held:
        route.continue_()
    page.wait_for_load_state("networkidle")
    heading(page, "javascript")
    assert page.locator(".problem").count() == 0
