"""The other views in a real browser, keys, refusals, hostile texts, narrow screens, and the keyboard."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.browser.conftest import CARD, HOSTILE, Explored, Watched
from tests.browser.reading import expect, heading, rows, text, view

VIEWS = ("skills", "search", "similarity", "classify", "extract", "gap", "release")


def test_search_finds_and_filters(opened: Any, explored: Explored) -> None:
    page = opened("#search")
    text(page).fill("php")
    page.get_by_label("How many").fill("4")
    page.get_by_label("Label").select_option("it")
    page.get_by_role("button", name="Search").click()
    where = {"field": "label", "in": ["it"]}
    answer = explored.ask("v1/search", {"queries": ["php"], "k": 4, "where": where})
    hits = page.locator("#view-search .hits > li")
    expect(hits).to_have_count(4)
    expected = [f"{hit['title']}it{hit['id']}" for hit in answer["results"][0]["hits"]]
    assert hits.locator(".title").all_text_contents() == expected
    scores = [f"{hit['score']:.3f}" for hit in answer["results"][0]["hits"]]
    assert hits.locator(".score").all_text_contents() == scores
    way = {"index": "by the index", "scan": "by comparing each one"}[answer["path"]]
    among = f"4 candidates among {answer['matching']} candidates that the filters let through"
    words = f"{among}, nearest first, found {way}."
    expect(page.locator("#view-search .status")).to_have_text(words)
    assert page.url.endswith("#search?q=php&k=4&where.label=it")

    hits.first.get_by_role("button", name="Similar candidates").click()
    like = explored.ask(f"v1/candidates/{answer['results'][0]['hits'][0]['id']}/similar?k=5")["hits"]
    codes = hits.first.locator(".evidence code")
    expect(codes).to_have_count(5)
    assert codes.all_text_contents() == [each["id"] for each in like]
    page.reload()
    expect(hits).to_have_count(4)
    expect(page.get_by_label("Label")).to_have_value("it")


def test_a_long_text_stays_out_of_the_address(opened: Any) -> None:
    page = opened("#search")
    text(page).fill("php developer " * 40)
    text(page).press("Control+Enter")
    expect(page.locator("#view-search .hits > li").first).to_be_visible()
    assert page.url.endswith("#search")


def test_a_candidates_text_is_never_markup(opened: Any) -> None:
    page = opened("#search?q=javascript")
    title = page.locator("#view-search .title", has_text="onerror")
    expect(title).to_contain_text(HOSTILE)
    assert page.locator("#view-search .answer img, #view-search .answer b").count() == 0
    assert page.title() == "javascript · Search · embedsvc explorer"

    hostile = {"skill": HOSTILE, "score": 0.5, "candidates": 7, "relatedness": None}
    proposed = {"release": HOSTILE, "prefix": "p", "skills": [{**hostile, "surface": HOSTILE + "x"}]}
    related = {"release": HOSTILE, "related": [hostile]}
    page.route(re.compile(r"/v1/skills\?"), lambda route: route.fulfill(json=proposed))
    page.route(re.compile(r"/related"), lambda route: route.fulfill(json=related))
    page.goto(page.url.partition("#")[0] + "#skills?q=php")
    assert rows(page, "similar") == [(HOSTILE, "0.50")]
    page.get_by_role("combobox").fill("p")
    expect(page.get_by_role("option")).to_contain_text(HOSTILE)
    page.get_by_role("option").click()
    expect(page.get_by_role("alert")).to_contain_text(HOSTILE[:20])
    expect(page.locator("#served")).to_have_text(f"Release {HOSTILE}")
    assert page.locator("img").count() == 1
    assert page.title() == f"{HOSTILE} · Skills · embedsvc explorer"


def test_even_a_slip_would_make_no_markup(opened: Any, watched: Watched) -> None:
    page = opened()
    slip = "() => { try { document.body.innerHTML = '<b>x</b>' } catch (error) { return error.name } }"
    assert page.evaluate(slip) == "TypeError"
    assert watched.faults
    assert all("TrustedHTML" in fault for fault in watched.faults)
    watched.faults.clear()


def test_a_key_is_asked_for_and_kept_for_the_tab_alone(opened: Any, explored: Explored) -> None:
    page = opened("#skills?q=php", base=explored.guarded)
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("This service asks for an API key")
    page.get_by_role("textbox", name="API key").fill("esk_wrong")
    page.keyboard.press("Enter")
    expect(dialog).to_contain_text("is not taken")
    page.get_by_role("textbox", name="API key").fill(explored.key)
    with page.expect_request(re.compile("/related")) as asked:
        page.get_by_role("button", name="Use it").click()
    heading(page, "php")
    expect(dialog).to_be_hidden()
    assert asked.value.all_headers()["authorization"] == f"Bearer {explored.key}"
    assert explored.key not in page.url
    assert page.evaluate("Object.values(sessionStorage)") == [explored.key]
    assert page.evaluate("localStorage.length") == 0
    assert page.evaluate("document.cookie") == ""
    assert page.context.cookies() == []

    page.get_by_role("link", name="Release", exact=True).click()
    heading(page, "first")
    page.get_by_role("link", name="other").click()
    with page.expect_download() as saved:
        page.get_by_role("button", name="Save the model card").click()
    assert saved.value.suggested_filename == "card-other.html"
    assert saved.value.path().read_text() == CARD

    page.get_by_role("button", name="Forget the key").click()
    expect(dialog).to_be_visible()
    assert page.evaluate("sessionStorage.length") == 0


def test_without_a_key_it_says_so(opened: Any, explored: Explored) -> None:
    page = opened("#skills?q=php", base=explored.guarded)
    expect(page.get_by_role("dialog")).to_be_visible()
    page.get_by_role("textbox", name="API key").fill("esk_wrong")
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog")).to_contain_text("is not taken")
    page.keyboard.press("Escape")
    problem = page.get_by_role("alert")
    expect(problem.get_by_role("heading")).to_have_text("This service asks for an API key")
    expect(problem.locator("code")).to_have_text(re.compile(r"[0-9a-f]{16}-[0-9a-f]+"))
    expect(page.locator("#served")).to_have_text("Release first")
    assert page.evaluate("sessionStorage.length") == 0
    problem.get_by_role("button", name="Give a key").click()
    expect(page.get_by_role("dialog")).to_be_visible()


def refusal(answer: dict[str, Any]) -> Any:
    return lambda route: route.fulfill(**answer)


def test_refusals_are_told_in_words(opened: Any) -> None:
    page = opened("#similarity")
    page.get_by_label("One text").fill("php")
    page.get_by_label("The other").fill("javascript")
    for status, words in (
        (403, "This is not allowed"),
        (500, "The service failed on this question"),
        (503, "The service cannot answer just now"),
        (429, "Too many questions in a minute"),
    ):
        error = {
            "code": f"of_{status}",
            "message": "A sentence.",
            "details": {},
            "request_id": f"abc-{status}",
        }
        wait = {"Retry-After": "1"} if status == 429 else {}
        answer = {"status": status, "json": {"error": error}, "headers": wait}
        page.route(re.compile("/v1/similarity"), refusal(answer))
        page.get_by_role("button", name="Compare").click()
        expect(page.get_by_role("alert").get_by_role("heading")).to_have_text(words)
        expect(page.get_by_role("alert")).to_contain_text(
            f"A sentence.Code of_{status} · request abc-{status}"
        )
        page.unroute_all()
    # Where the service says how long to wait, the button waits so long, and then asks.
    again = page.get_by_role("button", name=re.compile("^Ask again"))
    expect(again).to_have_text("Ask again")
    again.click()
    expect(page.locator("#view-similarity .verdict")).to_contain_text("Cosine 0.800")


def test_no_answer_at_all_is_told(opened: Any) -> None:
    page = opened("#skills?q=php")
    heading(page, "php")
    page.route(re.compile("/v1/"), lambda route: route.abort())
    page.goto(page.url.replace("php", "javascript"))
    expect(page.get_by_role("alert")).to_contain_text("The service did not answer")


def test_texts_are_compared_labelled_read_and_matched(opened: Any, explored: Explored) -> None:
    page = opened("#similarity")
    page.get_by_label("One text").fill("php")
    page.get_by_label("The other").fill("javascript")
    page.get_by_role("button", name="Compare").click()
    answer = explored.ask("v1/similarity", {"pairs": [["php", "javascript"]]})
    expect(page.locator(".view:visible .verdict")).to_contain_text(f"Cosine {answer['scores'][0]:.3f}")
    expect(page.locator(".view:visible .answer")).to_contain_text(f"{answer['relatedness'][0]:.2f}:")

    view(page, "classify")
    text(page).fill("php javascript developer")
    page.get_by_role("button", name="Classify").click()
    labels = explored.ask("v1/classify", {"texts": ["php javascript developer"]})["results"][0]["labels"]
    shown = page.locator(".view:visible .rows .name")
    expect(shown.first).to_have_text(labels[0]["label"])
    expect(page.locator(".view:visible .score").first).to_have_text(f"{labels[0]['probability'] * 100:.0f} %")
    page.get_by_label("Least probability").fill("1")
    page.get_by_role("button", name="Classify").click()
    expect(page.locator(".view:visible .answer")).to_contain_text("It abstains: no label is probable enough")
    expect(page.locator(".view:visible .faint .name").first).to_have_text("it")

    view(page, "extract")
    text(page).fill("👩🏽‍💻 <b>php</b>, JS\nand 日本語")
    page.get_by_role("button", name="Find skills").click()
    marks = page.locator(".marked mark")
    expect(marks).to_have_text(["php", "JS", "日本語"])
    expect(page.locator(".marked")).to_have_text("👩🏽‍💻 <b>php</b>, JS and 日本語")
    assert page.locator(".view:visible .chip").all_text_contents() == ["php", "javascript", "日本語"]

    view(page, "gap")
    page.get_by_label("CV").fill("php, payroll")
    page.get_by_label("Job").fill("php, JS and c#")
    page.get_by_role("button", name="Compare").click()
    gap = explored.ask("v1/skills/gap", {"cv": "php, payroll", "job": "php, JS and c#"})
    expect(page.locator(".view:visible .verdict strong")).to_have_text(f"{round(gap['coverage'] * 100)} %")
    for title, key in (("Has", "covered"), ("Has something related", "related"), ("Lacks", "missing")):
        group = page.get_by_role("region", name=title, exact=True)
        assert group.locator("a").all_text_contents() == [each["skill"] for each in gap[key]]
    assert page.locator(".view:visible .chip").all_text_contents() == gap["extra"] == ["payroll"]


def test_examples_come_from_the_release(opened: Any, explored: Explored) -> None:
    common = {each["skill"] for each in explored.ask("v1/releases/first")["served"]["commonest"]}
    page = opened()
    for name in VIEWS[:-1]:
        view(page, name)
        page.locator(f"#view-{name} [data-example]").click()
        expect(page.locator(f"#view-{name} .answer > *").first).to_be_visible()
        expect(page.locator(f"#view-{name} .answer[aria-busy]")).to_have_count(0)
        typed = page.locator(f"#view-{name} :is(input[type=text], textarea)").first.input_value()
        assert [skill for skill in common if skill in typed], (name, typed)


def test_the_release_is_told_with_its_scores_and_card(opened: Any, explored: Explored) -> None:
    page = opened("#release")
    heading(page, "first")
    expect(page.locator("#served")).to_have_text("Release first")
    facts = dict(
        zip(*(page.locator(f".cards {tag}").all_text_contents() for tag in ("dt", "dd")), strict=True)
    )
    assert (facts["Skills"], facts["Words"], facts["Candidates"]) == ("10", "5", "9")
    expect(page.locator("#view-release")).to_contain_text("It was not evaluated.")

    info = explored.ask("v1/releases/first")
    scores = [{**explored.ask("v1/releases/other")["scores"][0], "value": 0.61, "low": 0.6, "high": 0.62}]
    page.route(
        re.compile("/v1/releases/first$"), lambda route: route.fulfill(json={**info, "scores": scores})
    )
    page.get_by_role("link", name="other").click()
    heading(page, "other")
    cells = page.locator(".scores tbody tr").locator("th, td")
    assert cells.all_text_contents() == [
        "hidden skill R@10, 200 items",
        "0.500",
        "0.400 to 0.600",
        "0.610 this is worse",
        "popularity 0.100, old 0.700 better: old",
        "",
    ]
    assert page.locator(".scores .point").evaluate("each => each.style.left") == "50%"
    with page.context.expect_page() as opening:
        page.get_by_role("link", name="Open the model card").click()
    card = opening.value
    assert card.url == f"{explored.open}/v1/releases/other/card"
    # The card keeps its own looks under the policy that it is sent with.
    assert card.locator("p").evaluate("p => getComputedStyle(p).color") == "rgb(1, 2, 3)"


FAINT = """() => {
  const parse = text => text.match(/[\\d.]+/g).map(Number);
  const linear = part => part <= .04045 ? part / 12.92 : ((part + .055) / 1.055) ** 2.4;
  const light = rgb => rgb.slice(0, 3).map(part => linear(part / 255))
    .reduce((sum, part, at) => sum + part * [.2126, .7152, .0722][at], 0);
  const ground = element => {
    const [r, g, b, alpha = 1] = parse(getComputedStyle(element).backgroundColor);
    return alpha === 1 ? [r, g, b] : ground(element.parentElement);
  };
  const found = [];
  for (const element of document.querySelectorAll('body *')) {
    const texts = [...element.childNodes].filter(node => node.nodeType === 3);
    const own = texts.map(node => node.data.trim()).join('');
    if (own === '' || !element.checkVisibility() || element.closest('.hear, [disabled]')) continue;
    const lights = [light(parse(getComputedStyle(element).color)), light(ground(element))];
    const ratio = (Math.max(...lights) + .05) / (Math.min(...lights) + .05);
    if (ratio < 4.5) found.push(`${own.slice(0, 40)}: ${ratio.toFixed(2)}`);
  }
  return found;
}"""
"""Words that stand out from their ground by less than 4.5 to 1 (WCAG 2, level AA)."""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_is_legible_and_fits_a_narrow_screen(opened: Any, scheme: str) -> None:
    page = opened("#skills?q=JS&models=1", width=420, scheme=scheme)
    page.locator(".column.similar .why").first.click()
    expect(page.locator(".counted").first).to_be_visible()
    expect(page.locator(".models .column").first).to_be_visible()
    lefts = page.locator(".columns > .column").evaluate_all(
        "all => all.map(each => each.getBoundingClientRect().x)"
    )
    assert lefts[0] == lefts[1]
    for name in VIEWS:
        if name != "skills":
            view(page, name)
        if name not in ("skills", "release"):
            page.locator(f"#view-{name} [data-example]").click()
        expect(page.locator(f"#view-{name} .answer > *").first).to_be_visible()
        expect(page.locator(f"#view-{name} .answer[aria-busy]")).to_have_count(0)
        assert page.evaluate(FAINT) == []
        assert page.evaluate("document.documentElement.scrollWidth") <= 420, name
    page.goto(page.url.partition("#")[0] + "#skills?q=" + "x" * 60)
    expect(page.get_by_role("alert")).to_be_visible()
    assert page.evaluate(FAINT) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 420


FOCUSED = """() => {
  const at = document.activeElement, look = getComputedStyle(at);
  return [at.textContent.trim() || at.id, look.outlineStyle, parseFloat(look.outlineWidth) >= 2];
}"""


def test_all_of_it_is_reached_by_keyboard_with_its_focus_seen(opened: Any) -> None:
    page = opened("#skills?q=php")
    heading(page, "php")
    reached = []
    for _ in range(22):
        page.keyboard.press("Tab")
        reached.append(page.evaluate(FOCUSED))
    names = [name for name, *_ in reached]
    links = ["API manual", "Skills", "Search", "Similarity", "Classify", "Extract", "Gap", "Release"]
    assert names[:10] == ["Skip to the question", *links, "skill"]
    assert "javascript" in names
    assert "Why javascript? Score 0.90" in names
    assert [each for each in reached if each[1:] != ["solid", True]] == []
    page.locator("#skip").press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate(FOCUSED)[0] == "skill"
