"""Whole models as pure functions of arrays, for exercises that go beyond a single op.

Each is a chain of ops, one line for each equation of its derivation, and equal to what the model of the same name computes.
"""

from scratchae.exercises.worked.autoencoder import autoencoder_gradients, autoencoder_loss
from scratchae.exercises.worked.classifier import classifier_gradients, classifier_loss
from scratchae.exercises.worked.denoising import denoising_gradients, denoising_loss
from scratchae.exercises.worked.elbo import elbo
from scratchae.exercises.worked.generation import attribute_vector, change_attribute, linear_path, spherical_path
from scratchae.exercises.worked.stacking import reconstruct, second_layer_gradients, stacked_codes, unroll
from scratchae.exercises.worked.tied import tied_gradients, tied_loss
from scratchae.exercises.worked.variational import variational_gradients, variational_loss

__all__ = [
    "attribute_vector",
    "autoencoder_gradients",
    "autoencoder_loss",
    "change_attribute",
    "classifier_gradients",
    "classifier_loss",
    "denoising_gradients",
    "denoising_loss",
    "elbo",
    "linear_path",
    "reconstruct",
    "second_layer_gradients",
    "spherical_path",
    "stacked_codes",
    "tied_gradients",
    "tied_loss",
    "unroll",
    "variational_gradients",
    "variational_loss",
]
