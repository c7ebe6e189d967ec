"""Interactive page: one HTML file in which the decoder of a fitted model runs in a browser, offline.

=================  =====================================================================
file               idea
=================  =====================================================================
page               assembles and writes the page: `write_page`
description        description of the model for the page
latent_space       range and order of the sliders
attributes         named directions in the latent space
display            image or bar chart, and the range of grey values
template.html      structure of the page
explore.css        style, light and dark
decoder.js         the decoder in JavaScript; its lines carry the labels of the derivations
explore.js         the controls, and the drawing of the decoded output
=================  =====================================================================
"""

from scratchae.explore.page import write_page

__all__ = ["write_page"]
