"""The reports in a real browser: they fit any screen, make no requests, and their strict policy allows their own style."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from grading.small_class import HOSTILE, results_of
from scratchae.grading.reports.write import page_name, write_reports

pytest.importorskip("selenium", reason="selenium, which drives the browser, is not installed: pip install -e '.[test]'")
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
DRIVER = shutil.which("chromedriver")
if CHROMIUM is None or DRIVER is None:
    missing = "chromium" if CHROMIUM is None else "chromedriver"
    pytest.skip(f"{missing} is not installed (Debian: chromium, chromium-driver)", allow_module_level=True)

from selenium import webdriver  # noqa: E402
from selenium.webdriver.chrome.service import Service  # noqa: E402

pytestmark = pytest.mark.browser

ODD = HOSTILE.replace("\x1b", "\ufffd")


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    options = webdriver.ChromeOptions()
    options.binary_location = CHROMIUM
    for argument in ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    driver = webdriver.Chrome(options, Service(DRIVER))
    yield driver
    driver.quit()


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("report")
    write_reports(folder, results_of(tmp_path_factory.mktemp("graded")))
    return folder


@pytest.mark.parametrize("width", [340, 1200])
def test_pages_fit_and_nothing_is_refused(width: int, browser: Any, report: Path) -> None:
    size = {"width": width, "height": 800, "deviceScaleFactor": 1, "mobile": width < 500}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    pages = [
        report / "report.html",
        *(report / kind / page_name(n) for kind in ("feedback", "teacher") for n in ("mean", "broken", ODD)),
    ]
    for path in pages:
        browser.get(path.as_uri())
        browser.execute_script("document.querySelectorAll('details').forEach((d) => { d.open = true; })")
        assert browser.execute_script("return document.documentElement.scrollWidth") <= width, path.name
        assert (
            browser.execute_script("return getComputedStyle(document.querySelector('section')).borderRadius") == "12px"
        )
        assert not browser.get_log("browser"), path.name


def test_names_are_shown_as_they_are(browser: Any, report: Path) -> None:
    browser.get((report / "feedback" / page_name(ODD)).as_uri())
    assert browser.find_element("tag name", "h1").text == ODD
    assert ODD in browser.title and not browser.find_elements("tag name", "script")
    browser.get((report / "report.html").as_uri())
    browser.get(browser.find_element("link text", ODD).get_attribute("href"))
    assert browser.find_element("tag name", "h1").text == ODD


def test_dark_and_light(browser: Any, report: Path) -> None:
    browser.get((report / "report.html").as_uri())
    colours = {}
    for scheme in ("light", "dark"):
        features = [{"name": "prefers-color-scheme", "value": scheme}]
        browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})
        colours[scheme] = browser.execute_script("return getComputedStyle(document.body).backgroundColor")
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})
    assert colours["light"] != colours["dark"]
