"""Claims about the results of fitted autoencoders (codes, reconstructions, scores, history), recomputed from the parameters.

The reference uses only `definitions`, which is plain NumPy. There are more rows than fit in a block, with a partial last block; this is also
tested once with the real block size. For variational models, see `reported_bounds`.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

import scratchae.models.blocks as blocks
from scratchae.verify.autoencoder import on_backend, trained
from scratchae.verify.claims import Subject, claim, lowered
from scratchae.verify.definitions import (
    SLOPES,
    chain,
    corrupted,
    cross_entropy,
    layers_of,
    objective,
    options_of,
    terms,
)
from scratchae.verify.derivatives import Array, entrywise_error
from scratchae.verify.plain_training import noise_of, stream, validation_noise_of

COMMON: dict[str, Any] = {"dtype": "float64", "batch_size": 4, "epochs": 2, "random_state": 3, "learning_rate": 1e-3}
GAUSSIAN = {"likelihood": "gaussian"}
FEATURES, CLASSES = 7, 3
REAL = 4096 + 301  # rows beyond the real size of a block
AUTOENCODERS: list[tuple[str, str, dict[str, Any]]] = [
    ("Autoencoder", "bernoulli", {"hidden_sizes": (6, 4), "latent_dim": 3, "activation": "tanh", "tied_weights": True}),
    (
        "Autoencoder",
        "gaussian",
        {"hidden_sizes": (6,), "latent_dim": 3, "code_activation": "tanh", "output_activation": "relu", **GAUSSIAN},
    ),
    (
        "DenoisingAutoencoder",
        "gaussian",
        {"latent_dim": 3, "hidden_sizes": (5,), "corruption": "gaussian", "corruption_level": 0.6, **GAUSSIAN},
    ),
    ("SparseAutoencoder", "bernoulli", {"latent_dim": 4, "hidden_sizes": (5,), "sparsity": 0.2, "sparsity_weight": 2}),
    ("KSparseAutoencoder", "gaussian", {"latent_dim": 5, "k": 2, **GAUSSIAN}),
    ("KSparseAutoencoder", "bernoulli", {"latent_dim": 5, "k": 3, "hidden_sizes": (6,), "code_activation": "tanh"}),
    ("ContractiveAutoencoder", "bernoulli", {"latent_dim": 4, "contraction": 0.7, "activation": "tanh"}),
    ("StackedAutoencoder", "bernoulli", {"hidden_sizes": (5, 3), "pretrain_epochs": 1, "corruption_level": (0.2, 0.5)}),
    (
        "StackedAutoencoder",
        "gaussian, tied",
        {"hidden_sizes": (5, 3), "activation": "relu", "pretrain_epochs": 1, "tied_weights": True, **GAUSSIAN},
    ),
]


def moved(subject: Subject, name: str, x: Array, y: Array | None = None, **options: Any) -> Any:
    """Return a model of that name, fitted to a few rows, with all parameters then moved far from their initial values."""
    model = trained(getattr(subject.models, name)(**{**COMMON, **options}), x[:9], None if y is None else y[:9])
    moves = np.random.default_rng(1).standard_normal(model.parameters_.flat.size)
    model.parameters_.flat[:] += 0.4 * moves
    return model


def code_of(o: Any, p: Any, x: Array) -> Array:
    """Return the codes of the rows of x."""
    code = chain(p, "encoder", x, layers_of(o)[0])[-1]
    if o.kind == "KSparseAutoencoder":
        return np.where(code >= np.sort(code, axis=1)[:, -o.k][:, None], code, 0.0)
    return code


def output_of(o: Any, p: Any, code: Array) -> Array:
    """Return the decoder's output: logits, or the reconstruction itself."""
    return chain(p, "decoder", code, layers_of(o)[1], o.tied_weights)[-1]


def mean_of(o: Any, output: Array) -> Array:
    """Return the reconstruction."""
    return 1 / (1 + np.exp(-output)) if o.likelihood == "bernoulli" else output


