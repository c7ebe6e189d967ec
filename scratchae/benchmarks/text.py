"""The tables of the benchmark as text: rates with their quartiles, ratios within each round, the bound, and the state of the machine."""

from __future__ import annotations

import statistics

from scratchae.benchmarks.bounds import UNFUSED_BYTES
from scratchae.benchmarks.contestants import OURS
from scratchae.benchmarks.record import BenchmarkRun, Contest
from scratchae.benchmarks.reference import TOLERANCE
from scratchae.benchmarks.summary import Spread, best_peer, least_seconds, ratios, shares, spread_of

OTHERS = 0.1  # processors used by other programs, for each processor, from which the machine was busy
WIDE = 0.15  # distance of the quartiles of a ratio, relative to its median, from which rounds vary too much


def text_of_check(contest: Contest) -> str:
    """Return the heading of a case, and the result of the check that all contestants do the same work."""
    per, work = ("row", "") if not contest.parameters else ("step", f", {contest.parameters:,} parameters")
    lines = [f"{contest.name}: {contest.flops / 1e6:.4g} million operations in matrix products per {per}{work}"]
    agree = [name for name in contest.differences if name not in contest.excluded]
    worst = max((contest.differences[name] for name in agree), default=0.0)
    what = f"losses in two epochs ({contest.steps} steps)" if contest.parameters else "squared codes of the first rows"
    found = ", ".join(f"{value:.6g}" for value in contest.expected[:2])
    lines.append(f"  {what}: {found}; {len(agree)} contestants agree to {worst:.0e} (at most {TOLERANCE:.0e})")
    lines += [f"  {name} {why}" for name, why in contest.excluded.items()]
    return "\n".join(lines)


def text_of_rounds(contest: Contest, processors: int) -> str:
    """Return the table of a case, with the best peer, the bound and the state of the machine."""
    if not contest.others:
        return "  no round was completed"
    rounds = len(contest.others)
    of_rounds = f"median and quartiles of {rounds} {'rounds' if rounds > 1 else 'round'}"
    lines = [f"  {'':24} {contest.unit:>10} {'quartiles':>21}    here / this, {of_rounds}"]
    for name, rates in contest.rates.items():
        rate, ratio = spread_of(rates), spread_of(ratios(contest, name))
        note = "   (another loss)" if name in contest.other_tasks else ""
        line = f"  {name:24} {rate.median:10.4g} {rate.low:10.4g} {rate.high:10.4g} "
        lines.append(line + f"   {ratio.median:8.2f}   {ratio.low:.2f} to {ratio.high:.2f}{note}")
    peer = best_peer(contest)
    if peer:
        lines.append(f"  best peer: {peer}; here / best peer = {_number(spread_of(ratios(contest, peer)))}")
    lines.append(f"  {text_of_bound(contest)}")
    if busy := busy_sentence(contest, processors):
        lines.append(f"  {busy}")
    return "\n".join(lines)


def _number(spread: Spread) -> str:
    return f"{spread.median:.2f} ({spread.low:.2f} to {spread.high:.2f})"


def text_of_bound(contest: Contest) -> str:
    """Return the bound of the time per step or row, its parts, and the share of it that is reached."""
    scale, unit, per = (1e3, "ms", "step") if contest.parameters else (1e6, "µs", "row")
    rates = {name: spread_of(values).median for name, values in contest.bounds.items()}
    source = max(("BLAS", "tile"), key=lambda name: rates[name])
    parts = f"products at {rates[source]:.0f} GFLOP/s ({source})"
    reached = spread_of(shares(contest))
    text = f"bound: {scale * statistics.median(least_seconds(contest)):.4g} {unit} per {per}, {parts}"
    if contest.parameters:
        text += f" and 24 bytes per parameter at {rates['memory']:.0f} GB/s"
    text += f"; reached: {reached.median:.0%} ({reached.low:.0%} to {reached.high:.0%})"
    if contest.parameters:
        text += f"; with 28 bytes, Adam by itself: {spread_of(shares(contest, UNFUSED_BYTES)).median:.0%}"
    return text


def busy_sentence(contest: Contest, processors: int) -> str:
    """Return a sentence if other programs used much of the machine during the rounds, or the rounds differ much; otherwise an empty string."""
    known, reasons = [value for value in contest.others if value is not None], []
    if known and statistics.median(known) > OTHERS * processors:
        used = f"{statistics.median(known):.1f} of {processors} processors, at most {max(known):.1f}"
        reasons.append(f"other programs used {used}")
    name = best_peer(contest) or next((name for name in contest.rates if name != OURS), OURS)
    ratio = spread_of(ratios(contest, name))
    if (ratio.high - ratio.low) > WIDE * ratio.median:
        width = (ratio.high - ratio.low) / ratio.median
        reasons.append(f"the quartiles of the ratio to {name} are {width:.0%} of the median apart")
    return f"Not to be relied on: {' and '.join(reasons)}; repeat this when the machine is idle." if reasons else ""


def text_of_machine(run: BenchmarkRun) -> str:
    """Return the machine, the versions and the date in a sentence."""
    versions = ", ".join(f"{name} {version}" for name, version in run.versions.items())
    machine = run.machine
    text = f"{run.date}, {machine['processors']} processors of {machine['processor']}, {machine['system']}, Python {machine['python']}, {versions}"
    return text + (f"\nNot installed, so not measured: {', '.join(run.missing)}." if run.missing else "")
