"""Experiments that answer a question, with several seeds and intervals."""

from scratchae.studies.pretraining import ARMS, PretrainingStudy, Setting

__all__ = ["ARMS", "PretrainingStudy", "Setting"]
