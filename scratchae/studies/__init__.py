"""Experiments on two questions: whether pre-training helps, and which attributes a latent direction changes."""

from scratchae.studies.attributes import AttributeDirection, Change, attribute_direction, measured_changes, walk
from scratchae.studies.fitted_factors import fitted_factors
from scratchae.studies.pretraining import ARMS, PretrainingStudy, Setting

__all__ = [
    "ARMS",
    "AttributeDirection",
    "Change",
    "PretrainingStudy",
    "Setting",
    "attribute_direction",
    "fitted_factors",
    "measured_changes",
    "walk",
]
