"""Claims about `fit`: parameters and the whole history, compared with an independently written training loop.

Each model is trained for several epochs of several calls with a partial last batch, with every optimiser and a decaying learning rate, on both
backends; the results must agree with `plain_training` to many digits.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np

from scratchae.models import blocks, fitting
from scratchae.training import LBFGS, SGD, Adam, Momentum, Optimizer
from scratchae.verify.autoencoder import on_backend, trained
from scratchae.verify.claims import Subject, claim, lowered, worst
from scratchae.verify.definitions import VARIANTS, objective, options_of
from scratchae.verify.derivatives import Array, relative_error
from scratchae.verify.options import CHOICES, allowed, few_rows
from scratchae.verify.pairs import all_pairs
from scratchae.verify.plain_training import stream, train, train_stack, validation_noise_of

BATCHES_PER_CALL = 2
SEED, TOLERANCE = 11, 1e-11
RUN: dict[str, Sequence[Any]] = {
    "optimizer": ("adam", Adam(0.7, 0.95, 1e-3), "momentum", Momentum(0.6), "sgd", LBFGS(memory=1, restart=4)),
    "learning_rate_decay": (0.7, 1.0),
    "batch_size": (3, 4, 11),
    "weight_decay": (0.1, 0.0),
}
DRAWN = (
    "DenoisingAutoencoder",
    "VariationalAutoencoder",
    "ImportanceWeightedAutoencoder",
    "ConditionalVariationalAutoencoder",
)
# Further options of the trainings: fewer values than for the gradients, since each setting needs a whole training.
KEPT = ("likelihood", "tied_weights", "n_samples", "beta", "kl", "free_bits", "variance", "binarize", "corruption")
ALSO: dict[str, dict[str, Sequence[Any]]] = {
    "Autoencoder": {
        "hidden_sizes": ((4,), ()),
        "activation": ("relu", "tanh"),
        "output_activation": ("identity", "tanh"),
    },
    "DenoisingAutoencoder": {"hidden_sizes": ((4,), ()), "activation": ("relu", "tanh")},
    "KSparseAutoencoder": {"k": (2,)},
    "SparseAutoencoder": {"sparsity_weight": (0.3,)},
    "ContractiveAutoencoder": {"contraction": (0.5,)},
    "StackedClassifier": {"hidden_sizes": ((4,), (5, 4), ()), "activation": ("sigmoid", "relu")},
    "VariationalAutoencoder": {"hidden_sizes": ((4,), (5, 3)), "activation": ("tanh", "relu"), "warm_up": (3, 0)},
    "ImportanceWeightedAutoencoder": {"hidden_sizes": ((4,), ()), "activation": ("tanh", "relu")},
    "ConditionalVariationalAutoencoder": {"hidden_sizes": ((4,),), "activation": ("tanh",), "warm_up": (5, 0)},
}
STACK: dict[str, Sequence[Any]] = {
    "base": ("basic", "denoising", "sparse", "contractive"),
    "activation": ("sigmoid", "tanh", "relu"),
    "likelihood": ("bernoulli", "gaussian"),
    "tied_weights": (False, True),
    "pretrain_learning_rate": (None, 0.05),
    "corruption": ("masking", "salt_and_pepper", "gaussian"),
}


def runs_of(name: str) -> Iterator[dict[str, Any]]:
    """Return the settings in which a model is trained, covering every pair of options."""
    values = {key: value for key, value in CHOICES[name][0].items() if key in KEPT or key == "latent_dim"}

    def may(setting: dict[str, Any]) -> bool:
        # A random objective does not permit a line search. With a discontinuous objective (another unit becomes the largest), two searches
        # that differ in the last digit diverge.
        searched = isinstance(setting["optimizer"], LBFGS)
        not_searched = (*DRAWN, *VARIANTS, "KSparseAutoencoder")
        # Codes of a linear encoder have mean 0, so that on all rows the first gradient of the output biases is a rounding error, which Adam
        # divides by its own size.
        linear = (
            setting.get("hidden_sizes") == ()
            and setting.get("likelihood") == "gaussian"
            and setting["batch_size"] == 11
        )
        rounding = linear and getattr(setting["optimizer"], "name", setting["optimizer"]) == "adam"
        return allowed(setting) and not (searched and name in not_searched) and not rounding

    yield from all_pairs({**values, **RUN, **ALSO.get(name, {})}, may)


@contextmanager
def in_small_pieces() -> Iterator[None]:
    """Make every epoch take several calls, and the inference several blocks, as for large data."""
    with (
        lowered(fitting, steps_per_call=lambda *sizes: BATCHES_PER_CALL),
        lowered(blocks, BLOCK=4),
        warnings.catch_warnings(),
    ):
        warnings.filterwarnings("ignore", "The posterior has collapsed")  # expected with a large KL weight on few rows
        yield


def options_for(setting: dict[str, Any], epochs: int = 4) -> dict[str, Any]:
    """Return the options of a run: the setting, float64, a seed, and a learning rate with large changes in a few steps."""
    rule = getattr(setting["optimizer"], "name", setting["optimizer"])
    rate = 0.02 if rule == "adam" else 0.01
    epochs = 7 if rule == "lbfgs" else epochs
    return {"dtype": "float64", "random_state": SEED, "learning_rate": rate, "epochs": epochs, **setting}


def history_error(history: dict[str, list[float]], expected: dict[str, list[float]]) -> float:
    """Return the largest relative error in the history; infinite if a column or an epoch is missing."""
    if set(history) - {"seconds"} != set(expected):
        return np.inf
    return max(relative_error(np.array(history[name]), np.array(values)) for name, values in expected.items())


def parameters_error(got: Any, expected: dict[str, Array], before: dict[str, Array]) -> float:
    """Return the largest error of any parameter relative to its largest change; infinite if a parameter has not changed."""
    if set(got) != set(expected):
        return np.inf
    largest = 0.0
    for name, value in expected.items():
        moved = float(abs(value - before[name]).max())
        if got[name].shape != value.shape or moved == 0:
            return np.inf
        largest = max(largest, float(abs(got[name] - value).max()) / max(moved, 1e-3))
    return largest if np.isfinite(largest) else np.inf


def run_error(subject: Subject, name: str, rng: np.random.Generator, setting: dict[str, Any]) -> float:
    """Return the largest error of parameters and history against the plain loop, on both backends."""
    (x, y), (x_held_out, y_held_out) = few_rows(rng, 11), few_rows(rng, 6)
    labelled = name in ("StackedClassifier", "ConditionalVariationalAutoencoder")
    options, kind = options_for(setting), getattr(subject.models, name)
    labels = (y, y_held_out) if labelled else (None, None)
    held_out = (x_held_out, labels[1])
    given = kind().set_params(**options)  # the options themselves, whatever the constructor makes of them
    with in_small_pieces():  # the noise of validation is drawn block by block
        expected, history = train(given, x, labels[0], held_out=held_out, batches_per_call=BATCHES_PER_CALL)
    begun, _ = train(kind(**{**options, "learning_rate": 0.0, "optimizer": "sgd", "epochs": 0}), x, labels[0],
                     held_out=held_out, batches_per_call=BATCHES_PER_CALL)  # fmt: skip
    largest = 0.0
    for room in ("numpy", "numba"):
        with on_backend(room), in_small_pieces():
            fitted = kind(**options).fit(x, y, validation_data=held_out)
        largest = max(largest, history_error(fitted.history_, history))
        largest = max(largest, parameters_error(fitted.parameters_, expected, begun))
    return largest


def register(name: str, also: dict[str, Sequence[Any]] | None = None) -> None:
    """Add the claim about the trainings of a model of `CHOICES`, with further options of the file of a variant."""
    ALSO.update({} if also is None else {name: also})

    @claim(
        f"{name}: fit is the plain training loop, by every optimiser",
        op=name,
        equation=" ".join(dict.fromkeys(f"{LABELS.get(name, '')} autoencoder.4 {UPDATES}".split())),
        level="value",
        method="independent loop: parameters, losses and validation losses of every epoch, both backends",
        tolerance=TOLERANCE,
    )
    def measure(subject: Subject, rng: np.random.Generator) -> float:
        return worst((run_error(subject, name, rng, setting) for setting in runs_of(name)), TOLERANCE)


UPDATES = "sgd.1 momentum.1 momentum.2 adam.1 adam.2 adam.3 glorot.5 he.3"
LABELS = {
    "VariationalAutoencoder": "variational.6 variational.13",
    "ConditionalVariationalAutoencoder": "conditional.1 variational.13",
}
for _name in list(CHOICES):
    if _name != "StackedAutoencoder":
        register(_name)


@claim(
    "StackedAutoencoder: pretrain and fine_tune are the plain training loop, layer by layer",
    op="StackedAutoencoder",
    equation="stacked.1 stacked.2 stacked.3 autoencoder.4",
    level="value",
    method="independent loop: parameters, losses of every layer and of the whole, both backends",
    tolerance=TOLERANCE,
)
def _stack(subject: Subject, rng: np.random.Generator) -> float:
    (x, _), (held_out, _) = few_rows(rng, 11), few_rows(rng, 6)
    return worst((_stack_error(subject, x, held_out, setting) for setting in all_pairs(STACK, _stack_may)), TOLERANCE)


def _stack_error(subject: Subject, x: Array, held_out: Array, setting: dict[str, Any]) -> float:
    options = {**options_for({"optimizer": "adam", **setting}, 3), "hidden_sizes": (4, 3), "pretrain_epochs": 2}
    options |= {"batch_size": 4, "weight_decay": 0.1, "corruption_level": (0.2, 0.5), "learning_rate_decay": 0.8}
    options |= {"sparsity": 0.2, "sparsity_weight": 0.7, "contraction": 0.4}
    kind = subject.models.StackedAutoencoder
    given = kind().set_params(**options)
    expected, history, layers = train_stack(given, x, held_out=held_out, batches_per_call=BATCHES_PER_CALL)
    largest = 0.0
    for room in ("numpy", "numba"):
        with on_backend(room), in_small_pieces():
            stack = kind(**options).pretrain(x, validation_data=held_out)
            before = stack.parameters_.copied()
            stack.fine_tune(x, validation_data=held_out)
        pretraining = [history_error(*both) for both in zip(stack.pretraining_history_, layers, strict=True)]
        largest = max(largest, history_error(stack.history_, history), *pretraining)
        largest = max(largest, parameters_error(stack.parameters_, expected, before))
    return largest


def _stack_may(setting: dict[str, Any]) -> bool:
    units = {"sparse": ("sigmoid",), "contractive": ("sigmoid", "tanh")}.get(
        setting["base"], ("sigmoid", "tanh", "relu")
    )
    return setting["activation"] in units and (setting["base"] == "denoising" or setting["corruption"] == "masking")


# Optimisers by their names: each with its documented settings, and with one of them changed.
NAMED: list[tuple[str, Optimizer, list[Optimizer]]] = [
    ("sgd", SGD(), []),
    ("momentum", Momentum(0.9), [Momentum(0.89)]),
    ("adam", Adam(0.9, 0.999, 1e-8), [Adam(0.89, 0.999, 1e-8), Adam(0.9, 0.998, 1e-8), Adam(0.9, 0.999, 1.1e-8)]),
    ("lbfgs", LBFGS(20, 200), [LBFGS(19, 200), LBFGS(21, 200), LBFGS(20, 199), LBFGS(20, 201)]),
]


@claim(
    "an optimiser that is given by its name has its documented settings",
    op="optimisers",
    level="value",
    method="bits of 205 epochs, more than the memory of L-BFGS and until after its restart, against the settings written out; others differ",
    tolerance=0,
)
def _by_name(subject: Subject, rng: np.random.Generator) -> float:
    (x, _), wrong = few_rows(rng, 11), 0

    def bits(optimizer: Any) -> Array:
        model = subject.models.Autoencoder(hidden_sizes=(4,), latent_dim=3, activation="tanh", optimizer=optimizer, epochs=205,
                                           learning_rate=1e-3, dtype="float64", random_state=SEED)  # fmt: skip
        return model.fit(x).parameters_.flat

    for name, documented, others in NAMED:
        expected = bits(documented)
        wrong += any(not np.array_equal(bits(given), expected) for given in (name, type(documented)()))
        wrong += sum(np.array_equal(bits(other), expected) for other in others)
    return float(wrong)


# Training on larger data in float32, the default type.

COMPILED: list[tuple[str, dict[str, Any]]] = [  # models with compiled steps
    ("Autoencoder", {"likelihood": "bernoulli", "tied_weights": True}),
    ("Autoencoder", {"likelihood": "gaussian", "activation": "tanh"}),
    ("Autoencoder", {"likelihood": "gaussian", "output_activation": "tanh", "tied_weights": True}),
    ("DenoisingAutoencoder", {"corruption": "masking"}),
    ("DenoisingAutoencoder", {"corruption": "gaussian", "likelihood": "gaussian"}),
    ("SparseAutoencoder", {"sparsity_weight": 0.3, "weight_decay": 0.01}),
    ("KSparseAutoencoder", {"k": 3}),
    ("ContractiveAutoencoder", {"hidden_sizes": (), "tied_weights": True, "weight_decay": 0.01}),
    ("WassersteinAutoencoder", {"latent_dim": 3}),
    ("StackedAutoencoder", {"hidden_sizes": (20, 9), "pretrain_epochs": 2}),
    ("StackedClassifier", {"hidden_sizes": (20,)}),
    ("VariationalAutoencoder", {"n_samples": 3, "beta": 2.0, "binarize": "dynamic", "warm_up": 3}),
    ("VariationalAutoencoder", {"kl": "sampled", "n_samples": 2, "weight_decay": 0.01}),
    ("VariationalAutoencoder", {"free_bits": 0.1, "warm_up": 3}),
    ("VariationalAutoencoder", {"likelihood": "gaussian", "variance": 0.1, "weight_decay": 0.01}),
    ("VariationalAutoencoder", {"likelihood": "gaussian", "n_samples": 2, "kl": "sampled"}),
    ("VariationalAutoencoder", {"likelihood": "gaussian", "variance": "learned_per_feature", "free_bits": 0.1}),
    ("ImportanceWeightedAutoencoder", {"n_samples": 5, "binarize": "dynamic"}),
    ("ImportanceWeightedAutoencoder", {"likelihood": "gaussian", "weight_decay": 0.01}),
    ("ConditionalVariationalAutoencoder", {"n_samples": 2, "binarize": "dynamic", "warm_up": 3}),
    ("ConditionalVariationalAutoencoder", {"likelihood": "gaussian", "variance": "learned_per_feature"}),
]


MANY = 4500  # rows; more than one block of the inference


@claim(
    "a validation loss is that of all rows, however many",
    op="validation",
    equation="autoencoder.4 sparse.1 contractive.1 variational.6 importance_weighted.3 stacked_classifier.3",
    level="value",
    method="definition in NumPy on 4,500 rows, every model, both backends",
    tolerance=1e-12,
)
def _of_all_rows(subject: Subject, rng: np.random.Generator) -> float:
    (x, y), (many, labels), largest = few_rows(rng, 9), few_rows(rng, MANY), 0.0
    many = np.sort(many, axis=0)  # so that no part of the rows is representative of all
    for name in CHOICES:
        sizes: dict[str, Any] = {"hidden_sizes": () if name == "ContractiveAutoencoder" else (4,)}
        if name in ("SparseAutoencoder", *VARIANTS):
            sizes["latent_dim"] = 3
        options = {**sizes, "dtype": "float64", "epochs": 2, "random_state": SEED}
        for room in ("numpy", "numba"):
            with on_backend(room), warnings.catch_warnings():
                warnings.filterwarnings("ignore", "The posterior has collapsed")
                fitted = trained(getattr(subject.models, name)(**options), x, y, validation_data=(many, labels))
            o = options_of(fitted)
            noise = validation_noise_of(o, stream(SEED, 3), many.shape)
            expected = objective(o, fitted.parameters_, many, labels, noise)
            largest = max(largest, relative_error(np.array(fitted.history_["val_loss"][-1]), np.array(expected)))
    return largest


@claim(
    "the model of a finished epoch stays as it is while the next epoch is trained",
    op="history",
    level="meaning",
    method="parameters of each epoch, kept and copied, both backends",
    tolerance=0,
)
def _published_models_stay(subject: Subject, rng: np.random.Generator) -> float:
    (x, y), moved = few_rows(rng, 11), 0
    for name in CHOICES:
        for room in ("numpy", "numba"):
            kept: list[tuple[Array, Array]] = []

            def keep(fitted: Any, kept: list[tuple[Array, Array]] = kept) -> None:
                kept.append((fitted.parameters_.flat, fitted.parameters_.flat.copy()))

            options = {"hidden_sizes": (4,)} if name != "ContractiveAutoencoder" else {}
            with on_backend(room), in_small_pieces():
                getattr(subject.models, name)(**options, epochs=3, random_state=SEED).fit(x, y, callbacks=[keep])
            moved += sum(not np.array_equal(*both) for both in kept)
            moved += np.array_equal(kept[-1][1], kept[-2][1])  # training had no effect
    return float(moved)


@claim(
    "compiled steps train what they were written for, and nothing else",
    op="compiled steps",
    level="meaning",
    method="kinds, options and subclasses, counted",
    tolerance=0,
)
def _which_are_compiled(subject: Subject, rng: np.random.Generator) -> float:
    def compiled(kind: Any, options: dict[str, Any]) -> bool:
        model, x = kind(**options, random_state=0), rng.random((8, 5)) > 0.5
        labels = np.arange(8) % 2
        with on_backend("numba"):
            model.set_params(epochs=1).fit(x, labels)
        return "compiled steps" in model.trained_by_

    wrong = 0
    for name, options in COMPILED:
        kind = getattr(subject.models, name)
        wrong += not compiled(kind, options)
        wrong += compiled(type(f"Own{name}", (kind,), {}), options)  # it may have another objective
    return float(wrong)


def _register_float32(name: str, options: dict[str, Any], text: str) -> None:
    @claim(
        f"{name} reports the same history compiled and readable: {text}",
        op=name,
        level="value",
        method="500 rows of 90 features, five epochs, float32; float64 to a millionth of the tolerance",
        tolerance=5e-7,
    )
    def measure(subject: Subject, rng: np.random.Generator) -> float:
        x, y = rng.random((500, 90)) ** 3, rng.permutation(np.arange(500) % 4)
        held_out, sizes = (x[:70], y[:70]), {} if "hidden_sizes" in options else {"hidden_sizes": (40,)}
        largest = 0.0
        for dtype, allowance in (("float32", 1.0), ("float64", 1e-6)):
            histories = []
            for room in ("numba", "numpy"):
                options_here = {**sizes, **options, "dtype": dtype, "random_state": SEED, "epochs": 5, "batch_size": 64}
                with on_backend(room):
                    fitted = trained(getattr(subject.models, name)(**options_here), x, y, validation_data=held_out)
                histories.append({column: values for column, values in fitted.history_.items() if column != "seconds"})
            largest = max(largest, history_error(*histories) / allowance)
        return largest


for _name, _options in COMPILED:
    _register_float32(_name, _options, ", ".join(f"{key}={value}" for key, value in _options.items()))
