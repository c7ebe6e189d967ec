"""Tests of the data sets, one file for each file of scratchae/datasets."""
