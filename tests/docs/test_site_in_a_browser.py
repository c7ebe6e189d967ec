"""Every page of the built site: its links; and in a real browser what it logs, asks for, shows, lights up, and how accessible it is.

The site is built by `python docs/build.py`; without it these tests are skipped, unless $SCRATCHAE_SITE says where it must be. The accessibility
tests need axe-core beside KaTeX: npm install --prefix build/npm axe-core.
"""

from __future__ import annotations

import os
import re
import time
from collections.abc import Iterator
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote

import pytest

ROOT = Path(__file__).resolve().parents[2]
DEMANDED = os.environ.get("SCRATCHAE_SITE")
SITE = Path(DEMANDED) if DEMANDED else ROOT / "build" / "site"
AXE = ROOT / "build" / "npm" / "node_modules" / "axe-core" / "axe.min.js"
PAGES = sorted(path.relative_to(SITE).as_posix() for path in SITE.rglob("*.html"))
# Of pages that are made in the same way, one is looked at for accessibility.
ALIKE = ("source/", "api/", "genindex", "py-modindex")

if not PAGES:
    if DEMANDED:
        raise FileNotFoundError(f"there is no site in {SITE}")
    pytest.skip("the site is not built: python docs/build.py", allow_module_level=True)

from helpers.browser_page import started_browser  # noqa: E402
from selenium import webdriver  # noqa: E402
from selenium.webdriver.common.action_chains import ActionChains  # noqa: E402
from selenium.webdriver.common.keys import Keys  # noqa: E402

pytestmark = pytest.mark.browser

# Errors in the page, what it asked for, its width, and TeX that was not set.
LOOK = r"""
const shown = document.querySelector("article").cloneNode(true);
for (const part of shown.querySelectorAll("pre, code, script, .katex, .literal, .sig")) part.remove();
return {
  asked: performance.getEntriesByType("resource").map((entry) => entry.name).filter((name) => !name.startsWith("file:") && !name.startsWith("data:")),
  width: document.documentElement.scrollWidth,
  tex: (shown.textContent.match(/\\[a-zA-Z]{2,}|\$[^$\n]{1,80}\$|\\\(|\\\[/g) || []).slice(0, 5),
};
"""


