"""Tests of terminal input and output, one file for each file of scratchae/console."""
