"""Mistakes in training: the loop, its counters and shuffles, learning rates, what is recorded, early stopping, checkpoints."""

from __future__ import annotations

from mutants.mutant import Mutant

_LOOP = [
    Mutant(
        "training/loop.py",
        "            state.step += done\n",
        "            state.step = done\n",
        "a step counter that is wrong after the first call to the kernel",
    ),
    Mutant(
        "training/loop.py",
        "            state.step += done\n",
        "            state.step += 1\n",
        "calls counted in place of steps",
    ),
    Mutant(
        "training/loop.py",
        "order = state.generator(1, state.epoch).permutation(problem.rows)",
        "order = state.generator(1, 0).permutation(problem.rows)",
        "the same shuffle in every epoch",
    ),
    Mutant(
        "training/loop.py",
        "order = state.generator(1, state.epoch).permutation(problem.rows)",
        "order = np.arange(problem.rows)",
        "rows that are never shuffled",
    ),
    Mutant(
        "training/loop.py",
        "order = state.generator(1, state.epoch).permutation(problem.rows)",
        "order = state.generator(1, state.epoch).integers(problem.rows, size=problem.rows)",
        "rows drawn with replacement: some twice, some never",
    ),
    Mutant(
        "training/loop.py",
        "batches = -(-problem.rows // plan.batch_size)",
        "batches = problem.rows // plan.batch_size",
        "the rest batch dropped",
    ),
    Mutant(
        "training/loop.py",
        "self._epoch_ended(float(losses @ sizes / problem.rows))",
        "self._epoch_ended(float(losses.mean()))",
        "an epoch's loss as a mean of batches, of which the rest is smaller",
    ),
    Mutant(
        "training/loop.py",
        "self._epoch_ended(float(losses @ sizes / problem.rows))",
        "self._epoch_ended(float(losses[-1]))",
        "the last batch's loss for the epoch's",
    ),
    Mutant(
        "training/loop.py",
        "rows = order[first * plan.batch_size : last * plan.batch_size]",
        "rows = order[first : last * plan.batch_size]",
        "a call's rows from its number of batches on: batches of an epoch overlap",
    ),
    Mutant(
        "training/loop.py",
        "if not np.isfinite(state.parameters.flat).all():",
        "if np.isnan(losses).all():",
        "a last update that was too large is not noticed",
    ),
    Mutant(
        "training/loop.py",
        'self.clock = time.perf_counter() - (state.history["seconds"][-1] if state.epoch else 0.0)',
        "self.clock = time.perf_counter()",
        "seconds that begin anew when a run is resumed",
    ),
    Mutant(
        "training/loop.py",
        "state.stopped |= bool(callback(model))",
        "state.stopped = bool(callback(model))",
        "= for |=: the last callback decides alone whether training stops",
    ),
    Mutant(
        "training/loop.py",
        "for callback in self.plan.callbacks:  # every callback sees every epoch\n",
        "for callback in self.plan.callbacks[:1]:\n",
        "only the first callback is called",
    ),
    Mutant(
        "training/loop.py",
        "(not last and time.perf_counter() - self.written < CHECKPOINT_SECONDS)",
        "time.perf_counter() - self.written < CHECKPOINT_SECONDS",
        "the last epoch's checkpoint left out, if the one before is young",
    ),
    Mutant(
        "training/loop.py",
        "                del values[done:]  #",
        "                del values[: len(values) - done]  #",
        "the history of an interrupted run cut at the wrong end",
    ),
    Mutant(
        "training/loop.py",
        "            theta[:] = intermediate_result.x\n",
        "",
        "L-BFGS whose parameters stay where they began",
    ),
    Mutant(
        "training/loop.py",
        '"ftol": 0.0,',
        '"ftol": 1e-3,',
        "L-BFGS that stops when a loss falls by less than a thousandth",
    ),
    Mutant(
        "training/loop.py",
        '"maxcor": rule.memory,',
        '"maxcor": 10,',
        "L-BFGS with SciPy's memory, whatever was asked for",
    ),
    Mutant(
        "training/loop.py",
        "iterations = min(rule.restart - self.state.epoch % rule.restart, self.plan.epochs - self.state.epoch)",
        "iterations = rule.restart - self.state.epoch % rule.restart",
        "L-BFGS beyond the number of epochs",
    ),
    Mutant(
        "training/loop.py",
        "self.problem.full_gradient(self.state, point.astype(theta.dtype))",
        "self.problem.full_gradient(self.state, theta)",
        "L-BFGS that measures the point where it is in place of the one it tries",
    ),
    Mutant(
        "training/loop.py",
        "self.state.stopped |= result.nit < iterations",
        "self.state.stopped |= result.nit <= iterations",
        "<= for <: L-BFGS never restarts",
    ),
    Mutant(
        "training/loop.py",
        "while state.epoch < plan.epochs and not state.stopped:",
        "while state.epoch <= plan.epochs and not state.stopped:",
        "one epoch too many",
    ),
    Mutant(
        "training/loop.py",
        "            callback.finish(run.model)",
        "            pass",
        "callbacks that are not told of the end: no best epoch comes back",
    ),
]

