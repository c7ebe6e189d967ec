"""Mistakes in weights of rows: how often a row is visited, repeated rows, classes, and trainings that continue."""

from __future__ import annotations

from mutants.mutant import Mutant

_ORDER = "training/order.py"
_EXPECTATION = "the expected number of visits is proportional to the weight"
_EPOCHS = "an epoch has T visits, less than one away from the expectation for each row"
_REPEATS = "whole numbers as weights train as repeated rows do, and equal weights as none"
_CONTINUING = "tests/models/test_continuing.py::"

MUTANTS = [
    Mutant(
        _ORDER,
        "shares / shares.sum())  # (sample_weights.3)",
        "shares)  # (sample_weights.3)",
        "weights relative to the largest in place of their sum",
        claim=_EXPECTATION,
    ),
    Mutant(
        _ORDER,
        "np.minimum(np.floor(ends + u), total).astype(np.int64), prepend=0)",
        "np.rint(ends).astype(np.int64), prepend=0)",
        "ends rounded, always in the same way",
        claim=_EXPECTATION,
    ),
    Mutant(
        _ORDER,
        "kept = np.flatnonzero(weights)",
        "kept = np.arange(rows)",
        "rows without weight among those of an epoch",
        claim=_EPOCHS,
    ),
    Mutant(
        _ORDER,
        "whole //= np.gcd.reduce(whole)",
        "whole = whole.copy()",
        "repeats that are not in lowest terms",
        claim=_REPEATS,
    ),
    Mutant(
        _ORDER,
        "np.repeat(self._kept[shuffled], visits)[rng.permutation(self.size)]",
        "np.repeat(self._kept, visits)[rng.permutation(self.size)]",
        "visits of other rows",
        claim=_EPOCHS,
    ),
    Mutant(
        _ORDER,
        "return self.rows()[rng.permutation(self.size)]",
        "return rng.permutation(self.rows())[::-1]",
        "repeated rows in another order than in a table that repeats them",
        claim=_REPEATS,
    ),
    Mutant(
        "models/fitting.py",
        "trained._initialise_from_data(problem.data_for_start(), state.parameters)",
        "trained._initialise_from_data(data, state.parameters)",
        "initial parameters without the weights",
        claim=_REPEATS,
    ),
    Mutant(
        "models/stacked.py",
        "sample_weight=weights,",
        "sample_weight=None,",
        "pre-training without the weights",
        claim=_REPEATS,
    ),
    Mutant(
        "models/weights.py",
        "np.bincount(y, s, minlength=classes)",
        "np.bincount(y, minlength=classes)",
        "balanced by the number of rows in place of their weights",
        claim="balanced classes have equal total weights",
    ),
    Mutant(
        "models/continuing.py",
        "memory.optimizer_state.copy(), memory.step",
        "memory.optimizer_state, memory.step",
        "copies of a model that share the state of their optimisers",
        test=_CONTINUING + "test_copies_continue_to_the_same_bits_and_leave_the_others_alone",
    ),
    Mutant(
        "models/continuing.py",
        "memory.optimizer_state.copy(), memory.step",
        "memory.optimizer_state.copy(), 0",
        "Adam's bias correction begun anew",
        test=_CONTINUING + "test_passes_over_all_rows_are_epochs",
    ),
    Mutant(
        "models/continuing.py",
        "seed_of(model.random_state) if memory is None else memory.seed",
        "seed_of(model.random_state)",
        "another draw from a generator in every call",
        test=_CONTINUING + "test_a_generator_is_used_once",
    ),
]
