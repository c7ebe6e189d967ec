"""Claims about the results of the studies: accuracies with pre-training, directions of attributes, changes along a walk, fitted factors."""

from __future__ import annotations

import tempfile
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np

from scratchae import studies
from scratchae.studies.pretraining import balanced_rows
from scratchae.verify.autoencoder import on_backend
from scratchae.verify.claims import Subject, claim
from scratchae.verify.derivatives import Array, entrywise_error


@claim(
    "labelled rows are drawn evenly from the classes, none twice, by chance",
    op="PretrainingStudy",
    level="value",
    method="counts of each class, where there is enough of it and where not",
    tolerance=0,
)
def _balanced(subject: Subject, rng: np.random.Generator) -> float:
    y, wrong = rng.permutation(np.repeat([0, 1, 2], [4, 20, 30])), 0
    for count, expected in ((3, [1, 1, 1]), (12, [4, 4, 4]), (24, [4, 10, 10]), (50, [4, 20, 26]), (54, [4, 20, 30])):
        rows = balanced_rows(y, count, np.random.default_rng(1))
        wrong += np.bincount(y[rows], minlength=3).tolist() != expected or len(set(rows.tolist())) != count
    uneven = np.sort(np.bincount(y[balanced_rows(y, 11, rng)])).tolist() != [3, 4, 4]
    drawn = [tuple(np.sort(balanced_rows(y, 24, np.random.default_rng(seed)))) for seed in (1, 1, 2)]
    return float(wrong + uneven + (drawn[0] != drawn[1]) + (drawn[0] == drawn[2]))


