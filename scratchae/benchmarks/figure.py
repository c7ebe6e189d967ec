"""The figure of the benchmark: one panel per case, one bar per contestant, relative to scratchae."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scratchae.benchmarks.contestants import OURS
from scratchae.benchmarks.record import BenchmarkRun, Contest
from scratchae.benchmarks.summary import best_peer, ratios, shares, spread_of
from scratchae.plots.figure import LINES, banner, new_figure, plain

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

COLUMNS = 3
LONGEST = 1.6  # of the axis, in units of the rate of scratchae; longer bars are cut off and labelled


def bench_figure(run: BenchmarkRun) -> Figure:
    """Draw the rates of all contestants relative to that of scratchae.

    Bars are the medians of the ratios within each round, the lines their quartiles, and the labels how many times as fast scratchae is. A dashed
    line is the bound.

    Parameters
    ----------
    run : BenchmarkRun

    Raises
    ------
    ValueError
        If no case has a complete round.
    """
    contests = [contest for contest in run.contests if contest.others]
    if not contests:
        raise ValueError("No round was completed, so there is nothing to draw; measure at least one case.")
    columns = min(COLUMNS, len(contests))
    rows = -(-len(contests) // columns)
    figure = new_figure(4.1 * columns, 2.6 * rows + 0.6)
    rounds = min(len(contest.others) for contest in contests)
    short = f"{run.date}, {run.machine['processors']} processors of {run.machine['processor']}"
    for i, contest in enumerate(contests):
        _panel(figure.add_subplot(rows, columns, i + 1), contest)
    note = f"bars: median of {rounds} rounds, with quartiles; numbers: how many times as fast scratchae is; dashed: the bound ({short})"
    banner(figure, "Speed relative to scratchae", note if columns > 1 else "")
    return figure


def _panel(axes: Axes, contest: Contest) -> None:
    """Draw the bars of a case, the first contestant at the top."""
    names, peer = list(contest.rates), best_peer(contest)
    for place, name in enumerate(names):
        of_rounds = ratios(contest, name)
        here, bar = spread_of(of_rounds), spread_of([1 / ratio for ratio in of_rounds])
        color = LINES[0] if name == OURS else LINES[1] if name == peer else "#b5b5b5"
        axes.barh(place, min(bar.median, LONGEST), color=color, height=0.72)
        axes.plot([min(bar.low, LONGEST), min(bar.high, LONGEST)], [place, place], color="black", linewidth=1.3)
        label = "" if name == OURS else f"{here.median:.2f}" if here.median < 10 else f"{here.median:.0f}"
        star = "*" if name in contest.other_tasks else ""
        axes.text(min(max(bar.high, bar.median), LONGEST) + 0.03, place, label + star, va="center", fontsize=8)
    bound = 1 / spread_of(shares(contest)).median
    if bound <= 1.25 * LONGEST:
        axes.axvline(bound, color="black", linestyle=(0, (5, 3)), linewidth=1)
    axes.set_yticks(
        range(len(names)), [f"{n} (another loss)*" if n in contest.other_tasks else n for n in names], fontsize=8
    )
    axes.invert_yaxis()
    axes.set_xlim(0, max(LONGEST if bound < LONGEST else 1.25 * LONGEST, 1.0))
    axes.tick_params(axis="x", labelsize=8)
    axes.set_title(contest.name, loc="left", fontsize=9, fontweight="bold")
    plain(axes)
