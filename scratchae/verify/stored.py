"""Claims about stored states (models in files, runs in checkpoints, the best epoch in memory), which are restored bit by bit."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np

import scratchae.training.loop as loop
from scratchae import files, training
from scratchae.errors import FileFormatError
from scratchae.nets import Parameters
from scratchae.verify.autoencoder import on_backend
from scratchae.verify.claims import Subject, claim, lowered
from scratchae.verify.derivatives import Array

FEATURES, ROWS = 6, 22
COMMON: dict[str, Any] = {"batch_size": 4, "random_state": 3, "learning_rate": 1e-2, "learning_rate_decay": 0.8}
VAE, CVAE = "VariationalAutoencoder", "ConditionalVariationalAutoencoder"


class Table:
    """Rows with column names, like a data frame.

    Parameters
    ----------
    x : array, shape (N, D)
    columns : sequence of str
    """

    def __init__(self, x: Array, columns: Sequence[str]) -> None:
        self.x, self.columns, self.shape = x, list(columns), x.shape

    def __array__(self, dtype: Any = None, copy: Any = None) -> Array:
        """Return the rows without names."""
        return np.asarray(self.x, dtype)


@contextmanager
def _folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as name:
        yield Path(name)


def _differing(one: Any, other: Any) -> int:
    """Return the number of differing values of two models: parameters, options, history and other learned attributes."""
    wrong = sum(int((value != other.parameters_[name]).sum()) for name, value in one.parameters_.items())
    wrong += (
        list(one.parameters_) != list(other.parameters_) or one.parameters_.flat.dtype != other.parameters_.flat.dtype
    )
    mine, theirs = one.get_params(), other.get_params()
    wrong += sum(repr(mine[name]) != repr(theirs[name]) for name in mine) + (type(one) is not type(other))
    for name in ("history_", "pretraining_history_", "n_features_in_"):
        wrong += getattr(one, name, None) != getattr(other, name, None)
    for name in ("classes_", "feature_names_in_"):
        a, b = (np.asarray(getattr(model, name, [])) for model in (one, other))
        wrong += a.dtype != b.dtype or a.tolist() != b.tolist()
    return int(wrong)


STORED: list[tuple[str, dict[str, Any]]] = [
    ("Autoencoder", {"hidden_sizes": (5,), "latent_dim": 3, "tied_weights": True, "dtype": "float64"}),
    ("Autoencoder", {"latent_dim": 3, "optimizer": training.Adam(0.8, 0.99, 1e-6), "likelihood": "gaussian"}),
    ("DenoisingAutoencoder", {"latent_dim": 3, "corruption": "gaussian", "optimizer": training.Momentum(0.7)}),
    ("SparseAutoencoder", {"latent_dim": 3, "sparsity": 0.2, "optimizer": training.LBFGS(memory=5, restart=2)}),
    ("KSparseAutoencoder", {"latent_dim": 4, "k": 2, "weight_decay": 0.3}),
    ("ContractiveAutoencoder", {"latent_dim": 4, "contraction": 0.7, "optimizer": "sgd"}),
    ("StackedAutoencoder", {"hidden_sizes": (5, 3), "pretrain_epochs": 2, "corruption_level": (0.2, 0.4)}),
    ("StackedClassifier", {"hidden_sizes": (5,), "activation": "tanh"}),
    (VAE, {"hidden_sizes": (5,), "latent_dim": 2, "beta": 0.2, "warm_up": 2, "free_bits": 0.1, "binarize": "dynamic"}),
    (
        VAE,
        {
            "hidden_sizes": (5,),
            "latent_dim": 2,
            "likelihood": "gaussian",
            "variance": "learned",
            "kl": "sampled",
            "dtype": "float64",
        },
    ),
    (VAE, {"hidden_sizes": (5,), "latent_dim": 2, "likelihood": "gaussian", "variance": "learned_per_feature"}),
    (VAE, {"latent_dim": 2, "likelihood": "gaussian", "variance": (0.1, 0.2, 0.3, 0.4, 0.5, 0.6)}),
    ("ImportanceWeightedAutoencoder", {"hidden_sizes": (5,), "latent_dim": 2, "n_samples": 3}),
    (CVAE, {"hidden_sizes": (5,), "latent_dim": 2, "n_samples": 2}),
]


def _answers(model: Any, x: Any, y: Array) -> list[Array]:
    """Return the results of a model of any type for the given rows."""
    if hasattr(model, "predict"):
        return [model.predict(x), model.predict_proba(x)]
    labels = [y] if type(model).__name__ == CVAE else []
    codes = model.encode(x, *labels)
    return [codes, model.decode(codes, *labels), *([] if labels else [model.score_samples(x)])]


@claim(
    "a model that was saved and loaded is the same to the last bit",
    op="save",
    level="meaning",
    method="parameters, options, history, classes, names and answers of every model, labels of three kinds; saved twice",
    tolerance=0,
)
def _saved(subject: Subject, rng: np.random.Generator) -> float:
    x, wrong = rng.random((ROWS, FEATURES)), 0
    table = Table(x, [f"pixel {i}" for i in range(FEATURES)])
    kinds = (
        np.array(["pear", "fig", "apple"])[np.arange(ROWS) % 3],
        (np.arange(ROWS) % 3 * 7 - 5).astype(np.int16),
        np.arange(ROWS) % 2 == 0,
    )
    with _folder() as folder:
        for name, options in STORED:
            for y in kinds if name in ("StackedClassifier", CVAE) else kinds[:1]:
                for rows in (table, x) if y is kinds[0] else (x,):
                    held = (rows, y) if name in ("StackedClassifier", CVAE) else rows
                    model = getattr(subject.models, name)(**{**COMMON, "epochs": 3, "learning_rate": 1e-3, **options})
                    model.fit(rows, y, validation_data=held).save(folder / "m.npz")
                    other = subject.models.load(folder / "m.npz")
                    wrong += _differing(model, other)
                    answers = zip(_answers(model, rows, y), _answers(other, rows, y), strict=True)
                    wrong += sum(int((a != b).sum()) for a, b in answers)
                    first = (folder / "m.npz").read_bytes()
                    other.save(folder / "again.npz")
                    wrong += _contents(folder / "again.npz") != _contents(folder / "m.npz") or not first
    return float(wrong)


def _contents(path: Path) -> Any:
    """Return header and arrays of a file, for comparison."""
    header, arrays = files.read(path, "model")
    return header, {name: (value.dtype, value.tobytes()) for name, value in arrays.items()}


@claim(
    "a loaded model can be trained again, to the same bits as the one that was saved",
    op="save",
    level="meaning",
    method="fit of both, and fine-tuning of a stack that goes on",
    tolerance=0,
)
def _trained_again(subject: Subject, rng: np.random.Generator) -> float:
    x, wrong = rng.random((ROWS, FEATURES)), 0
    with _folder() as folder:
        for name, options in (STORED[1], STORED[6], STORED[9]):
            model = getattr(subject.models, name)(**{**COMMON, "epochs": 2, **options}).fit(x)
            model.save(folder / "m.npz")
            for each in (both := [model, subject.models.load(folder / "m.npz")]):
                each.fine_tune(x) if name == "StackedAutoencoder" else each.fit(x)
            wrong += int((both[0].parameters_.flat != both[1].parameters_.flat).sum())
            wrong += both[0].history_["loss"] != both[1].history_["loss"]
    return float(wrong)


@claim(
    "a damaged file is noticed, whichever byte it is",
    op="save",
    level="meaning",
    method="one bit of every seventh byte changed, and of all of the checksum; the file cut short",
    tolerance=0,
)
def _damaged(subject: Subject, rng: np.random.Generator) -> float:
    options = {**COMMON, "hidden_sizes": (), "latent_dim": 1, "epochs": 1}
    model, unnoticed = subject.models.Autoencoder(**options).fit(rng.random((ROWS, FEATURES))), 0
    with _folder() as folder:
        path = folder / "m.npz"
        model.save(path)
        content = path.read_bytes()
        places = {*range(0, len(content), 7), *range(len(content) - 90, len(content))}
        broken = [content[:i] + bytes([content[i] ^ 1 << i % 8]) + content[i + 1 :] for i in sorted(places)]
        for damaged in [*broken, *(content[:-cut] for cut in (1, 40, 200)), content + b"\0"]:
            path.write_bytes(damaged)
            try:
                subject.models.load(path)
            except FileFormatError:
                continue
            unnoticed += 1
        path.write_bytes(content)
        return float(unnoticed + _differing(model, subject.models.load(path)))


class KilledError(Exception):
    """Simulates that a run is killed."""


class Killing:
    """A callback that kills a run in a given epoch, counted from 1, before the checkpoint is written.

    Parameters
    ----------
    epoch : int
    """

    def __init__(self, epoch: int) -> None:
        self.epoch = epoch

    def __call__(self, model: Any) -> None:
        """Raise `Killed` in the given epoch."""
        if len(model.history_["loss"]) == self.epoch:
            raise KilledError


RESUMED: list[
    tuple[str, dict[str, Any], tuple[int, ...]]
] = [  # model, options, and the epochs in which the run is killed
    ("Autoencoder", {"latent_dim": 3, "hidden_sizes": (5,), "optimizer": "adam", "weight_decay": 0.1}, (2, 3, 6)),
    ("Autoencoder", {"latent_dim": 3, "output_activation": "tanh", "likelihood": "gaussian"}, (4,)),
    ("Autoencoder", {"latent_dim": 3, "optimizer": training.Momentum(0.7)}, (2, 5)),
    ("Autoencoder", {"latent_dim": 3, "optimizer": "sgd", "learning_rate": 0.1}, (4,)),
    ("Autoencoder", {"latent_dim": 3, "optimizer": training.LBFGS(restart=2)}, (3, 4, 6)),
    ("DenoisingAutoencoder", {"latent_dim": 3}, (3,)),
    (
        VAE,
        {"hidden_sizes": (5,), "latent_dim": 2, "n_samples": 2, "beta": 0.2, "warm_up": 5, "binarize": "dynamic"},
        (3, 4),
    ),
    (
        "ImportanceWeightedAutoencoder",
        {"hidden_sizes": (5,), "latent_dim": 2, "optimizer": "momentum", "learning_rate": 1e-3},
        (3,),
    ),
    (CVAE, {"hidden_sizes": (5,), "latent_dim": 2, "beta": 0.2, "kl": "sampled"}, (3,)),
    ("StackedClassifier", {"hidden_sizes": (5,)}, (3,)),
]


def _run(subject: Subject, name: str, options: dict[str, Any], x: Array, path: Path, kill: int = 0) -> tuple[Any, Any]:
    """Return a run of six epochs with a checkpoint after each, killed in one of them and resumed, and its callback."""
    y = np.arange(len(x)) % 3
    held = (x[:7], y[:7]) if name in ("StackedClassifier", CVAE) else x[:7]
    for epoch in (kill, 0) if kill else (0,):
        model = getattr(subject.models, name)(**{**COMMON, "epochs": 6, **options})
        stop = training.EarlyStopping(patience=10)
        callbacks = [stop, Killing(epoch)] if epoch else [stop]
        try:
            model.fit(x, y, validation_data=held, callbacks=callbacks, checkpoint=path, resume=bool(kill))
        except KilledError:
            continue
    return model, stop


def _kept(path: Path) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the contents of a checkpoint, except for the times."""
    header, arrays = files.read(path, "checkpoint")
    header["history"].pop("seconds")
    return header, {name: value.tolist() for name, value in arrays.items()}