def loss_of(o: Any, output: Array, x: Array) -> Array:
    """Return the loss of each row."""
    return cross_entropy(output, x) if o.likelihood == "bernoulli" else ((output - x) ** 2).sum(axis=1)


def sizes_of_blocks() -> list[tuple[int, int]]:
    """Yield rows and block sizes: several small blocks with and without a partial last block, and the real block size."""
    return [(23, 5), (20, 5), (REAL, blocks.BLOCK)]


def in_blocks(size: int) -> Any:
    """Set the block size of the inference."""
    return lowered(blocks, BLOCK=size)


def two_rooms(subject: Subject) -> tuple[Any, Any]:
    """Yield both backends."""
    return subject.ops, subject.kernels


def _codes_error(model: Any, x: Array) -> float:
    o, p = options_of(model), model.parameters_
    code = code_of(o, p, x)
    x_hat, other = mean_of(o, output_of(o, p, code)), code[::-1] * 1.3 - 0.2
    pairs = [
        (model.encode(x), code),
        (model.transform(x), code),
        (model.reconstruct(x), x_hat),
        (model.decode(other), mean_of(o, output_of(o, p, other))),
        (model.inverse_transform(code), x_hat),
    ]
    # Entries are sums of terms of about 1; small entries result from cancellation.
    return max(entrywise_error(got, expected, 1.0) for got, expected in pairs)


def _scores_error(model: Any, x: Array) -> float:
    o, p = options_of(model), model.parameters_
    losses = loss_of(o, output_of(o, p, code_of(o, p, x)), x)
    mean = np.array(-math.fsum(losses) / len(x))
    return max(entrywise_error(model.score_samples(x), -losses), entrywise_error(np.array(model.score(x)), mean))


def register(name: str, text: str, options: dict[str, Any]) -> None:
    """Add the claims about a model whose codes, reconstructions and scores are recomputed, a row of `AUTOENCODERS`."""
    kinds = [
        (
            "encodes, decodes and reconstructs as its parameters say",
            "autoencoder.1 autoencoder.2",
            _codes_error,
            "encode, decode, reconstruct, transform, inverse_transform by hand",
        ),
        (
            "scores a row by minus its loss",
            "autoencoder.3",
            _scores_error,
            "score_samples and score by hand",
        ),
    ]
    for what, equation, error, method in kinds:

        @claim(
            f"{name} {what}: {text}",
            op=name,
            equation=equation,
            level="value",
            method=f"{method}, in several blocks, both backends",
            tolerance=1e-14,
        )
        def measure(subject: Subject, rng: np.random.Generator, error: Any = error) -> float:
            worst = 0.0
            for rows, size in sizes_of_blocks():
                x = rng.random((rows, FEATURES))
                for room in two_rooms(subject):
                    with on_backend(room), in_blocks(size):
                        worst = max(worst, error(moved(subject, name, x, **options), x))
            return worst


for _row in AUTOENCODERS:
    register(*_row)


@claim(
    "in single precision, autoencoders report what they do in double precision",
    op="Autoencoder",
    level="value",
    method="reconstructions and scores of every kind by hand in float64, both backends",
    tolerance=3e-6,
)
@np.errstate(invalid="ignore")  # BLAS may set the flag without a NaN (numpy/numpy#24067), which is compared below
def _single(subject: Subject, rng: np.random.Generator) -> float:
    worst = 0.0
    for name, _, options in AUTOENCODERS:
        x = rng.random((REAL, FEATURES)).astype(np.float32)
        for room in two_rooms(subject):
            with on_backend(room):
                model = moved(subject, name, x, **{**options, "dtype": "float32"})
                x_hat, scores, score = model.reconstruct(x), model.score_samples(x), model.score(x)
            o, exact = options_of(model), x.astype(np.float64)
            p = {key: value.astype(np.float64) for key, value in model.parameters_.items()}
            output = output_of(o, p, code_of(o, p, exact))
            losses = loss_of(o, output, exact)
            if x_hat.dtype != np.float32 or scores.dtype != np.float32:
                return np.inf
            worst = max(worst, entrywise_error(x_hat, mean_of(o, output), 1.0))
            # The squared error of a nearly exact reconstruction has few digits; a mean in double precision keeps more than its terms.
            worst = max(worst, entrywise_error(scores, -losses, 1.0))
            worst = max(worst, 10 * entrywise_error(np.array(score), np.array(-losses.mean())))
    return worst


