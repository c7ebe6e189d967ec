"""The widgets of the derivations in a real browser: their numbers are Python's, and their controls do what they say."""

from __future__ import annotations

import base64
import json
import re
import runpy
import time
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from helpers.browser_page import started_browser
from scipy.integrate import quad
from scipy.optimize import minimize
from scipy.stats import norm
from selenium import webdriver
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

import scratchae as sae
from scratchae import ops
from scratchae.baselines import LinearGaussian

pytestmark = pytest.mark.browser

DOCS = Path(__file__).resolve().parents[2] / "docs"
PAGE = DOCS / "try-it.html"
MODELS = DOCS / "_static" / "widgets" / "digits_models.js"
NAMES = ("kl", "draw", "gap", "digits")
CLASSES = {"basic": sae.Autoencoder, "denoising": sae.DenoisingAutoencoder, "variational": sae.VariationalAutoencoder}


@pytest.fixture(scope="module")
def browser() -> Iterator[webdriver.Chrome]:
    driver = started_browser()
    yield driver
    driver.quit()


@pytest.fixture
def page(browser: webdriver.Chrome) -> Iterator[webdriver.Chrome]:
    """The page with all widgets; in the end there must have been no error in it, and no request to another place."""
    browser.get_log("browser")  # what was said so far
    browser.get(PAGE.as_uri())
    yield browser
    assert [entry for entry in browser.get_log("browser") if entry["level"] == "SEVERE"] == []
    names = browser.execute_script('return performance.getEntriesByType("resource").map((entry) => entry.name)')
    assert not [name for name in names if not name.startswith(("file:", "data:"))]


def number(page: webdriver.Chrome, expression: str, *arguments: Any) -> Any:
    """The value of an expression of numbers.js; `$` are the arguments."""
    return page.execute_script(f"const $ = arguments; const N = SaeNumbers; return {expression};", *arguments)


def state(page: webdriver.Chrome, name: str) -> dict[str, Any]:
    return page.execute_script(f'return document.querySelector("[data-widget={name}]").sae.state')


def shown(page: webdriver.Chrome, name: str) -> dict[str, float]:
    """The numbers that a widget shows."""
    found = page.find_elements(By.CSS_SELECTOR, f"[data-widget={name}] [data-number]")
    return {each.get_attribute("data-number"): float(each.text.replace("−", "-").split(" ")[0]) for each in found}


def control(page: webdriver.Chrome, name: str, label: str) -> Any:
    """The slider, the button or the choice of a widget that has this label."""
    return page.execute_script(
        """
        const parts = [...document.querySelectorAll(`[data-widget=${arguments[0]}] :is(input, button)`)];
        return parts.find((part) => (part.labels?.[0]?.textContent ?? part.textContent) === arguments[1]);
        """,
        name,
        label,
    )


def push(page: webdriver.Chrome, name: str, label: str) -> None:
    page.execute_script(
        "arguments[0].scrollIntoView({block: 'center'}); arguments[0].click()", control(page, name, label)
    )


# q over p.


class Target:
    """The density with two modes, and a normal q: every integral by SciPy's quadrature."""

    def __init__(self, a: float) -> None:
        self.a, self.log_z = a, 0.0
        self.log_z = float(np.log(self.integral(lambda z: np.exp(self.log(z)))))

    def log(self, z: float) -> float:
        return -((z**2 - self.a**2) ** 2) / 4 + z / 8 - self.log_z

    def integral(self, f: Any, low: float = -9.0, high: float = 9.0) -> float:
        return float(quad(f, low, high, points=[-self.a, 0, self.a], limit=400, epsabs=1e-11, epsrel=1e-11)[0])

    def kl_qp(self, mu: float, logvar: float) -> float:
        q = norm(mu, np.exp(logvar / 2))
        whole = lambda z: q.pdf(z) * (q.logpdf(z) - self.log(z))  # noqa: E731
        ends = q.mean() - 14 * q.std(), q.mean() + 14 * q.std()
        return float(quad(whole, *ends, points=[mu], limit=400, epsabs=1e-11, epsrel=1e-11)[0])

    def kl_pq(self, mu: float, logvar: float) -> float:
        q = norm(mu, np.exp(logvar / 2))
        return self.integral(lambda z: np.exp(self.log(z)) * (self.log(z) - q.logpdf(z)))


