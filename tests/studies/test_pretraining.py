"""The study of pre-training: equal conditions for all arms, and results that are kept."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import scratchae as sae
from scratchae.models import StackedClassifier
from scratchae.studies import ARMS, PretrainingStudy, Setting
from scratchae.studies.pretraining import balanced_rows

SETTING = Setting(hidden_sizes=(6, 4), pretrain_epochs=2, updates=12, batch_size=20)


def make(x: np.ndarray, **options: Any) -> PretrainingStudy:
    y = np.arange(len(x)) % 3
    settings: dict[str, Any] = {"counts": [9, len(x)], "seeds": range(2), "setting": SETTING, **options}
    return PretrainingStudy(x, y, x[:30], y[:30], **settings)


def test_labelled_rows_are_balanced_and_drawn_once_each() -> None:
    y = np.array([0] * 50 + [1] * 30 + [2] * 4)
    for count in (3, 10, 12, 40, 84):
        rows = balanced_rows(y, count, np.random.default_rng(0))
        counts = np.bincount(y[rows], minlength=3)
        assert len(set(rows.tolist())) == count == counts.sum()
        assert counts[2] == min(4, -(-count // 3)) or count % 3
        assert abs(counts[0] - counts[1]) <= 1 or counts[1] == 30
    first, second = (balanced_rows(y, 10, np.random.default_rng(seed)).tolist() for seed in (0, 1))
    assert first != second


def test_all_arms_get_the_same_rows_and_the_updates_that_were_said(
    x: np.ndarray, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[tuple[bytes, int, bool]] = []
    fit = StackedClassifier.fit

    def spy(self: StackedClassifier, X: Any, y: Any = None, **options: Any) -> Any:
        steps = -(-len(X) // self.batch_size)
        seen.append((X.tobytes(), self.epochs * steps, self._start is not None))
        return fit(self, X, y, **options)

    monkeypatch.setattr(StackedClassifier, "fit", spy)
    study = make(x, seeds=[0])
    study.run()
    for first in (0, 3):
        rows, updates, copied = zip(*seen[first : first + 3], strict=True)
        assert len(set(rows)) == 1 and copied == (True, False, False)
        assert updates[0] == updates[1] == 12 and updates[2] >= 12 + study.extra_updates() > updates[2] - 4


def test_extra_work_is_that_of_the_pretraining(x: np.ndarray) -> None:
    # 11-6-4 and 3 classes: an encoder and a decoder of 66 + 24 weights each, 2 epochs of 70 rows; an update has 20 rows.
    assert make(x).extra_updates() == round(2 * 70 * 2 * (66 + 24) / (20 * (66 + 24 + 12)))


def test_results_are_kept_and_not_made_again(x: np.ndarray, tmp_path: Path) -> None:
    whole, said = make(x), []
    whole.run(said.append)
    assert len(said) == 2 * (1 + 2 * 3) and set(whole.results.values()) <= {i / 30 for i in range(31)}

    def stop_after(text: str) -> None:
        if "all" in text or len(said) > 5:
            raise KeyboardInterrupt
        said.append(text)

    said.clear()
    keep = tmp_path / "study.npz"
    with pytest.raises(KeyboardInterrupt):
        make(x, keep=keep).run(stop_after)
    again = make(x, keep=keep)
    assert 0 < len(again.results) < len(whole.results)
    again.run()
    assert again.results == whole.results
    said.clear()
    make(x, keep=keep).run(said.append)
    assert not said
    for arm in ARMS:
        assert again.accuracies(arm).shape == (2, 2)


def test_what_cannot_be_studied_is_refused(x: np.ndarray, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="2 labels cannot be drawn from 70 rows of 3 classes"):
        make(x, counts=[2])
    with pytest.raises(ValueError, match="71 labels"):
        make(x, counts=[71])
    keep = tmp_path / "study.npz"
    make(x, keep=keep, seeds=[0], counts=[9]).run()
    with pytest.raises(ValueError, match="other settings or data"):
        make(x, keep=keep, setting=Setting(updates=3))
    with pytest.raises(ValueError, match="other settings or data"):
        make(x[:60], keep=keep)
    y = np.arange(len(x)) % 3
    with pytest.raises(ValueError, match="other settings or data"):
        PretrainingStudy(x, y[::-1], x[:30], y[:30], [9], [0], SETTING, keep)
    with pytest.raises(ValueError, match="other settings or data"):
        PretrainingStudy(x, y, x[:20], y[:20], [9], [0], SETTING, keep)
    sae.Autoencoder((), 2, epochs=1).fit(x).save(keep)
    with pytest.raises(sae.FileFormatError, match="not a study"):
        make(x, keep=keep)
