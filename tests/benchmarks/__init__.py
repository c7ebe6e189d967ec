"""Tests of the benchmark, one file for each file of scratchae/benchmarks."""
