"""Writes the example class: submissions to five exercises that are right, wrong, broken or hostile.

    python tests/grading/example_class/make.py [FOLDER]  (default: the folder `submissions` beside this file)

    scratchae grade tests/grading/example_class/submissions --policy tests/grading/example_class/policy.toml --out report

STUDENTS describes the submissions; tests/grading/test_example.py checks their grades.
"""

from __future__ import annotations

import io
import itertools
import json
import random
import shutil
import sys
import textwrap
import zipfile
from collections.abc import Mapping
from pathlib import Path

from scratchae.exercises.course import chosen
from scratchae.exercises.handout import solution

DENSE, ACTIVATIONS, LOSSES, KL, DRAW = (
    "01_dense.py",
    "02_activations.py",
    "03_losses.py",
    "13_gaussian_kl.py",
    "14_reparameterize.py",
)
EXERCISES = ("dense", "activations", "losses", "gaussian_kl", "reparameterize")

# Right ways to write each function, of which each student has some: people who work alone write different code.
WAYS: dict[str, dict[str, tuple[str, ...]]] = {
    DENSE: {
        "dense(x, W, b)": ("return x @ W + b", "return np.dot(x, W) + b", "return (W.T @ x.T).T + b"),
        "dense_backward(dy, x, W)": (
            "return dy @ W.T, x.T @ dy, dy.sum(axis=0)",
            "dx = dy @ W.T\ndW = np.dot(x.T, dy)\ndb = np.sum(dy, 0)\nreturn dx, dW, db",
            "return (W @ dy.T).T, (dy.T @ x).T, np.ones(len(dy)) @ dy",
        ),
    },
    ACTIVATIONS: {
        "sigmoid(x)": (
            "t = np.exp(-np.abs(x))\nreturn np.where(x >= 0, 1 / (1 + t), t / (1 + t))",
            "return (1 + np.tanh(x / 2)) / 2",
            "return np.exp(-np.logaddexp(0, -x))",
        ),
        "sigmoid_backward(dy, y)": ("return dy * y * (1 - y)", "return dy * (y - y**2)", "return (1 - y) * y * dy"),
        "tanh(x)": ("return np.tanh(x)", "t = np.exp(-2 * np.abs(x))\nreturn np.sign(x) * (1 - t) / (1 + t)"),
        "tanh_backward(dy, y)": (
            "return dy * (1 - y**2)",
            "return dy * (1 - y) * (1 + y)",
            "return dy - dy * np.square(y)",
        ),
        "relu(x)": ("return np.maximum(x, 0)", "return np.where(x > 0, x, 0.0)", "return np.clip(x, 0, None)"),
        "relu_backward(dy, y)": (
            "return dy * (y > 0)",
            "return np.where(y > 0, dy, 0.0)",
            "dx = dy.copy()\ndx[y <= 0] = 0\nreturn dx",
        ),
        "softplus(x)": ("return np.logaddexp(0, x)", "return np.maximum(x, 0) + np.log1p(np.exp(-np.abs(x)))"),
        "softplus_backward(dy, x)": (
            "return dy * sigmoid(x)",
            "return dy * (1 + np.tanh(x / 2)) / 2",
            "return dy * np.exp(-np.logaddexp(0, -x))",
        ),
    },
    LOSSES: {
        "logistic(a)": (
            "t = np.exp(-np.abs(a))\nreturn np.where(a >= 0, 1 / (1 + t), t / (1 + t))",
            "return (1 + np.tanh(a / 2)) / 2",
            "return np.exp(-np.logaddexp(0, -a))",
        ),
        "bernoulli_nll(logits, x)": (
            "return (np.logaddexp(0, logits) - x * logits).sum(axis=1)",
            "each = x * np.logaddexp(0, -logits) + (1 - x) * np.logaddexp(0, logits)\nreturn np.sum(each, axis=1)",
            "rest = np.log1p(np.exp(-np.abs(logits)))\nreturn np.sum(np.maximum(logits, 0) - logits * x + rest, axis=-1)",
        ),
        "bernoulli_nll_backward(dloss, logits, x)": (
            "return dloss[:, None] * (logistic(logits) - x)",
            "p = logistic(logits)\nreturn (dloss * (p - x).T).T",
            'return np.einsum("n,nd->nd", dloss, logistic(logits) - x)',
        ),
        "squared_error(x_hat, x)": (
            "return ((x_hat - x) ** 2).sum(axis=1)",
            'd = x_hat - x\nreturn np.einsum("nd,nd->n", d, d)',
            "return np.sum(np.square(x - x_hat), axis=-1)",
        ),
        "squared_error_backward(dloss, x_hat, x)": (
            "return dloss[:, None] * 2 * (x_hat - x)",
            "return 2 * (dloss * (x_hat - x).T).T",
            "return 2 * np.diag(dloss) @ (x_hat - x)",
        ),
    },
    KL: {
        "gaussian_kl_trace(mu, covariance)": (
            "trace = np.trace(covariance, axis1=1, axis2=2)\n_, log_det = np.linalg.slogdet(covariance)\n"
            "return (trace + (mu**2).sum(axis=1) - mu.shape[1] - log_det) / 2",
            "log_det = np.linalg.slogdet(covariance)[1]\n"
            'return 0.5 * (np.einsum("nii->n", covariance) + np.sum(mu * mu, axis=1) - len(mu.T) - log_det)',
            "eigenvalues = np.linalg.eigvalsh(covariance)\n"
            "return 0.5 * np.sum(eigenvalues - np.log(eigenvalues) - 1 + mu**2, axis=1)",
        ),
        "gaussian_kl_trace_backward(dkl, mu, covariance)": (
            "inverse = np.linalg.inv(covariance).swapaxes(1, 2)\n"
            "return dkl[:, None] * mu, dkl[:, None, None] * (np.eye(mu.shape[1]) - inverse) / 2",
            "slope = np.identity(mu.shape[1]) - np.transpose(np.linalg.inv(covariance), (0, 2, 1))\n"
            "return dkl.reshape(-1, 1) * mu, 0.5 * dkl.reshape(-1, 1, 1) * slope",
        ),
        "gaussian_kl_sums(mu, variance)": (
            "return (variance + mu**2 - 1 - np.log(variance)).sum(axis=1) / 2",
            "return 0.5 * np.sum(np.square(mu) - np.log(variance) + variance - 1, axis=1)",
        ),
        "gaussian_kl_sums_backward(dkl, mu, variance)": (
            "return dkl[:, None] * mu, dkl[:, None] * (1 - 1 / variance) / 2",
            "dkl = dkl.reshape(-1, 1)\nreturn mu * dkl, 0.5 * dkl - 0.5 * dkl / variance",
        ),
        "gaussian_kl(mu, logvar)": (
            "return (mu**2 + np.exp(logvar) - logvar - 1).sum(axis=1) / 2",
            "return -0.5 * np.sum(1 + logvar - mu * mu - np.exp(logvar), axis=1)",
        ),
        "gaussian_kl_backward(dkl, mu, logvar)": (
            "return dkl[:, None] * mu, dkl[:, None] * (np.exp(logvar) - 1) / 2",
            "return (dkl * mu.T).T, (dkl * np.expm1(logvar).T).T / 2",
        ),
    },
    DRAW: {
        "reparameterize(mu, logvar, eps)": (
            "return mu + np.exp(logvar / 2) * eps",
            "sigma = np.exp(0.5 * logvar)\nreturn eps * sigma + mu",
        ),
        "reparameterize_backward(dz, logvar, eps)": (
            "dz, eps = dz.reshape(-1, *logvar.shape), eps.reshape(-1, *logvar.shape)\n"
            "return dz.sum(axis=0), (dz * eps).sum(axis=0) * np.exp(logvar / 2) / 2",
            "draws = tuple(range(dz.ndim - logvar.ndim))\n"
            "return np.sum(dz, axis=draws), 0.5 * np.exp(0.5 * logvar) * np.sum(dz * eps, axis=draws)",
        ),
    },
}
HEAD = "import numpy as np\n"
# All combinations of the ways of a file, in a random order: a student has that of his seat, so no two have the same of a long file.
COMBINATIONS = {name: list(itertools.product(*ways.values())) for name, ways in WAYS.items()}
for name, its in COMBINATIONS.items():
    random.Random(name).shuffle(its)
