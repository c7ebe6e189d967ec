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
mosaic           many small images as one large one (used by the first two)
figure           a figure without global state, the colours, and the writing to a file
===============  =======================================================================
"""

from scratchae.plots.codes import codes
from scratchae.plots.curves import loss_curves
from scratchae.plots.figure import save
from scratchae.plots.filters import filters
from scratchae.plots.reconstructions import reconstructions

__all__ = ["codes", "filters", "loss_curves", "reconstructions", "save"]
