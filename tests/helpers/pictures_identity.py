"""Small figures of a q that moves, and their data."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

import scratchae.plots

Z = np.linspace(-3, 3, 61)
P = np.exp(-((Z - 1) ** 2) / 2) / np.sqrt(2 * np.pi)
Q = np.stack([np.exp(-((Z - m) ** 2)) / np.sqrt(np.pi) for m in (-1, 0, 1)])
KL = np.array([12.5, 1.25, 0.0])
ELBO = -7.5 - KL
STEPS = ["step 0", "step 5", "step 9"]
MEAN, COVARIANCE = np.array([1.0, -0.5]), np.array([[0.5, 0.3], [0.3, 0.4]])
MEANS, COVARIANCES = np.array([[-1.0, 1.0], [0.0, 0.0], MEAN]), np.stack([np.eye(2), 0.5 * np.eye(2), COVARIANCE])
PLANE = ((MEAN, COVARIANCE), (MEANS, COVARIANCES))
IMAGES = np.random.default_rng(0).random((3, 12))

plots: Any = scratchae.plots  # what stands on a figure is known here, and not to its types
PICTURES: dict[str, Callable[[], Any]] = {
    "line": lambda: plots.identity_on_the_line(Z, P, Q, ELBO, KL, STEPS, note="a note"),
    "plane": lambda: plots.identity_in_the_plane(*PLANE, ELBO, KL, STEPS, names=("p", "ln Z"), note="a note"),
    "densities": lambda: plots.densities_by_image(
        IMAGES, (3, 4), Z, {"p(z|x)": np.tile(P, (3, 1)), "q": Q}, note="a note"
    ),
}
