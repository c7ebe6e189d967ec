"""Reports: the rows on which a model is judged, and the words and numbers of a training."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from scratchae.cli.inputs import LoadedData
from scratchae.cli.report import judged_on, report_classifier

X, Y = np.ones((4, 3)), np.arange(4)


def test_a_model_is_judged_on_test_rows_if_there_are_any() -> None:
    whole, unlabelled, alone = LoadedData("d", X, Y, X[:2], Y[:2]), LoadedData("d", X, Y, X[:2]), LoadedData("d", X, Y)
    assert judged_on(whole, X, Y).name == "test" and judged_on(whole, X, Y).x is whole.x_test
    assert judged_on(unlabelled, X, Y).name == "test"
    part = judged_on(unlabelled, X, Y, labelled=True)  # but not where their labels are needed
    assert part.name == "training" and part.y is Y
    assert judged_on(alone, X[:3], Y).x.shape == (3, 3) and judged_on(alone, X, Y).y is None


def test_the_report_of_a_classifier(capsys: pytest.CaptureFixture[str]) -> None:
    model: Any = SimpleNamespace(
        history_={"loss": [0.75, 0.5], "seconds": [1.0, 2.25]},
        pretraining_history_=[{"loss": [9.0, 8.0, 7.0], "seconds": [0.1, 0.2, 0.3]}],
        parameters_=SimpleNamespace(flat=np.zeros(1234)),
        random_state=3,
        score=lambda x, y: 0.9375 if len(x) == 4 else 0.5,
    )
    report_classifier(model, LoadedData("d", X, Y, X[:2], Y[:2]), X, Y)
    assert capsys.readouterr().out.splitlines() == [
        "layer 1   3 epochs in 0.3 s; loss 7",
        "trained   2 epochs on 4 rows in 2.2 s; 1,234 parameters, seed 3",
        "loss      0.5 nats per row in the last epoch",
        "training  93.75 % right",
        "test      50.00 % of 2 rows right",
    ]
