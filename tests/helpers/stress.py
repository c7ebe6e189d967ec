"""A process that trains in threads, forks and spawned processes at once, and prints its threading layer if all results are the same.

Run as a script: `python stress.py kind`, with a kind of `KINDS`.
"""

from __future__ import annotations

import concurrent.futures
import multiprocessing
import os
import sys
import threading
import warnings
from collections.abc import Callable

import numpy as np

import scratchae as sae

X = np.random.default_rng(0).random((900, 260), dtype=np.float32)
OPTIONS = {"epochs": 2, "batch_size": 300, "random_state": 0}


def trained(kind: str = "Autoencoder") -> bytes:
    """Parameters and codes of a model large enough for parallel products, losses and updates."""
    model = getattr(sae, kind)((300,), 8, **OPTIONS).fit(X)
    return model.parameters_.flat.tobytes() + model.encode(X).tobytes()


def encoded(model: sae.Autoencoder) -> bytes:
    """Codes and scores."""
    return model.encode(X).tobytes() + model.score_samples(X).tobytes()


def in_threads(work: Callable[[], object], number: int = 4) -> list[object]:
    """Results of work that is done in several threads at once."""
    with concurrent.futures.ThreadPoolExecutor(number) as pool:
        return [one.result() for one in [pool.submit(work) for _ in range(number)]]


def fits() -> None:
    """Four fits at once, of two kinds."""
    kinds = ["Autoencoder", "VariationalAutoencoder"] * 2
    expected = [trained(kind) for kind in kinds[:2]] * 2
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        for _ in range(3):
            assert list(pool.map(trained, kinds)) == expected


def encodes() -> None:
    """Large batches are encoded and scored in four threads, each with a number of threads of its own."""
    import numba

    model = sae.Autoencoder((300,), 8, **OPTIONS).fit(X)
    expected, most = encoded(model), numba.get_num_threads()
    numbers = iter([1, most, 1, most])

    def work() -> bool:
        number = next(numbers)
        numba.set_num_threads(number)
        same = all(encoded(model) == expected for _ in range(10))
        trained()
        return same and numba.get_num_threads() == number

    assert all(in_threads(work))
    assert numba.get_num_threads() == most


def nested() -> None:
    """Callbacks encode and train inside a fit, in their own and in other threads."""
    before = trained()
    inner: list[object] = []

    def callback(model: sae.Autoencoder) -> None:
        model.encode(X)
        inner.append(trained())
        inner.extend(in_threads(trained, 2))

    def work() -> bytes:
        return sae.Autoencoder((300,), 8, **OPTIONS).fit(X, callbacks=[callback]).parameters_.flat.tobytes()

    assert all(before.startswith(str_) for str_ in in_threads(work, 2))
    assert set(inner) == {before} and len(inner) == 12


def search() -> None:
    """scikit-learn's search on threads, and on processes."""
    from joblib import parallel_config
    from sklearn.model_selection import GridSearchCV

    scores = []
    for backend in ("sequential", "threading", "loky"):
        with parallel_config(backend, n_jobs=2):
            found = GridSearchCV(sae.Autoencoder((300,), 8, **OPTIONS), {"latent_dim": [4, 8]}, cv=2).fit(X)
        scores.append(found.cv_results_["mean_test_score"].tolist())
    assert scores[0] == scores[1] == scores[2], scores


def forks() -> None:
    """Children are forked from threads, while other threads train."""
    results = [trained()]  # Python's own locks for imports do not survive a fork from a thread either
    done = threading.Event()

    def beside() -> None:
        while not done.is_set():
            results.append(trained())

    beside_it = [threading.Thread(target=beside) for _ in range(2)]
    for thread in beside_it:
        thread.start()
    codes: list[int] = []

    def fork() -> None:
        for _ in range(4):
            child = os.fork()
            if child == 0:
                code = 1
                try:
                    inner = {*in_threads(trained, 2), results[0]}
                    code = 0 if inner == {trained()} else 3
                finally:
                    os._exit(code)
            codes.append(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))

    forking = [threading.Thread(target=fork) for _ in range(2)]
    for thread in forking:
        thread.start()
    for thread in forking:
        thread.join()
    done.set()
    for thread in beside_it:
        thread.join()
    assert codes == [0] * 8, codes
    assert len(set(results)) == 1


def starts() -> None:
    """Processes of every start method of `multiprocessing`, which nothing has fixed, while other threads train."""
    expected = trained()
    multiprocessing.set_start_method("spawn")  # an error if a fit has fixed another
    done = threading.Event()

    def beside() -> None:
        while not done.is_set():
            assert trained() == expected

    thread = threading.Thread(target=beside)
    thread.start()
    try:
        for method in multiprocessing.get_all_start_methods():
            with multiprocessing.get_context(method).Pool(2) as pool:
                assert pool.map(trained, ["Autoencoder"] * 4) == [expected] * 4, method
    finally:
        done.set()
        thread.join()


def strangers() -> None:
    """A parallel function of the user runs in another thread, and this thread uses no thread of Numba's, as the documentation advises."""
    import numba

    @numba.njit(parallel=True)
    def total(values: np.ndarray) -> float:
        found = 0.0
        for i in numba.prange(values.size):
            found += values[i]
        return found

    values, done = np.ones(200_000), threading.Event()
    total(values)

    def beside() -> None:
        while not done.is_set():
            assert total(values) == 200_000

    expected = trained()
    thread = threading.Thread(target=beside)
    thread.start()
    try:
        numba.set_num_threads(1)
        assert all(trained() == expected for _ in range(5))
    finally:
        done.set()
        thread.join()


KINDS = {
    kind.__name__: kind
    for kind in (fits, encodes, nested, search, strangers, starts, *([forks] if hasattr(os, "fork") else []))
}

if __name__ == "__main__":
    warnings.filterwarnings(
        "ignore", message=".*fork", category=DeprecationWarning
    )  # newer Pythons warn of forks beside threads
    KINDS[sys.argv[1]]()
    import numba

    print(numba.threading_layer())