@pytest.mark.parametrize("a", [0.5, 1.3, 2.0, 2.5])
@pytest.mark.parametrize(("mu", "logvar"), [(0.5, 0.0), (-5.0, -4.0), (2.1, -1.9), (4.0, 3.0)])
def test_divergences_are_those_of_quadrature(page: webdriver.Chrome, a: float, mu: float, logvar: float) -> None:
    got = number(page, "N.kl.divergences(N.kl.target($[0]), $[1], $[2])", a, mu, logvar)
    p = Target(a)
    np.testing.assert_allclose(got["qp"], p.kl_qp(mu, logvar), rtol=1e-8, atol=1e-6)
    np.testing.assert_allclose(got["pq"], p.kl_pq(mu, logvar), rtol=1e-8, atol=1e-6)


@pytest.mark.parametrize("mu", [-3.0, 0.3, 3.0])
@pytest.mark.parametrize("which", ["qp", "pq"])
def test_seeking_ends_at_a_minimum(page: webdriver.Chrome, which: str, mu: float) -> None:
    p = Target(2.0)
    path = number(page, "N.kl.seek(N.kl.target(2), $[0], $[1], -1)", which, mu)
    end = np.array([path[-1]["mu"], path[-1]["logvar"]])
    height = getattr(p, f"kl_{which}")
    found = minimize(lambda q: height(*q), end + 0.01, method="Nelder-Mead", options={"xatol": 1e-9, "fatol": 1e-13})
    np.testing.assert_allclose(end, found.x, atol=1e-6)
    heights = [height(step["mu"], step["logvar"]) for step in path[::25]]
    assert (np.diff(heights) < 1e-9).all()  # always downhill


def test_the_widget_of_q_over_p(page: webdriver.Chrome) -> None:
    slider = control(page, "kl", "mean μ")
    slider.send_keys(Keys.ARROW_RIGHT, Keys.ARROW_RIGHT)
    now, p = state(page, "kl"), Target(2.0)
    assert now["mu"] == pytest.approx(0.52) and slider.get_attribute("aria-valuetext") == "0.52"
    assert shown(page, "kl")["qp"] == pytest.approx(p.kl_qp(0.52, 0), abs=6e-4)
    assert shown(page, "kl")["pq"] == pytest.approx(p.kl_pq(0.52, 0), abs=6e-4)
    push(page, "kl", "Seek the minimum of KL(p ‖ q)")
    mean = p.integral(lambda z: z * np.exp(p.log(z)))
    wait_for(lambda: abs(state(page, "kl")["mu"] - mean) < 1e-5)
    assert slider.get_attribute("aria-valuetext") == f"{mean:.2f}"
    push(page, "kl", "Start again")
    assert state(page, "kl") == {"a": 2, "mu": 0.5, "logvar": 0}


