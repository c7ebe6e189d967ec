"""Directions with a meaning: found where they are known, and what a walk along them changes, measured on the images that it makes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import scratchae as sae
from scratchae.datasets import moments
from scratchae.datasets.strokes import RANGES, draw_strokes
from scratchae.studies import attribute_direction, measured_changes, walk

SHAPE = (28, 28)
STEPS = np.linspace(-1.5, 1.5, 5)
FACTORS = list(RANGES)
MEASURES: dict[str, Callable[[Any], Any]] = {
    "slant": lambda x: moments.slant(x, SHAPE),
    "thickness": lambda x: moments.thickness(x, SHAPE),
    "size": lambda x: moments.size(x, SHAPE),
}


class Linear:
    """A linear model whose codes are known: x = z W."""

    def __init__(self, seed: int = 0) -> None:
        self.W = np.linalg.qr(np.random.default_rng(seed).standard_normal((8, 3)))[0].T

    def encode(self, x: Any) -> Any:
        return np.asarray(x) @ self.W.T

    def decode(self, z: Any) -> Any:
        return np.asarray(z) @ self.W


def known_codes(n: int = 4000) -> Any:
    """Codes with a spread of their own in each of three correlated dimensions."""
    rng = np.random.default_rng(1)
    return rng.standard_normal((n, 3)) @ np.array([[2.0, 0.5, 0.0], [0.0, 1.0, 0.3], [0.0, 0.0, 0.5]])


# ---------------------------------------------------------------------------------------------- where the direction is known


def test_a_linear_attribute_is_found_with_its_scale() -> None:
    z, weights = known_codes(), np.array([1.0, -2.0, 0.5])
    v = 7 + z @ weights
    found = attribute_direction(z, v)
    assert found.explained == pytest.approx(1) and found.spread == pytest.approx(v.std())
    assert weights @ found.direction == pytest.approx(v.std())  # a step of 1: one standard deviation
    sigma = np.cov(z.T, bias=True)
    np.testing.assert_allclose(found.direction, sigma @ weights / v.std())


def test_it_is_the_shortest_step_that_changes_the_attribute_so_much() -> None:
    z, weights = known_codes(), np.array([1.0, -2.0, 0.5])
    found, precision = attribute_direction(z, z @ weights), np.linalg.inv(np.cov(known_codes().T))
    aside = np.cross(weights, [0.3, 1.0, -1.0])  # changes the attribute by nothing
    length = [
        d @ precision @ d for d in (found.direction, found.direction + 0.1 * aside, found.direction - 0.1 * aside)
    ]
    assert length[0] < min(length[1:])


def test_noise_in_the_attribute_lowers_what_is_explained_and_keeps_the_direction() -> None:
    z, weights = known_codes(), np.array([1.0, -2.0, 0.5])
    clean = z @ weights
    noisy = clean + clean.std() * np.random.default_rng(2).standard_normal(len(z))
    found, exact = attribute_direction(z, noisy), attribute_direction(z, clean)
    assert found.explained == pytest.approx(0.5, abs=0.03)
    a, b = (d / np.linalg.norm(d) for d in (found.direction, exact.direction))
    assert a @ b > 0.99
    # One deviation of the noisy values is √2 of the clean ones.
    assert weights @ found.direction == pytest.approx(noisy.std(), rel=0.05)


def test_a_dimension_that_is_not_used_has_no_part_in_it() -> None:
    rng = np.random.default_rng(3)
    used, dead = rng.standard_normal((300, 2)), 1e-4 * rng.standard_normal((300, 5))
    found = attribute_direction(np.hstack([used, dead]), used[:, 0] + 0.5 * rng.standard_normal(300))
    assert np.abs(found.direction[2:]).max() < 1e-3 * abs(found.direction[0])


def test_attributes_that_are_not_correlated_leave_each_other_alone() -> None:
    z = known_codes()
    z -= z.mean(axis=0)
    first, second = z[:, 0], z[:, 1] - z[:, 0] * (z[:, 0] @ z[:, 1]) / (z[:, 0] @ z[:, 0])
    weights = np.linalg.lstsq(z, second, rcond=None)[0]
    assert abs(weights @ attribute_direction(z, first).direction) < 1e-9


def test_what_is_kept_stays_though_it_is_correlated() -> None:
    z = known_codes()
    first, second = z[:, 0], z[:, 0] + 0.5 * z[:, 1]
    alone, kept = attribute_direction(z, first), attribute_direction(z, first, second[:, None])
    weights = np.array([[1.0, 0.0, 0.0], [1.0, 0.5, 0.0]])
    np.testing.assert_allclose(weights @ kept.direction, [first.std(), 0], atol=1e-9)
    assert (weights @ alone.direction)[1] > 0.5 * second.std()
    assert kept.explained == pytest.approx(alone.explained) and kept.spread == pytest.approx(alone.spread)


def test_an_attribute_that_the_codes_do_not_tell_need_not_be_kept() -> None:
    z = np.array([[1.0], [1.0], [-1.0], [-1.0]])
    found = attribute_direction(z, z[:, 0], [[1.0], [-1.0], [1.0], [-1.0]])
    np.testing.assert_allclose(found.direction, [1.0])


def test_a_linear_walk_changes_what_it_is_meant_to_and_nothing_else() -> None:
    model, z = Linear(), np.random.default_rng(4).standard_normal((2000, 3))
    x = model.decode(z)
    found = attribute_direction(model.encode(x), z[:, 1])
    images = walk(model, x[:6], found, STEPS)
    assert images.shape == (6, 5, 8)
    np.testing.assert_allclose(images[:, 2], x[:6], atol=1e-12)  # step 0 is the row itself
    measures = {f"z{j}": (lambda rows, j=j: model.encode(rows)[:, j]) for j in range(3)}
    changes = measured_changes(images, STEPS, measures, {f"z{j}": float(z[:, j].std()) for j in range(3)})
    assert changes["z1"].per_step == pytest.approx(1) and changes["z1"].rising == 1
    assert abs(changes["z0"].per_step) < 0.05 and abs(changes["z2"].per_step) < 0.05
    assert changes["z1"].values.shape == (6, 5)


def test_steps_in_any_order_are_the_same_walk() -> None:
    images = np.arange(5.0)[None, :, None] * np.ones((2, 1, 1))
    order = np.array([3, 0, 4, 1, 2])
    for steps, rows in ((STEPS, images), (STEPS[order], images[:, order])):
        change = measured_changes(rows, steps, {"m": lambda x: x[:, 0]}, {"m": 2.0})["m"]
        assert change.per_step == pytest.approx(1 / 0.75 / 2) and change.rising == 1


def test_an_image_without_a_measure_is_seen_in_the_change() -> None:
    change = measured_changes(np.ones((1, 5, 2)), STEPS, {"m": lambda x: np.full(len(x), np.nan)}, {"m": 1.0})["m"]
    assert np.isnan(change.per_step) and change.rising == 0


# ---------------------------------------------------------------------------------------------- generated images


@pytest.fixture(scope="module")
def strokes() -> Any:
    return sae.make_strokes(1500, seed=0, test=100)


@pytest.fixture(scope="module")
def model(strokes: Any) -> Any:
    options = {"hidden_sizes": (96,), "latent_dim": 8, "batch_size": 50, "learning_rate": 2e-3, "epochs": 25}
    return sae.VariationalAutoencoder(**options, random_state=0).fit(strokes.x_train)


@pytest.mark.slow
@pytest.mark.parametrize("name", list(MEASURES))
def test_a_walk_changes_its_factor_on_the_generated_images(name: str, model: Any, strokes: Any) -> None:
    known = getattr(strokes.factors_train, name)
    found = attribute_direction(model.encode(strokes.x_train), known)
    assert found.explained > 0.5 and found.spread == pytest.approx(known.std())
    images = walk(model, strokes.x_test, found.direction, STEPS)
    spreads = {other: float(measure(strokes.x_train).std()) for other, measure in MEASURES.items()}
    changes = measured_changes(images, STEPS, MEASURES, spreads)
    assert changes[name].per_step > 0.4 and changes[name].rising > 0.6
    for other in set(MEASURES) - {name}:
        assert abs(changes[other].per_step) < changes[name].per_step / 2, other


def test_to_keep_the_others_changes_them_less(model: Any, strokes: Any) -> None:
    """Slant and thickness, made correlated by the choice of rows."""
    slant, thickness = strokes.factors_train.slant, strokes.factors_train.thickness
    rows = np.abs((slant / slant.std()) - (thickness - thickness.mean()) / thickness.std()) < 2
    codes, spread = model.encode(strokes.x_train[rows]), {"thickness": 0.5}
    changes = [
        measured_changes(
            walk(model, strokes.x_test, attribute_direction(codes, slant[rows], keep).direction, STEPS),
            STEPS,
            {"thickness": MEASURES["thickness"]},
            spread,
        )["thickness"].per_step
        for keep in (None, thickness[rows, None])
    ]
    assert abs(changes[1]) < 0.75 * changes[0]


def test_the_walk_along_slant_is_monotone_for_every_figure(model: Any, strokes: Any) -> None:
    found = attribute_direction(model.encode(strokes.x_train), strokes.factors_train.slant)
    images = walk(model, draw_strokes(np.arange(10), size=0.9, brightness=0.8), found.direction, STEPS)
    change = measured_changes(images, STEPS, {"slant": MEASURES["slant"]}, {"slant": 0.2})["slant"]
    assert change.rising >= 0.9 and np.diff(change.values, axis=1).mean() > 0


def test_a_walk_with_a_random_direction_changes_less(model: Any, strokes: Any) -> None:
    """The same regression on values that were shuffled: nothing is explained, and a step of the same length does little to the slant."""
    rng, known = np.random.default_rng(5), strokes.factors_train.slant
    codes = model.encode(strokes.x_train)
    found, none = attribute_direction(codes, known), attribute_direction(codes, rng.permutation(known))
    assert none.explained < 0.05 < found.explained
    other = none.direction * np.linalg.norm(found.direction) / np.linalg.norm(none.direction)
    spread = {"slant": float(MEASURES["slant"](strokes.x_train).std())}
    measure = {"slant": MEASURES["slant"]}
    slopes = [
        abs(measured_changes(walk(model, strokes.x_test, d, STEPS), STEPS, measure, spread)["slant"].per_step)
        for d in (found.direction, other)
    ]
    assert slopes[1] < slopes[0] / 2


def test_a_conditional_model_keeps_the_classes_of_the_rows(strokes: Any) -> None:
    options: dict[str, Any] = {"hidden_sizes": (16,), "latent_dim": 3, "batch_size": 50, "epochs": 2}
    conditional = sae.ConditionalVariationalAutoencoder(**options, random_state=0).fit(strokes.x_train, strokes.y_train)
    x, y = strokes.x_test[:4], strokes.y_test[:4]
    images = walk(conditional, x, np.array([0.0, 1.0, 0.0]), [0.0, 2.0], y)
    np.testing.assert_allclose(images[:, 0], conditional.reconstruct(x, y), rtol=1e-5, atol=1e-6)
    moved = conditional.encode(x, y) + np.array([0, 2, 0], np.float32)
    np.testing.assert_allclose(images[:, 1], conditional.decode(moved, y), rtol=1e-5, atol=1e-6)


# ---------------------------------------------------------------------------------------------- what is refused


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: attribute_direction(np.ones(3), np.ones(3)), "shape (3,)"),
        (lambda: attribute_direction(np.eye(3), np.ones(2)), "one value per row"),
        (lambda: attribute_direction(np.eye(3), [1, np.nan, 2]), "values contain NaN or infinity in row 1"),
        (lambda: attribute_direction([[1.0], [np.inf]], [1, 2]), "codes contain NaN or infinity in row 1"),
        (lambda: attribute_direction(np.eye(3), [2.5] * 3), "the same for all rows"),
        (lambda: attribute_direction([[1.0], [1.0], [-1.0], [-1.0]], [1, -1, 1, -1]), "R² is 0"),
        (lambda: attribute_direction(np.eye(3), [1, 2, 4], np.ones((2, 1))), "one row for each of the 3 codes"),
        (lambda: attribute_direction(np.eye(3), [1, 2, 4], [[1], [np.nan], [2]]), "values in keep contain NaN"),
        (
            lambda: attribute_direction(np.eye(3), [1, 2, 4], [[2], [4], [8]]),
            "distinguish the attribute from those in keep",
        ),
        (lambda: walk(Linear(), np.ones((2, 8)), np.ones(4), STEPS), "codes have 3 entries"),
        (lambda: walk(Linear(), np.ones((2, 8)), np.ones(3), 1.0), "at least one number"),
        (lambda: walk(Linear(), np.ones((2, 8)), np.ones(3), []), "at least one number"),
        (lambda: measured_changes(np.ones((2, 8)), STEPS, {}, {}), "(N, S, D)"),
        (lambda: measured_changes(np.ones((2, 4, 8)), STEPS, {}, {}), "one image per step"),
        (lambda: measured_changes(np.ones((2, 2, 8)), [1, 1], {}, {}), "All steps are equal"),
        (lambda: measured_changes(np.ones((2, 5, 8)), STEPS, {"m": len}, {}), "no positive spread of 'm'"),
        (lambda: measured_changes(np.ones((2, 5, 8)), STEPS, {"m": len}, {"m": 1.0}), "each of 10 images"),
    ],
)
def test_what_cannot_be_done_is_said(make: Callable[[], Any], message: str) -> None:
    with pytest.raises(ValueError) as caught:
        make()
    assert message in str(caught.value)