@claim(
    "a run that was killed and resumed ends with the same bits as one that was not",
    op="checkpoint",
    level="meaning",
    method="every optimiser, killed in several epochs: parameters, history, the optimiser's state and EarlyStopping's memory",
    tolerance=0,
)
def _resumed(subject: Subject, rng: np.random.Generator) -> float:
    x, wrong = rng.random((ROWS, FEATURES)), 0
    with _folder() as folder, lowered(loop, CHECKPOINT_SECONDS=0.0):
        for number, (name, options, epochs) in enumerate(RESUMED):
            for room in ("numba", "numpy") if name == "Autoencoder" and number < 3 else ("numba",):
                with on_backend(room):
                    whole, stop = _run(subject, name, options, x, folder / f"whole.{number}.{room}.npz")
                    for kill in epochs:
                        path = folder / f"{number}.{kill}.{room}.npz"
                        resumed, other = _run(subject, name, options, x, path, kill)
                        seconds = [model.history_.pop("seconds") for model in (resumed,)][0]
                        expected = {key: values for key, values in whole.history_.items() if key != "seconds"}
                        wrong += len(seconds) != 6 or bool((np.diff(seconds) <= 0).any())
                        wrong += resumed.history_ != expected
                        wrong += int((resumed.parameters_.flat != whole.parameters_.flat).sum())
                        wrong += (other.best, other.best_epoch) != (stop.best, stop.best_epoch)
                        wrong += _kept(path) != _kept(folder / f"whole.{number}.{room}.npz")
    return float(wrong)