_PROBLEM = [
    Mutant(
        "models/problem.py",
        "float(self.model.learning_rate_decay) ** state.epoch",
        "float(self.model.learning_rate_decay) ** (state.epoch + 1)",
        "a learning rate that falls before the first epoch",
    ),
    Mutant(
        "models/problem.py",
        "float(self.model.learning_rate_decay) ** state.epoch",
        "float(self.model.learning_rate_decay) ** state.step",
        "a learning rate that falls with every step",
    ),
    Mutant(
        "models/problem.py",
        "float(self.model.learning_rate_decay) ** state.epoch",
        "float(self.model.learning_rate_decay) * max(state.epoch, 1)",
        "* for **: a learning rate that rises",
    ),
    Mutant(
        "models/problem.py",
        "theta, noise = state.parameters.flat, state.generator(2, state.step)",
        "theta, noise = state.parameters.flat, state.generator(2, state.epoch)",
        "readable steps with the noise of another step",
    ),
    Mutant(
        "models/problem.py",
        "self.optimizer.update(theta, gradients.flat, state.slots, rate, state.step + i + 1)",
        "self.optimizer.update(theta, gradients.flat, state.slots, rate, i + 1)",
        "readable steps counted anew in each call",
    ),
    Mutant(
        "models/problem.py",
        "self.optimizer.update(theta, gradients.flat, state.slots, rate, state.step + i + 1)",
        "self.optimizer.update(theta, gradients.flat, 0 * state.slots, rate, state.step + i + 1)",
        "an optimiser whose memory is emptied before each step",
    ),
    Mutant(
        "models/problem.py",
        "model = self.model._as_of(state.epoch)\n",
        "model = self.model\n",
        "readable steps without the warm-up",
    ),
    Mutant(
        "models/problem.py",
        "return Data(self.x[rows], None if self.y is None else self.y[rows])",
        "return Data(self.x[rows], None if self.y is None else self.y[: len(self.x[rows])])",
        "labels of the first rows for every batch",
    ),
    Mutant(
        "models/problem.py",
        "loss += part * len(x) / self.rows",
        "loss += part * block / self.rows",
        "the last, smaller block weighted as a whole one in the loss over all data",
    ),
    Mutant(
        "models/problem.py",
        "total += gradients.flat * (len(x) / self.rows)",
        "total += gradients.flat * (block / self.rows)",
        "the last, smaller block weighted as a whole one in the gradient over all data",
    ),
    Mutant(
        "models/problem.py",
        "block = self.rows if self.model._rows_are_coupled else BLOCK",
        "block = BLOCK",
        "blocks of rows for an objective that is no mean over the rows",
    ),
    Mutant(
        "models/problem.py",
        "noise = self.model._draw_noise(state.generator(3), self.validation.x.shape)",
        "noise = self.model._draw_noise(state.generator(3, state.epoch), self.validation.x.shape)",
        "a validation loss of other noise in every epoch, which moves though the model does not",
    ),
    Mutant(
        "models/problem.py",
        "return self.model._metrics(state.parameters, self.validation, noise)",
        "return self.model._metrics(state.parameters, self.data.part(slice(len(self.validation.x))), "
        "self.model._draw_noise(state.generator(3), self.data.x[: len(self.validation.x)].shape))",
        "a validation loss of rows of the training",
    ),
    Mutant(
        "models/problem.py",
        "parameters = state.parameters.like(state.parameters.flat.copy())",
        "parameters = state.parameters.like(state.parameters.flat)",
        "a published model that still moves, also when the next epoch is interrupted",
    ),
    Mutant(
        "models/compiled.py",
        "theta, settings = state.parameters.flat, self.optimizer.settings(rate)",
        "theta, settings = state.parameters.flat, self.optimizer.settings(self.model.learning_rate)",
        "a learning rate that does not fall in compiled steps",
    ),
    Mutant(
        "models/compiled.py",
        "theta, model = state.parameters.flat, self.model._as_of(state.epoch)",
        "theta, model = state.parameters.flat, self.model",
        "compiled steps without the warm-up",
    ),
    Mutant(
        "models/compiled.py",
        "theta, model = state.parameters.flat, self.model._as_of(state.epoch)",
        "theta, model = state.parameters.flat, self.model._as_of(state.epoch + 1)",
        "compiled steps with the next epoch's beta",
    ),
    Mutant(
        "models/compiled.py",
        'float(getattr(model, "beta", 1.0)), float(model.weight_decay),',
        "1.0, float(model.weight_decay),",
        "compiled steps without beta",
    ),
    Mutant(
        "models/compiled.py",
        'float(getattr(model, "beta", 1.0)), float(model.weight_decay),',
        'float(getattr(model, "beta", 1.0)), 0.0,',
        "compiled variational steps without the weight decay",
    ),
    Mutant(
        "models/compiled.py",
        "self._rule(), state.slots, self.optimizer.settings(rate), state.step, self._memory, losses,",
        "self._rule(), state.slots, self.optimizer.settings(rate), 0, self._memory, losses,",
        "compiled variational steps counted anew in each call",
    ),
    Mutant(
        "models/compiled.py",
        "self._rule(), state.slots, settings, state.step, self._memory, losses,",
        "self._rule(), state.slots, settings, state.epoch, self._memory, losses,",
        "epochs given to the kernel in place of steps",
    ),
    Mutant(
        "models/compiled.py",
        "rng, features, eps, u = state.generator(2, state.step), self.data.x.shape[1], [], []",
        "rng, features, eps, u = state.generator(2, 0), self.data.x.shape[1], [], []",
        "the same noise in every call",
    ),
    Mutant(
        "models/compiled.py",
        "self.model._draw_noise(rng, (min(self.batch_size, len(order) - first), features))",
        "self.model._draw_noise(rng, (self.batch_size, features))",
        "noise for a whole batch where a rest is left",
    ),
    Mutant(
        "models/compiled.py",
        "x, targets, rows = self.model._inputs_and_targets(self.data, order, state.generator(2, state.step))",
        "x, targets, rows = self.model._inputs_and_targets(self.data, order, state.generator(2, state.epoch))",
        "compiled denoising with noise that readable steps do not have",
    ),
    Mutant(
        "models/compiled.py",
        "return table, kinds[self.model._compiled_loss()], float(self.model.weight_decay)",
        "return table, kinds[self.model._compiled_loss()], 0.0",
        "compiled steps without the weight decay",
    ),
    Mutant(
        "models/compiled.py",
        '{"elbo": steps.ELBO, "importance-weighted": steps.IMPORTANCE_WEIGHTED}',
        '{"elbo": steps.ELBO, "importance-weighted": steps.ELBO}',
        "the ordinary bound compiled for the importance-weighted one",
    ),
]

