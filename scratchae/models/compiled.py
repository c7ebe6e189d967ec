"""The table of compiled steps: models and options that are trained by kernels for whole steps.

With the backend "numba", these kernels train models of exactly the listed classes whose options are accepted by their row. All others,
including subclasses, are trained step by step by their own `objective`, see `scratchae.models.fitting`. The attribute `trained_by_` of a
fitted model shows which was used.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, TypeVar

import numpy as np

from scratchae.models.autoencoder import Autoencoder
from scratchae.models.classifier import StackedClassifier
from scratchae.models.conditional import ConditionalVariationalAutoencoder
from scratchae.models.contractive import ContractiveAutoencoder
from scratchae.models.denoising import DenoisingAutoencoder
from scratchae.models.fitting import COMPILED, CompiledSteps, Data
from scratchae.models.importance_weighted import ImportanceWeightedAutoencoder
from scratchae.models.k_sparse import KSparseAutoencoder
from scratchae.models.model import Model
from scratchae.models.sparse import SparseAutoencoder
from scratchae.models.stacked import StackedAutoencoder
from scratchae.models.variational import VARIANCE, VariationalAutoencoder
from scratchae.models.wasserstein import WassersteinAutoencoder
from scratchae.nets.network import Array
from scratchae.training import Optimizer, TrainingState

if TYPE_CHECKING:
    from scratchae.kernels.code_terms import CodeTerm
    from scratchae.kernels.steps import Workspace
    from scratchae.kernels.variational_steps import Objective, VariationalWorkspace

M = TypeVar("M", bound=Model)


class Batch(NamedTuple):
    """Rows for the steps of a chain of layers.

    Attributes
    ----------
    inputs : array, shape (N, D)
    targets : array, shape (M, D) or (M, 1)
        Targets of the rows; empty, shape (0, 0), if they are the inputs.
    rows : array of int, shape (M,)
        Indices of the rows in the inputs.
    draws : array, shape (M, J)
        Draws from the prior; empty, shape (0, 0), if the objective has none.
    """

    inputs: Array
    targets: Array
    rows: Array
    draws: Array


class AtCode(NamedTuple):
    """The term at the code of a model.

    Attributes
    ----------
    option : {"rho", "k", "activation", "scale"}
        The option of `kernels.code_terms.CodeTerm` that the model has, and its value.
    value : float, int or str
    name : str
        Name of the penalty in the history; empty if the term is not part of the loss.
    weight : float
    """

    option: str
    value: Any
    name: str = ""
    weight: float = 0.0


class ChainSteps(Generic[M]):
    """Compiled steps for a chain of layers with one loss at the end and at most one term at the code, by `scratchae.kernels.steps`.

    Parameters
    ----------
    model : Model
        The model; only its options are read.
    data : Data
    optimizer : Optimizer
    batch_size : int
    loss : {"bernoulli", "gaussian", "cross-entropy"}
    batch : callable
        Returns the `Batch` for the model, its data, the rows in order and the generator of the noise.
    at_code : AtCode, optional
    """

    name = "scratchae.kernels.steps"
    terms: Mapping[str, Array] = {}

    def __init__(
        self,
        model: M,
        data: Data,
        optimizer: Optimizer,
        batch_size: int,
        loss: str,
        batch: Callable[[M, Data, Array, np.random.Generator | None], Batch],
        at_code: AtCode | None = None,
    ) -> None:
        self.model, self.data, self.optimizer, self.batch_size = model, data, optimizer, batch_size
        self.loss, self._batch, self.at_code = loss, batch, at_code
        # Made once for all calls of a training.
        self._workspace: Workspace | None = None
        self._table: Array | None = None

    def take_steps(self, state: TrainingState, order: Array, losses: Array, rate: float) -> int:
        """Train on the rows `order`; return the number of steps whose loss is finite."""
        from scratchae.kernels import steps

        theta, settings = state.parameters.flat, self.optimizer.settings(rate)
        table, kind, term, decay = self._as_numbers(state)
        work = self._memory(table, self.batch_size, theta)
        rng = state.generator(2, state.step) if self.model._has_noise else None
        x, targets, rows, draws = self._batch(self.model, self.data, order, rng)
        terms = np.empty((3, len(losses)))
        done = steps.take_steps(
            x, targets, rows, self.batch_size, theta, table, kind, term, draws, decay,
            self.optimizer.kernel(), state.optimizer_state, settings, state.step, work, losses, terms,
        )  # fmt: skip
        self._keep_terms(*terms)
        return done

    def _memory(self, table: Array, rows: int, theta: Array) -> Workspace:
        """Return the working memory for steps of that many rows; it is allocated once, since allocation takes a tenth of a step."""
        from scratchae.kernels import steps

        if self._workspace is None:
            code = 0 if self.at_code is None else table[self._layers() - 1, steps.D_OUT]
            self._workspace = steps.workspace(table, rows, theta, code)
        return self._workspace

    def _keep_terms(self, fit: Array, penalty: Array, decay: Array) -> None:
        """Keep the terms by the names that the model's objective gives them; a loss that is a single term has none."""
        terms = {"cross_entropy" if self.loss == "cross-entropy" else "reconstruction": fit}
        if self.at_code is not None and self.at_code.name:
            terms[self.at_code.name] = penalty
        if self.model.weight_decay > 0:
            terms["weight_decay"] = decay
        self.terms = terms if len(terms) > 1 else {}

    def full_gradient(self, state: TrainingState, theta: Array) -> tuple[float, Array]:
        """Return loss and gradient over all rows, both float64."""
        from scratchae.kernels import steps

        rows = len(self.data.x)
        block = rows if self.model._couples_rows() else min(self.model._at_once(self.data.x.shape[1]), rows)
        table, kind, term, decay = self._as_numbers(state)
        work = self._memory(table, block, theta)
        x, targets, *_ = self._batch(self.model, self.data, np.arange(rows), None)
        loss, total, terms = steps.full_gradient(x, targets, block, theta, table, kind, term, decay, work)
        self._keep_terms(*np.array(terms)[:, None])
        return loss, total

    def _layers(self) -> int:
        """Return the number of layers up to the code."""
        return len(self.model.networks(self.data.x.shape[1])[0].layers)

    def _as_numbers(self, state: TrainingState) -> tuple[Array, np.int64, CodeTerm | None, float]:
        """Return network, loss, term at the code and weight decay as arguments for the kernels."""
        from scratchae.kernels import code_terms, layers, losses, steps

        if self._table is None:
            self._table = self.model._network(self.data.x.shape[1]).table(state.parameters)
            if self.at_code is not None and self.at_code.option == "activation":
                # The gradient of the code's weights is added to that of the contraction.
                self._table[self._layers() - 1, steps.SHARED] = 1
        kinds = {"bernoulli": losses.BERNOULLI, "gaussian": losses.GAUSSIAN, "cross-entropy": losses.CROSS_ENTROPY}
        term = None
        if self.at_code is not None:
            option, value, _, weight = self.at_code
            value = layers.CODES[value] if option == "activation" else value
            term = code_terms.CodeTerm(self._layers(), float(weight), **{option: value})
        return self._table, kinds[self.loss], term, float(self.model.weight_decay)


