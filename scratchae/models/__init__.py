"""One file per model; `model`, `reconstruction` and `saving` hold what they share."""

from scratchae.models.autoencoder import Autoencoder
from scratchae.models.classifier import StackedClassifier
from scratchae.models.contractive import ContractiveAutoencoder
from scratchae.models.denoising import DenoisingAutoencoder
from scratchae.models.k_sparse import KSparseAutoencoder
from scratchae.models.pca import PrincipalComponents
from scratchae.models.saving import load
from scratchae.models.sparse import SparseAutoencoder
from scratchae.models.stacked import StackedAutoencoder

__all__ = [
    "Autoencoder",
    "ContractiveAutoencoder",
    "DenoisingAutoencoder",
    "KSparseAutoencoder",
    "PrincipalComponents",
    "SparseAutoencoder",
    "StackedAutoencoder",
    "StackedClassifier",
    "load",
]
