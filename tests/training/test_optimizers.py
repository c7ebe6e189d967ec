"""Update rules: by name, by description, in place, and their numbers for the kernels."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

import scratchae as sae
from scratchae.kernels import updates
from scratchae.training import as_optimizer
from scratchae.training.optimizers import OPTIMIZERS, describe, from_description

RULES = [sae.SGD(), sae.Momentum(0.5), sae.Adam(0.5, 0.75, 1e-12), sae.LBFGS(memory=3, restart=7)]


def test_names_are_rules_with_their_defaults() -> None:
    assert as_optimizer("adam") == sae.Adam(0.9, 0.999, 1e-8) and as_optimizer("momentum") == sae.Momentum(0.9)
    assert as_optimizer("sgd") == sae.SGD() and as_optimizer("lbfgs") == sae.LBFGS(20, 200)
    assert as_optimizer(RULES[1]) is RULES[1]
    with pytest.raises(ValueError, match=r"optimizer='adan' is unknown \(did you mean 'adam'\?\); use one of sgd, mom"):
        as_optimizer("adan")


@pytest.mark.parametrize("rule", [*RULES, "adam"], ids=str)
def test_a_description_is_json_and_comes_back(rule: Any) -> None:
    again = from_description(json.loads(json.dumps(describe(rule))))
    assert again == rule and type(again) is type(rule)


def test_rules_that_differ_in_a_setting_differ() -> None:
    assert sae.Adam() == sae.Adam() != sae.Adam(beta1=0.8) and sae.SGD() != sae.Momentum()
    with pytest.raises(AttributeError):
        sae.Adam().beta1 = 0.5  # type: ignore[misc]


def test_settings_begin_with_the_learning_rate() -> None:
    assert sae.Momentum(0.5).settings(0.1).tolist()[:2] == [0.1, 0.5]
    assert sae.Adam(0.5, 0.75, 1e-3).settings(0.1).tolist()[:4] == [0.1, 0.5, 0.75, 1e-3]


@pytest.mark.parametrize("backend", ["numba", "numpy"])
@pytest.mark.parametrize(
    ("rule", "expected", "state"),
    [
        (RULES[0], [0.95, -2.4], []),
        (RULES[1], [0.95, -2.4], [[-0.05, -0.4]]),
        (RULES[2], [0.9, -2.1], [[0.25, 2.0], [0.0625, 4.0]]),
    ],
    ids=["sgd", "momentum", "adam"],
)
def test_a_first_step_by_hand_changes_parameters_and_state_in_place(
    rule: Any, expected: list[float], state: list[Any], backend: str
) -> None:
    theta, gradient = np.array([1.0, -2.0]), np.array([0.5, 4.0])
    moments = np.zeros((rule.state_vectors, 2))
    with sae.use_backend(backend):
        rule.update(theta, gradient, moments, 0.1, 1)
    np.testing.assert_allclose(theta, expected, rtol=1e-9)
    np.testing.assert_allclose(moments, np.reshape(state, (-1, 2)), rtol=1e-12)
    assert gradient.tolist() == [0.5, 4.0]


def test_each_rule_has_the_number_of_its_kernel() -> None:
    numbers = {name: rule().kernel() for name, rule in OPTIMIZERS.items() if name != "lbfgs"}
    assert numbers == {"sgd": updates.SGD, "momentum": updates.MOMENTUM, "adam": updates.ADAM}
    with pytest.raises(NotImplementedError, match="LBFGS has no kernel that takes a single step; train with `fit`"):
        sae.LBFGS().kernel()