_OPTIMIZERS = [
    Mutant(
        "training/optimizers.py",
        "theta, state[0], state[1], gradient, step, rate, self.beta1, self.beta2, self.epsilon",
        "theta, state[0], state[1], gradient, 1, rate, self.beta1, self.beta2, self.epsilon",
        "Adam that is always at its first step",
    ),
    Mutant(
        "training/optimizers.py",
        "theta, state[0], state[1], gradient, step, rate, self.beta1, self.beta2, self.epsilon",
        "theta, state[0], state[1], gradient, step, rate, self.beta2, self.beta1, self.epsilon",
        "Adam's betas exchanged",
    ),
    Mutant(
        "training/optimizers.py",
        "theta[:], state[0] = ops.momentum(theta, state[0], gradient, rate, self.decay)",
        "theta[:], _ = ops.momentum(theta, state[0], gradient, rate, self.decay)",
        "momentum whose velocity is not kept",
    ),
    Mutant(
        "training/optimizers.py",
        "theta[:], state[0] = ops.momentum(theta, state[0], gradient, rate, self.decay)",
        "theta[:], state[0] = ops.momentum(theta, state[0], gradient, rate, 0.9)",
        "a decay of the momentum that is asked for and not used",
    ),
    Mutant(
        "training/optimizers.py",
        "beta2: float = 0.999",
        "beta2: float = 0.99",
        "another default of Adam's second beta than the paper's",
    ),
    Mutant(
        "training/optimizers.py",
        "epsilon: float = 1e-8",
        "epsilon: float = 1e-7",
        "another library's default of Adam's epsilon",
    ),
    Mutant(
        "training/optimizers.py",
        "    decay: float = 0.9\n",
        "    decay: float = 0.99\n",
        "another default of the momentum's decay",
    ),
    Mutant(
        "training/optimizers.py",
        "[learning_rate, *asdict(self).values()]",
        "[learning_rate, *sorted(asdict(self).values())]",
        "an optimiser's settings in an order that the kernel does not expect",
    ),
    Mutant(
        "training/optimizers.py",
        'return optimizer if isinstance(optimizer, str) else {"name": optimizer.name, **asdict(optimizer)}',
        'return optimizer if isinstance(optimizer, str) else {"name": optimizer.name}',
        "an optimiser saved without its settings",
    ),
]

