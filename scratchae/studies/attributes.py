"""Latent directions along which an attribute changes, and measurements of that change in the decoded images.

A direction comes from a linear regression of the attribute v on the codes z, v ≈ a + w·z.  Many steps d have the same predicted change
w·d; we take the shortest in the metric of the codes' covariance Σ, d ∝ Σ w = cov(z, v).  So a latent dimension in which the codes hardly
vary, and whose regression weight is mostly noise, does not contribute.

Attributes of real images are correlated: who writes slanted writes thick.  Then cov(z, v) has part of the other attributes in it.  To
change one and keep the rest, we take the shortest step with the required w·d and with w'·d = 0 for each attribute to be kept:
d = Σ W (Wᵀ Σ W)⁻¹ e, with the weights of all attributes as the columns of W.

The regression only predicts the change; `measured_changes` measures it in the decoded images.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import ArrayLike

from scratchae.nets.network import Array

LEAST_EXPLAINED = 1e-6  # R² below which the codes do not predict an attribute
MOST_ALIKE = 1e10  # condition number above which the codes do not distinguish the attributes


class EncoderDecoder(Protocol):
    """A model with codes: rows are encoded and codes decoded, with the classes of the rows if the model is conditional."""

    @property
    def encode(self) -> Callable[..., Array]: ...
    @property
    def decode(self) -> Callable[..., Array]: ...


class AttributeDirection(NamedTuple):
    """A direction along which an attribute changes.

    Attributes
    ----------
    direction : array, shape (J,)
        A step of 1 changes the attribute by one standard deviation, as predicted by the regression.
    explained : float
        R², the fraction of the attribute's variance explained by the regression; its root is the correlation of predicted and given values.
    spread : float
        Standard deviation of the attribute over the rows, in its own unit.
    """

    direction: Array
    explained: float
    spread: float


class Change(NamedTuple):
    """Change of one measured quantity along a walk.

    Attributes
    ----------
    values : array, shape (N, S)
        The quantity on the image of each row and step.
    per_step : float
        Increase per step of 1: the slope of the values on the steps, common to all rows, in standard deviations of the quantity over
        the data.
    rising : float
        Fraction of the rows in which the quantity increases at every step.
    """

    values: Array
    per_step: float
    rising: float


def attribute_direction(codes: ArrayLike, values: ArrayLike, keep: ArrayLike | None = None) -> AttributeDirection:
    """Find the latent direction along which an attribute changes, optionally keeping other attributes constant.

    Parameters
    ----------
    codes : array_like, shape (N, J)
        Codes of the rows, such as ``model.encode(X)``.
    values : array_like, shape (N,)
        The attribute of each row: a known factor, a measurement on the image, or membership of a class (0 or 1).
    keep : array_like, shape (N, K), optional
        Other attributes of the rows, to be kept constant as predicted by the regression, which overcorrects if attributes are
        strongly correlated and R² is well below 1. (Attributes that the codes do not predict are ignored.)

    Returns
    -------
    found : AttributeDirection
        With the fields direction, explained (R²) and spread.

    Raises
    ------
    ValueError
        If shapes do not match, an entry is not finite, an attribute is the same for all rows, or the codes do not predict the attribute or
        do not distinguish it from those to be kept.

    Examples
    --------
    >>> codes = np.array([[0.0, 1.0], [2.0, 1.0], [0.0, -1.0], [2.0, -1.0]])
    >>> found = attribute_direction(codes, 3 * codes[:, 0])
    >>> found.direction.round(3).tolist(), round(found.explained, 3), found.spread
    ([1.0, 0.0], 1.0, 3.0)
    """
    z, v, others = _checked(codes, values, keep)
    attributes = np.column_stack([v, others])
    spreads = attributes.std(axis=0)
    if (spreads <= 1e-12 * np.abs(attributes).max(axis=0)).any():
        raise ValueError("An attribute is the same for all rows; give rows in which it differs.")
    z, standard = z - z.mean(axis=0), (attributes - attributes.mean(axis=0)) / spreads
    weights, *_ = np.linalg.lstsq(z, standard, rcond=None)  # W
    covariance = z.T @ standard / len(z)  # Σ W: covariances of codes and attributes
    predicted = weights.T @ covariance  # Wᵀ Σ W, with R² of each on the diagonal
    explained = np.diag(predicted)
    if explained[0] < LEAST_EXPLAINED:
        raise ValueError(
            "The codes do not predict the attribute (R² is 0), so no direction changes it; use another attribute or model."
        )
    told = np.flatnonzero(explained >= LEAST_EXPLAINED)
    predicted = predicted[np.ix_(told, told)]
    if np.linalg.cond(predicted) > MOST_ALIKE:
        raise ValueError("The codes do not distinguish the attribute from those in keep; keep fewer, or others.")
    shares = np.linalg.solve(predicted, np.eye(len(told))[0])
    return AttributeDirection(covariance[:, told] @ shares, min(float(explained[0]), 1.0), float(spreads[0]))


def _checked(codes: ArrayLike, values: ArrayLike, keep: ArrayLike | None) -> tuple[Array, Array, Array]:
    """Return codes, attribute and the attributes to be kept (possibly none), in float64."""
    z, v = np.asarray(codes, np.float64), np.asarray(values, np.float64)
    others = np.empty((len(z), 0)) if keep is None else np.asarray(keep, np.float64)
    if z.ndim != 2 or v.shape != z.shape[:1] or len(z) < 2:
        raise ValueError(
            f"The codes have the shape {z.shape} and the values {v.shape}; give (N, J) and (N,), one value per row, with at least 2 rows."
        )
    if others.ndim != 2 or len(others) != len(z):
        raise ValueError(f"keep has the shape {others.shape}; give one row for each of the {len(z)} codes, (N, K).")
    for name, array in (("codes", z), ("values", v), ("values in keep", others)):
        if not np.isfinite(array).all():
            row = int(np.flatnonzero(~np.isfinite(array.reshape(len(array), -1)).all(axis=1))[0])
            raise ValueError(f"The {name} contain NaN or infinity in row {row}; leave out rows without a measurement.")
    return z, v, others


def walk(
    model: EncoderDecoder,
    x: ArrayLike,
    direction: ArrayLike | AttributeDirection,
    steps: ArrayLike,
    y: ArrayLike | None = None,
) -> Array:
    """Decode images along a direction, starting from the code of each row.

    Parameters
    ----------
    model : fitted autoencoder
        With `encode` and `decode`.
    x : array_like, shape (N, D)
        Codes at step 0.
    direction : array_like, shape (J,), or AttributeDirection
        The direction, such as ``attribute_direction(codes, values)``.
    steps : array_like, shape (S,)
        Step sizes in units of the direction; may be negative.
    y : array_like, shape (N,), optional
        Classes of the rows for a conditional model; kept constant.

    Returns
    -------
    images : array, shape (N, S, D)

    Raises
    ------
    ValueError
        If the direction does not match the codes, or steps is not a 1-D array of numbers.
    """
    codes = model.encode(x) if y is None else model.encode(x, y)
    d = np.asarray(getattr(direction, "direction", direction), np.float64)
    t = np.asarray(steps, np.float64)
    if d.shape != codes.shape[1:]:
        raise ValueError(
            f"The direction has the shape {d.shape}, but codes have {codes.shape[1]} entries; give an array of that length."
        )
    if t.ndim != 1 or t.size == 0:
        raise ValueError(f"steps has the shape {t.shape}; give at least one number, shape (S,).")
    places = codes[:, None] + (t[:, None] * d).astype(codes.dtype)  # (N, S, J)
    rows = places.reshape(-1, codes.shape[1])
    images = model.decode(rows) if y is None else model.decode(rows, np.repeat(np.asarray(y), len(t)))
    return images.reshape(*places.shape[:2], -1)


def measured_changes(
    images: ArrayLike,
    steps: ArrayLike,
    measures: Mapping[str, Callable[[Array], ArrayLike]],
    spreads: Mapping[str, float],
) -> dict[str, Change]:
    """Measure the changes in decoded images along a walk, for the intended attribute and for others.

    Parameters
    ----------
    images : array_like, shape (N, S, D)
        Images such as those returned by `walk`.
    steps : array_like, shape (S,)
        Steps of the walk, at least two different values.
    measures : mapping of str to callable
        Functions by name that map images, shape (M, D), to one number each, shape (M,).
    spreads : mapping of str to float
        Standard deviation of each quantity over the data; changes are given in these units, so that they can be compared.

    Returns
    -------
    changes : dict of str to Change
        Changes by the names of the measures, each with the fields values, per_step and rising.

    Raises
    ------
    ValueError
        If shapes do not match, a spread is missing or not positive, or all steps are equal.
    """
    pictures, t = np.asarray(images), np.asarray(steps, np.float64)
    if pictures.ndim != 3 or t.shape != pictures.shape[1:2]:
        raise ValueError(
            f"The images have the shape {pictures.shape} and the steps {t.shape}; give (N, S, D) and (S,), one image per step."
        )
    if np.ptp(t) == 0:
        raise ValueError("All steps are equal; give at least two different ones.")
    return {name: _change(pictures, t, name, measure, spreads) for name, measure in measures.items()}


def _change(
    pictures: Array, t: Array, name: str, measure: Callable[[Array], ArrayLike], spreads: Mapping[str, float]
) -> Change:
    if not spreads.get(name, 0) > 0:
        raise ValueError(f"There is no positive spread of {name!r}; give its standard deviation over the data.")
    values = np.asarray(measure(pictures.reshape(-1, pictures.shape[2])), np.float64)
    if values.shape != (pictures.shape[0] * pictures.shape[1],):
        raise ValueError(
            f"The measure {name!r} gave the shape {values.shape}; it must return one number for each of "
            f"{pictures.shape[0] * pictures.shape[1]} images."
        )
    values = values.reshape(pictures.shape[:2])
    centred = t - t.mean()
    slopes = (
        values @ centred / (centred @ centred)
    )  # least-squares slope of each row; the mean over the rows is the common slope
    rising = (np.diff(values[:, np.argsort(t, kind="stable")], axis=1) > 0).all(axis=1)
    return Change(values, float(slopes.mean()) / float(spreads[name]), float(rising.mean()))