@claim(
    "fit_transform is the code of the fitted model",
    op="fit_transform",
    level="value",
    method="by hand, from the parameters that the fit ended with",
    tolerance=1e-14,
)
def _fit_transform(subject: Subject, rng: np.random.Generator) -> float:
    x = rng.random((23, FEATURES))
    with on_backend(subject.ops), in_blocks(5):
        model = subject.models.Autoencoder(hidden_sizes=(4,), latent_dim=3, **COMMON)
        got = model.fit_transform(x, validation_data=x)
    if "val_loss" not in model.history_:
        return np.inf
    return entrywise_error(got, code_of(options_of(model), model.parameters_, x), 1.0)


@claim(
    "contraction_of is the squared norm of the code's Jacobian at each row",
    op="ContractiveAutoencoder",
    equation="contractive.1",
    level="value",
    method="the Jacobian written out, also with an activation of the code of its own, in several blocks, both backends",
    tolerance=1e-14,
)
def _contraction(subject: Subject, rng: np.random.Generator) -> float:
    worst = 0.0
    for rows, size in sizes_of_blocks():
        x = rng.random((rows, FEATURES))
        for activation, own in (("sigmoid", None), ("tanh", None), ("sigmoid", "tanh"), ("tanh", "sigmoid")):
            for room in two_rooms(subject):
                with on_backend(room), in_blocks(size):
                    options: Any = {"latent_dim": 4, "activation": activation, "code_activation": own}
                    model = moved(subject, "ContractiveAutoencoder", x, **options)
                    got = model.contraction_of(x)
                W, b = model.parameters_["encoder.0.W"], model.parameters_["encoder.0.b"]
                jacobian = SLOPES[own or activation](x @ W + b)[:, :, None] * W.T  # d h_j / d x_i
                worst = max(worst, entrywise_error(got, (jacobian**2).sum(axis=(1, 2))))
    return worst


@claim(
    "corrupt gives the corruption of its seed",
    op="DenoisingAutoencoder",
    equation="denoising.1",
    level="value",
    method="by hand from default_rng(seed), both float types",
    tolerance=1e-6,
)
def _corrupt(subject: Subject, rng: np.random.Generator) -> float:
    worst = 0.0
    for dtype, rounding in ((np.float64, 1e-15), (np.float32, 1e-6)):
        x = (rng.random((50, FEATURES)) + 0.1).astype(dtype)
        for corruption, level in (("masking", 0.3), ("salt_and_pepper", 0.4), ("gaussian", 0.7)):
            for room in two_rooms(subject):
                with on_backend(room):
                    model = subject.models.DenoisingAutoencoder(corruption, level, dtype=dtype)
                    got = model.corrupt(x, seed=5)
                stream_ = np.random.default_rng(5)
                draw = stream_.standard_normal if corruption == "gaussian" else stream_.random
                expected = corrupted(options_of(model), x.astype(np.float64), draw(x.shape, dtype))
                if got.dtype != dtype or (got == x).all():
                    return np.inf
                # Replaced entries are exact; sums are rounded.
                error = entrywise_error(got, expected, 1.0 if corruption == "gaussian" else 0.0)
                worst = max(worst, error / rounding * 1e-6)
    return worst