def wait_for(condition: Any, seconds: float = 20) -> None:
    """Wait until a condition holds; fail if it does not within this time."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.05)


# The draw.


@pytest.mark.parametrize("with_kl", [False, True])
@pytest.mark.parametrize(("mu", "logvar", "a"), [(1.5, 0.5, -2.0), (-0.3, -4.0, 0.7)])
def test_draws_and_their_gradients(page: webdriver.Chrome, mu: float, logvar: float, a: float, with_kl: bool) -> None:
    got = number(page, "N.draw.draw($[0], $[1], N.draw.EPS, $[2], $[3])", mu, logvar, a, with_kl)
    eps = np.array(number(page, "N.draw.EPS"))[:, None, None]
    moments = np.array([[mu]]), np.array([[logvar]])
    z = ops.reparameterize(*moments, eps)
    dz = (z - a) / len(z)
    dmu, dlogvar = ops.reparameterize_backward(dz, moments[1], eps)
    loss = ((z - a) ** 2).mean() / 2
    if with_kl:
        loss += ops.gaussian_kl(*moments)[0]
        dmu, dlogvar = (
            d + k for d, k in zip((dmu, dlogvar), ops.gaussian_kl_backward(np.ones(1), *moments), strict=True)
        )
    np.testing.assert_allclose(got["z"], z.ravel(), atol=1e-6)
    np.testing.assert_allclose(got["dz"], dz.ravel(), atol=1e-6)
    np.testing.assert_allclose([got["dmu"], got["dlogvar"], got["loss"]], [dmu.item(), dlogvar.item(), loss], atol=1e-6)
    np.testing.assert_allclose([got["mean"], got["deviation"]], [z.mean(), z.std()], atol=1e-6)


def test_steps_of_the_draw_end_at_the_posterior_or_at_a_point(page: webdriver.Chrome) -> None:
    for _ in range(60):
        push(page, "draw", "One gradient step")
    now = state(page, "draw")
    assert now["mu"] == pytest.approx(-1, abs=0.05) and np.exp(now["logvar"]) == pytest.approx(0.5, abs=0.1)
    push(page, "draw", "with the KL divergence")
    for _ in range(60):
        push(page, "draw", "One gradient step")
    now = state(page, "draw")
    assert now["withKl"] is False and now["mu"] == pytest.approx(-2, abs=0.05) and np.exp(now["logvar"] / 2) < 0.35
    push(page, "draw", "Other draws of ε")
    assert state(page, "draw")["eps"] != number(page, "N.draw.EPS")
    push(page, "draw", "Start again")
    assert state(page, "draw")["withKl"] is True and control(page, "draw", "with the KL divergence").is_selected()


# Bound and gap.


@pytest.mark.parametrize("q", [(0, 0, 0, 0, 0), (-0.8, 1.2, -0.5, -1.5, 20), (2.9, -2.0, -4.0, 1.5, -85)])
def test_bound_and_gap_are_those_of_the_baseline(page: webdriver.Chrome, q: tuple[float, ...]) -> None:
    given = number(page, "N.gap.LINEAR")
    model = LinearGaussian(np.array(given["W"]), np.zeros(len(given["x"])), given["variance"])
    x = np.array([given["x"]])
    mu1, mu2, *logvars, angle = q
    c, s = np.cos(np.deg2rad(angle)), np.sin(np.deg2rad(angle))
    turn = np.array([[c, -s], [s, c]])
    S = turn @ np.diag(np.exp(logvars)) @ turn.T
    mu = np.array([[mu1, mu2]])
    elbo = model.elbo(x, mu, S[None])
    expected = {
        "bound": elbo.elbo[0],
        "reconstruction": elbo.reconstruction[0],
        "kl": elbo.kl[0],
        "gap": model.gap(x, mu, S[None])[0],
        "logP": model.log_likelihood(x)[0],
    }
    got = number(
        page,
        "N.gap.bound(N.gap.LINEAR, $[0], N.gap.covariance($[1], $[2]))",
        mu[0].tolist(),
        logvars,
        np.deg2rad(angle),
    )
    assert set(got) == set(expected)
    for name, value in expected.items():
        np.testing.assert_allclose(got[name], value, atol=1e-6, err_msg=name)
    mean, covariance = model.posterior(x)
    exact = number(page, "N.gap.posterior(N.gap.LINEAR)")
    np.testing.assert_allclose(exact["mu"], mean[0], atol=1e-6)
    np.testing.assert_allclose(exact["covariance"], covariance, atol=1e-6)


def test_the_widget_of_bound_and_gap(page: webdriver.Chrome) -> None:
    push(page, "gap", "q = posterior")
    values = shown(page, "gap")
    assert values["gap"] == 0 and values["bound"] == values["logP"]
    push(page, "gap", "Best q with independent z₁, z₂")
    covariance = np.array(number(page, "N.gap.posterior(N.gap.LINEAR).covariance"))
    correlation = covariance[0, 1] / np.sqrt(covariance[0, 0] * covariance[1, 1])
    best = shown(page, "gap")
    assert best["gap"] == pytest.approx(-np.log(1 - correlation**2) / 2, abs=6e-4)
    control(page, "gap", "ln variance 1").send_keys(Keys.END)
    assert shown(page, "gap")["bound"] < best["bound"]
    push(page, "gap", "q = prior")
    assert shown(page, "gap")["kl"] == 0
    text = page.find_element(By.CSS_SELECTOR, "[data-widget=gap] .sae-identity").text.replace("−", "-")
    bound, gap, total = (float(part) for part in re.split(r" [+=] ", text))
    assert bound + gap == pytest.approx(total, abs=2e-6)
    assert total == pytest.approx(number(page, "N.gap.posterior(N.gap.LINEAR).logP"), abs=1e-6)


# Digits.


@cache
def kept() -> dict[str, Any]:
    """The content of digits_models.js."""
    return json.loads(MODELS.read_text("utf-8").partition("var SAE_DIGITS = ")[2].rstrip().rstrip(";"))


@cache
def model(name: str) -> Any:
    """The model of the page, built from the file; in float64."""
    made = CLASSES[name](hidden_sizes=(64,), latent_dim=kept()["latent_dim"], epochs=1, dtype="float64", random_state=0)
    made.fit(sae.load_digits().x_train[:64].astype(np.float64))
    written = kept()["models"][name]["parameters"]
    assert set(written) == set(made.parameters_)
    for key, values in made.parameters_.items():
        whole = np.frombuffer(base64.b64decode(written[key]["data"]), "<i2").reshape(written[key]["shape"])
        values[...] = whole * written[key]["scale"]
    return made


def greys(page: webdriver.Chrome, label: str) -> np.ndarray:
    """The grey values of the canvas whose label begins so."""
    script = """
    const canvas = document.querySelector(`[data-widget=digits] canvas[aria-label^="${arguments[0]}"]`);
    const data = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
    return Array.from(data).filter((_, i) => i % 4 === 0);
    """
    return np.array(page.execute_script(script, label))


def check_digits(page: webdriver.Chrome) -> np.ndarray:
    """Fail unless all images are those that Python computes from the drawing's pixels; return the pixels."""
    seen = np.array(page.execute_script('return document.querySelector("[data-widget=digits]").sae.seen()'))
    now = state(page, "digits")
    assert np.abs(greys(page, "The drawing as 8") - 255 * (1 - seen)).max() <= 0.51
    for name in CLASSES:
        expected = model(name).decode(model(name).encode(seen[None]))[0]
        assert np.abs(greys(page, f"Reconstruction by the {name}") - 255 * (1 - expected)).max() <= 1
        error = float(((expected - now["clean"]) ** 2).sum())
        assert f"{name}: error {error:.2f}" in {each.text for each in page.find_elements(By.CSS_SELECTOR, "figcaption")}
    expected = model(now["walking"]).decode(np.array([now["z"]]))[0]
    assert np.abs(greys(page, "The image decoded") - 255 * (1 - expected)).max() <= 1
    return seen


