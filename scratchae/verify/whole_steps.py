"""Claims about whole compiled steps of networks beyond every threshold, compared with the readable objective and update in float64.

A compiled step is many kernels in one call, on memory that is allocated once. Here, that memory is between guards and filled with NaN, so that
reads before a write and writes to wrong places are detected. The last batch is smaller than the allocated memory.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from threadpoolctl import threadpool_limits

from scratchae.backend import use_backend
from scratchae.kernels import steps, variational_steps, weight_steps
from scratchae.models import blocks
from scratchae.models.fitting import COMPILED, Data, with_attributes
from scratchae.nets import Parameters
from scratchae.nets.network import Array
from scratchae.training import TrainingState, as_optimizer
from scratchae.training.optimizers import Adam
from scratchae.verify.claims import Subject, claim, lowered
from scratchae.verify.derivatives import as_float, entrywise_error
from scratchae.verify.memory import Guards, in_python, on_all_threads, on_threads, thread_numbers

EPS = {dtype: float(np.finfo(dtype).eps) for dtype in ("float32", "float64")}
RATES = {
    "sgd": 0.05,
    "momentum": 0.05,
    "adam": 0.002,
}  # small enough that no unit saturates, since 1 - h would then have few digits
LABELLED = ("StackedClassifier", "ConditionalVariationalAutoencoder")
ODD = {"hidden_sizes": (301, 67), "latent_dim": 17}


class StepsCase(NamedTuple):
    """A model with data for some batches of `batch` rows and a last batch of `rest` rows."""

    model: str
    title: str
    options: dict[str, Any]
    features: int
    batch: int
    rest: int = 0
    batches: int = 1
    equation: str = ""
    allowed: float = 1000  # tolerance in rounding errors of a step through several layers with cancellation
    decoder_gain: float = 1  # factor by which the decoder's weights are larger than usual
    logvar: float = (
        0  # by which the log-variances of the posterior are larger in one dimension, and smaller in the next
    )


_CHAIN = "autoencoder.1 autoencoder.2 autoencoder.3 autoencoder.4 autoencoder.5 autoencoder.6 autoencoder.7"
_VARIATIONAL = " ".join(f"variational.{i}" for i in (1, 2, 3, 4, 8, 9, 10, 11, 12))
CASES = [
    # (ReLU only for small networks, in which no unit's input is within rounding error of the kink.)
    # (Where weights move in one pass, their gradient is seen in the optimiser's state only, which "sgd" has not.)
    StepsCase(
        "Autoencoder", "784-400-20", {"hidden_sizes": (400,), "latent_dim": 20, "activation": "tanh", "optimizer": "momentum"},
        784, 128, 0, 1, _CHAIN,
    ),
    StepsCase("Autoencoder", "37-19-5, relu", {"hidden_sizes": (19,), "latent_dim": 5, "optimizer": "sgd"}, 37, 23, 9, 1, _CHAIN),
    StepsCase(
        "Autoencoder", "tied, gaussian, decayed",
        {**ODD, "activation": "tanh", "code_activation": "sigmoid", "likelihood": "gaussian", "tied_weights": True, "weight_decay": 0.02,
         "optimizer": "momentum"},
        523, 251, 67, 1, f"{_CHAIN} autoencoder.9",
    ),
    StepsCase(
        "DenoisingAutoencoder", "salt and pepper",
        {"hidden_sizes": (301,), "latent_dim": 67, "activation": "sigmoid", "corruption": "salt_and_pepper", "optimizer": Adam(epsilon=1e-2)},
        299, 245, 3, 2, "denoising.1 denoising.2 denoising.3",
        2000,
    ),
    StepsCase(
        "StackedClassifier", "11 classes",
        {"hidden_sizes": (301, 67), "activation": "sigmoid", "n_classes": 11, "weight_decay": 0.02, "optimizer": Adam(epsilon=1e-2)},
        523, 251, 5, 1, "stacked_classifier.1 stacked_classifier.2",
    ),
    StepsCase(
        "VariationalAutoencoder", "784-400-20", {"hidden_sizes": (400,), "latent_dim": 20, "activation": "tanh", "optimizer": "sgd"},
        784, 128, 0, 1,
        f"{_VARIATIONAL} variational.5 variational.6 variational.7",
    ),
    StepsCase(
        "VariationalAutoencoder", "three draws, black and white, decayed",
        {"hidden_sizes": (151, 67), "latent_dim": 17, "activation": "tanh", "n_samples": 3, "beta": 2.5, "binarize": "dynamic",
         "weight_decay": 0.02, "optimizer": "momentum"},
        301, 101, 33, 1, f"{_VARIATIONAL} variational.5 variational.6 variational.7",
    ),
    StepsCase(
        "ImportanceWeightedAutoencoder", "five draws",
        {"hidden_sizes": (151,), "latent_dim": 7, "activation": "sigmoid", "n_samples": 5, "optimizer": Adam(epsilon=1e-2)},
        301, 101, 33, 1, f"{_VARIATIONAL} importance_weighted.1 importance_weighted.2 importance_weighted.4 importance_weighted.5",
        10_000,  # log-weights are in the hundreds, and their absolute errors become relative errors of the weights
    ),
    StepsCase(
        "ImportanceWeightedAutoencoder", "draws that differ by thousands of nats",
        {"hidden_sizes": (), "latent_dim": 3, "n_samples": 5, "optimizer": "sgd"},
        53, 19, 3, 1, f"{_VARIATIONAL} importance_weighted.1 importance_weighted.2 importance_weighted.4 importance_weighted.5",
        10_000, 200,
    ),
    StepsCase(
        "Autoencoder", "an output of its own, in one pass",
        {"hidden_sizes": (301,), "latent_dim": 67, "activation": "tanh", "likelihood": "gaussian", "output_activation": "tanh",
         "optimizer": "momentum", "weight_decay": 0.02},
        299, 101, 33, 1, _CHAIN,
    ),
    StepsCase(
        "SparseAutoencoder", "tied, decayed",
        {"hidden_sizes": (67,), "latent_dim": 37, "activation": "tanh", "tied_weights": True, "sparsity_weight": 0.3, "weight_decay": 0.02,
         "optimizer": "momentum"},
        301, 101, 33, 1, "sparse.1 sparse.2", 2000,
    ),
    StepsCase(
        "SparseAutoencoder", "in one pass",
        {"hidden_sizes": (301,), "latent_dim": 67, "activation": "tanh", "sparsity_weight": 0.3, "optimizer": "momentum"},
        299, 101, 0, 1, "sparse.1 sparse.2", 2000,
    ),
    StepsCase(
        "KSparseAutoencoder", "seven of 67 units", {"hidden_sizes": (101,), "latent_dim": 67, "activation": "tanh", "k": 7, "optimizer": "sgd"},
        301, 101, 33, 1, "k_sparse_autoencoder.1 k_sparse_autoencoder.2",
    ),
    StepsCase(
        "ContractiveAutoencoder", "tied, tanh, decayed",
        {"hidden_sizes": (), "latent_dim": 67, "activation": "tanh", "tied_weights": True, "contraction": 0.5, "weight_decay": 0.02,
         "optimizer": "momentum"},
        301, 101, 33, 1, "contractive.1 contractive.2 contractive.3", 2000,
    ),
    StepsCase(
        "ContractiveAutoencoder", "sigmoid, large",
        {"hidden_sizes": (), "latent_dim": 301, "activation": "sigmoid", "contraction": 0.5, "optimizer": "sgd"},
        299, 101, 0, 1, "contractive.1 contractive.2 contractive.3", 2000,
    ),
    StepsCase(
        "WassersteinAutoencoder", "a kernel of its own scale",
        {"hidden_sizes": (101,), "latent_dim": 5, "activation": "tanh", "mmd_weight": 3.0, "kernel_scale": 2.5, "optimizer": "sgd"},
        301, 67, 33, 1, "wasserstein.3 wasserstein.4 wasserstein.6", 2000, 0.1,
    ),
    StepsCase(  # square weights, so that shapes do not distinguish them from their transposes
        "Autoencoder", "square and tied",
        {"hidden_sizes": (67,), "latent_dim": 67, "activation": "tanh", "tied_weights": True, "weight_decay": 0.02, "optimizer": "sgd"},
        67, 45, 7, 2, f"{_CHAIN} autoencoder.9",
    ),
    StepsCase(
        "VariationalAutoencoder", "posteriors far wider and far narrower than the prior",
        {"hidden_sizes": (31,), "latent_dim": 6, "activation": "tanh", "n_samples": 2, "optimizer": "sgd"},
        53, 19, 3, 1, f"{_VARIATIONAL} variational.5 variational.6 variational.7",
        10_000, 1e-3, 14,
    ),
    StepsCase(
        "VariationalAutoencoder", "free bits, two draws, decayed",
        {"hidden_sizes": (151,), "latent_dim": 17, "activation": "tanh", "n_samples": 2, "beta": 1.7, "free_bits": 0.7, "weight_decay": 0.02,
         "optimizer": "momentum"},
        301, 101, 33, 1, f"{_VARIATIONAL} free_bits.1 free_bits.2 free_bits.3",
        2000, 1, 1,
    ),
    StepsCase(
        "VariationalAutoencoder", "sampled, three draws",
        {"hidden_sizes": (151,), "latent_dim": 17, "activation": "tanh", "n_samples": 3, "beta": 2.5, "kl": "sampled", "optimizer": "sgd"},
        301, 101, 33, 1, f"{_VARIATIONAL} sampled_kl.2 sampled_kl.3 sampled_kl.4",
    ),
    StepsCase(
        "VariationalAutoencoder", "gaussian, variances given",
        {"hidden_sizes": (151,), "latent_dim": 17, "activation": "tanh", "likelihood": "gaussian", "variance": np.linspace(0.05, 2, 301),
         "optimizer": Adam(epsilon=1e-2)},
        301, 191, 33, 1, f"{_VARIATIONAL} gaussian_nll.2 gaussian_nll.3",
    ),
    StepsCase(
        "VariationalAutoencoder", "gaussian, one variance learned, decayed",
        {"hidden_sizes": (151,), "latent_dim": 17, "activation": "tanh", "likelihood": "gaussian", "variance": "learned", "n_samples": 2,
         "weight_decay": 0.02, "optimizer": Adam(epsilon=1e-2)},
        301, 101, 33, 1, f"{_VARIATIONAL} gaussian_nll.2 gaussian_nll.3 gaussian_nll.6",
    ),
    StepsCase(
        "ConditionalVariationalAutoencoder", "11 classes, variances learned, three draws",
        {"hidden_sizes": (151,), "latent_dim": 17, "activation": "tanh", "likelihood": "gaussian", "variance": "learned_per_feature",
         "n_samples": 3, "weight_decay": 0.02, "optimizer": "momentum"},
        301, 101, 33, 1, f"{_VARIATIONAL} conditional.1 gaussian_nll.2 gaussian_nll.3 gaussian_nll.5",
    ),
    StepsCase(
        "ConditionalVariationalAutoencoder", "11 classes, black and white",
        {"hidden_sizes": (), "latent_dim": 5, "n_samples": 2, "binarize": "dynamic", "kl": "sampled", "optimizer": "sgd"},
        53, 19, 3, 2, f"{_VARIATIONAL} conditional.1",
    ),
    StepsCase(
        "ImportanceWeightedAutoencoder", "gaussian, variances learned",
        {"hidden_sizes": (67,), "latent_dim": 7, "activation": "tanh", "likelihood": "gaussian", "variance": "learned_per_feature",
         "n_samples": 5, "weight_decay": 0.02, "optimizer": "sgd"},
        53, 19, 3, 1, f"{_VARIATIONAL} importance_weighted.1 importance_weighted.4 importance_weighted.5 gaussian_nll.5",
        10_000,
    ),
]  # fmt: skip


def guarded(memory: Any, guards: Guards, kept: dict[int, Array] | None = None) -> Any:
    """Return a workspace of the same sizes whose floats are NaN and between guards; shared arrays remain shared."""
    kept = {} if kept is None else kept
    fields = {}
    for name, value in memory._asdict().items():
        if isinstance(value, tuple):
            fields[name] = guarded(value, guards, kept)
        else:
            if id(value) not in kept:
                kept[id(value)] = (
                    guards.array(value.size, value.dtype) if value.dtype.kind == "f" else guards.like(value)
                )
            fields[name] = kept[id(value)]
    return type(memory)(**fields)


def _workspace(model: Any, features: int, batch: int, parameters: Parameters) -> Any:
    """Return the working memory of a model's compiled steps."""
    if hasattr(model, "posterior"):
        encoder, decoder = (net.table(parameters) for net in model.networks(features))
        return variational_steps.variational_workspace(encoder, decoder, batch, int(model.n_samples), parameters.flat)
    has_term = type(model).__name__.startswith(("Sparse", "KSparse", "Contractive", "Wasserstein"))
    code = int(model.latent_dim) if has_term else 0
    return steps.workspace(model._network(features).table(parameters), batch, parameters.flat, code)


