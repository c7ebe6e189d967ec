"""Switching between the readable and the compiled mathematics; what an import costs."""

from __future__ import annotations

import types
from collections.abc import Callable

import numpy as np
import pytest

import scratchae as sae
from scratchae import backend, kernels, ops


def test_the_compiled_backend_is_the_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SCRATCHAE_BACKEND", raising=False)
    assert sae.backend_name() == "numba"
    assert backend.active() is kernels


def test_the_environment_chooses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SCRATCHAE_BACKEND", "numpy")
    assert sae.backend_name() == "numpy"
    assert backend.active() is ops
    with sae.use_backend("numba"):
        assert backend.active() is kernels
    monkeypatch.setenv("SCRATCHAE_BACKEND", "nunba")
    with pytest.raises(
        ValueError,
        match=r"SCRATCHAE_BACKEND is 'nunba', which is not a backend \(did you mean 'numba'\?\); use 'numba' or 'numpy'",
    ):
        sae.backend_name()


def test_with_blocks_nest_and_end_also_after_an_error() -> None:
    with sae.use_backend("numpy"):
        with pytest.raises(ZeroDivisionError), sae.use_backend("numba"):
            assert sae.backend_name() == "numba"
            1 / 0  # noqa: B018
        assert sae.backend_name() == "numpy"
    assert sae.backend_name() == "numba"


def test_for_good() -> None:
    sae.use_backend("numpy")
    assert sae.backend_name() == "numpy"


def test_unknown_backend_changes_nothing() -> None:
    with pytest.raises(
        ValueError,
        match=r"backend is 'numpie', which is not a backend \(did you mean 'numpy'\?\); use 'numba' or 'numpy'",
    ):
        sae.use_backend("numpie")
    assert sae.backend_name() == "numba"


def test_a_namespace_of_ones_own_runs_the_model(x: np.ndarray) -> None:
    model = sae.Autoencoder((4,), 2, epochs=1, random_state=0).fit(x)
    mine = types.SimpleNamespace(**{name: getattr(ops, name) for name in ops.__all__})
    mine.bernoulli_nll = lambda logits, x: np.full(len(x), 7.0)
    with sae.use_backend(mine):
        assert sae.backend_name() == "custom"
        assert model.score(x) == -7
        other = sae.Autoencoder((4,), 2, epochs=1, random_state=0).fit(x)
    assert other.history_["loss"] == [pytest.approx(7)]


def test_the_numpy_backend_runs_no_kernel(x: np.ndarray, monkeypatch: pytest.MonkeyPatch) -> None:
    def forbidden(*arguments: object) -> None:
        raise AssertionError("a kernel ran")

    from scratchae.kernels import steps, updates

    for module in (kernels, steps, updates):
        for name, value in list(vars(module).items()):
            if callable(value) and not isinstance(value, type):
                monkeypatch.setattr(module, name, forbidden)
    with sae.use_backend("numpy"):
        for optimizer in ("sgd", "momentum", "adam", "lbfgs"):
            model = sae.Autoencoder((4,), 2, optimizer=optimizer, weight_decay=0.1, epochs=2, random_state=0)
            model.fit(x, validation_data=x).score(x)
            model.loss_and_gradients(x)
    with pytest.raises(AssertionError, match="a kernel ran"):
        model.score(x)


HEAVY = ("numba", "scipy", "matplotlib", "sklearn", "pooch", "pandas", "torch", "jax", "tqdm")


def test_a_bare_import_is_light(run_python: Callable[..., str]) -> None:
    script = "import sys, scratchae; print([name for name in sys.argv[1:] if name in sys.modules])"
    assert run_python(script, *HEAVY).strip() == "[]"


USE = """
import sys
import numpy as np
import scratchae as sae
x = np.random.default_rng(0).random((40, 6), np.float32)
model = sae.Autoencoder((4,), 2, epochs=2, random_state=0).fit(x, validation_data=x)
model.encode(x), model.score(x), repr(model), model.get_params()
try:
    sae.Autoencoder().encode(x)
except sae.NotFittedError as error:
    assert isinstance(error, (ValueError, AttributeError))
model.save(sys.argv[1])
sae.load(sys.argv[1]).reconstruct(x)
print([name for name in sys.argv[2:] if name in sys.modules])
"""


@pytest.mark.slow
@pytest.mark.parametrize("name", ["numba", "numpy"])
def test_use_imports_neither_sklearn_nor_matplotlib(
    run_python: Callable[..., str], tmp_path: object, name: str
) -> None:
    script = run_python(
        USE, f"{tmp_path}/m.npz", "sklearn", "matplotlib", "pandas", "pooch", "torch", "jax", SCRATCHAE_BACKEND=name
    )
    assert script.strip() == "[]"


def test_every_public_name_exists() -> None:
    for name in sae.__all__:
        assert getattr(sae, name) is not None
    assert set(dir(sae)) >= set(sae.__all__)
