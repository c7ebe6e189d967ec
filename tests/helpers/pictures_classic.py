"""Small figures of the classic family, and their data."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

import scratchae.plots

RNG = np.random.default_rng(0)
COUNTS = [10, 100, 1437]
ACCURACIES = np.array([[0.5, 0.6, 0.7], [0.8, 0.8, 0.8], [0.9, 0.95, 1.0]])
Y = np.arange(40) % 10
LAYERS = {"pixels": RNG.random((40, 12)), "code": RNG.random((40, 3)), "one": RNG.random((40, 1))}
WEIGHTS = {"basic": RNG.standard_normal((12, 7)), "sparse": RNG.standard_normal((12, 3))}

plots: Any = scratchae.plots  # what stands on a figure is known here, and not to its types
PICTURES: dict[str, Callable[[], Any]] = {
    "accuracy_curves": lambda: plots.accuracy_curves({"a": (COUNTS, ACCURACIES), "b": (COUNTS[:2], ACCURACIES[1:])}),
    "codes_by_layer": lambda: plots.codes_by_layer(LAYERS, Y, notes={"code": "97 %"}),
    "filter_panels": lambda: plots.filter_panels(WEIGHTS, (3, 4), most=4, columns=2),
    "lines": lambda: plots.lines(
        {"a": ([1, 2, 4], [0, 1, 2])}, "size", "error", level=1.5, logarithmic=True, title="t"
    ),
    "roofline": lambda: plots.roofline(
        {
            f"{n} thread{'s' * (n > 1)}": plots.Machine(
                100.0 * n, {"memory": 10.0, "L1": 50.0}, {"slow": (0.25, 0.5), "tile": (2, 40), "best": (2, 60)}
            )
            for n in (1, 2)
        },
        title="three programs for one product",
    ),
    "scaling": lambda: plots.scaling(
        {"rows": {"a": ([1, 4], [2, 8]), "b": ([1, 4], [3, 5])}, "units": {"b": ([1, 2], [1, 1])}}, "time", dashed=["b"]
    ),
    "shares": lambda: plots.shares(
        {
            "small": {"product": 1.0, "loss": 3.0, "nothing": 0.0, "rest": 0.0},
            "large": {"product": 50.0, "loss": 49.0, "nothing": 0.0, "rest": 1.0},
        },
        notes={"small": "4 s"},
    ),
    "unrolling": lambda: plots.unrolling((64, 48, 12), n_classes=10),
}