class StepsStart(NamedTuple):
    """The start of a training: a model, its data, and the initial state."""

    model: Any
    data: Data
    theta: Array
    slots: Array
    order: Array
    n_batches: int

    @property
    def rate(self) -> float:
        return RATES[as_optimizer(self.model.optimizer).name]

    def state(self, theta: Array, slots: Array) -> TrainingState:
        """Return a state before the first step."""
        parameters = self.model._first_state(self.data.x.shape[1], 0).parameters
        return TrainingState(Parameters(parameters.shapes, theta.dtype, theta), slots, 7)


def _start(case: StepsCase, dtype: str, subject: Subject, rng: np.random.Generator) -> StepsStart:
    model = getattr(subject.models, case.model)(**case.options, batch_size=case.batch, random_state=0, dtype=dtype)
    rows = case.batch * case.batches + case.rest
    x = (rng.random((rows + 5, case.features)) ** 2).astype(dtype)
    y = None
    if case.model in LABELLED:
        y, model = rng.integers(0, 11, len(x)), with_attributes(model, {"classes_": np.arange(11)})
    parameters = model._first_state(case.features, 0).parameters
    parts = []
    for name, value in parameters.items():
        size = value.shape[0] ** -0.5 if value.ndim == 2 else 0.1
        parts.append(rng.standard_normal(value.size) * size * (case.decoder_gain if name.startswith("decoder") else 1))
    theta = np.concatenate(parts).astype(dtype)
    if case.logvar:
        bias = Parameters(parameters.shapes, dtype, theta)[f"encoder.{len(model.hidden_sizes)}.b"]
        bias[model.latent_dim :] += case.logvar * (-1) ** np.arange(model.latent_dim)
    slots = np.zeros((as_optimizer(model.optimizer).state_vectors, theta.size), dtype)
    return StepsStart(model, Data(x, y), theta, slots, rng.permutation(len(x))[:rows], case.batches + (case.rest > 0))


