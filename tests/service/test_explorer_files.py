"""The files of the explorer over HTTP: what they are, how they are renewed, that no other is reached."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from embedsvc.releases import Store
from embedsvc.service import create_app
from embedsvc.service.keys import new_key
from embedsvc.settings import Settings

FOLDER = Path(__file__).resolve().parents[2] / "embedsvc" / "explorer"
KINDS = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}
FILES = sorted(path.name for path in FOLDER.iterdir())
ASSETS = [name for name in FILES if name != "index.html"]


@pytest.fixture(scope="module")
def guarded(handmade: Store) -> Iterator[TestClient]:
    with TestClient(
        create_app(Settings(store=handmade.root, api_keys=new_key("reader", "read")[1]))
    ) as client:
        yield client


def test_the_page_needs_no_key_and_may_load_nothing_of_elsewhere(guarded: TestClient) -> None:
    page = guarded.get("/")

    assert (page.status_code, page.content) == (200, (FOLDER / "index.html").read_bytes())
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    policy = dict(
        (part.strip() + " ").split(" ", 1) for part in page.headers["content-security-policy"].split(";")
    )
    allowed = {name: value.strip() for name, value in policy.items()}
    assert allowed == {
        "default-src": "'none'",
        "script-src": "'self'",
        "style-src": "'self'",
        "img-src": "'self'",
        "connect-src": "'self'",
        "base-uri": "'none'",
        "form-action": "'none'",
        "frame-ancestors": "'none'",
        "require-trusted-types-for": "'script'",
        "trusted-types": "'none'",
    }
    assert page.headers["x-content-type-options"] == "nosniff"
    assert page.headers["referrer-policy"] == "no-referrer"
    assert guarded.get("/v1/skills?prefix=p").status_code == 401


@pytest.mark.parametrize("name", ASSETS)
def test_every_file_comes_as_what_it_is(guarded: TestClient, name: str) -> None:
    file = guarded.get(f"/explorer/{name}")

    assert (file.status_code, file.content) == (200, (FOLDER / name).read_bytes())
    assert file.headers["content-type"] == KINDS[Path(name).suffix]


@pytest.mark.parametrize("path", ["/", "/explorer/start.js"])
def test_what_a_browser_holds_is_not_sent_again(web: TestClient, path: str) -> None:
    first = web.get(path)
    assert first.headers.get_list("cache-control") == ["no-cache"]
    etag = first.headers["etag"]
    assert re.fullmatch(r'"[0-9a-f]{32}"', etag)

    for held in (etag, f"W/{etag}", f'"other", {etag}', "*"):
        again = web.get(path, headers={"If-None-Match": held})
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", etag)
        assert again.headers.get_list("cache-control") == ["no-cache"]
    assert web.get(path, headers={"If-None-Match": '"other"'}).status_code == 200
    assert web.get("/v1/releases").headers.get_list("cache-control") == ["no-store"]


def test_files_differ_in_their_etags(web: TestClient) -> None:
    assert len({web.get(f"/explorer/{name}").headers["etag"] for name in ASSETS}) == len(ASSETS)


@pytest.mark.parametrize(
    "path",
    [
        "/explorer/",
        "/explorer/index.html",
        "/explorer/none.js",
        "/explorer/..%2fsettings.py",
        "/explorer/%2e%2e%2fsettings.py",
        "/explorer/..%5csettings.py",
        "/explorer/%2fetc%2fpasswd",
        "/explorer/start.js%00.css",
        "/explorer/START.JS",
        "/explorer/a/start.js",
    ],
)
def test_no_other_file_is_reached(guarded: TestClient, path: str) -> None:
    answer = guarded.get(path)

    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "not_found")


def test_it_can_be_turned_off(handmade: Store) -> None:
    with TestClient(create_app(Settings(store=handmade.root, explorer=False))) as client:
        assert [client.get(path).status_code for path in ("/", "/explorer/start.js")] == [404, 404]
        assert client.get("/docs").status_code == 200


def test_the_variable_turns_it_off(monkeypatch: pytest.MonkeyPatch, handmade: Store) -> None:
    assert Settings(store=handmade.root).explorer is True
    monkeypatch.setenv("EMBEDSVC_EXPLORER", "false")
    assert Settings(store=handmade.root).explorer is False


@pytest.mark.parametrize("name", FILES)
def test_no_file_names_another_place_or_makes_markup_of_text(name: str) -> None:
    text = (FOLDER / name).read_text("utf-8").replace('xmlns="http://www.w3.org/2000/svg"', "")

    assert re.findall(r"https?://\S+|//[a-z]+\.[a-z]+\S*", text) == []
    assert (
        re.findall(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\b|DOMParser", text) == []
    )
    assert re.findall(r"<script(?![^>]*\ssrc=)|<style|\sstyle=|\son[a-z]+=|javascript:", text) == []


@pytest.mark.parametrize("name", [name for name in FILES if name.endswith((".js", ".html"))])
def test_no_module_is_longer_than_a_reader_can_bear(name: str) -> None:
    lines = (FOLDER / name).read_text("utf-8").splitlines()

    assert len(lines) <= 250
    assert [line for line in lines if len(line) > 130] == []


def test_every_module_that_is_named_is_there() -> None:
    named = {"start.js", "page.css", "icon.svg", "index.html"}
    for name in FILES:
        if name.endswith(".js"):
            named |= set(re.findall(r'from "\./([a-z]+\.js)"', (FOLDER / name).read_text("utf-8")))

    assert named == set(FILES)
