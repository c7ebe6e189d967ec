"""The claims hold, every mutant dies, and no check passes when the gradient is replaced by zeros."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from scratchae.verify import (
    CLAIMS,
    MUTANTS,
    Subject,
    central_differences,
    complex_step,
    relative_error,
    run_claim,
    run_claims,
    run_mutants,
)
from scratchae.verify.gradients import CASES


@pytest.mark.parametrize("name", CLAIMS)
def test_claim_holds(name: str) -> None:
    result = run_claim(CLAIMS[name], Subject.genuine())
    assert result.passed, f"{result.error} > {result.tolerance} {result.trouble}"


def test_every_mutant_is_killed_by_its_claim() -> None:
    alive = [mutant.name for mutant, result in run_mutants() if result.passed]
    assert not alive


def test_mutants_kill_by_what_they_claim_not_by_an_accident() -> None:
    # A mutant that only raises would die of anything; those few that do raise must do so by a numeric warning.
    for mutant, result in run_mutants():
        assert not result.trouble or "RuntimeWarning" in result.trouble, (mutant.name, result.trouble)


def zeros_like_result(backward: Any) -> Any:
    """The same backward with every gradient replaced by zeros."""

    def zeroed(*args: Any) -> Any:
        result = backward(*args)
        return tuple(np.zeros_like(g) for g in result) if isinstance(result, tuple) else np.zeros_like(result)

    return zeroed


@pytest.mark.parametrize("case", CASES, ids=lambda c: c.op)
def test_gradient_claims_fail_when_the_gradient_is_zero(case: Any) -> None:
    backward = f"{case.op}_backward"
    subject = Subject.genuine()
    broken = subject.with_changed("ops", backward, zeros_like_result(getattr(subject.ops, backward)))
    claims = [c for c in CLAIMS.values() if c.level == "gradient" and c.op == case.op]
    assert claims
    for claim in claims:
        assert not run_claim(claim, broken).passed, claim.name


MODELS = vars(Subject.genuine().models)


@pytest.mark.parametrize(
    "name", [n for n, c in CLAIMS.items() if c.level == "gradient" and c.op in MODELS and "ops" in n]
)
def test_model_gradient_claims_fail_when_the_gradient_is_zero(name: str) -> None:
    model: Any = MODELS[CLAIMS[name].op]

    class Zeroed(model):
        def _loss_and_gradient(self, *args: Any, **kwargs: Any) -> Any:
            loss, gradients = super()._loss_and_gradient(*args, **kwargs)
            return loss, gradients.like()

    assert not run_claim(CLAIMS[name], Subject.genuine().with_changed("models", CLAIMS[name].op, Zeroed)).passed


def test_every_model_has_claims_at_all_levels() -> None:
    for name in MODELS:
        if name not in ("load", "PrincipalComponents", "LinearGaussian"):
            levels = {c.level for c in CLAIMS.values() if c.op == name}
            assert {"gradient", "meaning"} <= levels, name


@pytest.mark.parametrize("name", [n for n, c in CLAIMS.items() if c.level == "twin"])
def test_twin_claims_fail_for_a_twin_of_zeros(name: str) -> None:
    genuine, twin = Subject.genuine(), name.split()[0]
    broken = genuine.with_changed("kernels", twin, zeros_like_result(getattr(genuine.kernels, twin)))
    assert not run_claim(CLAIMS[name], broken).passed


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


def test_unknown_claim_suggests_the_nearest() -> None:
    with pytest.raises(ValueError, match="did you mean 'sigmoid'"):
        list(run_claims(["sigmoyd"]))


def test_mutants_name_claims_that_exist_and_are_distinct() -> None:
    assert len({m.name for m in MUTANTS}) == len(MUTANTS) >= 40
    assert {m.killer for m in MUTANTS} <= set(CLAIMS)
    with pytest.raises(AttributeError, match="did you mean 'relu'"):
        Subject.genuine().with_changed("ops", "relo", None)


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
