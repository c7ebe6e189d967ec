"""The figure: a panel per case, bars at the medians of the ratios, quartiles, labels, and the bound."""

from __future__ import annotations

import pytest
from helpers.bench_records import contest, record

from scratchae.benchmarks.figure import LONGEST, bench_figure
from scratchae.benchmarks.record import Contest


def test_bars_are_relative_to_scratchae() -> None:
    figure = bench_figure(record(contest()))
    (axes,) = figure.axes
    assert axes.get_title(loc="left") == "8-4-2, batch 5"
    widths = [bar.get_width() for bar in axes.patches]
    assert widths == pytest.approx([1.0, 0.125, 0.5, 0.25, 50 / 44])
    names = [label.get_text() for label in axes.get_yticklabels()]
    assert names == ["scratchae", "scratchae, NumPy", "PyTorch fused", "JAX scan", "MLPRegressor (another loss)*"]
    assert [text.get_text() for text in axes.texts] == ["", "8.00", "2.00", "4.00", "0.88*"]
    quartiles = axes.lines[2].get_xdata()  # of PyTorch's 1/2, 1/1.1, 1/2
    assert list(quartiles) == pytest.approx([0.5, (0.5 + 1 / 1.1) / 2])
    colors = [bar.get_facecolor() for bar in axes.patches]
    assert colors[2] not in (colors[0], colors[3]) and colors[1] == colors[3] == colors[4]  # the best peer stands out


def test_a_long_bar_is_cut_off_and_labelled() -> None:
    fast = contest()
    fast.rates["JAX scan"] = [400.0, 440.0, 480.0]
    (axes,) = bench_figure(record(fast)).axes
    assert axes.patches[3].get_width() == LONGEST and axes.texts[3].get_text() == "0.10"


def test_cases_without_rounds_have_no_panel() -> None:
    cases = [contest(f"case {i}") for i in range(4)]
    figure = bench_figure(record(*cases, Contest("interrupted", "steps/s", 1, 1)))
    assert [axes.get_title(loc="left") for axes in figure.axes] == ["case 0", "case 1", "case 2", "case 3"]
    with pytest.raises(ValueError, match="No round was completed"):
        bench_figure(record(Contest("interrupted", "steps/s", 1, 1)))
