"""Tests of the commands, one file for each file of scratchae/cli."""
