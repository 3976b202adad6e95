"""How tests read the page, and what the API says of the same."""

from __future__ import annotations

from typing import Any

import pytest

sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
expect = sync_api.expect
expect.set_options(timeout=15_000)

_READ = """rows => rows.map(row =>
  [row.querySelector('.name').textContent, row.querySelector('.score').textContent])"""


def rows(page: Any, relation: str) -> list[tuple[str, str]]:
    """Names and scores of a column as they are read."""
    found = page.locator(f".column.{relation} .rows > li")
    expect(found.first).to_be_visible()
    return [tuple(pair) for pair in found.evaluate_all(_READ)]


def told(related: list[dict[str, Any]]) -> list[tuple[str, str]]:
    """The same of an answer of the API."""
    return [(each["skill"], f"{each['score']:.{3 if each['score'] < 0.1 else 2}f}") for each in related]


def heading(page: Any, words: str) -> None:
    """Wait until the answer has this head."""
    expect(page.locator(".view:visible .answer h2")).to_have_text(words)


def text(page: Any) -> Any:
    """The one text of the view that is shown."""
    return page.get_by_role("textbox", name="Text", exact=True)


def view(page: Any, name: str) -> None:
    """Go to a view by its link."""
    page.locator(f"nav a[data-view={name}]").click()
    expect(page.locator(f"#view-{name}")).to_be_visible()
