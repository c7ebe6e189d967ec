"""Notice of compilation: once, and only if a kernel of this package is compiled."""

from __future__ import annotations

import numpy as np
from helpers.uncached import uncached_kernel

import scratchae as sae
from scratchae.kernels.compilation import before_compiling


def test_the_first_kernel_that_is_compiled_is_announced_once() -> None:
    seen: list[int] = []
    with before_compiling(lambda: seen.append(1)):
        assert not seen
        for _ in range(2):
            assert uncached_kernel()(1.0) == 2.0
    assert seen == [1]
    uncached_kernel()(1.0)  # outside the block
    assert seen == [1]


def test_other_functions_and_kernels_that_are_there_are_not_announced() -> None:
    x = np.random.default_rng(0).random((20, 4), np.float32)
    model = sae.Autoencoder((3,), 2, epochs=1)
    with sae.use_backend("numba"):
        model.fit(x)
        seen: list[int] = []
        with before_compiling(lambda: seen.append(1)):
            uncached_kernel("elsewhere")(1.0)
            model.fit(x)
    assert seen == []
