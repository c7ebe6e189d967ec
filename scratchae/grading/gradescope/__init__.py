"""An autograder for Gradescope: the archive that is uploaded there, and what it does with a submission when it runs."""

from scratchae.grading.gradescope.archive import write_archive
from scratchae.grading.gradescope.results import gradescope_results

__all__ = ["gradescope_results", "write_archive"]
