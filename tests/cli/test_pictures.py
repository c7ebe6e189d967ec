"""Rows that the figures of a command show."""

from __future__ import annotations

import numpy as np

from scratchae.cli.pictures import samples


def test_the_first_of_each_class_is_shown() -> None:
    assert samples(np.array([7, 2, 7, 2, 5]), 5).tolist() == [1, 4, 0]  # in the order of the classes
    assert len(samples(np.arange(30), 30)) == 12


def test_without_labels_the_first_rows_are_shown() -> None:
    assert samples(None, 3).tolist() == [0, 1, 2] and samples(None, 100).tolist() == list(range(12))
