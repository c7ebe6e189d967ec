"""The claims hold, and every op, model and label has some."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import scratchae
from scratchae import ops
from scratchae.registry import REGISTRY
from scratchae.verify import (
    CLAIMS,
    Claim,
    Subject,
    central_differences,
    complex_step,
    entrywise_error,
    initialisation,
    options,
    relative_error,
    reported,
    reported_bounds,
    run_claim,
    run_claims,
    stored,
    trainings,
)
from scratchae.verify.claims import worst


@pytest.mark.parametrize(
    "name", [name for name, claim in CLAIMS.items() if not claim.deep]
)  # `check --deep` runs the others
def test_claim_holds(name: str) -> None:
    result = run_claim(CLAIMS[name], Subject.genuine())
    if result.skipped:
        pytest.skip(result.skipped)
    assert result.passed, f"{result.error} > {result.tolerance} {result.trouble}"


def test_every_model_has_claims_at_all_levels() -> None:
    for name in vars(Subject.genuine().models):
        if name != "load":
            levels = {c.level for c in CLAIMS.values() if c.op == name}
            assert {"gradient", "meaning"} <= levels, name


def test_claims_about_all_models_include_every_model_of_the_registry() -> None:
    names = {entry.name for entry in REGISTRY}
    for table in (trainings.COMPILED, stored.STORED, initialisation.WEIGHTS):
        assert {name for name, *_ in table} == names
    assert set(options.CHOICES) == names
    assert {c.op for c in CLAIMS.values() if "plain training loop" in c.name} == names
    with_codes = {name for name in names if hasattr(getattr(scratchae, name), "reconstruct")}
    reported_models = {name for name, *_ in reported.AUTOENCODERS} | {name for name, _ in reported_bounds.MODELS}
    assert reported_models == with_codes


def test_every_op_has_gradient_value_and_twin_claims() -> None:
    from scratchae import ops

    forward = [name for name in ops.__all__ if not name.endswith("_backward")]
    for name in forward:
        levels = {c.level for c in CLAIMS.values() if c.op == name}
        expected = {"value", "twin"} | ({"gradient", "meaning"} if f"{name}_backward" in ops.__all__ else set())
        assert expected <= levels, name


def test_tolerances_are_those_that_were_promised() -> None:
    for c in CLAIMS.values():
        if c.level == "gradient":
            assert c.tolerance <= (1e-12 if c.method == "complex step" else 1e-7)
        if c.level == "twin":
            assert c.tolerance <= (1e-12 if "float64" in c.name else 2e-6)


def test_a_claim_that_raises_or_warns_or_gives_nan_fails_and_says_why() -> None:
    genuine = Subject.genuine()

    def raises(x: Any) -> Any:
        raise RuntimeError("no")

    result = run_claim(CLAIMS["relu is (x + |x|) / 2"], genuine.with_changed("ops", "relu", raises))
    assert not result.passed and "no" in result.trouble
    result = run_claim(CLAIMS["relu is (x + |x|) / 2"], genuine.with_changed("ops", "relu", lambda x: x * np.nan))
    assert not result.passed


@pytest.mark.parametrize(("error", "passed"), [(0, True), (1, True), (1.1, False), (-1e-9, False), (-np.inf, False)])
def test_an_error_is_at_least_zero(error: float, passed: bool) -> None:
    made = Claim("a claim", "relu", "", "value", "", 1.0, lambda subject, rng: error)
    assert run_claim(made, Subject.genuine()).passed is passed


def test_a_claim_that_compares_nothing_fails() -> None:
    with pytest.raises(ValueError, match="the list of cases is empty"):
        worst([], 1.0)
    assert worst([0.5, 0.25], 1.0) == 0.5 and worst(iter([2.0, np.nan]), 1.0) == 2.0
    assert worst([0.5, -0.1], 1.0) == worst([-np.inf], 1.0) == worst([np.nan], 1.0) == np.inf
    nothing = np.zeros((0, 3))
    assert relative_error(nothing, nothing) == entrywise_error(nothing, nothing) == np.inf
    assert entrywise_error(nothing, nothing, empty=True) == 0
    assert entrywise_error(nothing, nothing.T, empty=True) == np.inf


def test_unknown_claim_suggests_the_nearest() -> None:
    with pytest.raises(ValueError, match="did you mean 'sigmoid'"):
        list(run_claims(["sigmoyd"]))


def test_a_replacement_needs_something_to_replace() -> None:
    with pytest.raises(AttributeError, match="did you mean 'relu'"):
        Subject.genuine().with_changed("ops", "relo", None)


def test_every_label_in_the_code_is_named_by_a_claim() -> None:
    package = Path(ops.__file__).parents[1]
    places: dict[str, str] = {}
    for room in ("ops", "kernels", "nets", "training", "models", "baselines"):
        for path in sorted((package / room).glob("*.py")):
            for comment in re.findall(r"#.*", path.read_text(encoding="utf-8")):
                places.update({label: path.name for label in re.findall(r"\(([a-z]\w*\.\d+)\)", comment)})
    named = {label for claim in CLAIMS.values() for label in claim.equation.split()}
    assert not {label: file for label, file in places.items() if label not in named}


def test_central_differences_find_kinks_and_only_kinks() -> None:
    x = np.array([0.0, 1e-9, -1e-9, 0.5, -0.5, 1e-3])
    gradient, smooth = central_differences(lambda v: float(np.abs(v).sum()), x)
    assert smooth.tolist() == [False, False, False, True, True, True]
    assert np.allclose(gradient[smooth], [1, -1, 1], atol=1e-9)
    x = np.linspace(-3, 3, 20)
    gradient, smooth = central_differences(lambda v: float(np.sin(5 * v).sum()), x)
    assert smooth.all() and np.allclose(gradient, 5 * np.cos(5 * x), atol=1e-7)


def test_central_differences_do_not_call_an_error_a_kink() -> None:
    # A function that is smooth but steep and curved everywhere must be checked everywhere.
    _, smooth = central_differences(lambda v: float(np.exp(3 * v).sum()), np.linspace(-2, 2, 15))
    assert smooth.all()


def test_complex_step_is_exact_where_central_differences_are_not() -> None:
    x = np.array([0.3, 1.7])
    exact = np.exp(x) * (np.sin(x) + np.cos(x))
    stepped = complex_step(lambda v: (np.exp(v) * np.sin(v)).sum(), x)
    central, _ = central_differences(lambda v: float((np.exp(v) * np.sin(v)).sum()), x)
    assert relative_error(stepped, exact) < 1e-15 < relative_error(central, exact) < 1e-9


def test_relative_error_cannot_be_fooled() -> None:
    ones = np.ones(3)
    assert relative_error(ones[:, None], ones) == np.inf
    assert relative_error(ones * np.nan, ones) == np.inf
    assert relative_error(ones, 0 * ones) == 1
    assert relative_error(2 * ones, ones) == 1


def test_entrywise_error_does_not_excuse_small_entries() -> None:
    assert entrywise_error(np.array([1e6, 1e-6]), np.array([1e6, 2e-6])) == 0.5
    assert relative_error(np.array([1e6, 1e-6]), np.array([1e6, 2e-6])) < 1e-11
    assert entrywise_error(np.array([1.0, np.nan]), np.array([1.0, 1.0])) == np.inf
    assert entrywise_error(np.array([np.inf]), np.array([np.inf])) == 0
    assert entrywise_error(np.array([np.inf]), np.array([1.0])) == np.inf
    assert entrywise_error(np.array([1e-320]), np.array([0.0])) == 0
    assert entrywise_error(np.array([1.0]), np.array([1.5]), scale=10) == 0.05
