"""The room of the pictures: each function takes arrays and returns a matplotlib `Figure`; `save` writes it.

Nothing here draws on a screen or touches matplotlib's global state, and matplotlib itself is imported when the first picture is made,
so a model can be trained without waiting for it.

===============  =======================================================================
file             picture
===============  =======================================================================
reconstructions  originals over what the models make of them
filters          what each unit of the first layer looks for
curves           the loss, epoch by epoch
codes            two-dimensional codes, by class
layers           the codes of one layer after another
unrolling        a diagram: how a stack of autoencoders is made
filter_panels    the filters of several models, side by side
accuracy         accuracy by the number of labels, with intervals
lines            one quantity against another, a line for each model
mosaic           many small images as one large one (used by the first two)
figure           a figure without global state, the colours, and the writing to a file
===============  =======================================================================
"""

from scratchae.plots.accuracy import accuracy_curves, half_interval
from scratchae.plots.codes import codes
from scratchae.plots.curves import loss_curves
from scratchae.plots.figure import save
from scratchae.plots.filter_panels import filter_panels
from scratchae.plots.filters import filters
from scratchae.plots.layers import codes_by_layer
from scratchae.plots.lines import lines
from scratchae.plots.reconstructions import reconstructions
from scratchae.plots.unrolling import unrolling

__all__ = [
    "accuracy_curves",
    "codes",
    "codes_by_layer",
    "filter_panels",
    "filters",
    "half_interval",
    "lines",
    "loss_curves",
    "reconstructions",
    "save",
    "unrolling",
]
