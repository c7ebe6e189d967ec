"""Measure the default options on small tables: the numbers of which-model.md, and the figures of the rules for "auto".

    python docs/defaults.py                  all parts, some minutes on an idle machine
    python docs/defaults.py classifiers      one part: autoencoders, classifiers, models, few, others, steps, ends

It needs scikit-learn, from which the tables come. Tables are standardised with the training rows, pixels are divided by 16. Seconds are those
of the processor, of all threads together, without compilation.
"""

from __future__ import annotations

import sys
import time
import warnings
from typing import Any

import numpy as np
from sklearn import datasets
from sklearn.decomposition import PCA
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold, train_test_split
from sklearn.neural_network import MLPClassifier
from sklearn.preprocessing import StandardScaler

import scratchae as sae
from scratchae.training.convergence import STILL_FALLING, falling_share

Array = np.ndarray
NAMES = ("iris", "wine", "breast_cancer", "diabetes", "digits")
CODES = (2, 3, 8, 16)
SEEDS = 5


def scaled(name: str, train: Array, other: Array) -> tuple[Array, Array]:
    """Return training rows and others, standardised by the training rows, or as pixels in [0, 1]."""
    if name == "digits":
        return train / 16, other / 16
    scaler = StandardScaler().fit(train)
    return scaler.transform(train), scaler.transform(other)


def table(name: str, seed: int = 0) -> tuple[Array, Array, Array]:
    """Return training rows, held-out rows (a fifth), and the labels of the training rows."""
    data = getattr(datasets, f"load_{name}")()
    x, held_out, y, _ = train_test_split(data.data, data.target, test_size=0.2, random_state=seed)
    return *scaled(name, x, held_out), y


def error(x: Array, back: Array) -> float:
    """Return the mean over the rows of the squared error."""
    return float(((x - back) ** 2).sum(axis=1).mean())


def timed_fit(model: Any, *data: Array) -> tuple[Any, float]:
    """Return the fitted model and the processor seconds."""
    began = time.process_time()
    return model.fit(*data), time.process_time() - began


def print_table(heads: list[str], rows: list[list[str]]) -> None:
    """Print a table in Markdown."""
    print("| " + " | ".join(heads) + " |\n|" + " --- |" * len(heads))
    for row in rows:
        print("| " + " | ".join(row) + " |", flush=True)
    print()


def autoencoders() -> None:
    """`Autoencoder(latent_dim=J, likelihood=…)` against PCA of the same size."""
    rows = []
    for name in NAMES:
        x, held_out, _ = table(name)
        for likelihood in ("gaussian", *(["bernoulli"] if name == "digits" else [])):
            for J in (J for J in CODES if x.shape[1] > J):
                pca = PCA(J).fit(x)
                sets = (x, held_out)
                linear = [error(part, pca.inverse_transform(pca.transform(part))) for part in sets]
                model, seconds = timed_fit(sae.Autoencoder(latent_dim=J, likelihood=likelihood, random_state=0), x)
                found = [error(part, model.reconstruct(part)) for part in sets]
                ratios = [f"{a / b:.2f}" for a, b in zip(found, linear, strict=True)]
                size = f"{model.n_iter_:,}"
                rows.append(
                    [
                        name,
                        likelihood,
                        str(len(x)),
                        str(J),
                        size,
                        f"{linear[0]:.4g}",
                        f"{found[0]:.4g}",
                        *ratios,
                        f"{seconds:.1f}",
                    ]
                )
    heads = [
        "data",
        "likelihood",
        "rows",
        "code",
        "epochs",
        "PCA",
        "Autoencoder",
        "ratio",
        "ratio, held-out rows",
        "seconds",
    ]
    print_table(heads, rows)


def classifiers() -> None:
    """`StackedClassifier()` against scikit-learn's classifiers with their defaults: accuracy, 5 folds, 5 seeds."""
    rows = []
    for name in ("iris", "wine", "breast_cancer", "digits"):
        data = getattr(datasets, f"load_{name}")()
        scores: dict[str, list[float]] = {}
        longest = 0.0
        for seed in range(SEEDS):
            for train, test in StratifiedKFold(5, shuffle=True, random_state=seed).split(data.data, data.target):
                x, held_out = scaled(name, data.data[train], data.data[test])
                for model in (
                    sae.StackedClassifier(random_state=seed),
                    MLPClassifier(random_state=seed),
                    LogisticRegression(),
                ):
                    _, seconds = timed_fit(model, x, data.target[train])
                    scores.setdefault(type(model).__name__, []).append(model.score(held_out, data.target[test]))
                    longest = max(longest, seconds) if isinstance(model, sae.StackedClassifier) else longest
        own, *others = (float(np.mean(values)) for values in scores.values())
        rows.append(
            [name, f"{own:.4f}", *(f"{value:.4f}" for value in others), f"{own - max(others):+.4f}", f"{longest:.1f}"]
        )
    print_table(
        [
            "data",
            "StackedClassifier",
            "MLPClassifier",
            "LogisticRegression",
            "difference to the better",
            "seconds of the longest fit",
        ],
        rows,
    )


