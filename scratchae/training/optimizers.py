"""Optimisers: a rule holds its settings; its state is an array owned by the training loop."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from numbers import Integral, Real
from typing import Any, ClassVar

import numpy as np

from scratchae import backend
from scratchae.errors import nearest
from scratchae.nets.network import Array

AT_A_TIME = 2**18  # parameters in a step of the NumPy backend, whose intermediate results are then small


@dataclass(frozen=True)
class Optimizer:
    """Base class of update rules; a rule keeps `state_vectors` numbers per parameter."""

    name: ClassVar[str]
    state_vectors: ClassVar[int] = 0

    def settings(self, learning_rate: float) -> Array:
        """Return the learning rate and the rule's own settings in the format of `kernels.updates.move`."""
        return np.array([learning_rate, *vars(self).values(), 0.0], np.float64)

    def kernel(self) -> np.int64:
        """The number of the rule in `kernels.updates`, which is imported when a rule is first used."""
        raise NotImplementedError(f"{type(self).__name__} has no kernel that takes a single step; train with `fit`.")

    def update(self, theta: Array, gradient: Array, state: Array, learning_rate: float, step: int) -> None:
        """Update theta and the state in place, on the backend in use.

        Parameters
        ----------
        theta, gradient : array, shape (P,)
        state : array, shape (state_vectors, P)
        learning_rate : float
        step : int
            1 for the first step.
        """
        if backend.backend_name() == "numba":
            from scratchae.kernels import updates

            updates.update(self.kernel(), theta, gradient, state, self.settings(learning_rate), step)
        else:
            for first in range(0, theta.size, AT_A_TIME):  # each number is updated by itself
                part = slice(first, first + AT_A_TIME)
                self._readable_update(
                    backend.active(), theta[part], gradient[part], state[:, part], learning_rate, step
                )

    def _readable_update(
        self, ops: backend.Ops, theta: Array, gradient: Array, state: Array, rate: float, step: int
    ) -> None:
        raise NotImplementedError


@dataclass(frozen=True)
class SGD(Optimizer):
    """Stochastic gradient descent on minibatches."""

    name: ClassVar[str] = "sgd"

    def kernel(self) -> np.int64:
        """The number of the rule in `kernels.updates`."""
        from scratchae.kernels import updates

        return updates.SGD

    def _readable_update(
        self, ops: backend.Ops, theta: Array, gradient: Array, state: Array, rate: float, step: int
    ) -> None:
        theta[:] = ops.sgd(theta, gradient, rate)


@dataclass(frozen=True)
class Momentum(Optimizer):
    """Gradient descent with momentum; `decay` is the fraction of the velocity kept at each step."""

    decay: float = 0.9
    name: ClassVar[str] = "momentum"
    state_vectors: ClassVar[int] = 1

    def __post_init__(self) -> None:
        _check_share("decay", self.decay)

    def kernel(self) -> np.int64:
        """The number of the rule in `kernels.updates`."""
        from scratchae.kernels import updates

        return updates.MOMENTUM

    def _readable_update(
        self, ops: backend.Ops, theta: Array, gradient: Array, state: Array, rate: float, step: int
    ) -> None:
        theta[:], state[0] = ops.momentum(theta, state[0], gradient, rate, self.decay)


@dataclass(frozen=True)
class Adam(Optimizer):
    """Adam (Kingma and Ba, 2015)."""

    beta1: float = 0.9
    beta2: float = 0.999
    epsilon: float = 1e-8
    name: ClassVar[str] = "adam"
    state_vectors: ClassVar[int] = 2

    def __post_init__(self) -> None:
        _check_share("beta1", self.beta1)
        _check_share("beta2", self.beta2)
        if not (isinstance(self.epsilon, Real) and 0 < self.epsilon < np.inf):
            raise ValueError(f"epsilon={self.epsilon!r} is not allowed; give a finite number above 0.")

    def kernel(self) -> np.int64:
        """The number of the rule in `kernels.updates`."""
        from scratchae.kernels import updates

        return updates.ADAM

    def _readable_update(
        self, ops: backend.Ops, theta: Array, gradient: Array, state: Array, rate: float, step: int
    ) -> None:
        theta[:], state[0], state[1] = ops.adam(
            theta, state[0], state[1], gradient, step, rate, self.beta1, self.beta2, self.epsilon
        )


@dataclass(frozen=True)
class LBFGS(Optimizer):
    """Full-batch L-BFGS by `scipy.optimize.minimize`; an epoch is one iteration, and the learning rate is ignored.

    Parameters
    ----------
    memory : int
        Number of pairs of steps and gradient differences kept: 16 * `memory` bytes for each parameter.
    restart : int
        Number of iterations after which the memory is reset. A checkpoint is written at each reset, and a resumed run continues from it
        bit by bit.
    """

    memory: int = 20
    restart: int = 200
    name: ClassVar[str] = "lbfgs"

    def __post_init__(self) -> None:
        for name, value in asdict(self).items():
            if not isinstance(value, Integral) or isinstance(value, bool) or value < 1:
                raise ValueError(f"{name}={value!r} is not allowed; give an integer of at least 1.")


def _check_share(name: str, value: float) -> None:
    if not (isinstance(value, Real) and 0 <= value < 1):
        raise ValueError(f"{name}={value!r} is not allowed; give a number in [0, 1).")


# The rules by name; the command line and error messages list these.
OPTIMIZERS: dict[str, type[Optimizer]] = {rule.name: rule for rule in (SGD, Momentum, Adam, LBFGS)}


def as_optimizer(optimizer: str | Optimizer) -> Optimizer:
    """Return the rule of that name with its default settings, or the given rule.

    Raises
    ------
    ValueError
        If the rule is unknown.
    """
    if isinstance(optimizer, Optimizer):
        return optimizer
    if not isinstance(optimizer, str) or optimizer not in OPTIMIZERS:
        raise ValueError(
            f"optimizer={optimizer!r} is unknown{nearest(optimizer, OPTIMIZERS)}; use one of {', '.join(OPTIMIZERS)}."
        )
    return OPTIMIZERS[optimizer]()


def describe(optimizer: str | Optimizer) -> str | dict[str, Any]:
    """Return an optimiser as a JSON-serialisable value."""
    return optimizer if isinstance(optimizer, str) else {"name": optimizer.name, **asdict(optimizer)}


def from_description(description: str | dict[str, Any]) -> str | Optimizer:
    """Return the optimiser described by `describe`."""
    if isinstance(description, str):
        return description
    settings = dict(description)
    return OPTIMIZERS[settings.pop("name")](**settings)