class Outcome(NamedTuple):
    """Results of steps: parameters, the optimiser's state, the loss of each step, and the last gradient."""

    theta: Array
    slots: Array
    losses: Array
    gradient: Array


def _compiled(start: StepsStart, batch: int, threads: int) -> tuple[int, Outcome]:
    """Run compiled steps in guarded memory; return their number and results, with -1 if a guard is broken or there are no compiled steps."""
    model, data, guards = start.model, start.data, Guards()
    theta, slots = guards.like(start.theta), guards.like(start.slots)
    state, losses = start.state(theta, slots), guards.array(start.n_batches, np.float64)
    data = data._replace(x=guards.like(data.x))
    with use_backend("numba"), on_threads(threads):
        compiled: Any = COMPILED[type(model)](model, data, as_optimizer(model.optimizer), batch)
        if compiled is None:
            return -1, Outcome(theta, slots, losses, theta)
        compiled._workspace = guarded(_workspace(model, data.x.shape[1], batch, state.parameters), guards)
        done = compiled.take_steps(state, start.order, losses, start.rate)
    memory = getattr(compiled._workspace, "encoder", compiled._workspace)
    return -1 if guards.broken() else done, Outcome(theta, slots, losses, memory.gradient)


def _readable(start: StepsStart, batch: int, subject: Subject) -> Outcome:
    """Run the same steps in float64 with the readable objective and update."""
    model, optimizer = start.model, as_optimizer(start.model.optimizer)
    theta, slots = start.theta.astype(np.float64), start.slots.astype(np.float64)
    state, losses = start.state(theta, slots), []
    rng = state.generator(2, 0)
    with use_backend(subject.ops):
        for i in range(start.n_batches):
            x, y = start.data.part(start.order[i * batch : (i + 1) * batch])
            noise = model.draw_noise(rng, x.shape)
            noise = (
                tuple(as_float(part, np.float64) for part in noise)
                if isinstance(noise, tuple)
                else as_float(noise, np.float64)
            )
            loss, gradients = model.objective(state.parameters, x.astype(np.float64), y, noise)
            optimizer._readable_update(subject.ops, theta, gradients.flat, slots, start.rate, i + 1)
            losses.append(loss)
    return Outcome(theta, slots, np.array(losses), gradients.flat)


