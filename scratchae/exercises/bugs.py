"""Find the bug: working code with one classic mistake. The student repairs it; the tests are those of the ordinary exercises.

The description gives the symptom, not the mistake.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np

from scratchae.exercises import basics, regularised, sampling, stacks, variational
from scratchae.exercises.exercise import Arguments, Exercise, Inputs, Sizes
from scratchae.exercises.inputs import extreme_rows


@dataclass(frozen=True)
class Edit:
    """An edit that introduces a mistake into a function.

    Parameters
    ----------
    function : str
    old : str
        A fragment of the function's source that occurs exactly once.
    new : str
        Its replacement.
    """

    function: str
    old: str
    new: str


@dataclass(frozen=True)
class FindTheBug(Exercise):
    """An exercise that starts from the reference's own source with one mistake in it.

    Parameters
    ----------
    edits : tuple of Edit
        The mistake: usually one edit; two where the same mistake is made twice.
    """

    edits: tuple[Edit, ...] = ()


ORDINARY: tuple[Exercise, ...] = (
    *basics.EXERCISES,
    *regularised.EXERCISES,
    *stacks.EXERCISES,
    *variational.EXERCISES,
    *sampling.EXERCISES,
)
_TASKS = {task.name: (exercise, task) for exercise in ORDINARY for task in exercise.tasks}


def _far_from_zero(rng: np.random.Generator, s: Sizes) -> Arguments:
    """Logits whose exponentials overflow or underflow, but whose differences are ordinary, so that no row is right by luck."""
    return {"logits": extreme_rows(rng, s.N, s.C), "labels": rng.integers(0, s.C, s.N)}


_OTHER_INPUTS: dict[str, Inputs] = {"confident": _far_from_zero}


def _bugs(entries: Iterable[tuple[str, str, str, tuple[Edit, ...]]]) -> tuple[FindTheBug, ...]:
    """Make exercises from names, titles, symptoms and mistakes. Their tasks are only the functions that contain the mistake."""
    made = []
    for number, (name, title, about, edits) in enumerate(entries, len(ORDINARY) + 1):
        functions = tuple(dict.fromkeys(edit.function for edit in edits))
        pages = _TASKS[functions[0]][0].pages
        tasks = tuple(
            replace(task, hints=(), points=1.0, inputs=_OTHER_INPUTS.get(name, task.inputs))
            for task in (_TASKS[function][1] for function in functions)
        )
        made.append(FindTheBug(number, f"bug_{name}", f"Find the bug: {title}", about, pages, tasks, edits=edits))
    return tuple(made)


EXERCISES = _bugs(
    (
        (
            "batch",
            "a bias that hardly learns",
            "The larger the batch, the slower the biases of these layers learn; the weights are fine.",
            (Edit("dense_backward", "dy.sum(axis=0)", "dy.mean(axis=0)"),),
        ),
        (
            "shapes",
            "all shapes are right",
            "The last layer of every network learns, the layers before it seem to learn something else. All shapes are right.",
            (Edit("dense_backward", "dy @ W.T", "dy @ W.reshape(W.shape[::-1])"),),
        ),
        (
            "weighting",
            "a loss that cannot be weighted",
            "Averaged or summed over the batch, with some examples counting twice or not at all: the gradient is always the same.",
            (Edit("bernoulli_nll_backward", "dloss[:, None] * (sigmoid(logits) - x)", "sigmoid(logits) - x"),),
        ),
        (
            "encoder",
            "wrong gradients of the encoder",
            "The decoder's gradients pass every check. Those of the encoder do not, and some of them grow without bound.",
            (Edit("autoencoder_gradients", "sigmoid_backward(dh, h)", "sigmoid_backward(dh, a)"),),
        ),
        (
            "tied",
            "weights that are used twice",
            "With untied weights everything worked. Now they are tied, and the loss decreases, but not along its gradient.",
            (Edit("tied_gradients", "dW_encoder + dW_decoder.T", "dW_encoder"),),
        ),
        (
            "denoising",
            "corruption that is reproduced",
            "Every gradient is the gradient of the loss, and the loss falls. But the reconstruction is as corrupted as the input.",
            (
                Edit("denoising_loss", "bernoulli_nll(logits, x)", "bernoulli_nll(logits, x_noisy)"),
                Edit(
                    "denoising_gradients",
                    "bernoulli_nll_backward(dlosses, logits, x)",
                    "bernoulli_nll_backward(dlosses, logits, x_noisy)",
                ),
            ),
        ),
        (
            "contraction",
            "a penalty that is too large",
            "The penalty is compared with a numeric Jacobian of the layer: it is too large for every example. Its gradient is right.",
            (Edit("contractive_penalty", "s * s @ w", "s @ w"),),
        ),
        (
            "probabilities",
            "predictions that depend on the batch",
            "All of them are between 0 and 1. But the prediction for an image depends on which other images are in the batch.",
            (Edit("softmax", "e.sum(axis=1, keepdims=True)", "e.sum(axis=0, keepdims=True)"),),
        ),
        (
            "confident",
            "training that ends in NaN",
            "Training works for hours. Then the network becomes very confident, and the loss is NaN.",
            (Edit("softmax_cross_entropy", "a = _shifted(logits)", "a = logits"),),
        ),
        (
            "divergence",
            "variances that collapse to the prior",
            "The value of the divergence is right, and so is one of its gradients. Trained with the other, the posterior collapses to the prior.",
            (Edit("gaussian_kl_backward", "(np.exp(logvar) - 1) / 2", "(np.exp(logvar) - 1)"),),
        ),
        (
            "draws",
            "draws with the wrong standard deviation",
            "A gradient check passes to the last digit. But the standard deviation of many draws is not the one given by logvar.",
            (
                Edit("reparameterize", "np.exp(logvar / 2)", "np.exp(logvar)"),
                Edit("reparameterize_backward", "np.exp(logvar / 2)", "np.exp(logvar)"),
                Edit("reparameterize_backward", ".sum(axis=0) * std / 2", ".sum(axis=0) * std"),
            ),
        ),
        (
            "noise",
            "a gradient that differs between calls",
            "Two calls with the same arguments return different results. Averaged over many calls, part of it vanishes.",
            (
                Edit(
                    "reparameterize_backward",
                    "eps.reshape(-1, *logvar.shape)",
                    "np.random.standard_normal(eps.shape).reshape(-1, *logvar.shape)",
                ),
            ),
        ),
        (
            "bound",
            "a bound that decreases with more draws",
            "With one draw the bound is right. With more draws only its variance should decrease, but the bound itself becomes lower and lower.",
            (Edit("elbo", "-nll.mean(axis=0)", "-nll.sum(axis=0)"),),
        ),
        (
            "collapse",
            "latent variables that collapse",
            "The loss is right. In training, the divergence goes to zero and z carries no information about x, the sooner the larger the batch.",
            (Edit("variational_gradients", "np.full(N, beta / N)", "np.full(N, beta)"),),
        ),
    )
)
