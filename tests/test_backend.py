"""Switching between the readable and the compiled mathematics; what an import costs."""

from __future__ import annotations

import asyncio
import sys
import threading
import types
import warnings
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from typing import Any

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


def test_a_choice_is_settled_once() -> None:
    first = sae.use_backend("numpy")
    sae.use_backend("numba")
    assert repr(first) == "use_backend('numpy')" and sae.backend_name() == "numba"  # shown again by a notebook
    del first
    assert sae.backend_name() == "numba"


@pytest.mark.parametrize("error", [RuntimeError(), RuntimeError("no  LLVM\nhere")])
def test_without_numba_there_is_one_warning_with_the_reason(error: Exception, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(name: str) -> Any:
        raise error

    reason = " ".join(str(error).split()) or "RuntimeError"
    monkeypatch.setattr(backend.importlib, "import_module", fail)
    monkeypatch.setattr(backend, "_reason", None)
    monkeypatch.setattr(backend, "_warned", False)
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        assert [sae.backend_name() for _ in range(3)] == ["numpy"] * 3
    assert [str(warning.message).partition(";")[0] for warning in said] == [f"Numba cannot be used ({reason})"]


def in_thread(function: Callable[[], Any]) -> Any:
    """Return the result of the function in a thread of its own."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(function).result()


def test_a_call_acts_on_all_threads_and_a_block_on_its_own() -> None:
    with sae.use_backend("numpy"):
        assert in_thread(sae.backend_name) == "numba"
    sae.use_backend("numpy")
    assert in_thread(sae.backend_name) == "numpy"
    with sae.use_backend("numba"):
        assert (sae.backend_name(), in_thread(sae.backend_name)) == ("numba", "numpy")
    in_thread(lambda: sae.use_backend("numba"))
    assert sae.backend_name() == "numba"


def test_a_call_whose_value_is_kept_acts_on_all_threads_too() -> None:
    switch = sae.use_backend("numpy")
    assert sae.backend_name() == "numpy"  # from here on it cannot begin a block
    assert in_thread(sae.backend_name) == "numpy"
    switch = sae.use_backend("numba")
    assert repr(switch) == "use_backend('numba')"  # as a notebook does, which keeps what it displays
    assert in_thread(sae.backend_name) == "numba"


def test_a_call_inside_a_block_ends_with_it() -> None:
    with sae.use_backend("numba"):
        sae.use_backend("numpy")
        assert sae.backend_name() == "numpy"
        with sae.use_backend("numba"):
            assert sae.backend_name() == "numba"
        assert (sae.backend_name(), in_thread(sae.backend_name)) == ("numpy", "numba")
    assert sae.backend_name() == "numba"


def test_a_block_can_be_entered_later_again_and_inside_itself() -> None:
    numpy, numba = sae.use_backend("numpy"), sae.use_backend("numba")
    for _ in range(2):
        with numpy:
            with numba, numpy:
                assert sae.backend_name() == "numpy"
            assert sae.backend_name() == "numpy"
        assert sae.backend_name() == "numba"
    with ExitStack() as stack:
        stack.enter_context(sae.use_backend("numpy"))
        assert (sae.backend_name(), in_thread(sae.backend_name)) == ("numpy", "numba")
    assert sae.backend_name() == "numba"


def test_crossing_blocks_of_two_threads_leave_each_other_alone() -> None:
    turn = threading.Barrier(2, timeout=60)

    def other() -> list[str]:
        turn.wait()
        with sae.use_backend("numba"):
            names = [sae.backend_name()]
            turn.wait()
            turn.wait()
            names.append(sae.backend_name())
        return [*names, sae.backend_name()]

    with ThreadPoolExecutor(1) as pool:
        names = pool.submit(other)
        with sae.use_backend("numpy"):
            turn.wait()
            turn.wait()
            assert sae.backend_name() == "numpy"
        turn.wait()
        assert names.result() == ["numba", "numba", "numba"]
    assert sae.backend_name() == "numba"


def test_a_block_is_never_seen_by_another_thread() -> None:
    before, done = sys.getswitchinterval(), threading.Event()

    def blocks() -> None:
        while not done.is_set():
            with sae.use_backend("numpy"):
                pass

    with ThreadPoolExecutor(2) as pool:
        try:
            sys.setswitchinterval(1e-6)
            running = [pool.submit(blocks) for _ in range(2)]
            assert {sae.backend_name() for _ in range(20_000)} == {"numba"}
        finally:
            done.set()
            sys.setswitchinterval(before)
        for one in running:
            one.result()
    assert sae.backend_name() == "numba"


def test_tasks_of_asyncio_have_blocks_of_their_own() -> None:
    async def task(name: str) -> list[str]:
        with sae.use_backend(name):
            names = []
            for _ in range(3):
                await asyncio.sleep(0)
                names.append(sae.backend_name())
            return names

    async def both() -> list[list[str]]:
        return await asyncio.gather(task("numpy"), task("numba"))

    assert asyncio.run(both()) == [["numpy"] * 3, ["numba"] * 3]
    assert sae.backend_name() == "numba"


def test_a_fit_keeps_the_backend_with_which_it_began(x: np.ndarray) -> None:
    def elsewhere(model: sae.Autoencoder) -> None:
        in_thread(lambda: sae.use_backend("numba"))

    sae.use_backend("numpy")
    options: dict[str, Any] = {"epochs": 3, "random_state": 0, "verbose": 0}
    model = sae.Autoencoder((4,), 2, **options).fit(x, callbacks=[elsewhere])
    assert sae.backend_name() == "numba"
    with sae.use_backend("numpy"):
        assert np.array_equal(sae.Autoencoder((4,), 2, **options).fit(x).parameters_.flat, model.parameters_.flat)


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
