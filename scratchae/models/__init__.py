"""One file per autoencoder variant; `base` holds what they share."""

from scratchae.models.autoencoder import Autoencoder
from scratchae.models.base import load
from scratchae.models.pca import PrincipalComponents

__all__ = ["Autoencoder", "PrincipalComponents", "load"]