class VariationalSteps:
    """Compiled steps for an encoder and a decoder with draws between them, by `scratchae.kernels.variational_steps`.

    Parameters
    ----------
    model, data, optimizer, batch_size
        As in `ChainSteps`.
    loss : {"elbo", "importance-weighted"}
    """

    name = "scratchae.kernels.variational_steps"
    terms: Mapping[str, Array] = {}

    def __init__(
        self, model: VariationalAutoencoder, data: Data, optimizer: Optimizer, batch_size: int, loss: str
    ) -> None:
        self.model, self.data, self.optimizer, self.batch_size = model, data, optimizer, batch_size
        self.loss = loss
        self.y = data.y if model.needs_labels and data.y is not None else np.empty(0, np.int64)
        self.least = model._lower_bounds(data).get(VARIANCE, np.empty(0))
        self._workspace: VariationalWorkspace | None = None

    def take_steps(self, state: TrainingState, order: Array, losses: Array, rate: float) -> int:
        """Train on the rows `order`; return the number of steps whose loss is finite."""
        from scratchae.kernels import variational_steps as steps

        theta, model = state.parameters.flat, self.model._at_epoch(state.epoch)
        encoder, decoder = (net.table(state.parameters) for net in model.networks(self.data.x.shape[1]))
        if self._workspace is None:
            self._workspace = steps.variational_workspace(
                encoder, decoder, self.batch_size, int(model.n_samples), theta
            )
        objective, logvar = self._as_numbers(model, state)
        eps, u = self._noise(state, order)
        fit, kl, other, decay = terms = np.empty((4, len(losses)))
        done = steps.take_steps(
            self.data.x, self.y, order, self.batch_size, theta, encoder, decoder, objective, logvar, self.least, eps, u,
            self.optimizer.kernel(), state.optimizer_state, self.optimizer.settings(rate), state.step, self._workspace, losses, terms,
        )  # fmt: skip
        self.terms = {
            "reconstruction": fit,
            "kl": kl,
            **({"gain": other} if self.loss == "importance-weighted" else {}),
            **({"free_bits": other} if model.free_bits > 0 else {}),
            **({"weight_decay": decay} if model.weight_decay > 0 else {}),
        }
        return done

    def _as_numbers(self, model: VariationalAutoencoder, state: TrainingState) -> tuple[Objective, Array]:
        """Return the options of the model in this epoch, and the log-variances of a Gaussian decoder, as arguments for the kernel."""
        from scratchae.kernels import losses
        from scratchae.kernels import variational_steps as steps

        gaussian, free = model.likelihood == "gaussian", float(model.free_bits)
        of_bound = {"analytic": steps.ANALYTIC, "sampled": steps.SAMPLED}[model.kl]
        objective = steps.Objective(
            form=steps.IMPORTANCE_WEIGHTED if self.loss == "importance-weighted" else of_bound,
            likelihood=losses.GAUSSIAN if gaussian else losses.BERNOULLI,
            beta=float(model.beta),
            floor=free if free > 0 else -np.inf,
            decay=float(model.weight_decay),
            learned=len(self.least),
            at=state.parameters.start(VARIANCE) if len(self.least) else 0,
        )
        like = np.empty((0, self.data.x.shape[1]), state.parameters.flat.dtype)
        return objective, model._logvar(state.parameters, like) if gaussian else like[:, 0]

    def _noise(self, state: TrainingState, order: Array) -> tuple[Array, Array]:
        """Draw the noise of all batches, the same numbers in the same order as the readable steps."""
        rng, (rows, features) = state.generator(2, state.step), (len(order), self.data.x.shape[1])
        # Without noise for pixels, the numbers of all batches follow one another, and one call draws them.
        at_once = self.batch_size if self.model.binarize == "dynamic" else rows
        eps, u = [], []
        for first in range(0, rows, at_once):
            noise, pixels = self.model.draw_noise(rng, (min(at_once, rows - first), features))
            eps.append(noise.ravel())
            u.append(np.empty((0, features), noise.dtype) if pixels is None else pixels)
        return np.concatenate(eps), np.concatenate(u)

    def full_gradient(self, state: TrainingState, theta: Array) -> tuple[float, Array]:
        """Not available: an objective with draws is not minimised by L-BFGS."""
        raise NotImplementedError


