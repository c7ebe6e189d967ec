"""scratchae as a contestant: fits on its backend with the losses of the reference run, and rates after the first epoch."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import scratchae as sae
from scratchae.benchmarks.cases import Workload
from scratchae.benchmarks.own import OwnCodes, OwnFits
from scratchae.benchmarks.reference import difference, reference_run

KINDS = ("autoencoder", "variational", "denoising", "classifier")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("backend", ["numba", "numpy"])
def test_fits_have_the_losses_of_the_reference_run(kind: str, backend: str) -> None:
    case = Workload((9, 8, 4), 10, 4, kind)
    fits = OwnFits(case, backend, 0.001)
    assert sae.backend_name() == backend and difference(reference_run(case).expected, fits.results) < 1e-5
    assert fits.measure() > 0


def test_the_first_epoch_is_not_timed(monkeypatch: pytest.MonkeyPatch) -> None:
    fits: list[Any] = []

    def fit(self: Any, x: Any, y: Any = None) -> Any:
        fits.append((sae.backend_name(), self.epochs, x.shape))
        self.history_ = {"loss": [1.0] * self.epochs, "seconds": [5 + 0.1 * epoch for epoch in range(self.epochs)]}
        return self

    monkeypatch.setattr(sae.Autoencoder, "fit", fit)
    contestant = OwnFits(Workload((9, 8, 4), 10, 4), "numba", 1.0)
    assert contestant.measure() == pytest.approx(
        40
    )  # 4 batches in a tenth of a second, after 5 seconds for the first epoch
    assert fits[-1] == ("numba", 11, (40, 9))  # one more epoch than fill the turn
    assert OwnFits(Workload((9, 8, 4), 10, 40), "numpy", 0.02).batches == 4  # 400 steps/s, two epochs per turn


@pytest.mark.parametrize("backend", ["numba", "numpy"])
def test_codes(backend: str) -> None:
    case = Workload((9, 8, 3), 10, 4, "encode")
    codes = OwnCodes(case, backend, 0.001)
    assert difference(reference_run(case).expected, codes.results) < 1e-5
    assert codes.measure() > 0 and len(codes.x) == (40 if backend == "numba" else 10)
    assert np.isfinite(codes.results).all()