_ENDS = [
    Mutant(
        "training/callbacks.py",
        "if values[-1] < self.best - self.min_delta:",
        "if values[-1] < self.best + self.min_delta:",
        "a worse epoch taken for a better one, within min_delta",
    ),
    Mutant(
        "training/callbacks.py",
        "if values[-1] < self.best - self.min_delta:",
        "if values[-1] <= self.best - self.min_delta:",
        "<= for <: an epoch that is as good counts as better",
    ),
    Mutant(
        "training/callbacks.py",
        "return len(values) - self.best_epoch >= self.patience",
        "return len(values) - self.best_epoch > self.patience",
        "patience of one epoch more",
    ),
    Mutant(
        "training/callbacks.py",
        "model._parameters.flat[:] = self._best_theta",
        "pass",
        "the last epoch's parameters where the best one's are promised",
    ),
    Mutant(
        "training/callbacks.py",
        'self._best_theta = memory.get("best_theta")',
        "self._best_theta = None",
        "the best epoch's parameters lost when a run is resumed",
    ),
    Mutant(
        "training/callbacks.py",
        "if values[-1] < self.best - self.min_delta:",
        "if values[-1] < (values[-2] if len(values) > 1 else self.best) - self.min_delta:",
        "each epoch compared with the one before in place of the best",
    ),
    Mutant(
        "training/state.py",
        'header["epoch"],\n        header["step"],',
        'header["epoch"],\n        header["epoch"],',
        "a resumed run with the number of epochs for that of steps",
    ),
    Mutant(
        "training/state.py",
        "fresh.parameters.like(theta),\n        slots,",
        "fresh.parameters.like(theta),\n        fresh.slots,",
        "a resumed run whose optimiser has forgotten its means",
    ),
    Mutant(
        "training/state.py",
        "fresh.parameters.like(theta),",
        "fresh.parameters,",
        "a resumed run that begins with fresh parameters",
    ),
    Mutant(
        "training/state.py",
        'slots,\n        header["entropy"],',
        "slots,\n        fresh.entropy + 1,",
        "a resumed run with other shuffles",
    ),
    Mutant(
        "training/state.py",
        "np.random.SeedSequence(self.entropy, spawn_key=key)",
        "np.random.SeedSequence(self.entropy, spawn_key=key[-1:])",
        "shuffles and noise from one stream, by the last number of their key",
    ),
    Mutant(
        "training/state.py",
        "np.random.SeedSequence(self.entropy, spawn_key=key)",
        "np.random.SeedSequence(spawn_key=key, entropy=0)",
        "random numbers that do not depend on random_state",
    ),
    Mutant(
        "training/state.py",
        "return int(random_state.integers(2**63))",
        "return int(random_state.bit_generator.seed_seq.generate_state(1)[0])",
        "two models of one generator with the same numbers",
    ),
]

MUTANTS = [*_LOOP, *_PROBLEM, *_OPTIMIZERS, *_ENDS]
