"""Tests of the models, one file for each file of scratchae/models."""
