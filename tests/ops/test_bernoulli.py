"""Three forms of the log-likelihood of binary pixels: equal, except where a product underflows."""

from __future__ import annotations

import numpy as np
import pytest

from scratchae import ops

FORMS = ("bernoulli_log_product", "bernoulli_log_powers", "bernoulli_log_likelihood")


@pytest.mark.parametrize("form", FORMS)
def test_two_pixels_by_hand(form: str) -> None:
    p, x = np.array([[0.25, 0.5], [0.75, 0.2]]), np.array([[1.0, 0.0], [0.0, 0.0]])
    np.testing.assert_allclose(getattr(ops, form)(p, x), np.log([0.125, 0.2]), rtol=1e-14)
    gradient = getattr(ops, f"{form}_backward")(np.array([1.0, 2.0]), p, x)
    np.testing.assert_allclose(gradient, [[4.0, -2.0], [-8.0, -2.5]], rtol=1e-14)  # 1/p, or -1/(1 - p)


def test_only_the_product_underflows() -> None:
    p, x = np.full((1, 400), 0.5, np.float32), np.ones((1, 400), np.float32)
    with np.errstate(divide="ignore"):
        product, powers, likelihood = (getattr(ops, form)(p, x)[0] for form in FORMS)
    assert product == -np.inf
    assert powers == pytest.approx(-400 * np.log(2), rel=1e-6) and likelihood == pytest.approx(powers, rel=1e-6)


def test_it_is_the_negative_of_the_loss_of_the_logits() -> None:
    rng = np.random.default_rng(0)
    logits, x = rng.standard_normal((5, 4)), rng.random((5, 4))
    p = ops.sigmoid(logits)
    for form in FORMS[1:]:  # for grey pixels, too
        np.testing.assert_allclose(getattr(ops, form)(p, x), -ops.bernoulli_nll(logits, x), rtol=1e-13)
        by_p = getattr(ops, f"{form}_backward")(np.ones(5), p, x)
        by_logits = ops.sigmoid_backward(by_p, p)  # the chain rule
        np.testing.assert_allclose(by_logits, -ops.bernoulli_nll_backward(np.ones(5), logits, x), atol=1e-14)