@claim(
    "a checkpoint is resumed from where it was, and made longer",
    op="checkpoint",
    level="meaning",
    method="epochs that are run, counted; a finished run resumed runs none; a longer one the rest",
    tolerance=0,
)
def _goes_on(subject: Subject, rng: np.random.Generator) -> float:
    x, seen, wrong = rng.random((ROWS, FEATURES)), [], 0

    def watch(model: Any) -> None:
        seen.append(len(model.history_["loss"]))

    with _folder() as folder, on_backend("numba"):
        run = {"callbacks": [watch], "checkpoint": folder / "run.npz"}
        for epochs, expected in ((3, [1, 2, 3]), (3, []), (5, [4, 5])):
            seen.clear()
            model = subject.models.Autoencoder((5,), 3, epochs=epochs, **COMMON).fit(x, **run, resume=True)
            wrong += seen != expected or len(model.history_["loss"]) != epochs
        header, _ = files.read(folder / "run.npz", "checkpoint")
        wrong += header["epoch"] != 5 or header["step"] != 5 * 6  # six batches of 22 rows, the last of two
        whole = subject.models.Autoencoder((5,), 3, epochs=5, **COMMON).fit(x)
        wrong += int((whole.parameters_.flat != model.parameters_.flat).sum())
        for other in ({"learning_rate": 2e-2}, {"random_state": 4}, {"weight_decay": 0.1}):  # another run
            try:
                subject.models.Autoencoder((5,), 3, **{**COMMON, "epochs": 6, **other}).fit(x, **run, resume=True)
                wrong += 1
            except ValueError:
                continue
    return float(wrong)


