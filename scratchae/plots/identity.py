"""The identity log p(x) = ELBO + KL(q || p(z|x)), step by step: q changes, and the sum of the two terms stays constant."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from scratchae.nets.network import Array
from scratchae.plots.figure import LINES, banner, new_figure, plain

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_MOST_STEPS = 8  # side by side; more would be illegible
_ELBO, _KL, _Q, _POSTERIOR = LINES[0], LINES[1], LINES[1], "#555555"
_SHARES = (0.5, 0.95)  # probability inside the ellipses of a distribution
_LARGEST_DIFFERENCE = 1e-3  # between the sums, in nats; far below what is visible
_NAMES = ("p(z|x)", "log p(x)")
_TITLE = "ELBO and KL divergence always add up to log p(x)"


def identity_on_the_line(
    places: ArrayLike,
    posterior: ArrayLike,
    q: ArrayLike,
    elbo: ArrayLike,
    kl: ArrayLike,
    steps: Sequence[str],
    *,
    names: tuple[str, str] = _NAMES,
    title: str | None = _TITLE,
    note: str = "",
) -> Figure:
    """Plot the densities of q and of the posterior of one latent variable, step by step, above the two terms and their sum.

    Parameters
    ----------
    places : array_like, shape (M,)
        Values of z.
    posterior : array_like, shape (M,)
        The density p(z|x) at these values.
    q : array_like, shape (S, M)
        The density of q at each of S steps.
    elbo, kl : array_like, shape (S,)
        The bound and KL(q || p(z|x)) at each step, in nats.
    steps : sequence of str, of length S
        Label above each step.
    names : (str, str)
        Names of the target density of q, and of the sum.
    title, note : str
        The title, and a line in grey.

    Returns
    -------
    matplotlib.figure.Figure
        With 2 S axes: the densities, and a bar below each. The bars start at a common height, which is not 0.

    Raises
    ------
    ValueError
        If there are too many steps, shapes do not match, an entry is not finite, a KL is negative, or the sums of the terms differ.
    """
    terms = _checked_terms(elbo, kl, steps)
    z, p, densities = (np.asarray(values, np.float64) for values in (places, posterior, q))
    if z.ndim != 1 or z.size == 0 or p.shape != z.shape or densities.shape != (len(steps), len(z)):
        raise ValueError(
            f"places has shape {z.shape}, posterior {p.shape}, q {densities.shape}; give (M,), (M,) and (S, M), S = {len(steps)} steps."
        )
    if not all(np.isfinite(values).all() for values in (z, p, densities)):
        raise ValueError("places, posterior or q contains NaN or infinity, which cannot be drawn; remove it.")
    top = 1.08 * float(max(p.max(), densities.max()))

    def draw(axes: Axes, step: int) -> None:
        axes.fill_between(z, p, color=_POSTERIOR, alpha=0.3, linewidth=0, label=names[0])
        axes.plot(z, densities[step], color=_Q, linewidth=1.8, label="q")
        axes.set(xlim=(z[0], z[-1]), ylim=(0, top), yticks=[], xlabel="z")
        axes.spines["left"].set_visible(False)

    return _steps(draw, terms, steps, names, title, note)


def identity_in_the_plane(
    posterior: tuple[ArrayLike, ArrayLike],
    q: tuple[ArrayLike, ArrayLike],
    elbo: ArrayLike,
    kl: ArrayLike,
    steps: Sequence[str],
    *,
    names: tuple[str, str] = _NAMES,
    title: str | None = _TITLE,
    note: str = "",
) -> Figure:
    """Plot the identity for two latent variables and normal distributions, with ellipses that contain 50 % and 95 % of each.

    Parameters
    ----------
    posterior : (array_like, array_like), shapes (2,) and (2, 2)
        Mean and covariance of p(z|x).
    q : (array_like, array_like), shapes (S, 2) and (S, 2, 2)
        Means and covariances of q at each of S steps.
    elbo, kl, steps, names, title, note
        As in `identity_on_the_line`.

    Returns
    -------
    matplotlib.figure.Figure
        With 2 S axes: the ellipses, with equal scales on both axes, and a bar below each.

    Raises
    ------
    ValueError
        As `identity_on_the_line`; or if a covariance is not positive definite.
    """
    terms = _checked_terms(elbo, kl, steps)
    mean, covariance, means, covariances = (np.asarray(values, np.float64) for values in (*posterior, *q))
    S = len(steps)
    if (mean.shape, covariance.shape, means.shape, covariances.shape) != ((2,), (2, 2), (S, 2), (S, 2, 2)):
        raise ValueError(
            f"posterior has shapes {mean.shape} and {covariance.shape}, q {means.shape} and {covariances.shape}; "
            f"give (2,) and (2, 2), (S, 2) and (S, 2, 2), S = {S} steps."
        )
    fixed, moving = (
        _ellipses(mean, covariance),
        [_ellipses(*moments) for moments in zip(means, covariances, strict=True)],
    )
    outer = np.concatenate([fixed[-1], *[curves[-1] for curves in moving]])
    middle, half = (outer.max(axis=0) + outer.min(axis=0)) / 2, 0.55 * float(np.ptp(outer, axis=0).max())

    def draw(axes: Axes, step: int) -> None:
        for i, curve in enumerate(fixed):
            axes.fill(*curve.T, color=_POSTERIOR, alpha=0.28, linewidth=0, label=names[0] if i == 0 else None)
        for i, curve in enumerate(moving[step]):
            axes.plot(*curve.T, color=_Q, linewidth=1.6, label="q" if i == 0 else None)
        axes.plot(*means[: step + 1].T, color=_Q, linewidth=0.9, linestyle=(0, (2, 2)), marker=".", markersize=4)
        axes.set(xlim=(middle[0] - half, middle[0] + half), ylim=(middle[1] - half, middle[1] + half))
        axes.set_box_aspect(1)
        axes.set_xlabel(r"$z_1$")
        if step == 0:
            axes.set_ylabel(r"$z_2$", rotation=0)

    return _steps(draw, terms, steps, names, title, note)


def _ellipses(mean: Array, covariance: Array) -> list[Array]:
    """Return closed curves, each (points, 2), that enclose the given probabilities of a normal distribution."""
    if not (np.isfinite(mean).all() and np.isfinite(covariance).all() and np.linalg.eigvalsh(covariance)[0] > 0):
        raise ValueError("A covariance is not positive definite, or a moment is not finite; give valid moments.")
    turn = np.linspace(0, 2 * np.pi, 121)
    circle = np.stack([np.cos(turn), np.sin(turn)], axis=1) @ np.linalg.cholesky(covariance).T
    return [mean + np.sqrt(-2 * np.log(1 - share)) * circle for share in _SHARES]  # |z|² is exponential with mean 2


def _checked_terms(elbo: ArrayLike, kl: ArrayLike, steps: Sequence[str]) -> tuple[Array, Array]:
    bound, gap = np.asarray(elbo, np.float64), np.asarray(kl, np.float64)
    if not 1 <= len(steps) <= _MOST_STEPS:
        raise ValueError(f"There are {len(steps)} steps; give 1 to {_MOST_STEPS}, so that the figure is legible.")
    if bound.shape != (len(steps),) or gap.shape != bound.shape:
        raise ValueError(
            f"elbo has shape {bound.shape}, kl {gap.shape}; give one value for each of the {len(steps)} steps."
        )
    if not (np.isfinite(bound).all() and np.isfinite(gap).all() and gap.min() >= -1e-6):
        raise ValueError("elbo or kl is not finite, or a KL is negative; give finite bounds and non-negative KLs.")
    difference = float(np.ptp(bound + gap))
    if difference > _LARGEST_DIFFERENCE:
        raise ValueError(
            f"The sums of elbo and kl differ by {difference:.3g} nats; give both of the same x and the same q."
        )
    return bound, gap


def _steps(
    draw: Callable[[Axes, int], None],
    terms: tuple[Array, Array],
    steps: Sequence[str],
    names: tuple[str, str],
    title: str | None,
    note: str,
) -> Figure:
    """Draw the upper row with `draw`, and a bar per step in the lower row."""
    elbo, kl = terms
    figure = new_figure(max(6.6, 0.6 + 1.2 * len(steps)), 5.1)  # legible at the width of a page
    upper, lower = figure.subplots(2, len(steps), sharex="row", sharey="row", squeeze=False, height_ratios=(1, 1.1))
    ground = float(elbo.min()) - 0.12 * max(float(np.ptp(elbo)), 1e-3)
    for step, name in enumerate(steps):
        draw(upper[step], step)
        upper[step].set_title(name, fontsize=9.5)
        _bar(lower[step], ground, float(elbo[step]), float(kl[step]), names)
        for axes in (upper[step], lower[step]):
            plain(axes)
            axes.tick_params(labelsize=8)
    for axes in lower[1:]:
        axes.spines["left"].set_visible(False)
        axes.tick_params(axis="y", length=0)
    lower[0].set_ylabel("nats")
    handles = [handle for axes in (upper[0], lower[0]) for handle in axes.get_legend_handles_labels()[0]]
    figure.legend(handles=handles, loc="outside lower center", ncols=len(handles), frameon=False, fontsize=9)
    banner(figure, title or (" " if note else None), note)
    return figure


def _bar(axes: Axes, ground: float, elbo: float, kl: float, names: tuple[str, str]) -> None:
    """Draw bound and KL as stacked bars, with the sum in numbers below."""
    total = elbo + kl
    axes.axhline(total, color="black", linestyle=(0, (6, 4)), linewidth=1.1, label=names[1])
    axes.bar(0, kl, 0.6, bottom=elbo, color=_KL, alpha=0.75, label=f"KL(q \N{DOUBLE VERTICAL LINE} {names[0]})")
    axes.bar(0, elbo - ground, 0.6, bottom=ground, color=_ELBO, alpha=0.75, label="bound (ELBO)")
    axes.set(xlim=(-0.55, 0.55), ylim=(ground, total + 0.08 * (total - ground)), xticks=[])
    words = [f"{elbo:.3f}", f"+ {kl:.3f}", f"= {total:.3f}"]
    axes.set_xlabel("\n".join(words).replace("-", "\N{MINUS SIGN}"), fontsize=8.5)
