"""The room of the pictures: each function takes arrays and returns a matplotlib `Figure`; `save` writes it.

Nothing here draws on a screen or touches matplotlib's global state, and matplotlib itself is imported when the first picture is made,
so a model can be trained without waiting for it.

===================  =======================================================================
file                 picture
===================  =======================================================================
reconstructions      originals over what the models make of them
latent_sizes         the same, by the size of the latent space
filters              what each unit of the first layer looks for
curves               the loss, epoch by epoch
bound                both terms of the evidence lower bound, epoch by epoch
identity             bound and divergence add up to log p(x), while q moves
densities            densities on a line, below the images that they belong to
codes                two-dimensional codes, by class
posterior_means      those of a variational autoencoder, over its prior
layers               the codes of one layer after another
unrolling            a diagram: how a stack of autoencoders is made
variational_diagram  two diagrams: how a variational autoencoder is trained, and how it generates
filter_panels        the filters of several models, side by side
accuracy             accuracy by the number of labels, with intervals
lines                one quantity against another, a line for each model
kl                   what each latent dimension is used for
aggregate            the codes of all data together, against the prior
samples              rows of generated images, by epoch, by class, …
manifold             the images that belong to a latent plane
walks                images along a direction, with what was measured on each
mosaic               many small images as one large one (used by all that show images)
diagram              layers, weights and arrows (used by the diagrams)
figure               a figure without global state, the colours, and the writing to a file
===================  =======================================================================
"""

from scratchae.plots.accuracy import accuracy_curves, half_interval
from scratchae.plots.aggregate import aggregate_posterior
from scratchae.plots.bound import bound_terms
from scratchae.plots.codes import codes
from scratchae.plots.curves import loss_curves
from scratchae.plots.densities import densities_by_image
from scratchae.plots.figure import save
from scratchae.plots.filter_panels import filter_panels
from scratchae.plots.filters import filters
from scratchae.plots.identity import identity_in_the_plane, identity_on_the_line
from scratchae.plots.kl import kl_by_dimension
from scratchae.plots.latent_sizes import reconstructions_by_size
from scratchae.plots.layers import codes_by_layer
from scratchae.plots.lines import lines
from scratchae.plots.manifold import manifold
from scratchae.plots.posterior_means import posterior_means
from scratchae.plots.reconstructions import reconstructions
from scratchae.plots.samples import sample_rows
from scratchae.plots.unrolling import unrolling
from scratchae.plots.variational_diagram import variational_diagram
from scratchae.plots.walks import attribute_walk

__all__ = [
    "accuracy_curves",
    "aggregate_posterior",
    "attribute_walk",
    "bound_terms",
    "codes",
    "codes_by_layer",
    "densities_by_image",
    "filter_panels",
    "filters",
    "half_interval",
    "identity_in_the_plane",
    "identity_on_the_line",
    "kl_by_dimension",
    "lines",
    "loss_curves",
    "manifold",
    "posterior_means",
    "reconstructions",
    "reconstructions_by_size",
    "sample_rows",
    "save",
    "unrolling",
    "variational_diagram",
]