class Anchors(HTMLParser):
    """The ids and the links of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.ids: set[str] = set()
        self.links: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.ids |= {value for key in ("id", "name") if (value := given.get(key))}
        self.links += [value for key in ("href", "src") if (value := given.get(key))]


@cache
def anchors(page: str) -> Anchors:
    found = Anchors()
    found.feed((SITE / page).read_text("utf-8"))
    return found


@pytest.fixture(scope="module")
def browser() -> Iterator[webdriver.Chrome]:
    driver = started_browser()
    yield driver
    driver.quit()


def resize(browser: webdriver.Chrome, width: int, height: int) -> None:
    size = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 500}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)


def visit(browser: webdriver.Chrome, page: str) -> None:
    browser.get((SITE / page.partition("#")[0]).as_uri() + ("#" + page.partition("#")[2] if "#" in page else ""))


def test_all_links_and_anchors_lead_somewhere() -> None:
    broken = []
    for page in PAGES:
        for link in anchors(page).links:
            target, _, fragment = unquote(link).partition("#")
            if re.match(r"[a-z]+:", target) or target.startswith("//"):
                continue
            goal = (SITE / page).parent.joinpath(target.partition("?")[0]).resolve() if target else SITE / page
            if not goal.is_file():
                broken.append(f"{page}: {link}")
            elif (
                fragment
                and goal.suffix == ".html"
                and fragment not in anchors(goal.relative_to(SITE.resolve() if target else SITE).as_posix()).ids
            ):
                broken.append(f"{page}: {link} has no such place")
    assert not broken, "\n".join(broken[:50])


def test_every_page_on_a_phone_without_errors_requests_raw_tex_or_sideways_scroll(browser: webdriver.Chrome) -> None:
    problems: list[str] = []
    resize(browser, 390, 844)
    browser.get_log("browser")
    for page in PAGES:
        visit(browser, page)
        seen = browser.execute_script(LOOK) if page != "search.html" else {"asked": [], "width": 0, "tex": []}
        problems += [f"{page}: asks for {name}" for name in seen["asked"]]
        problems += [f"{page}: shows {tex}" for tex in seen["tex"]]
        problems += [f"{page}: {seen['width']} px wide"] if seen["width"] > 390 else []
        problems += [
            f"{page}: {entry['message']}" for entry in browser.get_log("browser") if entry["level"] == "SEVERE"
        ]
    assert not problems, "\n".join(problems[:60])


def accessible_pages() -> list[str]:
    """Every page, and of those that are made alike the first and the largest."""
    alike = [[page for page in PAGES if page.startswith(start)] for start in ALIKE]
    chosen = [page for page in PAGES if not page.startswith(ALIKE)]
    for pages in filter(None, alike):
        chosen += {pages[0], max(pages, key=lambda page: (SITE / page).stat().st_size)}
    return chosen


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 390)])
def test_axe_finds_nothing_serious(browser: webdriver.Chrome, scheme: str, width: int) -> None:
    if not AXE.exists():
        assert not DEMANDED, f"axe-core is not in {AXE}"
        pytest.skip("axe-core is not there: npm install --prefix build/npm axe-core")
    code = AXE.read_text("utf-8")
    found: dict[str, list[str]] = {}
    resize(browser, width, 900)
    browser.execute_cdp_cmd(
        "Emulation.setEmulatedMedia", {"features": [{"name": "prefers-color-scheme", "value": scheme}]}
    )
    browser.set_script_timeout(120)
    for page in accessible_pages():
        visit(browser, page)
        browser.execute_script("for (const part of document.querySelectorAll('details')) part.open = true;" + code)
        for impact, rule, count, place, why in browser.execute_async_script(
            "const [skipped, done] = arguments;"
            "axe.run({exclude: skipped}, {resultTypes: ['violations']}).then((found) => done(found.violations.map("
            "(v) => [v.impact, v.id, v.nodes.length, v.nodes[0].target.join(' '), v.nodes[0].failureSummary])));",
            []
            if page == "derivations/dense.html"
            else [[".katex"]],  # inside, all formulas are alike, and most of a page's elements
        ):
            if impact in ("serious", "critical"):
                found.setdefault(f"{impact}: {rule}", []).append(f"{page}, {count} places, the first {place}: {why}")
    told = [f"{rule}, on {len(places)} pages:\n  " + "\n  ".join(places[:3]) for rule, places in found.items()]
    assert not told, "\n".join(["", *told])


def lit(browser: webdriver.Chrome) -> list[str]:
    """The labels and symbols of what is lit."""
    script = "return [...document.querySelectorAll('article .lit')].map((e) => e.dataset.label || e.dataset.s)"
    return browser.execute_script(script)


def test_pointing_at_an_equation_lights_its_line_and_numbers_and_back(browser: webdriver.Chrome) -> None:
    resize(browser, 1280, 900)
    visit(browser, "derivations/dense.html")
    equation = browser.find_element("css selector", ".equation[data-label='dense.6']")
    line = browser.find_element("css selector", ".proof[data-label='dense.6'] .coded")
    for place in (equation, line):
        browser.execute_script("arguments[0].scrollIntoView({block: 'center', behavior: 'instant'})", place)
        ActionChains(browser, duration=20).move_to_element_with_offset(
            place, -place.size["width"] // 2 + 3, 0
        ).perform()
        for part in (equation, line, browser.find_element("css selector", ".proof[data-label='dense.6']")):
            assert "lit" in part.get_attribute("class").split()
        assert {label for found in lit(browser) for label in found.split() if "." in label} >= {"dense.6"}
        assert "lit" not in browser.find_element("css selector", ".equation[data-label='dense.4']").get_attribute(
            "class"
        )
    beside = browser.find_element("css selector", ".proof[data-label='dense.6']").rect
    assert beside["x"] > equation.rect["x"] + equation.rect["width"] and abs(beside["y"] - equation.rect["y"]) < 40


def test_pointing_at_a_symbol_shows_its_meaning_and_lights_its_other_uses(browser: webdriver.Chrome) -> None:
    resize(browser, 1280, 900)
    visit(browser, "derivations/dense.html")
    symbol = browser.find_element("css selector", ".equation[data-label='dense.4'] [data-s='W']")
    browser.execute_script("arguments[0].scrollIntoView({block: 'center', behavior: 'instant'})", symbol)
    ActionChains(browser, duration=20).move_to_element(symbol).perform()
    tip = browser.find_element("id", "tip")
    assert tip.is_displayed() and "weights of a layer" in tip.text and "(D_in, D_out)" in tip.text
    assert lit(browser).count("W") > 5
    assert browser.find_elements("css selector", ".proof .coded [data-s='W'].lit"), "its name in the code, too"
    ActionChains(browser).send_keys(Keys.ESCAPE).move_to_element(browser.find_element("css selector", "h1")).perform()
    assert not tip.is_displayed() and not lit(browser)


def test_everything_by_keyboard(browser: webdriver.Chrome) -> None:
    resize(browser, 1280, 900)
    visit(browser, "derivations/dense.html")
    equation = browser.find_element("css selector", ".equation[data-label='dense.4']")
    browser.execute_script("arguments[0].focus()", equation)
    assert "lit" in browser.find_element("css selector", ".proof[data-label='dense.4']").get_attribute("class")
    walked = []
    for _ in range(3):
        ActionChains(browser).send_keys(Keys.ARROW_RIGHT).perform()
        walked.append(browser.execute_script("return document.querySelector('.here').dataset.s"))
    assert walked == ["d-x", "d-y", "W"]
    assert "weights of a layer" in browser.find_element("css selector", "[role=status]").get_attribute("textContent")
    ActionChains(browser).send_keys(Keys.ESCAPE).perform()
    assert not lit(browser)


def test_panels_are_folded_on_a_phone_and_open_without_javascript(browser: webdriver.Chrome) -> None:
    resize(browser, 390, 844)
    visit(browser, "derivations/dense.html")
    script = "return [...document.querySelectorAll('.proof details.all')].map((e) => e.open)"
    assert set(browser.execute_script(script)) == {False}
    browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    try:
        visit(browser, "derivations/dense.html")
        text = browser.find_element("css selector", ".proof[data-label='dense.4']").text
        assert "dx = dy @ W.T" in text and "claims hold" in text
        assert browser.find_elements("css selector", ".equation .katex-html")
    finally:
        browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})


def test_every_implemented_equation_has_line_numbers_and_proof_in_its_page() -> None:
    missing, seen = [], 0
    for page in PAGES:
        if page.startswith("derivations/"):
            for part in re.split(r'(?=<aside class="proof")', (SITE / page).read_text("utf-8"))[1:]:
                part = part.partition("</aside>")[0]
                label = re.match(r'<aside class="proof" data-label="([^"]+)"', part)
                if label:
                    seen += 1
                    wanted = {"line": 'class="coded"', "number": 'class="numbers"', "claim": 'class="claims holds"'}
                    missing += [
                        f"{page}: ({label[1]}) shows no {name}" for name, mark in wanted.items() if mark not in part
                    ]
    assert seen > 100 and not missing, "\n".join(missing)


def test_search_finds_a_page_from_the_file_system(browser: webdriver.Chrome) -> None:
    resize(browser, 1280, 900)
    browser.get((SITE / "search.html").as_uri() + "?q=reparameterize")
    for _ in range(100):
        found = browser.find_elements("css selector", "#search-results li a")
        if found:
            break
        time.sleep(0.1)
    assert any("reparameterize" in (link.get_attribute("href") or "") for link in found)


def test_an_address_leads_to_its_equation(browser: webdriver.Chrome) -> None:
    resize(browser, 1280, 900)
    visit(browser, "derivations/variational.html#equation-variational-6")
    script = "return document.getElementById('equation-variational-6').getBoundingClientRect().top"
    for _ in range(50):  # the page scrolls smoothly
        if 0 <= browser.execute_script(script) < 300:
            return
        time.sleep(0.1)
    raise AssertionError(f"the equation is {browser.execute_script(script)} px below the top")
