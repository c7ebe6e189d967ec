"""Pictures of tutorials 06, 07 and 09, with their texts; all are drawn by `scratchae.plots`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from statistics import NormalDist
from typing import TYPE_CHECKING, Any

import numpy as np

from scratchae import plots
from scratchae.nets.network import Array

if TYPE_CHECKING:
    from matplotlib.figure import Figure

# Units of the factors of a drawn digit; the others have none.
_UNITS = {"thickness": ", in pixels", "rotation": ", in radians"}


# 06  The variational method


def closest(z: Array, p: Array, q: Mapping[str, Array]) -> Figure:
    """The target's density at points z, and the densities of the normal q closest to it, by name."""
    return plots.lines(
        {"p": (z, p), **{f"q, {name}": (z, density) for name, density in q.items()}},
        "z",
        "density",
        title="Mode-seeking KL(q ‖ p) and mode-covering KL(p ‖ q)",
        note="the normal q closest to p: minima of KL(q ‖ p), one for each mode, and of KL(p ‖ q)",
    )


def rising_bounds(starts: Array, bounds: Array, ln_z: float) -> Figure:
    """Bounds of shape (steps, starts): one curve for each start."""
    return plots.lines(
        {
            f"from μ = {start:g}".replace("-", "\N{MINUS SIGN}"): (np.arange(len(curve)), curve)
            for start, curve in zip(starts, bounds.T, strict=True)
        },
        "step",
        "bound (nats)",
        level=ln_z,
        level_label=f"ln Z = {ln_z:.3f}",
        title="Lower bound on ln Z by step, from three starts",
        note="the remaining gap is KL(q ‖ p): each q is on one mode only",
    )


def raised_bound(z: Array, p: Array, q: Array, bounds: Array, kl: Sequence[float], steps: Sequence[int]) -> Figure:
    """Target and q at points z, at some of the steps, above bound and divergence."""
    return plots.identity_on_the_line(
        z,
        p,
        q,
        bounds,
        kl,
        [f"step {step}" for step in steps],
        names=("p", "ln Z"),
        title="Maximising the bound",
        note="q moves to the nearest mode; the bars do not start at 0",
    )


def posteriors(x: Array, image_shape: tuple[int, int], z: Array, curves: Mapping[str, Array]) -> Figure:
    """p(z|x) of some images, and its normal approximations q."""
    return plots.densities_by_image(
        x,
        image_shape,
        z,
        curves,
        across="z",
        title="Posterior p(z|x) of an image, and three normal approximations q",
        note="binarised test images: the five whose posterior is farthest from a normal distribution",
    )


# 07  ELBO and KL


def spread_by_draws(counts: Sequence[int], spread: Sequence[float], of_one: float) -> Figure:
    """The standard deviation of estimates from L draws, compared with the exact one: that of one draw, divided by √L."""
    return plots.lines(
        {"400 estimates": (counts, spread), "exact: that of one draw / √L": (counts, of_one / np.sqrt(counts))},
        "draws L",
        "standard deviation of the estimate (nats)",
        logarithmic=True,
        title="Standard deviation of an estimate from L draws",
        note="estimates of E_q[log p(x|z)] for one test image",
    )


def moving_q(
    posterior: tuple[Array, Array], q: tuple[Array, Array], elbo: Array, gap: Array, steps: Sequence[int], free: int
) -> Figure:
    """q of one image at some of the steps of its approach to the posterior; from the step `free` on it may have correlations."""
    return plots.identity_in_the_plane(
        posterior,
        q,
        elbo,
        gap,
        [f"step {step}" for step in steps],
        note=f"one test image; up to step {free} the latent variables are independent under q; the bars do not start at 0",
    )


def trap(logvars: Array, got: Mapping[str, Array], checks: Sequence[float]) -> Figure:
    """The standard deviation of draws by the specified logvar, and the errors of both gradients, which do not reveal the mistake."""
    return plots.lines(
        {name: (logvars, deviations) for name, deviations in got.items()},
        "ln σ² (from the encoder)",
        "standard deviation of 20,000 draws",
        title="A mistake that passes the gradient check",
        note=f"largest error of the gradient: {checks[0]:.0e} (correct), {checks[1]:.0e} (wrong)",
    )


# 09  Generation


def latent_plane(grid: Array, image_shape: tuple[int, int]) -> Figure:
    """A square grid of images, the rows of `latent_grid`, at their points in the latent plane."""
    n = round(len(grid) ** 0.5)
    return plots.manifold(
        grid,
        image_shape,
        places=[NormalDist().inv_cdf((i + 0.5) / n) for i in range(n)],
        title="Images decoded from the latent plane",
        note=f"{n} × {n} values of z, in equal steps of the prior's probability",
    )


def all_codes(z: Array, kl: Array, shown: Sequence[int]) -> Figure:
    """Histograms of some dimensions of the codes of all images, compared with the prior."""
    return plots.aggregate_posterior(
        z[:, shown],
        names=[f"$z_{{{j}}}$, KL {kl[j]:.2f}" for j in shown],
        title="Aggregate posterior q(z) and prior",
    )


def drawn_walk(
    name: str, images: Array, values: Array, image_shape: tuple[int, int], steps: Array, explained: float
) -> Figure:
    """Walks of drawn digits along a factor, with its measured value below each image."""
    note = f"above: steps, in standard deviations; below each image: its measured {name}{_UNITS.get(name, '')}"
    return plots.attribute_walk(
        images,
        values,
        image_shape,
        steps=steps,
        title=f"Drawn digits along the direction of {name}",
        note=f"{note}; R² {explained:.2f}",
    )


def class_walk(
    pairs: Sequence[tuple[int, int]], images: Array, kinds: Array, image_shape: tuple[int, int], steps: Array
) -> Figure:
    """Walks of drawn digits from one class to another, with the class of the nearest drawn image below each."""
    return plots.attribute_walk(
        images,
        kinds.astype(str),
        image_shape,
        steps=steps,
        labels=[f"{a} to {b}" for a, b in pairs],
        title="From one class to another",
        note="above: steps, in standard deviations; below each image: the class of the nearest drawn image",
    )


def real_walk(name: str, images: Any, values: Any, image_shape: tuple[int, int], steps: Array) -> Figure:
    """Walks of real digits along an attribute, with its measured value below each image."""
    return plots.attribute_walk(
        images,
        values,
        image_shape,
        steps=steps,
        title=f"Real digits along the direction of {name}",
        note=f"above: steps, in standard deviations of the class; below each image: its measured {name}",
    )
