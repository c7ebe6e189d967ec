"""One file per model; `model`, `reconstruction` and `fitting` hold what they share, `compiled` the table of compiled steps."""

from scratchae.models import compiled
from scratchae.models.autoencoder import Autoencoder
from scratchae.models.classifier import StackedClassifier
from scratchae.models.conditional import ConditionalVariationalAutoencoder
from scratchae.models.contractive import ContractiveAutoencoder
from scratchae.models.denoising import DenoisingAutoencoder
from scratchae.models.importance_weighted import ImportanceWeightedAutoencoder
from scratchae.models.k_sparse import KSparseAutoencoder
from scratchae.models.linear_gaussian import LinearGaussian
from scratchae.models.model import load
from scratchae.models.pca import PrincipalComponents
from scratchae.models.sparse import SparseAutoencoder
from scratchae.models.stacked import StackedAutoencoder
from scratchae.models.variational import VariationalAutoencoder

__all__ = [
    "Autoencoder",
    "ConditionalVariationalAutoencoder",
    "ContractiveAutoencoder",
    "DenoisingAutoencoder",
    "ImportanceWeightedAutoencoder",
    "KSparseAutoencoder",
    "LinearGaussian",
    "PrincipalComponents",
    "SparseAutoencoder",
    "StackedAutoencoder",
    "StackedClassifier",
    "VariationalAutoencoder",
    "compiled",
    "load",
]