SEATS: dict[str, int] = {}

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


def right(student: str, **own: str) -> dict[str, str]:
    """All five files in the student's own ways; `own` has the bodies of functions written otherwise, by name."""
    files, seat = {}, SEATS.setdefault(student, len(SEATS))
    for name, functions in WAYS.items():
        parts, combinations = [HEAD], COMBINATIONS[name]
        for signature, way in zip(functions, combinations[seat % len(combinations)], strict=True):
            body = own.get(signature.partition("(")[0], way)
            parts.append(f"def {signature}:\n{textwrap.indent(body, '    ')}\n")
        files[name] = "\n\n".join(parts)
    return files


def without(student: str, *names: str, **own: str) -> dict[str, str]:
    """The right files without some of them."""
    return {name: text for name, text in right(student, **own).items() if name not in names}


def rewritten(files: dict[str, str], name: str) -> dict[str, str]:
    """The same code as another student's, with the functions of one file turned around and described."""
    head, *functions = files[name].split("\n\n\n")
    own = [f"# step {i}\n{function.strip()}\n" for i, function in enumerate(reversed(functions), start=1)]
    return {**files, name: "\n\n".join([f"{head.rstrip()}\n", *own])}


def solved(name: str) -> str:
    """The package's own solution of an exercise."""
    (exercise,) = (each for each in chosen(EXERCISES) if each.file == name)
    return solution(exercise)


