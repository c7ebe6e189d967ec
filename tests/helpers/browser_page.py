"""A real browser with the page of `scratchae explore`; tests that import this are skipped if no browser is installed."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from scratchae.explore import write_page

pytest.importorskip("selenium", reason="selenium, which drives the browser, is not installed: pip install -e '.[test]'")
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
DRIVER = shutil.which("chromedriver")
if CHROMIUM is None or DRIVER is None:
    missing = "chromium" if CHROMIUM is None else "chromedriver"
    pytest.skip(f"{missing} is not installed (Debian: chromium, chromium-driver)", allow_module_level=True)

from selenium import webdriver  # noqa: E402
from selenium.webdriver.common.by import By  # noqa: E402

# The state of the page, and the grey value of each pixel of the image.
STATE = """
const image = document.getElementById("image"), sliders = {};
for (const input of document.querySelectorAll("input[type=range]"))
  sliders[input.id] = input.nextSibling.textContent.replace("−", "-");
const greys = image.hidden ? [] : Array.from(image.getContext("2d").getImageData(0, 0, image.width, image.height).data);
return {z: scratchae.z, k: scratchae.k, x: scratchae.x, greys: greys.filter((_, i) => i % 4 === 0), sliders};
"""


def started_browser() -> webdriver.Chrome:
    """Start a headless browser; its log contains the errors of its pages."""
    options = webdriver.ChromeOptions()
    options.binary_location = CHROMIUM
    for argument in (
        "--headless=new",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-dev-shm-usage",
        "--window-size=1100,1000",
    ):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    return webdriver.Chrome(options=options, service=webdriver.ChromeService(DRIVER))


class Page:
    """The page of a model in the browser."""

    def __init__(self, browser: webdriver.Chrome, path: Path, model: Any, **options: Any) -> None:
        self.browser, self.model = browser, model
        browser.get(write_page(model, path, **options).as_uri())

    def run(self, script: str, *arguments: Any) -> Any:
        return self.browser.execute_script(script, *arguments)

    def state(self) -> dict[str, Any]:
        return self.run(STATE)

    def find(self, id: str) -> Any:
        return self.browser.find_element(By.ID, id)

    def decoded(self, z: Any, k: int = 0) -> np.ndarray:
        """Decode a code in Python."""
        classes = getattr(self.model, "classes_", None)
        return self.model.decode(np.array([z]), *(() if classes is None else [classes[k]]))[0]

    def check(self) -> np.ndarray:
        """Fail unless the page shows the image that Python decodes from its code; return the code."""
        state = self.state()
        expected = self.decoded(state["z"], state["k"])
        np.testing.assert_allclose(state["x"], expected, atol=1e-5)
        low, high = self.run("return scratchae.model.value_range")
        shares = np.clip((expected - low) / (high - low), 0, 1)
        assert np.abs(np.array(state["greys"]) - 255 * (1 - shares)).max() <= 1
        return np.array(state["z"])
