"""The page of `scratchae explore` in a real browser: what it decodes, what it draws, and what its controls do."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from helpers.browser_page import Page, started_browser
from helpers.explore_pages import BRIEF, X, autoencoder, conditional, vae
from selenium import webdriver
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.actions.action_builder import ActionBuilder
from selenium.webdriver.common.actions.pointer_input import PointerInput
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

import scratchae as sae
from scratchae.models.preparation import Preparation

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def browser() -> Iterator[webdriver.Chrome]:
    driver = started_browser()
    yield driver
    driver.quit()


@pytest.fixture
def opened(browser: webdriver.Chrome, tmp_path: Path) -> Iterator[Callable[..., Page]]:
    """opened(model, **options of write_page): its page; in the end there must have been no error in it."""
    browser.get_log("browser")  # what was said so far
    yield lambda model, **options: Page(browser, tmp_path / "page.html", model, **options)
    assert [entry for entry in browser.get_log("browser") if entry["level"] == "SEVERE"] == []
    # It is all in the page: nothing was asked of any other place.
    assert browser.execute_script('return performance.getEntriesByType("resource").map((entry) => entry.name)') == []


MODELS: dict[str, Callable[[], Any]] = {
    "relu, Bernoulli": vae,
    "tanh, Gaussian": lambda: vae(activation="tanh", likelihood="gaussian", hidden_sizes=(16, 8), latent_dim=4),
    "sigmoid, Gaussian, sigmoid output": lambda: autoencoder(
        activation="sigmoid", likelihood="gaussian", output_activation="sigmoid"
    ),
    "tied, Bernoulli": lambda: autoencoder(tied_weights=True, hidden_sizes=(20, 10)),
    "tied, Gaussian, no hidden layer": lambda: autoencoder(tied_weights=True, hidden_sizes=(), likelihood="gaussian"),
    "stacked": lambda: sae.StackedAutoencoder((16, 4), pretrain_epochs=2, **BRIEF).fit(X),
    "conditional": lambda: conditional(activation="tanh", latent_dim=3),
    "importance-weighted": lambda: sae.ImportanceWeightedAutoencoder((16,), 1, n_samples=2, **BRIEF).fit(X),
    "double precision": lambda: vae(dtype="float64"),
}


@pytest.mark.parametrize("kind", MODELS)
def test_the_browser_decodes_and_draws_what_python_does(kind: str, opened: Callable[..., Page]) -> None:
    page = opened(MODELS[kind]())
    size = len(page.check())
    for z in [*np.random.default_rng(0).normal(0, 2, (5, size)), np.full(size, 40.0), np.full(size, -40.0)]:
        page.run("scratchae.moveTo(arguments[0])", z.tolist())
        np.testing.assert_array_equal(page.check(), z)


def test_an_image_that_is_not_square(opened: Callable[..., Page]) -> None:
    page = opened(vae(), image_shape=(4, 16))
    page.check()
    assert [page.find("image").get_property(side) for side in ("height", "width")] == [4, 16]


def test_dragging_in_the_plane(opened: Callable[..., Page]) -> None:
    page = opened(vae())
    before, plane = page.state(), page.find("plane")
    assert before["z"] == [0, 0]
    width = plane.rect["width"]
    drag = ActionChains(page.browser, duration=20).move_to_element(plane).click_and_hold()
    drag.move_by_offset(int(width / 4), 0).move_by_offset(0, int(-width / 3)).perform()
    z = page.check()  # the button is still down
    np.testing.assert_allclose(z, [1.5, 2], atol=12 / width)  # of six in the whole width
    after = page.state()
    assert after["greys"] != before["greys"]
    np.testing.assert_allclose([float(after["sliders"][f"latent-{j}"]) for j in (0, 1)], z, atol=0.0051)
    ActionChains(page.browser, duration=20).release().move_by_offset(-50, 0).perform()
    np.testing.assert_array_equal(page.check(), z)


def test_a_finger_in_the_plane(opened: Callable[..., Page]) -> None:
    page = opened(vae())
    plane = page.find("plane")
    touch = ActionBuilder(page.browser, mouse=PointerInput("touch", "finger"), duration=20)
    width = plane.rect["width"]
    touch.pointer_action.move_to(plane).pointer_down().move_to(plane, int(-width / 3), int(width / 6)).pointer_up()
    touch.perform()
    np.testing.assert_allclose(page.check(), [-2, -1], atol=6 / width)


def test_arrow_keys_in_the_plane(opened: Callable[..., Page]) -> None:
    page = opened(vae())
    plane = page.find("plane")
    plane.send_keys(Keys.ARROW_RIGHT, Keys.ARROW_RIGHT, Keys.ARROW_UP)
    np.testing.assert_allclose(page.check(), [0.2, 0.1])
    plane.send_keys(Keys.SHIFT, Keys.ARROW_LEFT, Keys.ARROW_DOWN)
    np.testing.assert_allclose(page.check(), [-0.3, -0.4])
    assert "−0.30" in plane.get_attribute("aria-label")
    plane.send_keys(Keys.HOME)
    np.testing.assert_array_equal(page.check(), [0, 0])


def test_the_plane_of_a_code_without_a_prior(opened: Callable[..., Page]) -> None:
    page = opened(autoencoder(latent_dim=2), X=X)
    mean, deviation = (getattr(page.model.encode(X).astype(np.float64), name)(axis=0) for name in ("mean", "std"))
    np.testing.assert_allclose(page.check(), mean, rtol=1e-5)
    plane = page.find("plane")
    width = plane.rect["width"]
    ActionChains(page.browser, duration=20).move_to_element_with_offset(plane, int(width / 3), 0).click().perform()
    np.testing.assert_allclose((page.check() - mean) / deviation, [2, 0], atol=6 / width)


def test_the_backdrop_of_the_plane_is_decoded_where_it_lies(opened: Callable[..., Page]) -> None:
    page = opened(conditional())
    greys = """
    const canvas = document.getElementById("backdrop"), n = canvas.width / 9;
    const [column, row] = [arguments[0], arguments[1]];
    const part = canvas.getContext("2d").getImageData(9 * column, 9 * row, 8, 8).data;
    return [n, Array.from(part).filter((_, i) => i % 4 === 0)];
    """
    for k in (0, 3):
        page.find(f"class-{k}").send_keys(Keys.SPACE)
        for column, row in ((0, 0), (2, 10)):
            n, shown = page.run(greys, column, row)
            z = [-3 + 6 * (column + 0.5) / n, 3 - 6 * (row + 0.5) / n]
            assert np.abs(np.array(shown) - 255 * (1 - page.decoded(z, k))).max() <= 1


def test_sliders(opened: Callable[..., Page]) -> None:
    page = opened(vae(latent_dim=6, epochs=30))
    influence = page.run("return scratchae.model.influence")
    order = page.run('return [...document.querySelectorAll("#latents input")].map((input) => input.id)')
    assert order == [f"latent-{j}" for j in np.argsort(influence)[::-1]]
    first = int(order[0].removeprefix("latent-"))
    before = page.state()
    page.find(order[0]).send_keys(Keys.ARROW_RIGHT, Keys.ARROW_RIGHT, Keys.ARROW_RIGHT)
    np.testing.assert_allclose(page.check(), 0.15 * (np.arange(6) == first), atol=1e-9)
    assert page.state()["greys"] != before["greys"] and page.state()["sliders"][order[0]] == "0.15"
    slider = page.find(order[1])
    ActionChains(page.browser, duration=20).drag_and_drop_by_offset(slider, 40, 0).perform()
    second = int(order[1].removeprefix("latent-"))
    assert page.check()[second] > 0.5
    assert page.find(order[1]).get_attribute("aria-valuetext") == page.state()["sliders"][order[1]]


def test_attributes(opened: Callable[..., Page]) -> None:
    v, w = np.array([0.6, 0, 0.8, 0]), np.array([0, 2.0, 0, 0])
    page = opened(vae(latent_dim=4), attributes={"slant": v, "width": (w, (-1, 1))})
    page.run("scratchae.moveTo([0.5, 0.5, -0.5, 1])")
    z = page.check()
    assert page.state()["sliders"]["attribute-0"] == f"{z @ v:.2f}"
    assert page.state()["sliders"]["attribute-1"] == f"{z @ w / 4:.2f}"
    before = page.state()
    page.find("attribute-0").send_keys(Keys.END)  # as far as it goes: three standard deviations
    moved = page.check()
    np.testing.assert_allclose(moved, z + (3 - z @ v) * v, atol=1e-9)
    assert page.state()["greys"] != before["greys"]
    shown = page.state()["sliders"]
    assert [shown[f"latent-{j}"] for j in range(4)] == [f"{value:.2f}" for value in moved]
    page.find("latent-1").send_keys(Keys.HOME)
    assert page.state()["sliders"]["attribute-1"] == "-1.50"  # a slider of the code moves those of the attributes
    labels = [label.text for label in page.browser.find_elements(By.CSS_SELECTOR, "#attributes label")]
    assert labels == ["slant", "width"]


def test_classes(opened: Callable[..., Page]) -> None:
    page = opened(conditional(epochs=20))
    page.run("scratchae.moveTo([0.5, -1])")
    seen = []
    for k in (3, 0, 9):
        label = page.browser.find_elements(By.CSS_SELECTOR, "#classes label")[k]
        label.click()
        assert page.state()["k"] == k and label.text == str(page.model.classes_[k])
        np.testing.assert_array_equal(page.check(), [0.5, -1])
        seen.append(tuple(page.state()["greys"]))
    assert len(set(seen)) == 3


def test_buttons(opened: Callable[..., Page]) -> None:
    page = opened(vae(latent_dim=3))
    page.find("random").click()
    assert page.check().any()
    draws = """
    const button = document.getElementById("random"), draws = [];
    for (let i = 0; i < 2000; i++) { button.click(); draws.push(...scratchae.z); }
    return draws;
    """
    draws = np.array(page.run(draws))  # 6000 numbers from the prior: five standard errors to each side
    assert abs(draws.mean()) < 5 / np.sqrt(6000) and abs(draws.var() - 1) < 5 * np.sqrt(2 / 6000)
    page.find("centre").click()
    np.testing.assert_array_equal(page.check(), [0, 0, 0])


def test_a_random_code_stays_where_codes_can_be(opened: Callable[..., Page]) -> None:
    page = opened(autoencoder(code_activation="sigmoid"))
    draws = """
    const button = document.getElementById("random"), draws = [];
    for (let i = 0; i < 500; i++) { button.click(); draws.push(...scratchae.z); }
    return draws;
    """
    draws = np.array(page.run(draws))
    assert 0 <= draws.min() < 0.1 and 0.9 < draws.max() <= 1


def test_a_long_code_shows_those_that_matter_and_all_on_request(opened: Callable[..., Page]) -> None:
    page = opened(vae(latent_dim=120))
    assert len(page.state()["sliders"]) == 50
    page.find("all").click()
    assert len(page.state()["sliders"]) == 120 and not page.find("all").is_displayed()
    page.find("random").click()
    z, shown = page.check(), page.state()["sliders"]
    assert z.all()
    np.testing.assert_allclose([float(shown[f"latent-{j}"]) for j in range(120)], z, atol=0.0051)


def test_bars(opened: Callable[..., Page]) -> None:
    rng = np.random.default_rng(0)
    x = rng.normal(0, 1, (200, 2)) @ rng.normal(0, 1, (2, 7))
    model = sae.Autoencoder((8,), 2, activation="tanh", likelihood="gaussian", epochs=200, random_state=0).fit(x)
    page = opened(model, X=x)
    assert page.find("bars").is_displayed() and not page.find("image").is_displayed()
    z = model.encode(x[np.abs(x).sum(axis=1).argmax(), None])[0].tolist()  # far out, where bars are long
    page.run("scratchae.moveTo(arguments[0])", z)
    heights = """
    const canvas = document.getElementById("bars"), { width, height } = canvas;
    const tall = (j) => {
      const column = canvas.getContext("2d").getImageData(Math.floor((j + 0.5) * width / 7), 0, 1, height).data;
      return column.filter((value, i) => i % 4 === 3 && value > 127).length / height;
    };
    return [0, 1, 2, 3, 4, 5, 6].map(tall);
    """
    low, high = min(0, x.min()), max(0, x.max())
    expected = np.abs(page.decoded(z)) / (high - low)
    assert expected.max() > 0.1
    np.testing.assert_allclose(page.run(heights), expected, atol=2 / 200)
    assert page.find("bars").get_attribute("aria-label").startswith("Decoded features, 7 bars. x[0] ")


def test_bars_of_a_standardised_table_have_its_units(opened: Callable[..., Page]) -> None:
    rng = np.random.default_rng(0)
    rows = rng.normal(0, 1, (200, 2)) @ rng.normal(0, 1, (2, 4)) * [1, 100, 0.01, 5] + [0, 1000, 3, -7]
    preparation = Preparation().fit(rows)
    x = preparation.transform(rows)
    model = sae.Autoencoder((8,), 2, likelihood="gaussian", epochs=200, random_state=0).fit(x)
    model.preparation_, model.image_shape_ = preparation, None
    model.feature_names_in_ = np.array(["a", "b", "c", "d"], object)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # arrays have no names
        page = opened(model, X=x)
        z = model.encode(x[:1])[0].tolist()
    page.run("scratchae.moveTo(arguments[0])", z)
    expected = preparation.inverse_transform(page.decoded(z)[None])[0]
    shown = page.run('return [...document.querySelectorAll("#names b")].map((number) => number.textContent)')
    np.testing.assert_allclose(
        [float(text.replace("−", "-")) for text in shown], expected, atol=0.02 * preparation.scale_.max(), rtol=0.01
    )
    assert page.run('return [...document.querySelectorAll("#names span")].map((name) => name.title)') == [
        "a",
        "b",
        "c",
        "d",
    ]
    assert f"b {shown[1]}" in page.find("bars").get_attribute("aria-label")


def test_a_standardised_image_is_shown_in_its_own_grey_values(opened: Callable[..., Page]) -> None:
    preparation = Preparation().fit(X)
    model = sae.Autoencoder((16,), 2, likelihood="gaussian", **BRIEF).fit(preparation.transform(X))
    model.preparation_, model.image_shape_ = preparation, (8, 8)
    page = opened(model, X=preparation.transform(X))
    state = page.state()
    grey = preparation.inverse_transform(page.decoded(state["z"])[None])[0]
    low, high = page.run("return scratchae.model.value_range")
    assert (low, high) == pytest.approx((0, 1))
    assert np.abs(np.array(state["greys"]) - 255 * (1 - np.clip(grey, 0, 1))).max() <= 1


NAMES = """
return [...document.querySelectorAll("input, button, canvas, [tabindex]")]
  .filter((part) => !part.closest("[hidden]") && !part.closest("[aria-hidden=true]"))
  .map((part) => [part.id, part.ariaLabel || (part.labels ? part.labels[0]?.textContent : "") || part.textContent.trim()]);
"""


@pytest.mark.parametrize("width", [340, 1100])
def test_everything_has_a_name_and_fits(width: int, opened: Callable[..., Page]) -> None:
    page = opened(conditional(), attributes={"a name that is rather long for a slider": [1, 0]})
    size = {"width": width, "height": 800, "deviceScaleFactor": 1, "mobile": width < 500}
    page.browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    names = dict(page.run(NAMES))
    assert {"image", "plane", "latent-0", "attribute-0", "class-9", "random", "centre"} <= set(names)
    assert all(names.values())
    assert page.run("return document.documentElement.scrollWidth") <= width
    page.browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


def test_dark_and_light(opened: Callable[..., Page]) -> None:
    page = opened(vae())
    colours = {}
    for scheme in ("light", "dark"):
        feature = {"name": "prefers-color-scheme", "value": scheme}
        page.browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [feature]})
        page.check()  # the picture is turned over by the style, not in its pixels
        colours[scheme] = page.run("return getComputedStyle(document.body).backgroundColor")
    page.browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})
    assert colours["light"] != colours["dark"]
