"""Mistakes in what a run depends on: labels of validation data, copies, seeds, fingerprints of checkpoints, options in files."""

from __future__ import annotations

from mutants.mutant import Mutant

_LABELS = [
    Mutant(
        f"models/{file}.py",
        "held_out_labels(labels, len(held_out), classes)",
        "check_labels(as_labels(labels, len(held_out)), None)[1]",
        "codes of validation labels made from the validation labels alone",
        test="tests/models/test_labels.py::test_validation_rows_without_the_first_class_keep_the_codes_of_the_others",
    )
    for file in ("conditional", "classifier")
]
_COPIES = [
    Mutant(
        "models/classifier.py",
        "other._initialise_with(self._start, self._start_features, self._start_classes)",
        "other._initialise_with(self._start, self._start_features)",
        "a clone that has forgotten for which classes its softmax layer was trained",
        test="tests/models/test_scikit_learn.py::test_copies_of_a_classifier_begin_with_its_copied_layers",
    ),
    Mutant(
        "models/classifier.py",
        "        if self._start is not None:\n            other._initialise_with(",
        "        if self._start is not None and not self.__sklearn_is_fitted__():\n            other._initialise_with(",
        "a clone of a fitted classifier without the copied layers",
        test="tests/models/test_scikit_learn.py::test_copies_of_a_classifier_begin_with_its_copied_layers",
    ),
    Mutant(
        "models/estimator.py",
        "other = type(self)(**copy.deepcopy(self.get_params()))",
        "other = type(self)(**self.get_params())",
        "a clone that draws its seed from the generator of the original",
        test="tests/models/test_scikit_learn.py::test_copies_of_a_classifier_begin_with_its_copied_layers",
    ),
]
_SEEDS = [
    Mutant(
        "models/variational.py",
        "isinstance(self.random_state, (int, np.integer))",
        "isinstance(self.random_state, int)",
        "static pixels that ignore a seed of NumPy's type",
        test="tests/training/test_determinism.py::test_a_seed_of_numpy_gives_the_bits_of_the_same_integer",
    ),
    Mutant(
        "training/state.py",
        '        header["entropy"],\n',
        "        fresh.seed,\n",
        "a resumed run with the seed that was drawn for the new one",
        test="tests/training/test_checkpoints.py::test_a_seed_that_was_drawn_is_kept",
    ),
]
_FILES = [
    Mutant(
        "training/state.py",
        "np.ascontiguousarray(x)",
        "np.ascontiguousarray(x[:1000])",
        "a digest of the first thousand rows, because it is quicker",
        test="tests/training/test_checkpoints.py::test_the_last_number_of_long_data_counts",
    ),
    Mutant(
        "models/classifier.py",
        "digest(np.concatenate(copied))",
        "digest(np.concatenate(copied)[:1000])",
        "a digest of the first thousand numbers of the copied layers",
        test="tests/training/test_checkpoints.py::test_the_last_number_of_copied_layers_counts",
    ),
    Mutant(
        "models/fitting.py",
        "arrays = [*data, *(validation or (None, None))]",
        "arrays = [*data, *((validation.x, None) if validation else (None, None))]",
        "a fingerprint without the labels of the validation data",
        test="tests/training/test_checkpoints.py::test_the_last_number_of_long_data_counts",
    ),
    Mutant(
        "models/loading.py",
        "for name, value in options.items()})",
        "for name, value in options.items() if name in kind._options()})",
        "unknown options of a file, dropped without a word",
        test="tests/models/test_loading.py::test_a_file_with_an_unknown_option_is_refused",
    ),
]
MUTANTS = [*_LABELS, *_COPIES, *_SEEDS, *_FILES]