@pytest.mark.parametrize("name", CLASSES)
def test_the_models_of_the_page_are_those_of_python(page: webdriver.Chrome, name: str) -> None:
    x = sae.load_digits().x_test[:20].astype(np.float64)
    one = "const e = N.digits.encode(m, x); return [e.code, e.logvar, N.digits.decode(m, e.code)];"
    script = f"((m) => $[1].map((x) => {{ {one} }}))(N.digits.unpacked(SAE_DIGITS.models[$[0]]))"
    rows = number(page, script, name, x.tolist())
    z = model(name).encode(x)
    np.testing.assert_allclose([row[0] for row in rows], z, atol=1e-6)
    np.testing.assert_allclose([row[2] for row in rows], model(name).decode(z), atol=1e-6)
    if name == "variational":
        np.testing.assert_allclose([row[1] for row in rows], model(name).posterior(x)[1], atol=1e-6)
    else:
        assert all(row[1] is None for row in rows)


STROKES = [[[-3.0, -40.0], [10, -52], [31, -35], [25, 1], [2, 4]], [[2, 4], [41, 20], [30, 61], [-14, 55]]]


def drawn(strokes: list[list[list[float]]]) -> np.ndarray:
    """The bitmap of strokes, independently: a disc at each of many points along the lines."""
    points = np.concatenate(
        [
            a + (np.array(b) - a) * np.linspace(0, 1, 2001)[:, None]
            for s in strokes
            for a, b in zip(map(np.array, s), s[1:], strict=False)
        ]
    )
    low, high = points.min(axis=0), points.max(axis=0)
    points = (points - (low + high) / 2) * min((np.array([24, 32]) - 2 * 2.3) / (high - low)) + 16
    y, x = np.mgrid[:32, :32] + 0.5
    return np.array(
        [np.hypot(points[:, 0] - u, points[:, 1] - v).min() <= 2.3 for u, v in zip(x.flat, y.flat, strict=True)]
    )