def _classified(subject: Subject, rng: np.random.Generator, rows: int) -> tuple[Any, Array, Array, Array]:
    """Return a classifier of labels that are words, rows, labels, and the independently computed probabilities in alphabetical order of classes."""
    x, words = rng.random((rows, FEATURES)), np.array(["pear", "fig", "apple", "kiwi"])
    y = words[np.r_[np.arange(8) % 4, rng.integers(0, 4, rows - 8)]]
    model = moved(subject, "StackedClassifier", x, y, hidden_sizes=(6, 4), activation="tanh", weight_decay=0.2)
    code = chain(model.parameters_, "encoder", x, ["tanh", "tanh"])[-1]
    powers = np.exp(chain(model.parameters_, "softmax", code, ["identity"])[-1])
    return model, x, y, powers / powers.sum(axis=1, keepdims=True)


@claim(
    "a classifier's codes and probabilities are those of its parameters, classes in order",
    op="StackedClassifier",
    equation="stacked_classifier.1 stacked_classifier.2",
    level="value",
    method="encode, predict_proba and predict by hand, labels that are words, in several blocks, both backends",
    tolerance=1e-14,
)
def _probabilities(subject: Subject, rng: np.random.Generator) -> float:
    worst, wrong = 0.0, 0
    for rows, size in sizes_of_blocks():
        for room in two_rooms(subject):
            with on_backend(room), in_blocks(size):
                model, x, _, p = _classified(subject, rng, rows)
                code = chain(model.parameters_, "encoder", x, ["tanh", "tanh"])[-1]
                worst = max(worst, entrywise_error(model.encode(x), code, 1.0))
                worst = max(worst, entrywise_error(model.predict_proba(x), p))
                wrong += list(model.classes_) != ["apple", "fig", "kiwi", "pear"]
                likeliest = np.array(["apple", "fig", "kiwi", "pear"])[np.argsort(p, axis=1)[:, -1]]
                wrong += int((model.predict(x) != likeliest).sum())
    return np.inf if wrong else worst


@claim(
    "a classifier's score is the share of right answers, its validation error the share of wrong ones",
    op="StackedClassifier",
    equation="stacked_classifier.3",
    level="value",
    method="counting; the loss by hand; in several blocks, both backends",
    tolerance=1e-14,
)
def _accuracy(subject: Subject, rng: np.random.Generator) -> float:
    worst = 0.0
    for rows, size in sizes_of_blocks():
        for room in two_rooms(subject):
            with on_backend(room), in_blocks(size):
                model, x, y, p = _classified(subject, rng, rows)
                classes = ["apple", "fig", "kiwi", "pear"]
                place = np.array([classes.index(label) for label in y])
                right = sum(int(row.argmax() == k) for row, k in zip(p, place, strict=True))
                worst = max(worst, abs(model.score(x, y) - right / rows))
                model.set_params(learning_rate=1e-300, optimizer="sgd")
                model._initialise_with(
                    dict(model.parameters_), FEATURES, model.classes_
                )  # kept by steps that change nothing
                history = model.fit(x[:9], y[:9], validation_data=(x, y)).history_
            squares = sum((W**2).sum() for name, W in model.parameters_.items() if name.endswith(".W"))
            loss = -np.log(p[np.arange(rows), place]).mean() + 0.1 * squares
            worst = max(worst, abs(history["val_error"][0] - (rows - right) / rows))
            worst = max(worst, entrywise_error(np.array(history["val_loss"][:1]), np.array([loss])))
    return worst


