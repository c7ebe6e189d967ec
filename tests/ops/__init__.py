"""Tests of the ops, one file for each file of scratchae/ops."""