BLAISE = right("Blaise")
STUDENTS: dict[str, dict[str, str]] = {
    # Everything right, in different ways.
    "Ada": right("Ada"),
    "Blaise": {**BLAISE, DENSE: LOOPS},
    "Wim": right("Wim", sigmoid="from scipy.special import expit\n\nreturn expit(x)"),  # allowed by the policy
    "Yara": right("Yara", dense='print("shapes", x.shape, W.shape)\nreturn x @ W + b'),
    # Mistakes of the usual kinds.
    "Chen": right("Chen", dense_backward="return dy @ W.T, x.T @ dy / len(x), dy.mean(axis=0)"),
    "Dora": right("Dora", bernoulli_nll_backward="return logistic(logits) - x"),
    "Emil": right(
        "Emil",
        reparameterize="return mu + np.exp(logvar) * eps",
        gaussian_kl="return (mu**2 + np.exp(logvar) - logvar - 1).sum(axis=1)",
    ),
    "Fatima": right("Fatima", sigmoid="return 1 / (1 + np.exp(-x))", softplus="return np.log(1 + np.exp(x))"),
    "Goran": right(
        "Goran",
        dense_backward="dx = dy @ W.T\ndW = x.T @ dy\ndb = dy.sum(axis=0)\ndy *= 0\nreturn dx, dW, db",
        squared_error_backward="return dloss[:, None] * 2 * (x - x_hat)",
    ),
    "Hana": right("Hana", reparameterize="return mu + np.exp(logvar / 2) * np.random.standard_normal(eps.shape)"),
    "Ines": without("Ines", KL, DRAW, squared_error_backward="raise NotImplementedError"),
    # A mistake in one function that another one calls: it costs points once by the policy.
    "Igor": right("Igor", sigmoid="return np.exp(-np.logaddexp(0, x))", softplus_backward="return dy * sigmoid(x)"),
    # Right numbers from finite differences; another student's file; the package's solution: for the teacher to judge.
    "Jun": {**right("Jun"), DENSE: NUMERIC},
    "Cleo": rewritten({**right("Cleo"), KL: BLAISE[KL]}, KL),
    "Dina": {**right("Dina"), ACTIVATIONS: solved(ACTIVATIONS)},
    # Files that cannot be read as they are, or not to the end.
    "Kofi": {**right("Kofi"), ACTIVATIONS: "import numpy as np\n\ndef sigmoid(x:\n    return 1 / (1 + np.exp(-x))\n"},
    "Lena": {
        **without("Lena", DENSE),
        "1_dense.py": right("Lena")[DENSE],
        LOSSES: right("Lena")[LOSSES].replace("def squared_error(x_hat, x)", "def squared_error(x)"),
    },
    "Milo": {".keep": ""},
    "Zeno": {
        **right("Zeno"),
        DENSE: right("Zeno")[DENSE] + "\n\nassert dense(np.eye(2), np.eye(2), np.ones(2)).sum() == 4\n",
    },
    "Theo": {**right("Theo"), LOSSES: "import pandas as pd\n" + right("Theo")[LOSSES]},  # not allowed
    # Hostile or runaway code: none affects other students.
    "Nina": right("Nina", dense="while True:\n    pass"),
    "Oleg": {**right("Oleg"), KL: "import numpy as np\n\nhoard = np.ones((10**5, 10**5))\n"},
    "Pia": {**right("Pia"), DRAW: FORKS},
    "Quentin": {**right("Quentin"), DENSE: SPY},
    "Rosa": {**right("Rosa"), LOSSES: "raise SystemExit(0)\n"},
}
# A notebook instead of the first file, by its first cell: with commands of Jupyter, which are left out; and one that fails.
NOTEBOOKS = {"Uma": "%matplotlib inline\n!pip install numpy", "Vera": "digits = open('digits.csv').read()"}


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


def zipped(files: Mapping[str, bytes]) -> bytes:
    """A zip archive; the same files give the same bytes."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), content)
    return buffer.getvalue()


def make(folder: Path) -> None:
    """Write the class into a new folder."""
    shutil.rmtree(folder, ignore_errors=True)
    for student, files in STUDENTS.items():
        (folder / student).mkdir(parents=True)
        for name, text in files.items():
            (folder / student / name).write_text(text, encoding="utf-8", newline="\n")
    parts = [HEAD, *(text.removeprefix(HEAD) for text in right("Sami").values())]
    (folder / "Sami.py").write_text("".join(parts), encoding="utf-8", newline="\n")  # one file for all exercises
    for student, first in NOTEBOOKS.items():
        (folder / student).mkdir()
        book = {DENSE.replace(".py", ".ipynb"): notebook(right(student)[DENSE], first)}
        for name, text in {**without(student, DENSE), **book}.items():
            (folder / student / name).write_text(text, encoding="utf-8", newline="\n")
    (folder / "Tove").mkdir()
    (folder / "Tove" / DENSE).write_bytes("# größe\n".encode("latin-1"))
    (folder / "Willa").mkdir()
    for name, text in right("Willa").items():  # written on Windows, with tabs
        (folder / "Willa" / name).write_bytes(
            b"\xef\xbb\xbf" + text.replace("    ", "\t").replace("\n", "\r\n").encode()
        )
    inner = zipped({f"homework/{name}": text.encode() for name, text in right("Xenia").items()})
    (folder / "Xenia.zip").write_bytes(zipped({"upload/homework.zip": inner, "__MACOSX/._homework.zip": b"\0"}))


if __name__ == "__main__":
    make(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent / "submissions")
