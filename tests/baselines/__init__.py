"""Tests of the baselines, one file for each file of scratchae/baselines."""
