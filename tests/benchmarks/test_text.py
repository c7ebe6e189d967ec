"""The tables as text: medians, quartiles and ratios, the best peer, the bound, and whether the machine was busy."""

from __future__ import annotations

import pytest
from helpers.bench_records import contest, record

from scratchae.benchmarks.record import Contest
from scratchae.benchmarks.text import busy_sentence, text_of_check, text_of_machine, text_of_rounds


def test_the_check_is_shown() -> None:
    assert text_of_check(contest()).splitlines() == [
        "8-4-2, batch 5: 1000 million operations in matrix products per step, 1,000,000 parameters",
        "  losses in two epochs (90 steps): 44.5, 42.75; 5 contestants agree to 4e-07 (at most 1e-04)",
        "  PyTorch eager is disqualified, as its work is not the same: it has 33, 32 in place of 44.5, 42.75",
    ]


def test_the_table() -> None:
    heading, *lines = text_of_rounds(contest(), 2).splitlines()
    assert "steps/s" in heading and "median and quartiles of 3 rounds" in heading
    rows = {line[:26].strip(): line[26:].split(maxsplit=4) for line in lines[:5]}
    assert rows["scratchae"] == ["44", "42", "46", "1.00", "1.00 to 1.00"]
    # Ratios of the rounds 2, 1.1, 2: their quartiles are 1.55 and 2.
    assert rows["PyTorch fused"] == ["24", "22", "32", "2.00", "1.55 to 2.00"]
    assert rows["MLPRegressor"][-1].endswith("(another loss)")
    assert lines[5] == "  best peer: PyTorch fused; here / best peer = 2.00 (1.55 to 2.00)"
    # 10⁹ operations at 125 GFLOP/s and 24 MB at 24 GB/s are 9 ms: 40 of 111 steps per second in the first round.
    assert lines[6] == (
        "  bound: 9 ms per step, products at 125 GFLOP/s (tile) and 24 bytes per parameter at 24 GB/s; reached: 40% (38% to 41%); "
        "with 28 bytes, Adam by itself: 40%"
    )
    assert lines[7].startswith(
        "  Not to be relied on: the quartiles of the ratio to PyTorch fused are 22% of the median apart"
    )


def test_codes_have_rows_and_no_optimiser() -> None:
    of_codes = contest("encode", "rows/s", parameters=0)
    of_codes.flops = 1e6
    assert text_of_check(of_codes).splitlines()[0] == "encode: 1 million operations in matrix products per row"
    assert "bound: 8 µs per row, products at 125 GFLOP/s (tile); reached: 0%" in text_of_rounds(of_codes, 2)


def test_without_a_round() -> None:
    assert text_of_rounds(Contest("a", "steps/s", 1, 1), 2) == "  no round was completed"


@pytest.mark.parametrize(
    ("others", "words"),
    [
        ([0.05, 0.0, 0.1], ""),
        ([0.3, 1.25, 0.9], "Not to be relied on: other programs used 0.9 of 2 processors, at most 1.2; repeat this"),
        ([None, None, None], ""),
    ],
)
def test_other_programs_are_reported(others: list[float | None], words: str) -> None:
    steady = contest()
    steady.rates, steady.others = {"scratchae": [10.0] * 3, "JAX scan": [9.0] * 3}, others
    sentence = busy_sentence(steady, 2)
    assert sentence.startswith(words) and bool(sentence) == bool(words)


def test_the_machine() -> None:
    text = text_of_machine(record())
    assert text.startswith("2026-01-02, 2 processors of Fast 1, Linux 6, Python 3.12.0, scratchae 0.1, numpy 2.0")
    assert text.endswith("\nNot installed, so not measured: JAX.")
