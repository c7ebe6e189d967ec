"""scikit-learn's perceptrons have the losses of their reference runs."""

from __future__ import annotations

import pytest

from scratchae.benchmarks.cases import Workload
from scratchae.benchmarks.reference import TOLERANCE, difference, reference_run

pytest.importorskip("sklearn")


@pytest.mark.parametrize(("kind", "variant"), [("autoencoder", "MLPRegressor"), ("classifier", "MLPClassifier")])
def test_the_same_work(kind: str, variant: str) -> None:
    from scratchae.benchmarks.sklearn_fits import contestant

    case = Workload((9, 8, 4), 10, 4, kind)
    run = reference_run(case, variant)
    peer = contestant(case, run, 0.01)
    assert difference(run.expected, peer.results) < TOLERANCE / 10
    assert peer.measure() > 0