def every_model() -> dict[str, dict[str, Any]]:
    """Return the options, besides the likelihood, with which each model is measured: those that the task asks for, or none."""
    learned = {"variance": "learned"}
    return {
        "Autoencoder": {}, "DenoisingAutoencoder": {}, "SparseAutoencoder": {}, "KSparseAutoencoder": {}, "ContractiveAutoencoder": {},
        "WassersteinAutoencoder": {}, "StackedAutoencoder": {}, "VariationalAutoencoder": learned, "ImportanceWeightedAutoencoder": learned,
        "ConditionalVariationalAutoencoder": learned,
    }  # fmt: skip


def models() -> None:
    """Every model with its defaults: squared error as a share of that of the mean alone; training and held-out rows."""
    columns: dict[str, list[str]] = {}
    for name in ("iris", "breast_cancer", "digits", "breast_cancer, raw"):
        raw = name.endswith("raw")
        x, held_out, y = table(name.split(",")[0])
        if raw:
            x, held_out = train_test_split(datasets.load_breast_cancer().data, test_size=0.2, random_state=0)
        for kind, options in every_model().items():
            with warnings.catch_warnings():
                warnings.simplefilter("ignore" if raw else "default")
                model, seconds = timed_fit(getattr(sae, kind)(likelihood="gaussian", random_state=0, **options), x, y)
            labels = [y] if model.needs_labels else []
            share = error(x, model.reconstruct(x, *labels)) / error(x, x.mean(axis=0))
            later = (
                ""
                if labels
                else f" / {error(held_out, model.reconstruct(held_out)) / error(held_out, x.mean(axis=0)):.2g}"
            )
            columns.setdefault(kind, []).append(f"{share:.2g}{later} ({seconds:.1f} s)")
    print_table(
        ["model", "iris", "breast_cancer", "digits", "breast_cancer, not standardised"],
        [[k, *v] for k, v in columns.items()],
    )


def steps() -> None:
    """Ratio to PCA of the same size for batch sizes and numbers of steps: training rows / held-out rows."""
    rows = []
    for name in NAMES:
        x, held_out, _ = table(name)
        for J in (2, 3 if name == "iris" else 8):
            pca = PCA(J).fit(x)
            linear = [error(part, pca.inverse_transform(pca.transform(part))) for part in (x, held_out)]
            for batch in (8, 32, 128):
                found = []
                for count in (500, 2000, 5000, 10_000):
                    epochs = max(1, round(count / np.ceil(len(x) / batch)))
                    options = {"latent_dim": J, "likelihood": "gaussian", "batch_size": batch, "epochs": epochs}
                    model = sae.Autoencoder(**options, random_state=0).fit(x)
                    found.append(
                        " / ".join(
                            f"{error(p, model.reconstruct(p)) / e:.2f}"
                            for p, e in zip((x, held_out), linear, strict=True)
                        )
                    )
                rows.append([name, str(J), str(batch), *found])
    print_table(["data", "code", "batch", "500 steps", "2,000", "5,000", "10,000"], rows)


def few() -> None:
    """Options for few rows: ratio to PCA of the same size, training rows / held-out rows."""
    kinds: dict[str, dict[str, Any]] = {
        "defaults": {}, "activation=\"tanh\"": {"activation": "tanh"}, "weight_decay=0.01": {"weight_decay": 0.01},
        "hidden_sizes=(32,)": {"hidden_sizes": (32,)}, "EarlyStopping(50)": {},
        "linear, lbfgs": {"hidden_sizes": (), "activation": "identity", "optimizer": "lbfgs"},
    }  # fmt: skip
    rows = []
    for name in NAMES[:4]:
        x, held_out, _ = table(name)
        for J in (J for J in CODES[:3] if x.shape[1] > J):
            pca, found = PCA(J).fit(x), []
            for kind, options in kinds.items():
                model = sae.Autoencoder(latent_dim=J, likelihood="gaussian", random_state=0, **options)
                if kind.startswith("Early"):
                    part, watched = train_test_split(x, test_size=0.2, random_state=1)
                    model.fit(part, validation_data=watched, callbacks=[sae.EarlyStopping(50)])
                else:
                    model.fit(x)
                found.append(
                    " / ".join(
                        f"{error(p, model.reconstruct(p)) / error(p, pca.inverse_transform(pca.transform(p))):.2f}"
                        for p in (x, held_out)
                    )
                )
            rows.append([name, str(J), *found])
    print_table(["data", "code", *kinds], rows)