@claim(
    "a run of L-BFGS that is made longer goes on from where it stopped, and begins afresh where it always does",
    op="checkpoint",
    level="meaning",
    method="3 iterations and then to 6, against 3, then 4, then 6: the memory is emptied at multiples of `restart`, too",
    tolerance=0,
)
def _longer(subject: Subject, rng: np.random.Generator) -> float:
    x, ends = rng.random((ROWS, FEATURES)), []
    options = {"latent_dim": 3, "hidden_sizes": (5,), "optimizer": training.LBFGS(restart=2), "dtype": "float64"}
    with _folder() as folder, lowered(loop, CHECKPOINT_SECONDS=0.0):
        for number, stages in enumerate(((3, 6), (3, 4, 6), (3, 5, 6))):
            for epochs in stages:
                model = subject.models.Autoencoder(epochs=epochs, random_state=3, **options)
                model.fit(x, checkpoint=folder / f"{number}.npz", resume=True)
            ends.append(model.parameters_.flat)
    return float((ends[0] != ends[1]).sum() + (ends[0] == ends[2]).all())


@claim(
    "a run of L-BFGS that has nothing to gain says so by one epoch, and stops",
    op="Autoencoder",
    level="meaning",
    method="rows of zeros, which a linear model without biases reconstructs from the beginning",
    tolerance=0,
)
def _nothing_to_gain(subject: Subject, rng: np.random.Generator) -> float:
    wrong = 0
    for room in ("numba", "numpy"):
        with on_backend(room):
            options = {"hidden_sizes": (), "latent_dim": 2, "activation": "identity", "likelihood": "gaussian"}
            model = subject.models.Autoencoder(**options, optimizer="lbfgs", epochs=7, random_state=3)
            wrong += model.fit(np.zeros((ROWS, FEATURES))).history_["loss"] != [0.0]
    return float(wrong)


