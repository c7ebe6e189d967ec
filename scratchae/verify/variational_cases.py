"""Cases for the gradient checks of the variational ops."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from scratchae.verify.gradient_cases import D_IN, D_OUT, GradientCase, N


def _moments(*names: str, draws: int = 0) -> Callable[[np.random.Generator], dict[str, Any]]:
    """Return normal arrays (N, J) by name; arrays of draws have a leading axis of length `draws`."""

    def inputs(rng: np.random.Generator) -> dict[str, Any]:
        several = (draws, N, D_OUT) if draws else (N, D_OUT)
        return {name: rng.standard_normal(several if name in ("z", "eps") else (N, D_OUT)) for name in names}

    return inputs


def _covariances(rng: np.random.Generator) -> dict[str, Any]:
    roots = rng.standard_normal((N, D_OUT, D_OUT))
    return {"mu": rng.standard_normal((N, D_OUT)), "covariance": roots @ roots.swapaxes(1, 2) + np.eye(D_OUT)}


def _probabilities(rng: np.random.Generator) -> dict[str, Any]:
    return {"p": rng.uniform(0.05, 0.95, (N, D_IN)), "x": rng.integers(0, 2, (N, D_IN)).astype(np.float64)}


def _bernoulli(name: str) -> GradientCase:
    def backward(s: Any, dy: Any, a: dict[str, Any], y: Any) -> Any:
        return getattr(s, f"{name}_backward")(dy, a["p"], a["x"])

    return GradientCase(name, f"{name}.2", _probabilities, ("p",), backward)


def _features(rng: np.random.Generator) -> dict[str, Any]:
    return {name: rng.standard_normal((N, D_IN)) for name in ("x_hat", "logvar", "x")}


def _with_shared_variances(rng: np.random.Generator) -> dict[str, Any]:
    return {**_features(rng), "logvar": rng.standard_normal(D_IN)}


CASES = [
    *(
        GradientCase(
            "reparameterize",
            "reparameterize.3 reparameterize.4",
            _moments("mu", "logvar", "eps", draws=draws),
            ("mu", "logvar"),
            lambda s, dy, a, y: s.reparameterize_backward(dy, a["logvar"], a["eps"]),
        )
        for draws in (0, 4)
    ),
    *(
        GradientCase(
            "gaussian_nll",
            "gaussian_nll.3 gaussian_nll.4 gaussian_nll.5",
            inputs,
            ("x_hat", "logvar"),
            lambda s, dy, a, y: s.gaussian_nll_backward(dy, a["x_hat"], a["logvar"], a["x"]),
        )
        for inputs in (_features, _with_shared_variances)
    ),
    GradientCase(
        "gaussian_kl_trace",
        "gaussian_kl_trace.2 gaussian_kl_trace.3",
        _covariances,
        ("mu", "covariance"),
        lambda s, dy, a, y: s.gaussian_kl_trace_backward(dy, a["mu"], a["covariance"]),
    ),
    GradientCase(
        "gaussian_kl_sums",
        "gaussian_kl_sums.2 gaussian_kl_sums.3",
        lambda rng: {"mu": rng.standard_normal((N, D_OUT)), "variance": rng.uniform(0.2, 3, (N, D_OUT))},
        ("mu", "variance"),
        lambda s, dy, a, y: s.gaussian_kl_sums_backward(dy, a["mu"], a["variance"]),
    ),
    GradientCase(
        "gaussian_kl_terms",
        "gaussian_kl_terms.2 gaussian_kl_terms.3",
        _moments("mu", "logvar"),
        ("mu", "logvar"),
        lambda s, dy, a, y: s.gaussian_kl_terms_backward(dy, a["mu"], a["logvar"]),
    ),
    GradientCase(
        "gaussian_kl",
        "gaussian_kl.2 gaussian_kl.3",
        _moments("mu", "logvar"),
        ("mu", "logvar"),
        lambda s, dy, a, y: s.gaussian_kl_backward(dy, a["mu"], a["logvar"]),
    ),
    *(
        GradientCase(
            "sampled_kl",
            "sampled_kl.3 sampled_kl.4",
            _moments("z", "logvar", "eps", draws=draws),
            ("z", "logvar"),
            lambda s, dy, a, y: s.sampled_kl_backward(dy, a["z"]),
        )
        for draws in (0, 4)
    ),
    GradientCase(
        "free_bits",
        "free_bits.3",
        lambda rng: {"terms": rng.uniform(0.1, 0.3, (N, D_IN)) + np.arange(D_IN) / 2, "floor": 1.2},
        ("terms",),
        lambda s, dy, a, y: s.free_bits_backward(dy, a["terms"], a["floor"]),
    ),
    GradientCase(
        "log_mean_exp",
        "log_mean_exp.3",
        lambda rng: {"log_w": 3 * rng.standard_normal((D_OUT, N))},
        ("log_w",),
        lambda s, dy, a, y: s.log_mean_exp_backward(dy, a["log_w"]),
    ),
    GradientCase(
        "importance_weights",
        "importance_weights.2",
        lambda rng: {"log_w": 2 * rng.standard_normal((D_OUT, N))},
        ("log_w",),
        lambda s, dy, a, y: s.importance_weights_backward(dy, y),
    ),
    *map(_bernoulli, ("bernoulli_log_product", "bernoulli_log_powers", "bernoulli_log_likelihood")),
]
