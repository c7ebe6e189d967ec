"""The training loop: epochs of minibatches, or L-BFGS, with history, checkpoints, callbacks and a clean stop on Ctrl-C."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from scratchae.errors import DivergenceError, is_interrupt, warn
from scratchae.nets.network import Array
from scratchae.training import interruption
from scratchae.training.blas import one_blas_thread
from scratchae.training.callbacks import Callback, StatefulCallback
from scratchae.training.compilation import COMPILING, before_compiling
from scratchae.training.optimizers import LBFGS, Optimizer
from scratchae.training.order import EpochOrder
from scratchae.training.progress import Progress, log, log_epoch, progress_of
from scratchae.training.state import TrainingState, write_checkpoint

if TYPE_CHECKING:  # slow to import
    from scipy.optimize import OptimizeResult

CHECKPOINT_SECONDS = 0.5  # minimum time between two checkpoints, to limit the time spent writing them


class Problem(Protocol):
    """Interface between the training loop and the model to be trained."""

    rows: int  # rows in an epoch, counted as often as they are visited
    order: EpochOrder

    def take_steps(self, state: TrainingState, order: Array, losses: Array) -> int:
        """Train on the rows `order`, one batch for each entry of `losses`; return the number of steps with a finite loss."""

    def full_gradient(self, state: TrainingState, theta: Array) -> tuple[float, Array]:
        """Return loss and gradient over all rows (float64)."""

    def mean_terms(self) -> dict[str, float]:
        """Return the terms of the loss by name, means over the rows since the last call; empty if the loss is a single term."""

    def validation_metrics(self, state: TrainingState) -> dict[str, float]:
        """Return the loss and any further metrics on the validation data by name; empty without validation data."""

    def first_nonfinite(self, state: TrainingState, rows: Array) -> str:
        """Return the name of the first array that is not finite when the batch `rows` is computed."""

    def set_fitted_state(self, state: TrainingState) -> object:
        """Store the parameters and history of a finished epoch in the model; return the model."""


@dataclass(frozen=True)
class Plan:
    """Settings of a training run.

    Parameters
    ----------
    optimizer : Optimizer
    epochs, batch_size : int
    steps_per_call : int
        Steps per call of `Problem.take_steps`; between two calls, Ctrl-C is handled and the progress is updated.
    callbacks : sequence of callables
    checkpoint : path, optional
    fingerprint : dict
        Description of the run that a checkpoint must match.
    verbose : int
    title : str
        Title of the progress.
    """

    optimizer: Optimizer
    epochs: int
    batch_size: int
    steps_per_call: int = 1
    callbacks: Sequence[Callback[Any]] = ()
    checkpoint: str | os.PathLike[str] | None = None
    fingerprint: dict[str, Any] | None = None
    verbose: int = 0
    title: str = ""


def train(problem: Problem, plan: Plan, state: TrainingState) -> None:
    """Train starting from `state`, and update the model after every epoch.

    Raises
    ------
    DivergenceError
        If the loss is no longer finite; the model keeps the last finished epoch.
    KeyboardInterrupt
        On Ctrl-C before the end of the first epoch. Later, Ctrl-C ends the training with a warning and keeps the last finished epoch;
        a second Ctrl-C soon after it is raised, so that it also ends what comes after this training.
    """
    interruption.end_if_terminated()
    interruption.check_choice()
    with interruption.handled(), contextlib.ExitStack() as shown:
        progress = progress_of(problem.rows, plan.epochs, state.epoch, plan.title, plan.verbose)
        shown.callback(progress.close)
        shown.enter_context(_announced(progress))
        run, raised = _Run(problem, plan, state, progress), None
        try:
            while state.epoch < plan.epochs and not state.stopped:
                run.advance()
        except (KeyboardInterrupt, SystemError) as error:
            if not is_interrupt(error):
                raise
            raised = _interrupted(run, error)
        for callback in plan.callbacks:
            if run.model is not None and hasattr(callback, "finish"):
                callback.finish(run.model)
        if raised is not None:
            raise raised from None


def _interrupted(run: _Run, error: BaseException) -> KeyboardInterrupt | None:
    """End a run after Ctrl-C or SIGTERM with its last finished epoch; return the exception that is to be raised all the same, if any."""
    terminated, final = interruption.was_terminated(), interruption.ends_all(error)
    interruption.settle()
    if run.model is None:
        interruption.forget()
        return interruption.Terminated() if terminated else interruption.ending_all() if final else KeyboardInterrupt()
    done, run.state.interrupted = run.fitted_epochs, True
    for values in run.state.history.values():
        del values[done:]  # Ctrl-C may have come between recording an epoch and storing its parameters
    if final and not terminated:
        interruption.forget()
        return interruption.ending_all()
    what = "was ended by SIGTERM" if terminated else "was interrupted"
    hint = "" if terminated else f" Another Ctrl-C within {interruption.SECONDS:.0f} s is raised as KeyboardInterrupt."
    warn(f"Training {what}; the model is that of epoch {done} of {run.plan.epochs}.{hint}")
    return None


def _announced(progress: Progress) -> contextlib.AbstractContextManager[None]:
    """Return a context in which a line is printed before the first kernel is compiled."""

    def announce() -> None:
        log.info(COMPILING)
        progress.say(COMPILING)

    return before_compiling(announce)


class _Run:
    """One training run: the steps of an epoch and the actions at its end."""

    def __init__(self, problem: Problem, plan: Plan, state: TrainingState, progress: Progress) -> None:
        self.problem, self.plan, self.state, self.progress = problem, plan, state, progress
        self.model = problem.set_fitted_state(state) if state.epoch else None
        self.fitted_epochs = state.epoch
        self.clock = time.perf_counter() - (state.history["seconds"][-1] if state.epoch else 0.0)
        self.written, self.warned = -np.inf, False

    def advance(self) -> None:
        """Train up to the next point at which a checkpoint may be written."""
        if isinstance(self.plan.optimizer, LBFGS):
            self._minimise(self.plan.optimizer)
        else:
            self._epoch()
        self._keep(last=self.state.stopped or self.state.epoch >= self.plan.epochs)

    def _epoch(self) -> None:
        """Make one pass over the data in a new random order."""
        problem, plan, state = self.problem, self.plan, self.state
        order = problem.order.draw(state.generator(1, state.epoch))
        batches = -(-problem.rows // plan.batch_size)
        losses = np.empty(batches)
        for first in range(0, batches, plan.steps_per_call):
            last = min(first + plan.steps_per_call, batches)
            rows = order[first * plan.batch_size : last * plan.batch_size]
            done = problem.take_steps(state, rows, losses[first:last])
            state.step += done
            if first + done < last:
                self._diverged(order, first + done, losses[first + done])
            interruption.end_if_signalled()
            self.progress.advance(len(rows))
        if not np.isfinite(state.parameters.flat).all():  # the last update, which is not covered by a later loss
            self._diverged(order, batches - 1, losses[-1])
        sizes = np.full(batches, plan.batch_size)
        sizes[-1] = problem.rows - (batches - 1) * plan.batch_size
        self._epoch_ended(float(losses @ sizes / problem.rows))

    def _minimise(self, rule: LBFGS) -> None:
        """Run iterations of L-BFGS, each counted as an epoch, up to the next reset of its memory."""
        from scipy.optimize import minimize

        theta = self.state.parameters.flat

        def objective(point: Array) -> tuple[float, Array]:
            loss, gradient = self.problem.full_gradient(self.state, point.astype(theta.dtype))
            # A step that is too long is not an error: the line search takes a shorter one.
            return (loss, gradient) if np.isfinite(loss) else (np.inf, np.zeros_like(point))

        def after_iteration(intermediate_result: OptimizeResult) -> None:
            theta[:] = intermediate_result.x
            self.progress.advance(self.problem.rows)
            self._epoch_ended(float(intermediate_result.fun))
            if self.state.stopped:
                raise StopIteration

        start, _ = self.problem.full_gradient(self.state, theta)
        if not np.isfinite(start):
            self._diverged(np.arange(self.problem.rows), 0, start)
        iterations = min(rule.restart - self.state.epoch % rule.restart, self.plan.epochs - self.state.epoch)
        options = {"maxiter": iterations, "maxcor": rule.memory, "maxfun": 20 * iterations, "ftol": 0.0, "gtol": 1e-9}
        point = theta.astype(np.float64)
        # Between calls, SciPy's thread pool would compete with that of the kernels.
        with one_blas_thread():
            result = minimize(objective, point, jac=True, method="L-BFGS-B", callback=after_iteration, options=options)
        if result.nit == 0:  # converged
            self._epoch_ended(float(start))
        self.state.stopped |= result.nit < iterations

    def _epoch_ended(self, loss: float) -> None:
        """Record the epoch, update the model, and call the callbacks."""
        state = self.state
        state.epoch += 1
        state.history["loss"].append(loss)
        terms = self.problem.mean_terms()
        for name, value in terms.items():
            if name in ("loss", "seconds") or name.startswith("val_"):
                raise ValueError(
                    f"The objective has a term {name!r}, which is another column of the history; rename it."
                )
            # A checkpoint of an earlier version has no terms of its epochs.
            state.history.setdefault(name, [np.nan] * (state.epoch - 1)).append(value)
        for name, value in self.problem.validation_metrics(state).items():
            state.history.setdefault(f"val_{name}", []).append(value)
        state.history["seconds"].append(time.perf_counter() - self.clock)
        log_epoch(self.plan.title, self.plan.epochs, state.history, terms)
        self.progress.epoch_ended(state.history, terms)
        self.model = model = self.problem.set_fitted_state(state)
        self.fitted_epochs = state.epoch
        interruption.end_if_signalled()
        for callback in self.plan.callbacks:  # call every callback, even if an earlier one stops the training
            state.stopped |= bool(callback(model))
        interruption.end_if_terminated()  # a callback may have trained a model, which SIGTERM has ended
        interruption.settle()  # a callback may have handled Ctrl-C itself

    def _keep(self, last: bool) -> None:
        """Write a checkpoint. Failure to write one is only a warning; training continues."""
        if self.plan.checkpoint is None or (not last and time.perf_counter() - self.written < CHECKPOINT_SECONDS):
            return
        states = [callback.state_dict() for callback in self.plan.callbacks if isinstance(callback, StatefulCallback)]
        try:
            write_checkpoint(self.plan.checkpoint, self.state, self.plan.fingerprint or {}, states)
        except OSError as error:
            if not self.warned:
                message = f"The checkpoint could not be written ({error}); training continues; free disk space for the next one."
                warn(message)
            self.warned = True
        self.written = time.perf_counter()

    def _diverged(self, order: Array, batch: int, loss: float) -> None:
        rows = order[batch * self.plan.batch_size : (batch + 1) * self.plan.batch_size]
        done = self.state.epoch
        kept = f" The model is that of epoch {done}." if done else ""
        what = "The update was too large" if np.isfinite(loss) else f"The loss became {loss}"
        raise DivergenceError(
            f"{what} in epoch {done + 1}, batch {batch + 1}; the first array that is not finite is "
            f"{self.problem.first_nonfinite(self.state, rows)}; lower learning_rate or scale the data.{kept}"
        )
