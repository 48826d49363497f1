"""The pages in a real Chromium, as a person uses them, while the incident plays."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.real.playing import Demo, playing

pytestmark = pytest.mark.real

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
SOON = 120_000
NAME = "python-build-standalone"


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    with playing(tmp_path_factory.mktemp("demo")) as demo:
        yield demo


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def tab(browser: Any) -> Iterator[Any]:
    """A page that must not complain: every warning of its console is a failure."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page, said = context.new_page(), []
    page.on(
        "console", lambda message: said.append(message.text) if message.type in {"error", "warning"} else None
    )
    page.on("pageerror", lambda error: said.append(str(error)))
    yield page
    context.close()
    assert said == []


def test_a_person_sees_drift_appear_acks_it_and_silences_it(demo: Demo, tab: Any) -> None:
    tab.goto(f"{demo.address}/")
    tab.evaluate("window.marked = true")
    row = tab.locator("tr.row")
    row.locator(".pill").get_by_text("pending").wait_for(timeout=SOON)
    assert "20241008" in row.inner_text()
    assert "20241016" in row.inner_text()
    assert re.search(r"fires\s+in", row.inner_text())
    row.locator(".pill").get_by_text("behind").wait_for(timeout=SOON)
    assert tab.evaluate("window.marked") is True, "the page was loaded again"

    # The link that the message carries opens the right alert.
    tab.goto(f"{demo.address}/deliveries")
    tab.get_by_text(f"[behind] {NAME}").wait_for()
    tab.goto(f"{demo.address}/alerts/1")
    link = re.search(r"page (\S+)", tab.locator("ol.messages pre").first.inner_text())
    assert link is not None
    tab.goto(link[1])
    assert tab.locator("h1").inner_text() == "Alert 1: behind"

    tab.locator("main").get_by_role("link", name="Log in").click()
    tab.get_by_label("Token").fill(demo.token)
    tab.get_by_role("button", name="Log in").click()
    tab.get_by_placeholder("comment").fill("the mirror is being rebuilt")
    tab.get_by_role("button", name="Ack", exact=True).click()
    tab.locator(".head").get_by_text("acked").wait_for()
    tab.goto(f"{demo.address}/targets/{NAME}")
    tab.get_by_placeholder("why").fill("release day")
    tab.get_by_role("button", name="Silence").click()
    tab.get_by_text("release day").wait_for()

    tab.goto(f"{demo.address}/targets/{NAME}?range=day")
    drawing = tab.locator("figure.timeline svg")
    assert "20241016 is out" in drawing.locator("desc").text_content()
    assert drawing.locator(".mark.acked").count() == 1
    assert drawing.locator(".drift").count() == 1


def test_everything_works_without_javascript(demo: Demo, browser: Any) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{demo.address}/")
    page.get_by_label("Search").fill("standalone")
    page.get_by_role("button", name="Filter").click()
    page.get_by_role("link", name=NAME).click()
    assert page.locator("h1").inner_text() == NAME
    context.close()


def test_typing_in_the_search_filters_without_a_reload(demo: Demo, tab: Any) -> None:
    tab.goto(f"{demo.address}/")
    tab.get_by_label("Search").fill("nothing like it")
    tab.get_by_text("Nothing matches").wait_for(timeout=10_000)
    assert tab.evaluate("document.activeElement.name") == "q"
    tab.get_by_label("Search").fill("python")
    tab.locator("tr.row").wait_for(timeout=10_000)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_axe_finds_no_serious_violation_and_nothing_is_wider_than_the_screen(
    demo: Demo, browser: Any, axe: str, scheme: Any, width: int
) -> None:
    context = browser.new_context(
        viewport={"width": width, "height": 800}, color_scheme=scheme, bypass_csp=True
    )
    page = context.new_page()
    for path in ("/", f"/targets/{NAME}", "/alerts", "/deliveries", "/silences", "/login"):
        page.goto(demo.address + path)
        page.evaluate(axe)
        found = page.evaluate("axe.run()")["violations"]
        bad = [
            (one["id"], one["nodes"][0]["html"]) for one in found if one["impact"] in {"serious", "critical"}
        ]
        assert bad == [], path
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
    context.close()


@pytest.fixture(scope="session")
def axe(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The source of axe-core, from npm."""
    folder = tmp_path_factory.mktemp("axe")
    command = ["npm", "install", "--no-audit", "--no-fund", "--ignore-scripts", "axe-core@4"]
    subprocess.run(command, cwd=folder, check=True, capture_output=True)
    return Path(folder / "node_modules/axe-core/axe.min.js").read_text()


def test_the_keyboard_reaches_the_content_and_every_control_has_a_name(demo: Demo, tab: Any) -> None:
    tab.goto(f"{demo.address}/")
    tab.keyboard.press("Tab")
    assert tab.evaluate("document.activeElement.className") == "skip"
    tab.keyboard.press("Enter")
    assert tab.evaluate("document.activeElement.id") == "main"
    names = tab.evaluate("JSON.stringify([...document.querySelectorAll('a')].map(a => a.textContent.trim()))")
    assert all(json.loads(names))
