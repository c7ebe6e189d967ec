"""The compiled half in processes of its own: what the cache keeps, what a fork may do, and which backend is loaded."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest


def run(code: str, **environment: str) -> str:
    """Run code in a fresh process; its output."""
    env = {**os.environ, **environment}
    root = str(Path(__file__).parents[2])
    env["PYTHONPATH"] = os.pathsep.join(filter(None, [root, env.get("PYTHONPATH")]))
    result = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True, timeout=300)
    assert result.returncode == 0, result.stderr
    return result.stdout.strip()


COUNTER = """
import numpy as np
from numba.core import event

class Counter(event.Listener):
    compiled = 0
    def on_start(self, e): Counter.compiled += 1
    def on_end(self, e): pass

event.register("numba:compile", Counter())
x = np.random.default_rng(0).random((40, 9), dtype=np.float32)
"""
TRAIN = (
    COUNTER
    + """
import scratchae as sae
sae.Autoencoder((5,), 2, epochs=2, random_state=0).fit(x).reconstruct(x)
print(Counter.compiled)
"""
)


@pytest.mark.slow
def test_second_start_compiles_nothing() -> None:
    run(TRAIN)
    assert int(run(TRAIN)) == 0


@pytest.mark.slow
def test_works_where_no_cache_can_be_written() -> None:
    code = """
import numba
real = numba.njit
def njit(*args, **options):
    if options.get("cache"):
        raise RuntimeError("cannot cache function: no locator available")
    return real(*args, **options)
numba.njit = njit
from numba.core.ccallback import CFunc
def enable_caching(self):
    raise RuntimeError("cannot cache function: no locator available")
CFunc.enable_caching = enable_caching
import numpy as np
from scratchae import kernels
x = np.array([[-1.0, 2.0]])
print(kernels.relu(x).tolist(), kernels.bernoulli_nll(0 * x, 0 * x).round(4).tolist())
import warnings, scratchae
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    print(scratchae.backend_name(), scratchae.backend_name())
print(["NUMBA_CACHE_DIR" in str(one.message) for one in caught])
"""
    assert run(code).split("\n") == ["[[0.0, 2.0]] [1.3863]", "numba numba", "[True]"]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
def test_a_forked_child_trains_on_one_thread_to_the_same_bits() -> None:
    code = """
import os, sys, warnings
warnings.simplefilter("ignore")  # newer Pythons warn of forks beside threads
import numpy as np, scratchae as sae
x = np.random.default_rng(0).random((600, 300), dtype=np.float32)
def trained():
    return sae.Autoencoder((200,), 8, epochs=2, batch_size=300, random_state=0).fit(x).parameters_.flat.tobytes()
before = trained()
child = os.fork()
if child == 0:
    os._exit(0 if trained() == before else 3)
print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""
    assert run(code) == "0"


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
def test_a_fork_waits_for_the_compiler_of_another_thread() -> None:
    code = """
import os, sys, threading, time, warnings
warnings.simplefilter("ignore")
import numpy as np
from scratchae import kernels
from numba.core.compiler_lock import global_compiler_lock
compiling, done = threading.Event(), []
def compile_something():
    with global_compiler_lock:
        compiling.set()
        time.sleep(0.5)
        done.append(True)
thread = threading.Thread(target=compile_something)
thread.start()
compiling.wait()
child = os.fork()
if child == 0:
    kernels.relu(np.ones((2, 2)))  # needs the lock
    os._exit(0 if done else 3)
thread.join()
for _ in range(600):
    ended, status = os.waitpid(child, os.WNOHANG)
    if ended:
        break
    time.sleep(0.1)
else:
    os.kill(child, 9)
print(os.waitstatus_to_exitcode(status) if ended else "the child waits forever")
"""
    assert run(code) == "0"


def test_kernels_leave_the_start_method_of_processes_open() -> None:
    code = """
import multiprocessing, numpy as np, scratchae as sae
x = np.random.default_rng(0).random((600, 300), dtype=np.float32)
sae.Autoencoder((200,), 8, epochs=1, batch_size=300).fit(x).encode(x)
multiprocessing.set_start_method("spawn")
print(multiprocessing.get_start_method())
"""
    assert run(code) == "spawn"