# Inputs and targets for the steps of a chain of layers.


def _none(data: Data) -> Array:
    """Return no targets, or no draws."""
    return np.empty((0, 0), data.x.dtype)


def _own_rows(model: Model, data: Data, order: Array, rng: np.random.Generator | None) -> Batch:
    """Return rows that are their own targets."""
    return Batch(data.x, _none(data), order, _none(data))


def _rows_and_draws(model: WassersteinAutoencoder, data: Data, order: Array, rng: np.random.Generator | None) -> Batch:
    """Return rows that are their own targets, with draws from the prior: those of all batches are those of each batch in turn."""
    assert rng is not None
    return Batch(data.x, _none(data), order, model.draw_noise(rng, (len(order), data.x.shape[1])))


def _corrupted_rows(model: DenoisingAutoencoder, data: Data, order: Array, rng: np.random.Generator | None) -> Batch:
    """Return corrupted rows, with the clean rows as targets."""
    assert rng is not None
    clean = data.x[order]
    noisy = model._corrupted(clean, model.draw_noise(rng, clean.shape))
    return Batch(noisy, clean, np.arange(len(order)), _none(data))


def _labelled_rows(model: Model, data: Data, order: Array, rng: np.random.Generator | None) -> Batch:
    """Return rows with their classes as targets."""
    assert data.y is not None
    return Batch(data.x, data.y[order].astype(data.x.dtype)[:, None], order, _none(data))


