"""Rows in blocks: the same answers, whatever the number of rows."""

from __future__ import annotations

import numpy as np
import pytest
from helpers.basic_runs import fitted

from scratchae.models import blocks
from scratchae.models.blocks import BLOCK


@pytest.mark.parametrize("rows", [1, BLOCK, BLOCK + 1])
def test_many_rows_are_answered_in_blocks(rows: int, x: np.ndarray) -> None:
    model, many = fitted(x), np.tile(x, (60, 1))[:rows]
    assert model.encode(many).shape == (rows, 3) and model.reconstruct(many).shape == (rows, 11)
    assert model.score_samples(many).shape == (rows,)
    np.testing.assert_allclose(model.reconstruct(many)[-1], model.reconstruct(many[-1:])[0], rtol=1e-5)
    np.testing.assert_allclose(model.score_samples(many)[-1:], model.score_samples(many[-1:]), rtol=1e-5)


def test_blocks_are_cut_alike_from_all_arrays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blocks, "BLOCK", 3)
    seen: list[tuple[list[int], list[int]]] = []

    def added(a: np.ndarray, b: np.ndarray) -> np.ndarray:
        seen.append((a.tolist(), b.tolist()))
        return a + b

    total = blocks.in_blocks(added, np.arange(7), 10 * np.arange(7))
    assert total.tolist() == [0, 11, 22, 33, 44, 55, 66]
    assert seen == [([0, 1, 2], [0, 10, 20]), ([3, 4, 5], [30, 40, 50]), ([6], [60])]
    seen.clear()
    blocks.in_blocks(added, np.arange(3), np.arange(3))
    assert len(seen) == 1  # as many rows as one block has
