"""Tests of networks, one file for each file of scratchae/nets."""