def _scale(expected: Parameters) -> Array:
    """Return the expected size of each entry from its row and column: the size of its terms, some of which cancel."""
    scales = []
    for value in expected.values():
        size = np.abs(value)
        if value.ndim == 2 and size.max() > 0:
            size = size.max(axis=1, keepdims=True) * size.max(axis=0) / size.max()
        scales.append(np.ravel(size if value.ndim == 2 else np.full_like(size, size.max())))
    return np.concatenate(scales)


def _kept(start: StepsStart, rows: int) -> Array:
    """Return which entries of the gradient are written to memory: all but those of weights that move in the same pass, shape (P,)."""
    kept, model, features = np.ones(start.theta.size, bool), start.model, start.data.x.shape[1]
    parameters = start.state(start.theta, start.slots).parameters
    networks = [(model._network(features), rows)]
    if hasattr(model, "posterior"):
        encoder, decoder = model.networks(features)
        networks = [(encoder, rows), (decoder, rows * int(model.n_samples))]
    for row, inputs in [(row, inputs) for network, inputs in networks for row in network.table(parameters)]:
        d_in, d_out, first, tied, shared = (
            int(row[i]) for i in (steps.D_IN, steps.D_OUT, steps.W_START, steps.TIED, steps.SHARED)
        )
        shared |= hasattr(model, "contraction") and first == 0  # the contraction has a part in the gradient
        if not tied and not shared and in_python(weight_steps.in_one_pass)(inputs, d_in, d_out):
            kept[first : first + d_in * d_out] = False
    return kept


