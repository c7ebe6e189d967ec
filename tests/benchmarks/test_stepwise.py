"""Training loops of peers: the checked loop is the timed one, every row is used once per epoch, and skipped work is noticed."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from scratchae.benchmarks import stepwise
from scratchae.benchmarks.reference import Reference, difference
from scratchae.benchmarks.stepwise import BlockwiseCodes, StepwiseTraining


class FakeSteps:
    """Steps whose loss is 1 / (1 + number of updates) + the mean of the rows, plus the noise; a cheat makes only every second update."""

    def __init__(self, at_once: int, cheats: bool = False) -> None:
        self.at_once, self.cheats, self.taken, self.restarts = at_once, cheats, list[Any](), 0

    def restart(self) -> None:
        self.updates, self.restarts = 0, self.restarts + 1

    def draw(self) -> Any:
        return "drawn"

    def take(self, rows: Any, noise: Any) -> Any:
        self.taken.append((rows, noise))
        losses = []
        for i, batch in enumerate(rows):
            extra = noise[i].mean() if isinstance(noise, np.ndarray) else 0.0
            losses.append(1 / (1 + self.updates) + batch.mean() + extra)
            self.updates += 1 if not self.cheats or i % 2 or len(self.taken) % 2 else 0
        return losses

    def finish(self, results: Any) -> Any:
        return np.array(results)


ROWS = np.array([[0, 1], [2, 3], [3, 1], [0, 2]])
RUN = Reference([], [], ROWS, np.empty(0), [0.0, 0.0])


def test_losses_are_means_of_epochs() -> None:
    training = StepwiseTraining(FakeSteps(1), RUN, 4, 0.0)
    steps = [1 + 0.5, 1 / 2 + 2.5, 1 / 3 + 2.0, 1 / 4 + 1.0]
    assert training.results == pytest.approx([np.mean(steps[:2]), np.mean(steps[2:])])
    assert StepwiseTraining(FakeSteps(2), RUN, 4, 0.0).results == pytest.approx(training.results)


def test_noise_is_given_to_its_step() -> None:
    run = Reference([], [], ROWS, np.arange(4.0)[:, None, None] * np.ones((4, 2, 3)), [])
    without, given = (StepwiseTraining(FakeSteps(2), each, 4, 0.0).results for each in (RUN, run))
    assert np.subtract(given, without) == pytest.approx([0.5, 2.5])


def test_a_skipped_update_changes_the_losses() -> None:
    honest, cheat = (StepwiseTraining(FakeSteps(1, cheats), RUN, 4, 0.0) for cheats in (False, True))
    assert difference(honest.results, cheat.results) > 0.01


@pytest.mark.parametrize("at_once", [1, 2])
def test_a_turn_visits_every_row_once_per_epoch_after_one_call_for_warming_up(
    at_once: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps = FakeSteps(at_once)
    training = StepwiseTraining(steps, RUN, 4, 1.0)
    times = iter([100.0, *np.linspace(100.2, 101.0, 5), 101.25])
    monkeypatch.setattr(stepwise, "time", type("Clock", (), {"perf_counter": staticmethod(lambda: next(times))}))
    steps.taken.clear()
    restarts = steps.restarts
    rate = training.measure()
    timed = len(steps.taken) - 1
    assert steps.restarts == restarts + 1 and {noise for _, noise in steps.taken} == {"drawn"}
    assert rate == pytest.approx(timed * at_once / 1.25)
    rows = np.concatenate([rows.ravel() for rows, _ in steps.taken])
    assert all(sorted(rows[i : i + 4]) == [0, 1, 2, 3] for i in range(0, len(rows) - 3, 4))


def test_codes_of_all_blocks_are_compared() -> None:
    x = np.arange(48.0).reshape(24, 2)
    whole = BlockwiseCodes(lambda block: x[block], np.asarray, 24, 24, 0.0)
    blocks = BlockwiseCodes(lambda block: x[block], np.asarray, 24, 6, 0.0)
    assert whole.results == blocks.results and blocks.measure() > 0
    skipping = BlockwiseCodes(lambda block: x[block] * (block.start > 0), np.asarray, 24, 6, 0.0)
    assert difference(whole.results, skipping.results) > 0.1