@claim(
    "a classifier takes its layers and options from the stack, and trains a softmax layer on their codes",
    op="StackedClassifier",
    equation="stacked_classifier.7",
    level="value",
    method="codes by hand before any fit; fit_softmax against softmax regression on the codes: parameters, history, both backends",
    tolerance=1e-14,
)
def _softmax_alone(subject: Subject, rng: np.random.Generator) -> float:
    x, held_out, worst = rng.random((23, FEATURES)), rng.random((17, FEATURES)), 0.0
    y, labels = np.arange(23) % CLASSES, np.arange(17) % CLASSES
    stack_options: dict[str, Any] = {
        "hidden_sizes": (6, 4),
        "activation": "tanh",
        "pretrain_epochs": 1,
        "weight_decay": 0.3,
    }
    for room in ("numpy", "numba"):
        with on_backend(room), in_blocks(5):
            stack = moved(subject, "StackedAutoencoder", x, **stack_options, optimizer="momentum")
            classifier = stack.to_classifier(CLASSES, epochs=3, learning_rate=0.02, weight_decay=0.1)
            given = classifier.get_params()
            shared = ("hidden_sizes", "activation", "optimizer", "batch_size", "random_state", "dtype", "verbose")
            own = {"epochs": 3, "learning_rate": 0.02, "weight_decay": 0.1, "n_classes": CLASSES}
            if any(given[key] != value for key, value in ({key: getattr(stack, key) for key in shared} | own).items()):
                return np.inf
            code, held_code = (
                chain(stack.parameters_, "encoder", part, ["tanh", "tanh"])[-1] for part in (x, held_out)
            )
            worst = max(worst, entrywise_error(classifier.encode(x), code, 1.0))
            classifier.fit_softmax(x, y, validation_data=(held_out, labels))
            alone = subject.models.StackedClassifier(**{**given, "hidden_sizes": ()})
            alone.fit(code, y, validation_data=(held_code, labels))
        for key, value in alone.parameters_.items():
            worst = max(worst, entrywise_error(classifier.parameters_[key], value, 1.0))
        for key in ("loss", "val_loss", "val_error"):
            worst = max(worst, entrywise_error(np.array(classifier.history_[key]), np.array(alone.history_[key]), 1.0))
        worst = max(worst, entrywise_error(classifier.encode(x), code, 1.0))
    return worst


HISTORIES: list[tuple[str, dict[str, Any]]] = [
    ("Autoencoder", {"hidden_sizes": (5,), "latent_dim": 3, "weight_decay": 0.2}),
    ("Autoencoder", {"hidden_sizes": (), "latent_dim": 3, "output_activation": "sigmoid", **GAUSSIAN}),
    ("DenoisingAutoencoder", {"latent_dim": 3, "corruption": "salt_and_pepper", "corruption_level": 0.4}),
    ("DenoisingAutoencoder", {"latent_dim": 3, "corruption": "gaussian", "weight_decay": 0.2, **GAUSSIAN}),
    ("SparseAutoencoder", {"latent_dim": 4, "sparsity": 0.2, "sparsity_weight": 2.0, "weight_decay": 0.2}),
    ("KSparseAutoencoder", {"latent_dim": 5, "k": 2, "weight_decay": 0.2}),
    ("ContractiveAutoencoder", {"latent_dim": 4, "contraction": 0.7, "weight_decay": 0.2}),
    ("StackedAutoencoder", {"hidden_sizes": (5, 3), "pretrain_epochs": 1, "weight_decay": 0.2}),
    ("StackedClassifier", {"hidden_sizes": (5,), "weight_decay": 0.2}),
    ("VariationalAutoencoder", {"hidden_sizes": (5,), "latent_dim": 2, "n_samples": 3, "beta": 3.0}),
    ("VariationalAutoencoder", {"latent_dim": 2, "hidden_sizes": (), "beta": 3.0, "binarize": "dynamic"}),
    ("VariationalAutoencoder", {"latent_dim": 2, "beta": 3.0, "kl": "sampled", "variance": "learned", **GAUSSIAN}),
    ("VariationalAutoencoder", {"latent_dim": 2, "beta": 3.0, "free_bits": 0.3, "binarize": "static"}),
    ("ImportanceWeightedAutoencoder", {"hidden_sizes": (5,), "latent_dim": 2, "n_samples": 5, "weight_decay": 0.2}),
    ("ImportanceWeightedAutoencoder", {"latent_dim": 2, "n_samples": 4, "binarize": "dynamic"}),
    ("ImportanceWeightedAutoencoder", {"latent_dim": 2, "n_samples": 4, "variance": 0.3, **GAUSSIAN}),
    ("ConditionalVariationalAutoencoder", {"latent_dim": 2, "n_samples": 2, "beta": 0.4, "binarize": "threshold"}),
]
STILL = {"optimizer": "sgd", "learning_rate": 1e-300}  # steps that change nothing


