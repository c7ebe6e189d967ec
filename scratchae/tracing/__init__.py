"""Traces: what each labelled line of an objective computed, forward and backward, beside its equation.

==============  =====================================================================
file            idea
==============  =====================================================================
tracer          `trace`: the objective of a fitted model on a few rows
traces          `Trace`: a record that shows itself as text, table and page
record          the record: inputs, lines with their values, loss and gradients; JSON
labels          statements with labels, from the source of a function
recorder        runs a function and records those lines
values          copies of arrays and numbers
equations       the equations of the labels, from the derivations
text            a trace as text, for terminals
page            a trace as a table in HTML; ``formulas``, its equations as drawings
tiny            `tiny`: examples of two or three numbers; ``tiny_models``, ``tiny_ops``, ``tiny_others``
label_coverage  which labels have values in a tiny example
==============  =====================================================================
"""

from scratchae.tracing.equations import Equation
from scratchae.tracing.label_coverage import coverage
from scratchae.tracing.recorder import Step
from scratchae.tracing.tiny import tiny, tiny_names
from scratchae.tracing.tracer import trace
from scratchae.tracing.traces import Trace
from scratchae.tracing.values import Value

__all__ = ["Equation", "Step", "Trace", "Value", "coverage", "tiny", "tiny_names", "trace"]
