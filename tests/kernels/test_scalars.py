"""Functions of one number inside kernels, whose sums may be reordered."""

from __future__ import annotations

import numpy as np
import pytest

from scratchae.kernels import scalars
from scratchae.kernels.compile import kernel


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_sum_that_is_not_finite_is_noticed_in_spite_of_reordering(dtype: type) -> None:
    @kernel
    def finite(a, b):  # type: ignore[no-untyped-def]
        return scalars.is_finite(a + b)

    large = np.finfo(dtype).max
    assert finite(dtype(1), dtype(2)) and finite(large, -large) and finite(-large, dtype(0))
    for a, b in ((np.nan, 0), (0, np.nan), (np.inf, 1), (1, -np.inf), (np.inf, -np.inf), (large, large)):
        assert not finite(dtype(a), dtype(b))