# The table.


@dataclass(frozen=True)
class Row(Generic[M]):
    """Compiled steps of one class.

    Attributes
    ----------
    model : type
        The class; subclasses are not included.
    make : callable
        Makes the steps from model, data, optimiser and batch size.
    """

    model: type[M]
    make: Callable[[M, Data, Optimizer, int], CompiledSteps]


TABLE = (
    Row(
        Autoencoder,
        lambda m, data, rule, n: ChainSteps(m, data, rule, n, m.likelihood, _own_rows),
    ),
    Row(
        DenoisingAutoencoder,
        lambda m, data, rule, n: ChainSteps(m, data, rule, n, m.likelihood, _corrupted_rows),
    ),
    Row(
        SparseAutoencoder,
        lambda m, data, rule, n: ChainSteps(
            m, data, rule, n, m.likelihood, _own_rows, AtCode("rho", float(m.sparsity), "penalty", m.sparsity_weight)
        ),
    ),
    Row(
        KSparseAutoencoder,
        lambda m, data, rule, n: ChainSteps(m, data, rule, n, m.likelihood, _own_rows, AtCode("k", int(m.k))),
    ),
    Row(
        ContractiveAutoencoder,
        lambda m, data, rule, n: ChainSteps(
            m,
            data,
            rule,
            n,
            m.likelihood,
            _own_rows,
            AtCode("activation", m._code_activation(), "penalty", m.contraction),
        ),
    ),
    Row(
        WassersteinAutoencoder,
        lambda m, data, rule, n: ChainSteps(
            m, data, rule, n, m.likelihood, _rows_and_draws, AtCode("scale", m._scale(), "mmd", m.mmd_weight)
        ),
    ),
    Row(
        StackedAutoencoder,
        lambda m, data, rule, n: ChainSteps(m, data, rule, n, m.likelihood, _own_rows),
    ),
    Row(
        StackedClassifier,
        lambda m, data, rule, n: ChainSteps(m, data, rule, n, "cross-entropy", _labelled_rows),
    ),
    Row(
        VariationalAutoencoder,
        lambda m, data, rule, n: VariationalSteps(m, data, rule, n, "elbo"),
    ),
    Row(
        ConditionalVariationalAutoencoder,
        lambda m, data, rule, n: VariationalSteps(m, data, rule, n, "elbo"),
    ),
    Row(
        ImportanceWeightedAutoencoder,
        lambda m, data, rule, n: VariationalSteps(m, data, rule, n, "importance-weighted"),
    ),
)


# Register the table in `fitting`, which does not import this module; the package imports this file with its models.
COMPILED.update({row.model: row.make for row in TABLE})