def steps_error(case: StepsCase, dtype: str, subject: Subject, rng: np.random.Generator) -> float:
    """Return the largest error of losses, the last gradient, the parameters and the optimiser's state.

    Infinite if results depend on the number of threads, a guard is broken, or a parameter that should change does not.
    """
    start = _start(case, dtype, subject, rng)
    expected = _readable(start, case.batch, subject)
    outcomes: list[Outcome] = []
    for number in thread_numbers():
        done, outcome = _compiled(start, case.batch, number)
        outcomes.append(outcome)
        same = all(np.array_equal(a, b, equal_nan=True) for a, b in zip(outcome, outcomes[0], strict=True))
        if done != start.n_batches or not same:
            return np.inf
    got, before = outcomes[0], start.theta
    move = expected.theta - before
    if ((got.theta == before) & (np.abs(move) > 4 * EPS[dtype] * np.abs(before))).any():
        return np.inf
    like = start.state(expected.theta, expected.slots).parameters.like
    kept = _kept(start, case.batch if case.rest == 0 else case.rest)
    if np.isnan(got.gradient[kept]).any():
        return np.inf
    gradient = np.where(kept, got.gradient, expected.gradient)
    pairs = [(gradient, expected.gradient), *zip(got.slots, expected.slots, strict=True)]
    worst = max(entrywise_error(each, want, _scale(like(want))) for each, want in pairs)
    moved = entrywise_error(got.theta, expected.theta, np.abs(before) + _scale(like(move)))
    return max(worst, moved, entrywise_error(got.losses, expected.losses))


