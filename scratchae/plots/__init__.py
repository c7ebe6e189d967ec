"""Figures: each function takes arrays and returns a matplotlib `Figure`; `save` writes it to a file.

The functions do not use matplotlib's global state or a display. matplotlib is imported when the first figure is made, so that training a
model does not require importing it.

===================  =======================================================================
file                 picture
===================  =======================================================================
reconstructions      originals and their reconstructions
latent_sizes         reconstructions by the size of the latent space
filters              weights of the units of the first layer as images
curves               learning curves: the loss by epoch
bound                both terms of the evidence lower bound by epoch
identity             bound and divergence, whose sum is log p(x) for every q
densities            densities of one variable, below the corresponding images
codes                two-dimensional codes, by class
posterior_means      posterior means of a variational autoencoder, with its prior
layers               codes by layer
unrolling            diagram of the construction of a stacked autoencoder
variational_diagram  two diagrams of a variational autoencoder: training and generation
filter_panels        the filters of several models, side by side
accuracy             accuracy by the number of labels, with confidence intervals
lines                one quantity against another, one line per model
kl                   KL divergence of each latent dimension
aggregate            aggregate posterior and prior
samples              rows of generated images, by epoch, by class, …
roofline             rates of programs by arithmetic intensity, below the roofs of a machine
shares               the parts of several totals, as bars
scaling              a quantity against several sizes, with logarithmic axes
features             histograms of the features of a table
manifold             images decoded on a grid in a latent plane
walks                images along a latent direction, with measured values
histograms           distribution of each feature of a table and of generated rows
moments              means, deviations and correlations of generated rows, against the data
mosaic               many small images as one large image (used by all figures with images)
diagram              layers, weights and arrows (used by the diagrams)
figure               figures without global state, colours, and saving
===================  =======================================================================
"""

from scratchae.plots.accuracy import accuracy_curves, half_interval
from scratchae.plots.aggregate import aggregate_posterior
from scratchae.plots.bound import bound_terms
from scratchae.plots.codes import codes
from scratchae.plots.curves import loss_curves
from scratchae.plots.densities import densities_by_image
from scratchae.plots.features import feature_histograms
from scratchae.plots.figure import save
from scratchae.plots.filter_panels import filter_panels
from scratchae.plots.filters import filters
from scratchae.plots.histograms import histograms_of_samples
from scratchae.plots.identity import identity_in_the_plane, identity_on_the_line
from scratchae.plots.kl import kl_by_dimension
from scratchae.plots.latent_sizes import reconstructions_by_size
from scratchae.plots.layers import codes_by_layer
from scratchae.plots.lines import lines
from scratchae.plots.manifold import manifold
from scratchae.plots.moments import moments_of_samples
from scratchae.plots.posterior_means import posterior_means
from scratchae.plots.reconstructions import reconstructions
from scratchae.plots.roofline import Machine, roofline
from scratchae.plots.samples import sample_rows
from scratchae.plots.scaling import scaling
from scratchae.plots.shares import shares
from scratchae.plots.unrolling import unrolling
from scratchae.plots.variational_diagram import variational_diagram
from scratchae.plots.walks import attribute_walk

__all__ = [
    "Machine",
    "accuracy_curves",
    "aggregate_posterior",
    "attribute_walk",
    "bound_terms",
    "codes",
    "codes_by_layer",
    "densities_by_image",
    "feature_histograms",
    "histograms_of_samples",
    "filter_panels",
    "filters",
    "half_interval",
    "identity_in_the_plane",
    "identity_on_the_line",
    "kl_by_dimension",
    "lines",
    "loss_curves",
    "manifold",
    "moments_of_samples",
    "posterior_means",
    "reconstructions",
    "reconstructions_by_size",
    "roofline",
    "sample_rows",
    "save",
    "scaling",
    "shares",
    "unrolling",
    "variational_diagram",
]
