"""Tests of the pictures, one file for each file of scratchae/plots."""