@pytest.mark.parametrize(
    ("name", "value"),
    [("NUMBA_DISABLE_JIT", "1"), ("NUMBA_THREADING_LAYER", "none_such")],
)
def test_numpy_takes_over_where_numba_cannot_compile(name: str, value: str) -> None:
    code = """
import os, warnings, numpy as np, scratchae as sae
x = np.random.default_rng(0).random((40, 9))
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    for kind in (sae.Autoencoder, sae.VariationalAutoencoder):
        model = kind((5,), 2, epochs=2, random_state=0).fit(x)
        model.score(x)
    with sae.use_backend("numba"):
        model.score(x)
caught = [str(one.message) for one in caught if "Numba" in str(one.message)]
print(sae.backend_name(), model.trained_by_ == "its objective with numpy ops", len(caught), "slower" in caught[0])
"""
    assert run(code, **{name: value}) == "numpy True 1 True"


@pytest.mark.parametrize(
    "error", ["ImportError('no numba here')", "OSError('libLLVM.so: cannot open')", "SystemError()"]
)
def test_numpy_takes_over_where_numba_cannot_be_imported(error: str) -> None:
    code = f"""
import sys, warnings
class Broken:
    def find_spec(self, name, *others):
        if name == "numba":
            raise {error}
sys.meta_path.insert(0, Broken())
import numpy as np, scratchae as sae
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    sae.Autoencoder(epochs=1).fit(np.eye(9)).encode(np.eye(9))
print(sae.backend_name(), sum("Numba cannot be used" in str(one.message) for one in caught))
"""
    assert run(code) == "numpy 1"


def command(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """A finished command of this package."""
    path = os.pathsep.join(filter(None, [str(Path(__file__).parents[2]), os.environ.get("PYTHONPATH")]))
    return subprocess.run(
        [sys.executable, "-m", "scratchae", *arguments],
        env={**os.environ, "PYTHONPATH": path, **environment},
        capture_output=True,
        text=True,
        timeout=300,
    )


@pytest.mark.parametrize("name", ["check", "bench"])
def test_commands_about_kernels_say_that_there_are_none(name: str) -> None:
    result = command(name, NUMBA_DISABLE_JIT="1")
    assert (result.returncode, result.stdout) == (2, "")
    start = (
        "scratchae: error: this command runs the compiled kernels, but Numba cannot be used: NUMBA_DISABLE_JIT is set"
    )
    assert result.stderr.startswith(start) and result.stderr.count("\n") == 1


@pytest.mark.slow
def test_training_with_figures_needs_neither_a_compiler_nor_a_backend_of_matplotlib(tmp_path: Path) -> None:
    line = ["train", "--data", "digits", "--hidden", "16", "--code", "2", "--epochs", "1"]
    line += ["--figures", str(tmp_path / "figures"), "--out", str(tmp_path / "m.npz")]
    result = command(*line, NUMBA_DISABLE_JIT="1", MPLBACKEND="nonsense")
    assert result.returncode == 0, result.stderr
    assert list((tmp_path / "figures").iterdir())
    assert result.stderr.count("Numba cannot be used") == 1, result.stderr


def test_environment_variable_switches_the_backend() -> None:
    code = "import scratchae as s; print(s.backend_name())"
    assert run(code, SCRATCHAE_BACKEND="numpy") == "numpy"
    assert run(code, SCRATCHAE_BACKEND="numba") == "numba"


def test_numpy_backend_never_loads_numba() -> None:
    code = """
import sys, numpy as np, scratchae as s
x = np.random.default_rng(0).random((20, 6), dtype=np.float32)
s.Autoencoder((4,), 2, epochs=2).fit(x).reconstruct(x)
print("numba" in sys.modules)
"""
    assert run(code, SCRATCHAE_BACKEND="numpy") == "False"
