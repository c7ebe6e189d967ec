"""Parts of the tour: a heading, the time, and models of several kinds on the same data."""

from __future__ import annotations

import re

import numpy as np
import pytest

import scratchae as sae
from scratchae.cli.tour_part import part, trained
from scratchae.datasets import Dataset


def test_a_part_has_a_heading_and_its_time(capsys: pytest.CaptureFixture[str]) -> None:
    with part("2. Codes"):
        print("within")
    heading, within, seconds = capsys.readouterr().out.splitlines()
    assert (heading, within) == ("2. Codes", "within") and re.fullmatch(r"   \d\.\d s", seconds)


def test_all_kinds_are_trained_with_the_seed() -> None:
    x = np.random.default_rng(0).random((12, 4), np.float32)
    data = Dataset(x, np.arange(12) % 2, x, np.arange(12) % 2, (2, 2), "tiny")
    small = {"hidden_sizes": (3,), "epochs": 1}
    kinds = {"basic": ("Autoencoder", small), "classes": ("StackedClassifier", small)}
    with sae.use_backend("numpy"):
        models = trained(kinds, data, 5)
        again = sae.Autoencoder(**small, random_state=5).fit(x)
    assert [type(model).__name__ for model in models.values()] == ["Autoencoder", "StackedClassifier"]
    assert np.array_equal(models["basic"].parameters_.flat, again.parameters_.flat)
    assert models["classes"].classes_.tolist() == [0, 1]
