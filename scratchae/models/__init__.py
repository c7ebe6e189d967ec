"""One file per model; `model`, `reconstruction` and `saving` hold what they share."""

# They are baselines; they stood here before, and can still be imported from here.
from scratchae.baselines import LinearGaussian as LinearGaussian
from scratchae.baselines import PrincipalComponents as PrincipalComponents
from scratchae.models.autoencoder import Autoencoder
from scratchae.models.classifier import StackedClassifier
from scratchae.models.conditional import ConditionalVariationalAutoencoder
from scratchae.models.contractive import ContractiveAutoencoder
from scratchae.models.denoising import DenoisingAutoencoder
from scratchae.models.importance_weighted import ImportanceWeightedAutoencoder
from scratchae.models.k_sparse import KSparseAutoencoder
from scratchae.models.saving import load
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
    "SparseAutoencoder",
    "StackedAutoencoder",
    "StackedClassifier",
    "VariationalAutoencoder",
    "load",
]
