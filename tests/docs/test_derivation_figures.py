"""The figures that belong to derivations: drawn by their script, legible, and with the numbers that the pages give."""

from __future__ import annotations

import runpy
from pathlib import Path

import numpy as np
import pytest
from matplotlib.text import Text

FIGURES = Path(__file__).resolve().parents[2] / "figures"
SCRIPT = runpy.run_path(str(FIGURES / "derivations.py"))


def test_the_script_draws_the_kept_figures_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = []
    for run in ("first", "second"):
        (tmp_path / run).mkdir()
        monkeypatch.setattr("sys.argv", ["derivations.py", "--out", str(tmp_path / run)])
        SCRIPT["main"]()
        drawn.append({path.name: path.read_bytes() for path in (tmp_path / run).iterdir()})
    assert drawn[0] == drawn[1]
    assert set(drawn[0]) == {path.name for path in FIGURES.glob("derivation_*.png")} and len(drawn[0]) == 3
    assert all((FIGURES / name).stat().st_size < 200_000 for name in drawn[0])


@pytest.mark.parametrize("name", SCRIPT["FIGURES"])
def test_texts_are_legible_on_a_page_and_not_cut_off(name: str) -> None:
    figure = SCRIPT["FIGURES"][name]()
    figure.draw_without_rendering()
    ticks = {label for axes in figure.axes for label in [*axes.get_xticklabels(), *axes.get_yticklabels()]}
    for text in figure.findobj(Text):
        if text.get_text() and text not in ticks:  # ticks beyond the axes are not drawn
            box = text.get_window_extent()
            assert figure.bbox.x0 - 1 <= box.x0 and box.x1 <= figure.bbox.x1 + 1, text.get_text()
            assert text.get_fontsize() * 600 / (72 * figure.get_figwidth()) > 9, text.get_text()  # pixels, 600 wide


def test_the_gap_is_the_mean_distance_to_the_tangent() -> None:
    w = SCRIPT["WEIGHTS"]
    distance = np.log(w.mean()) + (w - w.mean()) / w.mean() - np.log(w)
    assert distance.mean() == pytest.approx(np.log(w.mean()) - np.log(w).mean())
    assert w.mean() == pytest.approx(2) and distance.mean() == pytest.approx(0.39, abs=0.005)


@pytest.mark.parametrize(("dtype", "best", "error"), [(np.float64, 7e-6, 2e-11), (np.float32, 6e-3, 2e-5)])
def test_the_lowest_points_are_those_of_the_table(dtype: type[np.floating], best: float, error: float) -> None:
    central, _ = SCRIPT["relative_errors"](dtype, np.array([best / 100, best, best * 100]))
    assert error / 3 < central[1] < 3 * error and central[0] > 10 * central[1] and central[2] > 1e3 * central[1]
    _, complex_step = SCRIPT["relative_errors"](dtype, np.array([1e-16, 1e-12]))
    assert complex_step.max() < 4 * np.finfo(dtype).eps