STOPS: list[
    tuple[int, float, list[float], int, int]
] = [  # patience, min_delta, losses, the best epoch, and the last epoch
    (2, 0.0, [5, 4, 3, 3.5, 3.2, 1], 3, 5),
    (1, 0.0, [5, 4, 4, 1], 2, 3),
    (3, 0.0, [5, 6, 7, 8, 1], 1, 4),
    (2, 0.0, [5, 6, 4, 6, 3, 6, 6, 1], 5, 7),
    (3, 0.5, [5.0, 4.75, 4.5, 4.25, 4.0], 4, 0),
    (2, 0.5, [5.0, 4.75, 4.5, 1], 1, 3),
    (3, 0.0, [5, 4, 3], 3, 0),
]


@claim(
    "EarlyStopping counts the epochs without improvement, and goes back to the best",
    op="EarlyStopping",
    level="meaning",
    method="losses given one by one: epoch of the stop, best epoch, its loss and its parameters; and restarted",
    tolerance=0,
)
def _stops(subject: Subject, rng: np.random.Generator) -> float:
    usual = training.EarlyStopping()
    wrong = int((usual.patience, usual.min_delta, usual.monitor) != (5, 0.0, "val_loss"))
    for patience, min_delta, losses, best, last in STOPS:
        stop = training.EarlyStopping(patience, min_delta, monitor="val_loss")
        for again in (False, True):  # the second run does not use the state of the first
            if again:
                stop.start()
            parameters = Parameters({"W": (2,)}, np.float64)
            model = SimpleNamespace(history_={"val_loss": [], "loss": []}, _parameters=parameters)
            stopped = 0
            for epoch, loss in enumerate(losses, start=1):
                model.history_["val_loss"].append(loss)
                model.history_["loss"].append(-epoch)
                parameters.flat[:] = epoch
                if stop(model):
                    stopped = epoch
                    break
            stop.finish(model)
            wrong += (stopped, stop.best_epoch) != (last, best) or stop.best != losses[best - 1]
            wrong += int((parameters.flat != best).sum())
    return float(wrong)


@claim(
    "a run that stops early ends as one of its best epoch",
    op="EarlyStopping",
    level="meaning",
    method="parameters of a run of that many epochs; history as long as the best epoch and the patience; both backends",
    tolerance=0,
)
def _ends(subject: Subject, rng: np.random.Generator) -> float:
    x, held_out, wrong = rng.random((12, FEATURES)), rng.random((30, FEATURES)), 0
    for room in ("numba", "numpy"):
        with on_backend(room):
            options = {
                **COMMON,
                "hidden_sizes": (30,),
                "latent_dim": 6,
                "learning_rate": 3e-2,
                "learning_rate_decay": 1.0,
            }
            stop = training.EarlyStopping(patience=3)
            model = subject.models.Autoencoder(epochs=200, **options)
            model.fit(x, validation_data=held_out, callbacks=[stop])
            losses = model.history_["val_loss"]
            wrong += (
                len(losses) != stop.best_epoch + 3 or len(losses) == 200 or stop.best_epoch != np.argmin(losses) + 1
            )
            best = subject.models.Autoencoder(epochs=stop.best_epoch, **options).fit(x)
            wrong += int((best.parameters_.flat != model.parameters_.flat).sum())
    return float(wrong)