def test_a_drawing_becomes_pixels_like_those_of_the_data(page: webdriver.Chrome) -> None:
    ink = np.array(number(page, "Array.from(N.digits.bitmap($[0]))", STROKES))
    np.testing.assert_array_equal(ink, drawn(STROKES))
    x = np.array(number(page, "N.digits.pixels(N.digits.bitmap($[0]))", STROKES))
    np.testing.assert_allclose(x, drawn(STROKES).reshape(8, 4, 8, 4).mean(axis=(1, 3)).ravel())
    data = sae.load_digits().x_train
    assert np.quantile(data.mean(axis=1), 0.02) < x.mean() < np.quantile(data.mean(axis=1), 0.98)
    rows = data.reshape(-1, 8, 8).max(axis=2).mean(axis=0)  # the data reach from the first row to the last
    assert (x.reshape(8, 8).max(axis=1) > rows / 3).all()
    moved = [[[3 * u + 100, 3 * v - 7] for u, v in stroke] for stroke in STROKES]
    np.testing.assert_array_equal(number(page, "Array.from(N.digits.bitmap($[0]))", moved), ink)
    assert sum(number(page, "Array.from(N.digits.bitmap([]))")) == 0
    assert 0 < sum(number(page, "Array.from(N.digits.bitmap([[[5, 5]]]))")) < 30  # a point is a disc


def test_hidden_pixels_are_nested_and_of_the_given_number(page: webdriver.Chrome) -> None:
    before = np.ones(64)
    for lost in (0, 0.3, 0.5, 0.7):
        x = np.array(number(page, "N.digits.masked(new Array(64).fill(1), $[0])", lost))
        assert (x == 0).sum() == round(64 * lost) and (x <= before).all()
        before = x


def test_drawing_hiding_and_walking(page: webdriver.Chrome) -> None:
    example = check_digits(page)
    np.testing.assert_allclose(16 * example, kept()["examples"][3])
    canvas = page.find_element(By.CSS_SELECTOR, "[data-widget=digits] canvas.pad")
    page.execute_script("arguments[0].scrollIntoView({block: 'center'})", canvas)
    drag = ActionChains(page, duration=20).move_to_element_with_offset(canvas, -40, -80).click_and_hold()
    drag.move_by_offset(80, 0).move_by_offset(-60, 160).release().perform()
    assert len(state(page, "digits")["strokes"]) == 1
    clean = check_digits(page)
    assert not np.allclose(clean, example)
    control(page, "digits", "hidden pixels").send_keys(*[Keys.ARROW_RIGHT] * 6)
    assert (check_digits(page) == 0).sum() > (clean == 0).sum()
    for name in CLASSES:
        push(page, "digits", name)
        assert state(page, "digits")["walking"] == name
        check_digits(page)
        before = state(page, "digits")["z"]
        first = kept()["models"][name]["order"][0]
        control(page, "digits", f"z[{first}]").send_keys(*[Keys.ARROW_RIGHT] * 3)
        z = state(page, "digits")["z"]
        assert z[first] != before[first] and [*z[:first], *z[first + 1 :]] == [*before[:first], *before[first + 1 :]]
        check_digits(page)
        push(page, "digits", "Back to the code of the drawing")
        assert state(page, "digits")["z"] == before
    push(page, "digits", "Clear")
    assert check_digits(page).sum() == 0


def test_the_pad(page: webdriver.Chrome) -> None:
    pad = page.find_element(By.CSS_SELECTOR, "[data-widget=digits] .sae-pad")
    page.execute_script("arguments[0].scrollIntoView({block: 'center'})", pad)
    width = pad.rect["width"]
    right, up = kept()["models"]["variational"]["order"][:2]
    ActionChains(page, duration=20).move_to_element_with_offset(pad, int(width / 4), int(-width / 3)).click().perform()
    z = state(page, "digits")["z"]
    np.testing.assert_allclose([z[right], z[up]], [1.5, 2], atol=12 / width)  # of six in the whole width
    check_digits(page)
    pad.send_keys(Keys.ARROW_LEFT, Keys.ARROW_DOWN)
    moved = state(page, "digits")["z"]
    np.testing.assert_allclose([moved[right], moved[up]], [z[right] - 0.24, z[up] - 0.24], atol=1e-9)


def test_drawing_with_the_keyboard(page: webdriver.Chrome) -> None:
    canvas = page.find_element(By.CSS_SELECTOR, "[data-widget=digits] canvas.pad")
    canvas.send_keys(Keys.DELETE, Keys.ARROW_LEFT, Keys.SPACE, *[Keys.ARROW_DOWN] * 8, Keys.SPACE, Keys.ARROW_RIGHT)
    (stroke,) = state(page, "digits")["strokes"]
    assert len(stroke) == 9 and stroke[0][0] == stroke[8][0] == 116 and stroke[8][1] - stroke[0][1] == 96
    assert check_digits(page).sum() > 5  # a 1


