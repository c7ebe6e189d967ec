"""Slow claims, which run with `scratchae check --deep`: larger networks, random shapes and more draws than in the quick claims."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from threadpoolctl import threadpool_limits

from scratchae.verify import gradients, linear_gaussian, thresholds, twins, whole_steps
from scratchae.verify.claims import Subject, claim, worst
from scratchae.verify.derivatives import as_float
from scratchae.verify.memory import on_all_threads
from scratchae.verify.variational_models import VAE

NETWORKS = [
    whole_steps.StepsCase(
        "Autoencoder",
        "784-1000-500-250-30",
        {"hidden_sizes": (1000, 500, 250), "latent_dim": 30, "activation": "tanh", "optimizer": "momentum"},
        784, 500, 77, 1, "autoencoder.1 autoencoder.2 autoencoder.3 autoencoder.4 autoencoder.5 autoencoder.6 autoencoder.7",
        20_000,  # the terms of some entries cancel, and rounding errors grow through eight layers
    ),
    whole_steps.StepsCase(
        VAE,
        "784-500-500-20, five draws",
        {"hidden_sizes": (500, 500), "latent_dim": 20, "activation": "tanh", "n_samples": 5, "optimizer": "sgd"},
        784, 200, 33, 1, " ".join(f"variational.{i}" for i in range(1, 13)),
        100_000,
    ),
]  # fmt: skip


def random_products(dtype: str, number: int, rng: np.random.Generator) -> Iterator[thresholds.ProductCase]:
    """Yield products of random shapes and memory orders, as many small as large."""
    orders = list(thresholds.STRIDES)
    for _ in range(number):
        rows, depth, columns = (int(size) for size in np.exp(rng.uniform(0, np.log(700), 3)))
        a, b = (orders[i] for i in rng.integers(0, len(orders), 2))
        yield thresholds.ProductCase(
            rows, depth, columns, a, b, *thresholds.FINISHES[rng.integers(len(thresholds.FINISHES))]
        )


def wrong_twins(subject: Subject, dtype: str, number: int, rng: np.random.Generator) -> int:
    """Return the number of calls of twins at random shapes whose error exceeds the tolerance."""
    wrong = 0
    for name, draws in twins.ARGUMENTS.items():
        op, twin = getattr(subject.ops, name), getattr(subject.kernels, name)
        for draw in draws:
            for shape in rng.integers(1, 80, (number, 3)).tolist():
                arguments = [as_float(a, dtype) for a in draw(rng, *shape)]
                wrong += not twins.twin_error(name, op, twin, arguments) <= twins.tolerance(name, dtype)
    return wrong


def _register(dtype: str) -> None:
    @claim(
        f"dense products of 1,000 random shapes in {dtype}",
        op="kernels",
        equation="dense.1 dense.4 dense.6 layer.1 layer.2",
        level="value",
        method="exact sums; 1 to 700 rows, terms and columns, any strides, guarded memory, 0 to 2 threads",
        tolerance=8 * thresholds.EPS[dtype],
        deep=True,
    )
    def products(subject: Subject, rng: np.random.Generator) -> float:
        with threadpool_limits(1, user_api="blas"):
            errors = (thresholds.product_error(case, dtype, rng) for case in random_products(dtype, 1000, rng))
            return on_all_threads(worst(errors, 8 * thresholds.EPS[dtype]))

    @claim(
        f"all twins at 100 random shapes in {dtype}",
        op="kernels",
        level="value",
        method="kernel against op in float64, each entry by itself; number of calls beyond the tolerance of the twin",
        tolerance=0,
        deep=True,
    )
    def all_twins(subject: Subject, rng: np.random.Generator) -> float:
        with threadpool_limits(1, user_api="blas"):
            return wrong_twins(subject, dtype, 100, rng)


for _dtype in ("float32", "float64"):
    _register(_dtype)
    for _case in NETWORKS:
        whole_steps.register(_case, _dtype, deep=True)


@claim(
    "the gradients of all ops, for 50 more draws of the arguments",
    op="ops",
    level="gradient",
    method="complex step",
    tolerance=1e-12,
    deep=True,
)
def _more_gradients(subject: Subject, rng: np.random.Generator) -> float:
    smooth = [case for case in gradients.CASES if case.smooth]
    errors = (gradients.gradient_error(case, subject.ops, rng, "complex step") for _ in range(50) for case in smooth)
    return worst(errors, 1e-12)


@claim(
    "the importance weights of a wrong posterior are right on average, for 10,000 estimates",
    op=VAE,
    equation="log_mean_exp.1",
    level="value",
    method="mean of the estimates of p(x), as a share of four standard errors; and the bound below log p(x)",
    tolerance=1,
    deep=True,
)
def _more_estimates(subject: Subject, rng: np.random.Generator) -> float:
    return linear_gaussian.average_error(subject, rng, 10_000)
