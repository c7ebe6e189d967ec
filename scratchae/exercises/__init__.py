"""The exercises, in the order of the derivations, made from the package's own source."""

from scratchae.exercises import bugs
from scratchae.exercises.bugs import ORDINARY, Edit, FindTheBug
from scratchae.exercises.exercise import ONE_ROW, SHAPES, SMALL, SMALL_ODD, Exercise, Sizes, Task

EXERCISES: tuple[Exercise, ...] = (*ORDINARY, *bugs.EXERCISES)

__all__ = [
    "EXERCISES",
    "ONE_ROW",
    "ORDINARY",
    "SHAPES",
    "SMALL",
    "SMALL_ODD",
    "Edit",
    "Exercise",
    "FindTheBug",
    "Sizes",
    "Task",
]