@claim(
    "a study of pre-training reports the accuracies of its models, and the third arm gets the work of the pre-training",
    op="PretrainingStudy",
    level="value",
    method="the same models made one by one; updates counted by multiplications; kept results are not made again",
    tolerance=0,
)
def _study(subject: Subject, rng: np.random.Generator) -> float:
    centres = rng.random((3, 6))
    x = np.clip(centres[np.arange(60) % 3] + 0.25 * rng.standard_normal((60, 6)), 0, 1).astype(np.float32)
    y, train, test = np.arange(60) % 3, slice(40), slice(40, 60)
    setting = studies.Setting((5, 4), "tanh", 0.4, pretrain_epochs=2, updates=7, batch_size=8, learning_rate=0.02)
    lines: list[str] = []
    wrong, counts, seeds = 0, (9, 20), (2, 5)
    with tempfile.TemporaryDirectory() as folder, on_backend("numpy"):
        data = x[train], y[train], x[test], y[test], counts, seeds, setting, Path(folder) / "kept.npz"
        study = studies.PretrainingStudy(*data)
        study.run(lines.append)
        again = studies.PretrainingStudy(*data)
        again.run(lines.append)
        wrong += len(lines) != 2 * (1 + 2 * 3) or again.results != study.results
        shared = {"batch_size": 8, "learning_rate": 0.02}
        # Two epochs of 40 rows through encoders and decoders 6-5 and 5-4, against updates of 8 rows through 6-5-4-3.
        extra = round(2 * 40 * 2 * (30 + 20) / (8 * (30 + 20 + 12)))
        for j, seed in enumerate(seeds):
            stack = subject.models.StackedAutoencoder(
                (5, 4), activation="tanh", corruption_level=0.4, pretrain_epochs=2, random_state=seed, **shared
            ).pretrain(x[train])
            for i, count in enumerate(counts):
                rows = balanced_rows(y[train], count, np.random.default_rng([seed, count]))
                batches = {9: 2, 20: 3}[count]
                epochs = [-(-updates // batches) for updates in (7, 7, 7 + extra)]
                alone = [
                    subject.models.StackedClassifier((5, 4), "tanh", 3, epochs=e, random_state=seed, **shared)
                    for e in epochs
                ]
                alone[0] = stack.to_classifier(3, epochs=epochs[0], **shared)
                for arm, model in zip(studies.ARMS, alone, strict=True):
                    right = (model.fit(x[rows], y[rows]).predict(x[test]) == y[test]).mean()
                    wrong += study.accuracies(arm)[i, j] != right
        wrong += study.extra_updates() != extra
    usual = studies.Setting((200, 200), "sigmoid", 0.3, 10, 4000, 100, 1e-3)
    wrong += studies.Setting() != usual or studies.PretrainingStudy(x, y, x, y, counts).seeds != [0, 1, 2, 3, 4]
    return float(wrong)


def _codes_and_attributes(rng: np.random.Generator) -> tuple[Array, Array, Array]:
    """Return correlated codes of unequal spread, an attribute half explained by them, and two attributes correlated with it."""
    z = rng.standard_normal((300, 4)) @ rng.standard_normal((4, 4)) * [1, 0.1, 3, 1] + 2
    first = z @ [0.7, 2.0, -0.3, 0.1] + rng.standard_normal(300) + 5
    others = np.column_stack([z @ [0.2, 1.0, 0.4, -0.6], 0.5 * first]) + rng.standard_normal((300, 2))
    return z, first, others


@claim(
    "an attribute's direction is the shortest step that changes it by one deviation and keeps the others",
    op="attribute_direction",
    level="value",
    method="quadratic programme solved by its Lagrange equations; R² as a correlation, squared; spread as numpy.std",
    tolerance=1e-10,
)
def _direction(subject: Subject, rng: np.random.Generator) -> float:
    z, first, others = _codes_and_attributes(rng)
    worst = 0.0
    for keep in (None, others[:, :1], others):
        attributes = first[:, None] if keep is None else np.column_stack([first, keep])
        K = attributes.shape[1]
        fit, *_ = np.linalg.lstsq(np.column_stack([np.ones(300), z]), attributes, rcond=None)
        slopes = fit[1:] / attributes.std(axis=0)
        lagrange = np.block([[np.linalg.inv(np.cov(z.T, ddof=0)), slopes], [slopes.T, np.zeros((K, K))]])
        step = np.linalg.solve(lagrange, np.eye(4 + K)[4])[:4]
        predicted = np.column_stack([np.ones(300), z]) @ fit[:, 0]
        got = studies.attribute_direction(z, first, keep)
        pairs = [
            (got.direction, step),
            (np.array(got.explained), np.array(np.corrcoef(predicted, first)[0, 1] ** 2)),
            (np.array(got.spread), np.array(first.std())),
        ]
        worst = max(worst, *(entrywise_error(a, b, 0.1) for a, b in pairs))
    return worst


@claim(
    "a walk decodes each row's code moved by every step, and its changes are slopes in deviations",
    op="attribute_direction",
    level="value",
    method="by hand, image by image; numpy.polyfit, and counting of rows that rise throughout",
    tolerance=1e-12,
)
def _walk(subject: Subject, rng: np.random.Generator) -> float:
    A = rng.standard_normal((3, 6))
    model = SimpleNamespace(encode=lambda x: x[:, :3] * 2, decode=lambda z: np.tanh(z @ A))
    x, direction, steps = rng.random((5, 6)), rng.standard_normal(3), np.array([2.0, -1.0, 0.0, 0.5])
    images = studies.walk(model, x, direction, steps)
    expected = np.array([[np.tanh((2 * row[:3] + t * direction) @ A) for t in steps] for row in x])
    found = studies.AttributeDirection(direction, 0.5, 1.0)
    classes = np.arange(5)
    told = SimpleNamespace(encode=lambda x, y: x[:, :3] + y[:, None], decode=lambda z, y: z @ A * (1 + y[:, None]))
    of_classes = np.array([[(row[:3] + k + t * direction) @ A * (1 + k) for t in steps] for k, row in enumerate(x)])
    worst = entrywise_error(studies.walk(told, x, direction, steps, classes), of_classes, 1.0)
    worst = max(
        worst,
        entrywise_error(images, expected, 1.0),
        entrywise_error(studies.walk(model, x, found, steps), expected, 1.0),
    )
    measures: dict[str, Any] = {"first": lambda v: v[:, 0], "power": lambda v: (v**2).sum(axis=1)}
    changes = studies.measured_changes(images, steps, measures, {"first": 0.3, "power": 2.0})
    in_order = np.argsort(steps)
    for name, spread in (("first", 0.3), ("power", 2.0)):
        values = np.array([[measures[name](image[None])[0] for image in row] for row in expected])
        slope = np.mean([np.polyfit(steps, row, 1)[0] for row in values]) / spread
        rising = sum(all(b > a for a, b in zip(row[in_order], row[in_order][1:], strict=False)) for row in values) / 5
        pairs = [(changes[name].values, values), (changes[name].per_step, slope), (changes[name].rising, rising)]
        worst = max(worst, *(entrywise_error(np.array(a), np.array(b), 1.0) for a, b in pairs))
    return worst


@claim(
    "fitted_factors finds the factors whose drawing is nearest, within their ranges",
    op="fitted_factors",
    level="value",
    method="linear drawings against scipy.optimize.lsq_linear, several optima at the ends; curved ones against the factors they were drawn from",
    tolerance=1e-6,
)
def _fitted(subject: Subject, rng: np.random.Generator) -> float:
    from scipy.optimize import lsq_linear

    A, ranges, worst = rng.standard_normal((3, 8)), [(-1.0, 2.0), (0.0, 0.5), (3.0, 10.0)], 0.0
    low, high = np.array(ranges).T
    made = low + (high - low) * (1.6 * rng.random((12, 3)) - 0.3)  # some outside their ranges
    images = made @ A + 0.1 * rng.standard_normal((12, 8))
    got = studies.fitted_factors(
        images, lambda factors: factors @ A, np.tile((low + high) / 2, (12, 1)), ranges, rounds=60
    )
    expected = np.array([lsq_linear(A.T, image, (low, high), tol=1e-14).x for image in images])
    if not ((expected < low + 1e-9) | (expected > high - 1e-9)).any():
        return np.inf
    worst = float(abs((got - expected) / (high - low)).max())
    inside = low + (high - low) * rng.uniform(0.2, 0.8, (12, 3))

    def curved(factors: Array) -> Array:
        return np.sin(factors / 4 @ A) + factors @ A

    got = studies.fitted_factors(curved(inside), curved, inside + 0.1 * (high - low), ranges, rounds=60)
    begun = studies.fitted_factors(
        curved(inside), curved, inside, ranges, rounds=0
    )  # the search starts from the given factors
    worst = max(worst, float(abs(begun - inside).max()))
    return max(worst, float(abs((got - inside) / (high - low)).max()))


def _searched(image: Array, draw: Any, start: Array, ranges: list[tuple[float, float]], rounds: int) -> list[Array]:
    """Return the factors of one image after each round of the Levenberg-Marquardt method, computed one factor at a time."""
    low, high = np.array(ranges).T
    u, damping, K, stands = (start - low) / (high - low), 0.01, len(ranges), []

    def residual(u: Array) -> Array:
        return np.asarray(draw((low + u * (high - low))[None])[0] - image)

    for _ in range(rounds):
        r, columns = residual(u), []
        for k in range(K):
            ahead, behind = u.copy(), u.copy()
            ahead[k], behind[k] = min(u[k] + 0.02, 1), max(u[k] - 0.02, 0)
            columns.append((residual(ahead) - residual(behind)) / (ahead[k] - behind[k]))
        slope = [float(column @ r) for column in columns]  # of half the squared error
        held = [k for k in range(K) if (u[k] <= 0 and slope[k] > 0) or (u[k] >= 1 and slope[k] < 0)]
        free = [k for k in range(K) if k not in held]
        squares = np.array([[columns[i] @ columns[j] for j in free] for i in free])
        tried = u.copy()
        if free:
            damped = squares + np.eye(len(free)) * (damping * np.trace(squares) / K + 1e-12)
            tried[free] = np.clip(u[free] - np.linalg.solve(damped, [slope[k] for k in free]), 0, 1)
        if (residual(tried) ** 2).sum() < (r**2).sum():
            u, damping = tried, damping / 3
        else:
            damping *= 5
        stands.append(low + u * (high - low))
    return stands


@claim(
    "fitted_factors corrects each image by itself, by damped least squares",
    op="fitted_factors",
    level="value",
    method="Levenberg and Marquardt's rounds by hand, image by image, some of them refused, some at the end of a range",
    tolerance=1e-9,
)
def _corrected(subject: Subject, rng: np.random.Generator) -> float:
    A, ranges, worst, refused = rng.standard_normal((3, 8)), [(-1.0, 2.0), (0.0, 0.5), (3.0, 10.0)], 0.0, 0
    low, high = np.array(ranges).T

    def curved(factors: Array) -> Array:
        return np.asarray(np.sin(3 * factors @ A) + 0.3 * factors @ A)

    start = low + (high - low) * rng.choice([0.0, 0.01, 0.3, 0.5, 0.8, 1.0], (9, 3))
    images = curved(low + (high - low) * rng.random((9, 3)))
    by_hand = [_searched(image, curved, first, ranges, 6) for image, first in zip(images, start, strict=True)]
    for rounds in range(1, 7):
        got = studies.fitted_factors(images, curved, start, ranges, rounds=rounds)
        stands = np.array([stand[rounds - 1] for stand in by_hand])
        before = np.array([stand[rounds - 2] for stand in by_hand]) if rounds > 1 else start
        refused += int((stands == before).all(axis=1).sum())
        worst = max(worst, float(abs((got - stands) / (high - low)).max()))
    return worst if 5 < refused < 40 else np.inf
