"""The scripts that measure what pages say: each runs, pages state their results, and their parts are right in cases with a known answer."""

from __future__ import annotations

import importlib.util
import os
import re
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from helpers.derivation_checks import ROOT, equations, weave

from scratchae.baselines import LinearGaussian

FOLDER = ROOT / "docs" / "measurements"
SCRIPTS = sorted(path for path in FOLDER.glob("[a-z]*.py"))
NAMES = [path.stem for path in SCRIPTS]


def load(name: str, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """Import a script as a module."""
    monkeypatch.syspath_prepend(str(FOLDER))
    spec = importlib.util.spec_from_file_location(f"measurement_{name}", FOLDER / f"{name}.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def run(name: str, *arguments: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, FOLDER / f"{name}.py", *map(str, arguments)],
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8"},
        capture_output=True,
        encoding="utf-8",
        timeout=600,
    )


def test_all_are_there() -> None:
    ideas = ["amortisation_gap", "bits_back", "blur", "normal_prior", "primer_probability"]
    ideas += ["sticking_the_landing", "tweedie"]
    assert ideas == NAMES


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_it_runs_and_draws_its_figure(name: str, tmp_path: Path) -> None:
    done = run(name, "--quick", "--out", tmp_path)
    assert done.returncode == 0, done.stderr
    assert [picture.name for picture in tmp_path.iterdir()] == [f"idea_{name}.png"]
    assert "nan" not in done.stdout


@pytest.mark.deep
@pytest.mark.parametrize("name", NAMES)
def test_it_measures_what_the_page_says(name: str, tmp_path: Path) -> None:
    done = run(name, "--out", tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("name", NAMES)
def test_the_page_states_the_expected_values_and_shows_the_figure(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    page = weave.read_pages()[f"{name}.md"]
    rows = dict(re.findall(r"^\| (.+?) \| (-?[\d.]+) \|$", page, re.MULTILINE))
    for quantity, (value, tolerance) in load(name, monkeypatch).EXPECTED.items():
        assert abs(float(rows[quantity]) - value) <= tolerance, quantity
    kept = ROOT / "figures" / f"idea_{name}.png"
    assert f"](../../figures/{kept.name})" in page and kept.stat().st_size < 200_000
    assert f"](../measurements/{name}.py)" in page


def test_every_equation_of_these_pages_is_at_a_line_of_a_script_and_the_other_way_round() -> None:
    found = {page: {e.label for e in equations(page, text)[0]} for page, text in weave.read_pages().items()}
    used = {
        label
        for path in FOLDER.glob("*.py")
        for label in re.findall(r"# .*?\((\w+\.\d+)\)", path.read_text(encoding="utf-8"))
    }
    used |= {
        label
        for path in FOLDER.glob("*.py")
        for label in re.findall(r", \((\w+\.\d+)\)$", path.read_text(encoding="utf-8"), re.MULTILINE)
    }
    assert not used - set().union(*found.values())
    assert not set().union(*(found[f"{name}.md"] for name in NAMES)) - used


class _Linear:
    """A linear Gaussian model in the place of a decoder: its best q is known."""

    def __init__(self, model: LinearGaussian) -> None:
        self.model = model

    def log_joint(self, x: Any, z: Any) -> tuple[Any, Any]:
        residual = x - z @ self.model.W - self.model.mean
        value = -(residual**2).sum(axis=2) / (2 * self.model.variance) - (z**2).sum(axis=2) / 2
        return value, residual @ self.model.W.T / self.model.variance - z


def test_best_q_is_the_best_of_a_linear_model(monkeypatch: pytest.MonkeyPatch) -> None:
    posteriors, rng = load("_posteriors", monkeypatch), np.random.default_rng(0)
    model = LinearGaussian(rng.standard_normal((2, 4)), rng.standard_normal(4), variance=0.5)
    x, zeros = rng.standard_normal((6, 4)), np.zeros((6, 2))
    mu, logvar = posteriors.best_q(_Linear(model), x, zeros, zeros, 600, rng)
    mean, covariance = model.posterior(x)
    precision = np.linalg.inv(covariance)
    assert np.abs(mu - mean).max() < 0.05
    assert np.abs(np.exp(logvar) * np.diag(precision) - 1).max() < 0.1
    found = model.gap(x, mu, np.stack([np.diag(row) for row in np.exp(logvar)]))
    _, log_size = np.linalg.slogdet(precision)
    least = (np.log(np.diag(precision)).sum() - log_size) / 2
    assert least > 0.02
    np.testing.assert_allclose(found, least, atol=0.01)


def test_a_decoder_computes_what_the_model_does(monkeypatch: pytest.MonkeyPatch) -> None:
    import scratchae as sae

    posteriors, rng = load("_posteriors", monkeypatch), np.random.default_rng(0)
    x = (rng.random((20, 9)) < 0.5).astype(np.float64)
    model = sae.VariationalAutoencoder((7,), latent_dim=2, activation="tanh", epochs=1, random_state=0, dtype="float64")
    model.fit(x)
    decoder, z = posteriors.Decoder(model), rng.standard_normal((3, 20, 2))
    np.testing.assert_allclose(1 / (1 + np.exp(-decoder.logits(z[0]))), model.decode(z[0]), rtol=1e-12)
    value, slope = decoder.log_joint(x, z)
    step = rng.standard_normal(z.shape)
    ahead, behind = (decoder.log_joint(x, z + h * step)[0] for h in (1e-6, -1e-6))
    np.testing.assert_allclose((ahead - behind) / 2e-6, (slope * step).sum(axis=2), atol=1e-6)
    eps = rng.standard_normal((4000, 20, 2))
    mu, logvar = model.posterior(x)
    drawn = posteriors.log_w(decoder, x, mu, logvar, eps)
    error = drawn.std(axis=0) * (2 / 4000) ** 0.5
    assert np.all(np.abs(drawn.mean(axis=0) - model.elbo(x, 4000, seed=1).elbo) < 4.5 * error)
    assert error.max() < 0.1


def test_what_is_pushed_is_popped_and_costs_its_information(monkeypatch: pytest.MonkeyPatch) -> None:
    code, rng = load("bits_back", monkeypatch), np.random.default_rng(0)
    starts = code.intervals(np.array([0.5, 0.0, 0.3, 0.2]))
    sizes = np.diff(starts)
    assert starts[0] == 0 and starts[-1] == 1 << code.PRECISION and sizes.min() >= 1
    symbols = rng.choice(4, 500, p=[0.5, 0, 0.3, 0.2])
    state = first = 1 << 200
    for symbol in symbols:
        state = code.push(state, starts[symbol], int(sizes[symbol]))
    information = -np.log2(sizes[symbols] / (1 << code.PRECISION)).sum()
    assert abs(code.length(state) - 200 - information) < 0.01
    popped = []
    for _ in symbols:
        symbol, state = code.pop(state, starts)
        popped.append(symbol)
    assert popped == symbols[::-1].tolist() and state == first


def test_both_gradients_of_the_bound_agree_on_average_and_differ_in_noise(monkeypatch: pytest.MonkeyPatch) -> None:
    script, rng = load("sticking_the_landing", monkeypatch), np.random.default_rng(0)
    mu, logvar, eps = np.array([[0.3]]), np.array([[0.4]]), rng.standard_normal((200_000, 1, 1))
    full, path = script.gradients(lambda z: -np.sinh(z), mu, logvar, eps)  # of exp(-cosh z), which is not normal
    noise = (full - path)[..., 0, 0]
    assert np.all(np.abs(noise.mean(axis=1)) < 4 * noise.std(axis=1) / len(eps) ** 0.5)
    assert np.all(noise.std(axis=1) > 0.3)
