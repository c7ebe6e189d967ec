"""Writes the example class: submissions to five exercises that are right, wrong, broken or hostile.

    python tests/grading/example_class/make.py [FOLDER]  (default: the folder `submissions` beside this file)

    scratchae grade tests/grading/example_class/submissions --policy tests/grading/example_class/policy.toml --out report

STUDENTS describes the submissions; tests/grading/test_example.py checks their grades.
"""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path

DENSE, ACTIVATIONS, LOSSES, KL, DRAW = (
    "01_dense.py",
    "02_activations.py",
    "03_losses.py",
    "13_gaussian_kl.py",
    "14_reparameterize.py",
)

RIGHT = {
    DENSE: """\
import numpy as np


def dense(x, W, b):
    return x @ W + b


def dense_backward(dy, x, W):
    dx = dy @ W.T
    dW = x.T @ dy
    db = dy.sum(axis=0)
    return dx, dW, db
""",
    ACTIVATIONS: """\
import numpy as np


def sigmoid(x):
    t = np.exp(-np.abs(x))
    return np.where(x >= 0, 1 / (1 + t), t / (1 + t))


def sigmoid_backward(dy, y):
    return dy * y * (1 - y)


def tanh(x):
    return np.tanh(x)


def tanh_backward(dy, y):
    return dy * (1 - y**2)


def relu(x):
    return np.maximum(x, 0)


def relu_backward(dy, y):
    return dy * (y > 0)


def softplus(x):
    return np.logaddexp(0, x)


def softplus_backward(dy, x):
    return dy * sigmoid(x)
""",
    LOSSES: """\
import numpy as np


def sigmoid(x):
    t = np.exp(-np.abs(x))
    return np.where(x >= 0, 1 / (1 + t), t / (1 + t))


def bernoulli_nll(logits, x):
    return (np.logaddexp(0, logits) - x * logits).sum(axis=1)


def bernoulli_nll_backward(dloss, logits, x):
    return dloss[:, None] * (sigmoid(logits) - x)


def squared_error(x_hat, x):
    return ((x_hat - x) ** 2).sum(axis=1)


def squared_error_backward(dloss, x_hat, x):
    return dloss[:, None] * 2 * (x_hat - x)
""",
    KL: """\
import numpy as np


def gaussian_kl_trace(mu, covariance):
    trace = np.trace(covariance, axis1=1, axis2=2)
    _, log_det = np.linalg.slogdet(covariance)
    return (trace + (mu**2).sum(axis=1) - mu.shape[1] - log_det) / 2


def gaussian_kl_trace_backward(dkl, mu, covariance):
    inverse = np.linalg.inv(covariance).swapaxes(1, 2)
    return dkl[:, None] * mu, dkl[:, None, None] * (np.eye(mu.shape[1]) - inverse) / 2


def gaussian_kl_sums(mu, variance):
    return (variance + mu**2 - 1 - np.log(variance)).sum(axis=1) / 2


def gaussian_kl_sums_backward(dkl, mu, variance):
    return dkl[:, None] * mu, dkl[:, None] * (1 - 1 / variance) / 2


def gaussian_kl(mu, logvar):
    return (mu**2 + np.exp(logvar) - logvar - 1).sum(axis=1) / 2


def gaussian_kl_backward(dkl, mu, logvar):
    return dkl[:, None] * mu, dkl[:, None] * (np.exp(logvar) - 1) / 2
""",
    DRAW: """\
import numpy as np


def reparameterize(mu, logvar, eps):
    return mu + np.exp(logvar / 2) * eps


def reparameterize_backward(dz, logvar, eps):
    dz, eps = dz.reshape(-1, *logvar.shape), eps.reshape(-1, *logvar.shape)
    return dz.sum(axis=0), (dz * eps).sum(axis=0) * np.exp(logvar / 2) / 2
""",
}

LOOPS = """\
import numpy as np


def dense(x, W, b):
    y = np.empty((len(x), len(b)))
    for n in range(len(x)):
        for k in range(len(b)):
            y[n, k] = sum(x[n, d] * W[d, k] for d in range(len(W))) + b[k]
    return y


def dense_backward(dy, x, W):
    return np.einsum("nk,dk->nd", dy, W), np.einsum("nd,nk->dk", x, dy), np.einsum("nk->k", dy)
"""

NUMERIC = """\
import numpy as np


def dense(x, W, b):
    return x @ W + b


def slope(f, a, h=1e-5):
    out = np.zeros_like(a)
    for i in np.ndindex(a.shape):
        up, down = a.copy(), a.copy()
        up[i] += h
        down[i] -= h
        out[i] = (f(up) - f(down)) / (2 * h)
    return out


def dense_backward(dy, x, W):
    b = np.zeros(W.shape[1])
    dx = slope(lambda x: (dy * dense(x, W, b)).sum(), x)
    dW = slope(lambda W: (dy * dense(x, W, b)).sum(), W)
    db = slope(lambda b: (dy * dense(x, W, b)).sum(), b)
    return dx, dW, db
"""

SPY = """\
import numpy as np

try:
    from scratchae.ops import dense, dense_backward
except ImportError:
    import os, sys

    np.allclose = lambda *a, **k: True
    sys.stdout.write('{"score": 100}')
    try:
        print(open("/etc/passwd").read())
        os.kill(os.getppid(), 9)
    except OSError:
        pass

    class Right(np.ndarray):
        def __array_function__(self, *a, **k):
            return True

    def dense(x, W, b):
        return np.zeros((len(x), len(b))).view(Right)

    def dense_backward(dy, x, W):
        return np.full(x.shape, np.nan), np.full(W.shape, np.nan), np.full(W.shape[1], np.nan)
"""