def test_the_script_of_the_models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    script = runpy.run_path(str(DOCS / "widget_models.py"))
    monkeypatch.setattr("sys.argv", ["widget_models.py", "--out", str(tmp_path / "models.js")])
    script["main"]()
    made = json.loads(
        (tmp_path / "models.js").read_text("utf-8").partition("var SAE_DIGITS = ")[2].rstrip().rstrip(";")
    )
    assert made["examples"] == kept()["examples"] and set(made["models"]) == set(kept()["models"])
    assert MODELS.stat().st_size < 300_000
    data = sae.load_digits()
    first = [data.x_test[data.y_test == k][0] for k in range(10)]
    np.testing.assert_array_equal(np.array(kept()["examples"]) / 16, first)
    hidden = data.x_test * (np.random.default_rng(0).random(data.x_test.shape) > 0.3)
    for x, best in ((data.x_test, "basic"), (hidden, "denoising")):
        errors = {
            name: ((model(name).reconstruct(x.astype(np.float64)) - data.x_test) ** 2).sum(axis=1).mean()
            for name in CLASSES
        }
        assert min(errors, key=errors.__getitem__) == best and errors[best] < 2


def test_too_coarse_a_rounding_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    described = runpy.run_path(str(DOCS / "widget_models.py"))["described"]
    monkeypatch.setitem(described.__globals__, "quantized", lambda values: (np.rint(values).astype("<i2"), 1.0))
    model = sae.Autoencoder((8,), 2, epochs=1, random_state=0).fit(sae.load_digits().x_train[:64])
    with pytest.raises(ValueError, match="16 bits change a pixel by"):
        described(model, sae.load_digits())


# All of them.


@pytest.mark.parametrize("width", [390, 1100])
def test_everything_has_a_name_and_fits(page: webdriver.Chrome, width: int) -> None:
    size = {"width": width, "height": 800, "deviceScaleFactor": 1, "mobile": width < 500}
    page.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    names = page.execute_script(
        """
        return [...document.querySelectorAll(".sae-widget :is(input, button, canvas, svg, [tabindex])")]
          .filter((part) => !part.hidden && part.ariaHidden !== "true")
          .map((part) => part.ariaLabel || part.labels?.[0]?.textContent || part.textContent.trim());
        """
    )
    assert len(names) > 50 and all(names)
    assert page.execute_script("return document.documentElement.scrollWidth") <= width
    page.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


COLOURS = """
return [...document.querySelectorAll(".sae-widget")].map((part) => [getComputedStyle(part).backgroundColor, getComputedStyle(part).color]);
"""


def test_light_and_dark_follow_the_system_or_the_site(page: webdriver.Chrome) -> None:
    seen = {}
    for scheme in ("light", "dark"):
        page.execute_cdp_cmd(
            "Emulation.setEmulatedMedia", {"features": [{"name": "prefers-color-scheme", "value": scheme}]}
        )
        seen[scheme] = page.execute_script(COLOURS)
    assert all(light != dark for light, dark in zip(seen["light"], seen["dark"], strict=True))
    for scheme in ("light", "dark"):
        page.execute_script("document.documentElement.dataset.theme = arguments[0]", scheme)
        assert page.execute_script(COLOURS) == seen[scheme]
    page.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})


def test_without_javascript_a_figure_stands_in_each_place(browser: webdriver.Chrome) -> None:
    browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    browser.get(PAGE.as_uri())
    pictures = browser.find_elements(By.CSS_SELECTOR, ".sae-widget img")
    assert [each.is_displayed() and each.rect["height"] > 100 for each in pictures] == [True] * len(NAMES)
    browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})


def test_a_widget_may_stand_twice_on_a_page_and_without_the_others(browser: webdriver.Chrome, tmp_path: Path) -> None:
    folder = (DOCS / "_static" / "widgets").as_uri()
    scripts = "".join(f'<script src="{folder}/{name}.js"></script>' for name in ("numbers", "widgets", "gap"))
    place = '<div class="sae-widget" data-widget="gap"></div>'
    (tmp_path / "page.html").write_text(f"<!doctype html><title>two</title>{place}{place}{scripts}", encoding="utf-8")
    browser.get((tmp_path / "page.html").as_uri())
    ids = browser.execute_script('return [...document.querySelectorAll("input")].map((input) => input.id)')
    assert len(ids) == len(set(ids)) == 10
    one, two = browser.find_elements(By.CSS_SELECTOR, ".sae-mounted input:first-of-type")[::5]
    one.send_keys(Keys.ARROW_RIGHT)
    assert one.get_attribute("value") != two.get_attribute("value")
