"""Tests of the studies, one file for each file of scratchae/studies."""