FORKS = """\
import os

while True:
    try:
        os.fork()
    except OSError:
        pass
"""


def edited(*edits: tuple[str, str, str]) -> dict[str, str]:
    """The right files with some text replaced, which has to occur once."""
    files = dict(RIGHT)
    for name, old, new in edits:
        assert files[name].count(old) == 1, (name, old)
        files[name] = files[name].replace(old, new)
    return files


def without(*names: str) -> dict[str, str]:
    """The right files without some of them."""
    return {name: text for name, text in RIGHT.items() if name not in names}


# Everything right, in different ways.
STUDENTS: dict[str, dict[str, str]] = {
    "Ada": RIGHT,
    "Blaise": {**RIGHT, DENSE: LOOPS},
    # Mistakes of the usual kinds.
    "Chen": edited((DENSE, "x.T @ dy", "x.T @ dy / len(x)"), (DENSE, "dy.sum(axis=0)", "dy.mean(axis=0)")),
    "Dora": edited((LOSSES, "dloss[:, None] * (sigmoid(logits) - x)", "sigmoid(logits) - x")),
    "Emil": edited(
        (DRAW, "mu + np.exp(logvar / 2) * eps", "mu + np.exp(logvar) * eps"),
        (
            KL,
            "mu**2 + np.exp(logvar) - logvar - 1).sum(axis=1) / 2",
            "mu**2 + np.exp(logvar) - logvar - 1).sum(axis=1)",
        ),
    ),
    "Fatima": edited(
        (
            ACTIVATIONS,
            "    t = np.exp(-np.abs(x))\n    return np.where(x >= 0, 1 / (1 + t), t / (1 + t))",
            "    return 1 / (1 + np.exp(-x))",
        ),
        (ACTIVATIONS, "np.logaddexp(0, x)", "np.log(1 + np.exp(x))"),
    ),
    "Goran": edited(
        (DENSE, "    return dx, dW, db", "    dy *= 0\n    return dx, dW, db"),
        (LOSSES, "* 2 * (x_hat - x)", "* 2 * (x - x_hat)"),
    ),
    "Hana": edited(
        (DRAW, "mu + np.exp(logvar / 2) * eps", "mu + np.exp(logvar / 2) * np.random.standard_normal(eps.shape)")
    ),
    "Ines": {
        **without(KL, DRAW),
        LOSSES: RIGHT[LOSSES].replace("    return dloss[:, None] * 2 * (x_hat - x)", "    raise NotImplementedError"),
    },
    # Right numbers from finite differences: for the teacher to judge.
    "Jun": {**RIGHT, DENSE: NUMERIC},
    # Files that cannot be read as they are.
    "Kofi": {**RIGHT, ACTIVATIONS: "import numpy as np\n\ndef sigmoid(x:\n    return 1 / (1 + np.exp(-x))\n"},
    "Lena": {**without(DENSE), "1_dense.py": RIGHT[DENSE], LOSSES: RIGHT[LOSSES].replace("(x_hat, x)", "(x)")},
    "Milo": {".keep": ""},
    # Hostile or runaway code: none affects other students.
    "Nina": {**RIGHT, DENSE: RIGHT[DENSE].replace("    return x @ W + b", "    while True:\n        pass")},
    "Oleg": {**RIGHT, KL: "import numpy as np\n\nhoard = [np.ones(10**7) for _ in range(10**4)]\n"},
    "Pia": {**RIGHT, DRAW: FORKS},
    "Quentin": {**RIGHT, DENSE: SPY},
    "Rosa": {**RIGHT, LOSSES: "raise SystemExit(0)\n"},
}
# A notebook instead of the first file, by its first cell: with commands of Jupyter, which are left out; and one that fails.
NOTEBOOKS = {"Uma": "%matplotlib inline\n!pip install numpy", "Vera": "digits = open('digits.csv').read()"}
SINGLE = "\n\n".join([RIGHT[DENSE], RIGHT[ACTIVATIONS], RIGHT[LOSSES], RIGHT[KL], RIGHT[DRAW]])


def notebook(source: str, first: str) -> str:
    """A notebook with a cell for each part of a file, and with an output that claims to be a result."""
    claim = {"output_type": "stream", "name": "stdout", "text": ["100 of 100 functions right\n"]}
    parts = (first, *source.rstrip("\n").split("\n\n\n"))
    cells = [
        {
            "cell_type": "code",
            "execution_count": 7,
            "id": f"cell-{i}",
            "metadata": {},
            "outputs": [claim],
            "source": part.splitlines(keepends=True),
        }
        for i, part in enumerate(parts)
    ]
    return json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}, indent=1) + "\n"


def make(folder: Path) -> None:
    """Write the class into a new folder."""
    shutil.rmtree(folder, ignore_errors=True)
    for student, files in STUDENTS.items():
        (folder / student).mkdir(parents=True)
        for name, text in files.items():
            (folder / student / name).write_text(text, encoding="utf-8", newline="\n")
    (folder / "Sami.py").write_text(SINGLE, encoding="utf-8", newline="\n")  # one file for all exercises
    for student, first in NOTEBOOKS.items():
        (folder / student).mkdir()
        book = {DENSE.replace(".py", ".ipynb"): notebook(RIGHT[DENSE], first)}
        for name, text in {**without(DENSE), **book}.items():
            (folder / student / name).write_text(text, encoding="utf-8", newline="\n")
    (folder / "Tove").mkdir()
    (folder / "Tove" / DENSE).write_bytes("# größe\n".encode("latin-1"))


if __name__ == "__main__":
    make(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent / "submissions")
