"""Tests of the training, one file for each file of scratchae/training."""