def register(case: StepsCase, dtype: str, *, deep: bool = False) -> None:
    """Register a claim about the compiled steps of a case."""

    @claim(
        f"{case.model} compiled steps in {dtype}: {case.title}",
        op=case.model,
        equation=case.equation,
        level="value",
        method="readable objective and update in float64; guarded memory, 0 to 2 threads",
        tolerance=case.allowed * EPS[dtype],
        deep=deep,
    )
    def measure(subject: Subject, rng: np.random.Generator) -> float:
        with threadpool_limits(1, user_api="blas"):
            return on_all_threads(steps_error(case, dtype, subject, rng))


def _register_stop(case: StepsCase, dtype: str) -> None:
    @claim(
        f"{case.model} compiled steps in {dtype} stop before a loss that is not finite: {case.title}",
        op=case.model,
        equation=case.equation,
        level="meaning",
        method="NaN in the second of three batches, against the first batch alone",
        tolerance=0,
    )
    def measure(subject: Subject, rng: np.random.Generator) -> float:
        """Return the number of errors."""
        start = _start(case._replace(batches=3, rest=0), dtype, subject, rng)
        start.data.x[start.order[case.batch + 2], 1] = np.nan
        first = start._replace(order=start.order[: case.batch], n_batches=1)
        (done, three), (whole, one) = (_compiled(each, case.batch, 1) for each in (start, first))
        error = steps_error(case, dtype, subject, rng)
        mistakes = (done != 1) + (whole != 1) + (not error <= case.allowed * EPS[dtype])
        mistakes += not np.array_equal(three.theta, one.theta) or not np.array_equal(three.slots, one.slots)
        return mistakes + bool(three.losses[0] != one.losses[0] or not np.isnan(three.losses[1]))


def _register_full_gradient(case: StepsCase, dtype: str, block: int) -> None:
    @claim(
        f"{case.model} compiled gradient over all rows in {dtype}: {case.title}, {block} rows at a time",
        op=case.model,
        equation=case.equation,
        level="value",
        method="readable objective in float64; guarded memory, 0 to 2 threads",
        tolerance=case.allowed * EPS[dtype],
    )
    def measure(subject: Subject, rng: np.random.Generator) -> float:
        with threadpool_limits(1, user_api="blas"):
            return on_all_threads(full_gradient_error(case, dtype, block, subject, rng))


def full_gradient_error(case: StepsCase, dtype: str, block: int, subject: Subject, rng: np.random.Generator) -> float:
    """Return the largest error of the loss and the gradient; infinite if results depend on the number of threads or a guard is broken."""
    start = _start(case, dtype, subject, rng)
    model, (x, y), results = start.model, start.data, []
    exact = start.state(start.theta.astype(np.float64), start.slots).parameters
    with use_backend(subject.ops):
        expected_loss, expected = model.objective(exact, x.astype(np.float64), y)
    for number in thread_numbers():
        guards = Guards()
        state = start.state(guards.like(start.theta), start.slots)
        compiled: Any = COMPILED[type(model)](model, Data(guards.like(x), y), as_optimizer("sgd"), case.batch)
        compiled._workspace = guarded(_workspace(model, x.shape[1], block, state.parameters), guards)
        with on_threads(number), lowered(blocks, BLOCK=block):
            loss, total = compiled.full_gradient(state, state.parameters.flat)
        results.append(np.append(total, loss))
        if guards.broken() or not np.array_equal(results[-1], results[0]):
            return np.inf
    return max(
        entrywise_error(total, expected.flat, _scale(expected)),
        entrywise_error(np.asarray(loss), np.asarray(expected_loss)),
    )


for _case in CASES:
    for _dtype in EPS:
        register(_case, _dtype)
        stops = any(words in _case.title for words in ("relu", "five draws", "gaussian, decayed", "11 classes"))
        if stops and "black and white" not in _case.title:  # a pixel that is not a number becomes black
            _register_stop(_case, _dtype)
        if _case.model == "StackedClassifier" or "tied" in _case.title:
            blocks_of_rows = (100, _case.batch + _case.rest + 5)
            for _block in (
                blocks_of_rows if _case.model != "SparseAutoencoder" else blocks_of_rows[1:]
            ):  # its penalty couples all rows
                _register_full_gradient(_case, _dtype, _block)
