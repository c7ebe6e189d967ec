"""The other tasks of each exercise, and the values from which their constants are drawn.

The values are not 1, 2 or 1/2, so that a constant is not mistaken for a factor that belongs to a formula.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from types import ModuleType
from typing import Any

import numpy as np

from scratchae.exercises.alternatives import basics, regularised, sampling, stacks, variational
from scratchae.exercises.bugs import ORDINARY, Edit
from scratchae.exercises.exercise import Arguments, Inputs, Sizes, Task
from scratchae.exercises.in_memory import module_of
from scratchae.exercises.inputs import normal, with_upstream

_TASKS = {task.name: task for exercise in ORDINARY for task in exercise.tasks}


@dataclass(frozen=True)
class Alternative:
    """Tasks that replace some of an exercise.

    Parameters
    ----------
    tasks : mapping of str to Task
        By the name of the task that each replaces.
    constants : mapping of str to tuple of float
        The values that each constant of the references may have; the package's own solution is right for none of them.
    mistakes : mapping of str to tuple of Edit
        Mistakes of find-the-bug exercises, by name, where those of the ordinary exercise do not fit the source.
    """

    tasks: Mapping[str, Task]
    constants: Mapping[str, tuple[float, ...]] = field(default_factory=dict)
    mistakes: Mapping[str, tuple[Edit, ...]] = field(default_factory=dict)


def alternatives(exercise: str) -> tuple[Alternative, ...]:
    """The alternatives of an ordinary exercise, by its name.

    Parameters
    ----------
    exercise : str
    """
    return _catalogue()[exercise]


def _alternative(*tasks: tuple[str, Task], **constants: tuple[float, ...]) -> Alternative:
    return Alternative(dict(tasks), constants)


def _task(name: str, reference: Callable[..., Any], **others: Any) -> tuple[str, Task]:
    return name, replace(_TASKS[name], reference=reference, **others)


def _pair(name: str, module: ModuleType, other: str, **backward: Any) -> tuple[tuple[str, Task], tuple[str, Task]]:
    """A function and its gradient, which take the same arguments as those that they replace."""
    return (
        _task(name, getattr(module, other)),
        _task(f"{name}_backward", getattr(module, f"{other}_backward"), **backward),
    )


def _with(inputs: Inputs, change: Callable[[Arguments], Arguments]) -> Inputs:
    """Ordinary arguments, changed."""
    return lambda rng, sizes: change(inputs(rng, sizes))


def _turned(given: Arguments) -> Arguments:
    return {**given, "W": given["W"].T.copy()}


def _turned_pair(name: str, module: ModuleType, other: str) -> tuple[tuple[str, Task], ...]:
    """A function and its gradient with the transpose of the weights."""
    return tuple(
        (old, replace(task, inputs=_with(_TASKS[old].inputs, _turned))) for old, task in _pair(name, module, other)
    )


def _log_of_deviation(given: Arguments) -> Arguments:
    return {"logstd" if name == "logvar" else name: value for name, value in given.items()}


def _outputs_of(function: Callable[..., Any]) -> Inputs:
    def backward(rng: np.random.Generator, s: Sizes) -> Arguments:
        return {"dy": normal(rng, s.N, s.D), "y": function(2 * normal(rng, s.N, s.D))}

    return backward


def _with_units(exercise: str, old: str, new: str) -> Alternative:
    """The tasks of a network with other units: the same source with another activation."""
    tasks = next(each for each in ORDINARY if each.name == exercise).tasks
    found = inspect.getmodule(tasks[0].reference)
    assert found is not None
    source = re.sub(rf"\b{old}(?=\b|_)", new, inspect.getsource(found))
    made = module_of(f"{found.__name__}_of_{new}_units", source)
    return _alternative(*(_task(task.name, getattr(made, task.name)) for task in tasks))


@cache
def _catalogue() -> dict[str, tuple[Alternative, ...]]:
    return {**_basics(), **_regularised(), **_stacks(), **_variational(), **_sampling()}


def _basics() -> dict[str, tuple[Alternative, ...]]:
    of_leaky, of_exponential = _outputs_of(basics.leaky_relu), _outputs_of(basics.exponential_unit)
    tempered = _alternative(
        *_pair("bernoulli_nll", basics, "tempered_bernoulli_nll"),
        *_pair("squared_error", basics, "log_cosh_error"),
        TEMPERATURE=(0.6, 1.4, 1.7, 2.5),
        WIDTH=(0.4, 0.6, 0.8, 1.4),
    )
    not_weighted = Edit("tempered_bernoulli_nll_backward", "dloss[:, None] * (", "(")
    return {
        "dense": (
            _alternative(*_turned_pair("dense", basics, "dense_by_unit")),
            _alternative(*_pair("dense", basics, "dense_with_gain"), GAIN=(0.6, 1.7, 2.5, 3.5)),
        ),
        "activations": (
            _alternative(
                *_pair("relu", basics, "leaky_relu", inputs=of_leaky, hints=()),
                *_pair("tanh", basics, "scaled_tanh"),
                SLOPE=(0.02, 0.05, 0.1, 0.2, 0.3),
                HEIGHT=(1.3, 1.5, 1.7, 1.9),
                STEEPNESS=(0.4, 0.6, 0.8),
            ),
            _alternative(
                *_pair("relu", basics, "exponential_unit", inputs=of_exponential, hints=()),
                *_pair("softplus", basics, "sharp_softplus"),
                ALPHA=(0.3, 0.4, 0.7, 1.4),
                SHARPNESS=(0.6, 1.7, 2.5, 3.5),
            ),
        ),
        "losses": (
            _alternative(
                *_pair("bernoulli_nll", basics, "weighted_bernoulli_nll"),
                *_pair("squared_error", basics, "huber_error"),
                POSITIVE=(0.6, 1.7, 2.5, 3.5),
                DELTA=(0.3, 0.4, 0.8, 1.2),
            ),
            replace(tempered, mistakes={"bug_weighting": (not_weighted,)}),
        ),
        "autoencoder": (
            _with_units("autoencoder", "sigmoid", "tanh"),
            _alternative(
                _task("autoencoder_loss", basics.penalised_loss),
                _task("autoencoder_gradients", basics.penalised_gradients),
                DECAY=(0.05, 0.1, 0.2, 0.3),
            ),
        ),
        "tied_weights": (_with_units("tied_weights", "tanh", "sigmoid"),),
    }


def _regularised() -> dict[str, tuple[Alternative, ...]]:
    by_strength = _pair("k_sparse", regularised, "k_strongest")
    uneven, white = _pair("salt_and_pepper_noise", regularised, "uneven_noise"), (0.2, 0.3, 0.4, 0.7)
    needs_noise = with_upstream("dy", _TASKS["gaussian_noise"].inputs, "N", "D", drop="x")
    return {
        "corruption": (
            _alternative(*_pair("masking_noise", regularised, "dropout_noise"), *uneven, WHITE=white),
            _alternative(
                *_pair("gaussian_noise", regularised, "relative_noise", inputs=needs_noise), *uneven, WHITE=white
            ),
        ),
        "denoising": (_with_units("denoising", "sigmoid", "tanh"),),
        "sparsity": (
            _alternative(*_pair("sparsity_kl", regularised, "sparsity_kl_of_mean"), *by_strength),
            _alternative(*_pair("sparsity_kl", regularised, "sparsity_squares"), *by_strength, SCALE=(1.7, 2.5, 3.5)),
        ),
        "contraction": (
            _alternative(*_turned_pair("contractive_penalty", regularised, "contraction_by_unit")),
            _alternative(
                *_pair("contractive_penalty", regularised, "contraction_with_gain"), GAIN=(0.6, 1.7, 2.5, 3.5)
            ),
        ),
    }


def _stacks() -> dict[str, tuple[Alternative, ...]]:
    return {
        "stacking": (
            _alternative(
                _task("stacked_codes", stacks.tanh_codes),
                _task("second_layer_gradients", stacks.second_tanh_layer_gradients),
                _task("reconstruct", stacks.reconstruct_linearly),
            ),
        ),
        "softmax": (
            _alternative(
                *_pair("softmax", stacks, "tempered_softmax"),
                *_pair("softmax_cross_entropy", stacks, "tempered_cross_entropy"),
                TEMPERATURE=(0.6, 1.4, 1.7, 2.5),
            ),
            _alternative(
                *_pair("softmax_cross_entropy", stacks, "smoothed_cross_entropy"), SMOOTHING=(0.05, 0.1, 0.15, 0.2)
            ),
        ),
        "fine_tuning": (_with_units("fine_tuning", "sigmoid", "tanh"),),
    }


def _variational() -> dict[str, tuple[Alternative, ...]]:
    wide, shifted = (
        tuple(
            pair
            for form in ("_trace", "_sums", "")
            for pair in _pair(f"gaussian_kl{form}", variational, f"{kind}_kl{form}")
        )
        for kind in ("wide", "shifted")
    )
    return {
        "gaussian_kl": (
            _alternative(*wide, PRIOR_VARIANCE=(0.6, 1.7, 2.5, 3.5)),
            _alternative(*shifted, PRIOR_MEAN=(-0.7, -0.4, 0.4, 0.7, 1.4)),
        ),
        "reparameterize": (
            _with_log_of_deviation(),
            _alternative(*_pair("reparameterize", variational, "tempered_draw"), TEMPERATURE=(0.6, 0.7, 0.8, 1.4)),
        ),
        "log_likelihood": (
            _alternative(
                _task("bernoulli_log_product", variational.flipped_log_product),
                _task("bernoulli_log_powers", variational.flipped_log_powers),
                *_pair("bernoulli_log_likelihood", variational, "flipped_log_likelihood"),
                FLIP=(0.05, 0.1, 0.15, 0.2),
            ),
        ),
        "elbo": (_alternative(_task("elbo", variational.weighted_bound), BETA=(0.6, 1.7, 2.5, 3.5)),),
        "variational": (_with_units("variational", "tanh", "sigmoid"),),
    }


def _with_log_of_deviation() -> Alternative:
    """The reparameterisation with the log of the standard deviation in place of that of the variance."""

    def arguments(name: str) -> dict[str, Any]:
        """Ordinary and extreme ones."""
        extremes = {what: _with(inputs, _log_of_deviation) for what, inputs in _TASKS[name].extremes.items()}
        return {"inputs": _with(_TASKS[name].inputs, _log_of_deviation), "extremes": extremes}

    forward, backward = "reparameterize", "reparameterize_backward"
    outputs = ("dmu", "dlogstd")
    return _alternative(
        _task(forward, variational.normal_draw, **arguments(forward), hints=("Draw nothing here.",)),
        _task(backward, variational.normal_draw_backward, **arguments(backward), outputs=outputs),
    )


def _sampling() -> dict[str, tuple[Alternative, ...]]:
    return {
        "importance": (
            _alternative(
                *_pair("importance_weights", sampling, "tempered_weights"),
                *_pair("log_mean_exp", sampling, "renyi_bound"),
                ORDER=(0.3, 0.4, 0.6, 0.7),
            ),
        ),
        "interpolation": (
            _alternative(
                _task("linear_path", sampling.eased_path),
                _task("attribute_vector", sampling.unit_direction),
                _task("change_attribute", sampling.walk_by_length),
            ),
        ),
    }