def windows(rows: int = 2500, length: int = 64) -> tuple[Array, Array]:
    """Return windows of a sum of two waves of varying frequency, phase and height, with noise: training and held-out rows."""
    rng, t = np.random.default_rng(0), np.arange(length)
    waves = (rng.uniform(0.5, 1.5, rows), rng.uniform(0.05, 0.25, rows), rng.uniform(0, 2 * np.pi, rows))
    height, frequency, phase = (values[:, None] for values in waves)
    x = (
        height * np.sin(frequency * t + phase)
        + 0.5 * np.sin(2 * frequency * t)
        + 0.1 * rng.standard_normal((rows, length))
    )
    return train_test_split(x, test_size=0.2, random_state=0)  # type: ignore[return-value]


def others() -> None:
    """Time windows, and many rows: ratio to PCA of the same size."""
    strokes = sae.make_strokes(8000, seed=0)
    sets = {
        "windows of 64 points": (*windows(), "gaussian"),
        "drawn digits, 28x28": (strokes.x_train, strokes.x_test, "bernoulli"),
    }
    rows = []
    for name, (x, held_out, likelihood) in sets.items():
        for J in (4, 16):
            pca = PCA(J).fit(x)
            model, seconds = timed_fit(sae.Autoencoder(latent_dim=J, likelihood=likelihood, random_state=0), x)
            ratios = [
                f"{error(p, model.reconstruct(p)) / error(p, pca.inverse_transform(pca.transform(p))):.2f}"
                for p in (x, held_out)
            ]
            rows.append([name, likelihood, f"{len(x):,}", str(J), str(model.n_iter_), *ratios, f"{seconds:.1f}"])
    print_table(["data", "likelihood", "rows", "code", "epochs", "ratio", "ratio, held-out rows", "seconds"], rows)


def ends() -> None:
    """Print how often cut runs get the warning about an early end, by the share of the decrease that was still ahead."""
    kinds: list[tuple[str, dict[str, Any]]] = [
        ("Autoencoder", {"latent_dim": 2, "likelihood": "gaussian"}), ("StackedClassifier", {}),
        ("DenoisingAutoencoder", {"likelihood": "gaussian"}), ("SparseAutoencoder", {"likelihood": "gaussian"}),
        ("VariationalAutoencoder", {"likelihood": "gaussian", "variance": "learned", "latent_dim": 2}),
    ]  # fmt: skip
    found: list[tuple[float, float, int]] = []
    for name in ("iris", "breast_cancer", "diabetes", "digits"):
        x, _, y = table(name)
        y = (y > np.median(y)).astype(int) if name == "diabetes" else y
        per_epoch = -(-len(x) // 32)
        for kind, options in kinds:
            model = getattr(sae, kind)(batch_size=32, epochs=10_000 // per_epoch, random_state=0, **options).fit(x, y)
            losses = np.array(model.history_["loss"])
            end = losses[-len(losses) // 10 :].mean()
            for count in (250, 350, 500, 700, 1000, 1400, 2000, 2800, 4000, 5000):
                cut = losses[: count // per_epoch]
                if len(cut) >= 4:
                    ahead = (cut[-max(1, len(cut) // 10) :].mean() - end) / (losses[0] - end)
                    found.append((ahead, falling_share(list(cut)), count))
    rows = []
    for low, high in ((-np.inf, 0.1), (0.1, 0.2), (0.2, 0.4), (0.4, np.inf)):
        shares = np.array([share for ahead, share, _ in found if low <= ahead < high])
        row = [f"{max(low, 0):.0%} to {min(high, 1):.0%}", str(len(shares)), f"{(shares > STILL_FALLING).mean():.0%}"]
        rows.append([*row, *(f"{np.quantile(shares, q):.3f}" for q in (0.1, 0.5, 0.9))])
    print_table(["decrease still ahead", "runs", "warned", "share: 10th percentile", "median", "90th"], rows)
    default = [share for _, share, count in found if count == 5000]
    print(
        f"After 5,000 steps: {sum(share > STILL_FALLING for share in default)} of {len(default)} runs warned, largest share {max(default):.3f}.\n"
    )


PARTS = {
    "autoencoders": autoencoders,
    "classifiers": classifiers,
    "models": models,
    "few": few,
    "others": others,
    "steps": steps,
    "ends": ends,
}

if __name__ == "__main__":
    for wanted in sys.argv[1:] or PARTS:
        warnings.filterwarnings("ignore", "(Autoencoder|StackedClassifier) ended after only 2 steps")
        warm = np.random.default_rng(0).random((40, 5))
        sae.Autoencoder(epochs=1, random_state=0, likelihood="gaussian").fit(warm)  # compiles
        sae.StackedClassifier(epochs=1, random_state=0).fit(warm, np.arange(40) % 2)
        PARTS[wanted]()