def _history_by_hand(model: Any, x: Array, y: Array, held_out: tuple[Array, Array]) -> dict[str, Array]:
    """Return the expected "loss", its terms and "val_loss" of every epoch, from the parameters of a run that does not change them."""
    o, p = options_of(model), model.parameters_
    if o.kind == "StackedClassifier":
        o.classes = CLASSES
    rows = [x, held_out[0]]
    if getattr(o, "binarize", "none") == "threshold":
        rows = [np.where(part > 0.5, 1.0, 0.0) for part in rows]
    if getattr(o, "binarize", "none") == "static":
        rows = [np.where(np.random.default_rng([3, 1]).random(part.shape) < part, 1.0, 0.0) for part in rows]
    losses, held = [], []
    found: dict[str, list[float]] = {}
    batches = -(-len(x) // o.batch_size)
    for epoch in range(o.epochs):
        order, rng, total = stream(3, 1, epoch).permutation(len(x)), stream(3, 2, epoch * batches), 0.0
        for first in range(0, len(x), o.batch_size):
            batch = order[first : first + o.batch_size]
            noise = noise_of(o, rng, x[batch].shape)
            total += len(batch) * objective(o, p, rows[0][batch], y[batch], noise)
            for name, value in terms(o, p, rows[0][batch], y[batch], noise).items():
                sums = found.setdefault(name, [0.0] * o.epochs)
                sums[epoch] += len(batch) * value / len(x)
        losses.append(total / len(x))
        held.append(objective(o, p, rows[1], held_out[1], validation_noise_of(o, stream(3, 3), rows[1].shape)))
    columns = {name: np.array(values) for name, values in found.items()}
    return {"loss": np.array(losses), "val_loss": np.array(held), **columns}


def _register_histories() -> None:
    for number, (name, options) in enumerate(HISTORIES):
        words = ", ".join(
            f"{key}={value}" for key, value in options.items() if key not in ("hidden_sizes", "latent_dim")
        )

        @claim(
            f"{name}'s history tells the mean loss of the rows of each epoch: {words or number}",
            op=name,
            equation="importance_weighted.1" if name.startswith("Importance") else "",
            level="value",
            method="by hand at constant parameters; a partial last batch and block; both backends",
            tolerance=1e-14,
        )
        def measure(
            subject: Subject, rng: np.random.Generator, name: str = name, options: dict[str, Any] = options
        ) -> float:
            x, held_out = rng.random((23, FEATURES)), rng.random((17, FEATURES))
            y, labels, worst = np.arange(23) % CLASSES, np.arange(17) % CLASSES, 0.0
            for room in ("numpy", "numba"):
                with on_backend(room), lowered(blocks, BLOCK=5):
                    model = getattr(subject.models, name)(**{**COMMON, **STILL, "epochs": 3, **options})
                    held = (
                        held_out
                        if name not in ("StackedClassifier", "ConditionalVariationalAutoencoder")
                        else (held_out, labels)
                    )
                    history = model.fit(x, y, validation_data=held).history_
                    expected = _history_by_hand(model, x, y, (held_out, labels))
                seconds = np.array(history["seconds"])
                if len(seconds) != 3 or seconds[0] <= 0 or (np.diff(seconds) <= 0).any():
                    return np.inf
                for key, values in expected.items():
                    worst = max(worst, entrywise_error(np.array(history[key]), values))
            return worst


_register_histories()
