"""Claims that NaN is propagated: a training whose loss becomes NaN must not continue unnoticed."""

from __future__ import annotations

from typing import Any

import numpy as np

from scratchae.verify.claims import Subject, claim
from scratchae.verify.derivatives import as_float
from scratchae.verify.twins import ARGUMENTS

SHAPE = (5, 7, 3)
CHOOSING = ("k_sparse", "masking_noise", "salt_and_pepper_noise")  # ops that keep some entries and drop others
# Positions of arguments that are only used in comparisons.
COMPARED = {
    "relu_backward": 1,
    "layer_backward": 3,
    "free_bits_backward": 1,
    "bernoulli_log_product": 1,
    "bernoulli_log_product_backward": 2,
}


def hides(function: Any, arguments: list[Any], place: int) -> bool:
    """Return whether a function returns no NaN although an argument contains NaN."""
    spoiled = [a.copy() if isinstance(a, np.ndarray) else a for a in arguments]
    spoiled[place].flat[spoiled[place].size // 2] = np.nan
    with np.errstate(all="ignore"):
        results = function(*spoiled)
    results = results if isinstance(results, tuple) else (results,)
    return not any(np.isnan(np.asarray(result, np.float64)).any() for result in results)


@claim(
    "no op and no kernel hides a NaN",
    op="NaN",
    level="meaning",
    method="NaN in each argument, both float types, counted",
    tolerance=0,
)
def _no_nan_is_hidden(subject: Subject, rng: np.random.Generator) -> float:
    count = 0
    for name, draws in ARGUMENTS.items():
        for draw in draws if not name.startswith(CHOOSING) else ():
            for dtype in ("float32", "float64"):
                arguments = [as_float(a, dtype) for a in draw(rng, *SHAPE)]
                for place, argument in enumerate(arguments):
                    is_float = isinstance(argument, np.ndarray) and argument.dtype.kind == "f"
                    if is_float and COMPARED.get(name) != place:
                        rooms = (subject.ops, subject.kernels)
                        count += sum(hides(getattr(room, name), arguments, place) for room in rooms)
    return float(count)
