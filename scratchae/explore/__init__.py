"""The room of the page: one file in which the decoder of a fitted model runs in a browser, without a network.

=================  =====================================================================
file               idea
=================  =====================================================================
page               the page, put together and written: `write_page`
description        what the page has to know about a model
latent_space       where the sliders begin and end, and which of them come first
attributes         directions in the space of codes that have a name
display            image or bars, and which values are white and black
template.html      what stands where
explore.css        how it looks, in light and in dark
decoder.js         the decoder, written by hand once more: its lines carry the labels of the derivations
explore.js         the controls: what they do to the code, and the drawing of what is decoded
=================  =====================================================================
"""

from scratchae.explore.page import write_page

__all__ = ["write_page"]
