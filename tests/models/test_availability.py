"""Methods that exist only sometimes, and an argument that is shown only on request."""

from __future__ import annotations

import inspect
from typing import Any

import numpy as np
import pytest

import scratchae as sae
from scratchae.models.availability import available_if
from scratchae.registry import REGISTRY

X = np.random.default_rng(0).random((12, 4))


class Door:
    """A door that can be closed only if it is open."""

    is_open = False

    @available_if(lambda door: None if door.is_open else "It is closed already.")
    def close(self, softly: bool = True) -> str:
        """Close the door."""
        return f"closed {'softly' if softly else 'with a bang'}"


def test_a_method_is_there_only_if_nothing_is_against_it() -> None:
    door = Door()
    assert not hasattr(door, "close")
    with pytest.raises(AttributeError, match="It is closed already"):
        door.close()
    door.is_open = True
    assert door.close() == "closed softly" and door.close(False) == "closed with a bang"
    assert Door.close.__doc__ == "Close the door." and list(inspect.signature(Door.close).parameters) == [
        "self",
        "softly",
    ]


@pytest.mark.parametrize("name", [entry.name for entry in REGISTRY])
def test_weights_are_in_the_signature_of_the_class_and_of_a_model_that_requests_them(name: str) -> None:
    kind = getattr(sae, name)
    model = kind()
    of_class = list(inspect.signature(kind.fit).parameters)
    assert "sample_weight" in of_class
    assert list(inspect.signature(model.fit).parameters) == [p for p in of_class if p not in ("self", "sample_weight")]
    model.set_fit_request(sample_weight=True)
    assert list(inspect.signature(model.fit).parameters) == of_class[1:]
    model.set_fit_request(sample_weight=False)
    assert "sample_weight" not in inspect.signature(model.fit).parameters
    assert model.fit.__doc__ == kind.fit.__doc__ and model.fit.__name__ == "fit"


def test_weights_are_accepted_without_a_request() -> None:
    options: dict[str, Any] = {"hidden_sizes": (3,), "latent_dim": 2, "epochs": 2, "random_state": 0}
    w = np.arange(12)
    silent = sae.Autoencoder(**options).fit(X, sample_weight=w)
    asking = sae.Autoencoder(**options).set_fit_request(sample_weight=True).fit(X, sample_weight=w)
    np.testing.assert_array_equal(silent.parameters_.flat, asking.parameters_.flat)
    with pytest.raises(TypeError, match="unexpected keyword argument 'sample_weights'"):
        sae.Autoencoder(**options).fit(X, sample_weights=w)  # type: ignore[call-arg]


def test_partial_fit_is_absent_with_lbfgs_and_on_stacks() -> None:
    assert hasattr(sae.Autoencoder(), "partial_fit") and hasattr(sae.StackedClassifier(), "partial_fit")
    for optimizer in ("lbfgs", sae.LBFGS(memory=3)):
        for kind in (sae.Autoencoder, sae.StackedClassifier):
            with pytest.raises(
                AttributeError, match='no partial_fit with optimizer="lbfgs".* use fit, with warm_start=True'
            ):
                _ = kind(optimizer=optimizer).partial_fit
    with pytest.raises(AttributeError, match="StackedAutoencoder has no partial_fit.* use pretrain, then fine_tune"):
        _ = sae.StackedAutoencoder().partial_fit
