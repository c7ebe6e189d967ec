"""A fit of every model leaves the state of the process as it was, and runs in processes that lack what others take for granted."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from scratchae.registry import BY_NAME

# Everything that belongs to the whole process or thread, by name.
STATE = """
import asyncio, decimal, faulthandler, gc, locale, logging, multiprocessing, os, random, signal, socket, sys, threading, time, warnings
import numba, numpy as np, threadpoolctl
from numba.np.ufunc.parallel import get_parallel_chunksize

def state():
    mask = os.umask(0o77)
    os.umask(mask)
    root = logging.getLogger()
    return {
        "umask": mask,
        "folder": os.getcwd(),
        "environment": dict(os.environ),
        "path": list(sys.path),
        "streams": [sys.stdin, sys.stdout, sys.stderr],
        "hooks": [sys.excepthook, sys.displayhook, threading.excepthook, sys.unraisablehook, sys.gettrace(), sys.getprofile()],
        "limits": [sys.getrecursionlimit(), sys.getswitchinterval(), sys.getdlopenflags() if hasattr(sys, "getdlopenflags") else 0],
        "signals": {number: signal.getsignal(number) for number in signal.valid_signals()},
        "timers": signal.getitimer(signal.ITIMER_REAL) if hasattr(signal, "getitimer") else 0,
        "start method": multiprocessing.get_start_method(allow_none=True),
        "children": len(multiprocessing.active_children()),
        "threads": sorted(thread.name for thread in threading.enumerate()),
        "random": random.getstate(),
        "NumPy's random": [np.random.get_state()[1].tolist(), np.random.get_state()[2:]],
        "NumPy's errors": [np.geterr(), np.geterrcall()],
        "NumPy's printing": np.get_printoptions(),
        "denormals": [float(np.float32(1e-40) * np.float32(0.5)), float(np.float64(5e-324))],
        "locale": locale.setlocale(locale.LC_ALL),
        "decimal": repr(decimal.getcontext()),
        "warnings": [list(warnings.filters), warnings.showwarning],
        "collector": [gc.isenabled(), gc.get_threshold(), gc.get_debug()],
        "logging": [root.level, list(root.handlers), logging.getLogger("scratchae").level, logging.raiseExceptions],
        "socket": socket.getdefaulttimeout(),
        "faults": faulthandler.is_enabled(),
        "threads of BLAS": sorted((one["user_api"], one["num_threads"]) for one in threadpoolctl.threadpool_info()),
        "threads of Numba": [numba.get_num_threads(), get_parallel_chunksize()],
        "time zone": time.tzname,
    }
"""

FIT = """
import scratchae as sae
from scratchae.registry import BY_NAME
sae.kernels  # loads Numba, which starts its threads and loads LLVM
import scipy.optimize, scipy.linalg
x, y = np.random.default_rng(0).random((70, 11), np.float32), np.arange(70) % 3

def use(name, **options):
    kind = getattr(sae, name)
    options = {"epochs": 2, "pretrain_epochs": 1, "random_state": 0, **options}
    model = kind(**{key: value for key, value in options.items() if key in kind._options()})
    labels = (y,) if name in ("ConditionalVariationalAutoencoder", "StackedClassifier") else ()
    model.fit(x, *labels, validation_data=(x, *labels) if labels else x, callbacks=[sae.EarlyStopping(1)])
    model.score(x, *labels)
    model.loss_and_gradients(x, *labels)
    model.save(sys.argv[1])
    sae.load(sys.argv[1])
    return model.parameters_.flat.tobytes()
"""

COMPARE = """
np.seterr(under="warn", over="raise")
os.umask(0o27)
warnings.simplefilter("error")
warnings.simplefilter("ignore", sae.ConvergenceWarning)
before = state()
for name in BY_NAME:
    for backend in ("numba", "numpy"):
        with sae.use_backend(backend):
            use(name)
use("Autoencoder", optimizer="lbfgs", epochs=5)
after = state()
different = [name for name in before if before[name] != after[name]]
print(len(before), different, [(before[name], after[name]) for name in different])
"""


@pytest.mark.slow
def test_a_fit_of_every_model_leaves_the_process_as_it_was(run_python: Callable[..., str], tmp_path: Path) -> None:
    found = run_python(STATE + FIT + COMPARE, tmp_path / "m.npz").split(maxsplit=1)
    assert int(found[0]) > 25 and found[1].strip() == "[] []"


@pytest.mark.slow
def test_threads_that_fit_at_once_leave_the_process_as_it_was(run_python: Callable[..., str], tmp_path: Path) -> None:
    script = """
from concurrent.futures import ThreadPoolExecutor
folder = sys.argv[1]
def work(i):
    sys.argv[1] = f"{folder}/{i % 3}.npz"
    name = ("StackedAutoencoder", "Autoencoder", "VariationalAutoencoder")[i % 3]
    return i % 3, use(name, **({"optimizer": "lbfgs", "epochs": 10} if i % 3 == 1 else {}))
expected = dict(map(work, range(3)))
before = state()
for _ in range(3):
    with ThreadPoolExecutor(6) as pool:
        assert all(expected[i] == bits for i, bits in pool.map(work, range(12)))
after = state()
print([(name, before[name], after[name]) for name in before if before[name] != after[name]])
"""
    assert run_python(STATE + FIT + script, tmp_path).strip() == "[]"


BARE = """
import os, sys
import numpy as np
import scratchae as sae
x = np.random.default_rng(0).random((30, 6), np.float32)
codes = sae.Autoencoder((5,), 2, epochs=3, random_state=0, verbose=1).fit(x).encode(x)
with open(sys.argv[1], "wb") as file:
    file.write(codes.tobytes())
"""


@pytest.mark.slow
@pytest.mark.parametrize(
    "circumstance",
    [
        "sys.stdin = sys.stdout = sys.stderr = None  # as under pythonw",
        "os.close(0), os.close(1), os.close(2)",
        "sys.stderr.close(), sys.stdout.close()",
        "[os.environ.pop(name, None) for name in ('HOME', 'USERPROFILE', 'XDG_CACHE_HOME', 'USER', 'LOGNAME', 'PATH')]",
        "os.environ['NUMBA_CACHE_DIR'] = '/proc/none'",
        "os.environ.update(LANG='tr_TR.UTF-8', LC_ALL='tr_TR.UTF-8', OPENBLAS_NUM_THREADS='1', OMP_NUM_THREADS='1')",
    ],
)
def test_a_fit_needs_no_stream_no_home_and_no_cache(
    circumstance: str, run_python: Callable[..., str], tmp_path: Path
) -> None:
    run_python(BARE, tmp_path / "expected")
    run_python(f"import os, sys\n{circumstance}\n{BARE}", tmp_path / "found")
    assert (tmp_path / "found").read_bytes() == (tmp_path / "expected").read_bytes()


def test_every_model_is_compared() -> None:
    assert len(BY_NAME) >= 11
