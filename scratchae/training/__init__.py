"""Optimisers, the training loop, callbacks and checkpoints."""

from scratchae.training.callbacks import Callback, Callbacks, EarlyStopping, StatefulCallback
from scratchae.training.loop import Plan, Problem, train
from scratchae.training.optimizers import LBFGS, SGD, Adam, Momentum, Optimizer, as_optimizer
from scratchae.training.state import RandomState, TrainingState, seed_of

__all__ = [
    "LBFGS",
    "SGD",
    "Adam",
    "Callback",
    "Callbacks",
    "EarlyStopping",
    "Momentum",
    "Optimizer",
    "Plan",
    "Problem",
    "RandomState",
    "StatefulCallback",
    "TrainingState",
    "as_optimizer",
    "seed_of",
    "train",
]
