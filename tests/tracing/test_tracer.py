"""`trace`: loss and gradients are those of `loss_and_gradients`, for every model; classes of one's own; sentences for what cannot be traced."""

from __future__ import annotations

import linecache
import os
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import scratchae as sae
from scratchae.models.likelihoods import LIKELIHOODS
from scratchae.models.model import Model
from scratchae.registry import BY_NAME
from scratchae.tracing.tracer import MOST_ROWS

RNG = np.random.default_rng(0)
X, Y = RNG.random((24, 6)), np.arange(24) % 3
SHORT: dict[str, Any] = {"epochs": 1, "random_state": 0}
DEEP: dict[str, Any] = {"hidden_sizes": (5,), "latent_dim": 2}
VARIATIONAL = ("VariationalAutoencoder", "ImportanceWeightedAutoencoder", "ConditionalVariationalAutoencoder")
OPTIONS: list[tuple[str, dict[str, Any]]] = [
    *(("Autoencoder", {**DEEP, "activation": name}) for name in ("relu", "sigmoid", "tanh", "identity")),
    ("Autoencoder", {**DEEP, "tied_weights": True, "weight_decay": 0.1, "code_activation": "tanh"}),
    ("Autoencoder", {**DEEP, "likelihood": "gaussian", "output_activation": "sigmoid"}),
    *(("DenoisingAutoencoder", {**DEEP, "corruption": c}) for c in ("masking", "salt_and_pepper", "gaussian")),
    ("SparseAutoencoder", {"latent_dim": 3, "weight_decay": 0.1}),
    ("KSparseAutoencoder", {"latent_dim": 4, "k": 2}),
    ("ContractiveAutoencoder", {"latent_dim": 3, "weight_decay": 0.1}),
    ("ContractiveAutoencoder", {"latent_dim": 3, "activation": "tanh", "likelihood": "gaussian"}),
    ("WassersteinAutoencoder", {**DEEP, "weight_decay": 0.1}),
    ("StackedAutoencoder", {"hidden_sizes": (4, 3)}),
    ("StackedAutoencoder", {"hidden_sizes": (4, 3), "base": "sparse", "tied_weights": True}),
    ("StackedClassifier", {"hidden_sizes": (4,), "weight_decay": 0.1}),
    ("StackedClassifier", {"hidden_sizes": (), "class_weight": "balanced"}),
    *((name, {**DEEP, "n_samples": 2, "weight_decay": 0.1}) for name in VARIATIONAL),
    *((name, {**DEEP, "likelihood": "gaussian", "variance": "learned_per_feature"}) for name in VARIATIONAL),
    *((name, {**DEEP, "binarize": "dynamic"}) for name in VARIATIONAL),
    ("VariationalAutoencoder", {**DEEP, "kl": "sampled", "n_samples": 3}),
    ("VariationalAutoencoder", {**DEEP, "free_bits": 0.2, "beta": 2.0}),
    ("VariationalAutoencoder", {**DEEP, "likelihood": "gaussian", "variance": 0.5, "hidden_sizes": ()}),
]  # fmt: skip


def fitted(name: str, **options: Any) -> Model:
    """A model of that class, fitted on the NumPy backend."""
    with sae.use_backend("numpy"):
        model = getattr(sae, name)(**{**SHORT, **options})
        model.fit(X, Y if model.needs_labels else None)
    return model


def labels_for(model: Any, rows: slice) -> Any:
    return Y[rows] if model.needs_labels else None


def test_every_model_is_among_the_cases() -> None:
    assert {name for name, _ in OPTIONS} == set(BY_NAME)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize(("name", "options"), OPTIONS, ids=lambda value: value if isinstance(value, str) else None)
def test_loss_and_gradients_are_those_of_the_objective(name: str, options: dict[str, Any], dtype: str) -> None:
    model: Any = fitted(name, **options, dtype=dtype)
    before = model.parameters_.flat.copy()
    for rows in (slice(5), slice(3, 4)):
        y = labels_for(model, rows)
        with sae.use_backend("numpy"):
            loss, gradients = model.loss_and_gradients(X[rows], y, seed=7)
        found = sae.trace(model, X[rows], y, seed=7)
        assert found.loss == loss and list(found.gradients) == list(gradients)
        for parameter, gradient in gradients.items():
            assert found.gradients[parameter].dtype == gradient.dtype == dtype
            assert found.gradients[parameter].tobytes() == gradient.tobytes(), parameter
        assert found.rows == len(X[rows])
    assert model.parameters_.flat.tobytes() == before.tobytes()


@pytest.mark.parametrize(("name", "options"), OPTIONS, ids=lambda value: value if isinstance(value, str) else None)
def test_labelled_lines_lead_to_the_loss_and_the_gradients(name: str, options: dict[str, Any]) -> None:
    model: Any = fitted(name, **{**options, "weight_decay": 0.0}, dtype="float64")
    found = sae.trace(model, X[:3], labels_for(model, slice(3)))
    assert {step.phase for step in found.steps} == {"forward", "backward"}
    numbers = [value.array for step in found.steps for value in step.values if value.array is not None]
    assert any(number.ndim == 0 and number == found.loss for number in numbers)
    for parameter, gradient in found.gradients.items():
        assert any(np.array_equal(number, gradient) for number in numbers), parameter


def test_the_backend_in_use_does_not_matter() -> None:
    model = fitted("VariationalAutoencoder", **DEEP)
    with sae.use_backend("numba"):
        found = sae.trace(model, X[:3])
        assert sae.backend_name() == "numba"
    with sae.use_backend("numpy"):
        assert sae.trace(model, X[:3]).to_dict() == found.to_dict()


def test_seed_and_rows_matter() -> None:
    model = fitted("VariationalAutoencoder", **DEEP)
    losses = {sae.trace(model, X[rows], seed=seed).loss for rows in (slice(3), slice(1, 4)) for seed in (0, 1)}
    assert len(losses) == 4


def test_the_model_is_not_changed() -> None:
    model: Any = fitted("VariationalAutoencoder", **DEEP)
    before, flat = dict(vars(model)), model.parameters_.flat.copy()
    sae.trace(model, X[:3])
    assert vars(model) == before and np.array_equal(model.parameters_.flat, flat)


def test_inputs_are_rows_parameters_and_noise() -> None:
    model: Any = fitted("DenoisingAutoencoder", **DEEP)
    given = {value.name: value.array for value in sae.trace(model, X[:3], seed=5).inputs}
    assert np.array_equal(given["x"], X[:3].astype(np.float32))
    assert np.array_equal(given["noise"], np.random.default_rng(5).random((3, 6), np.float32))
    for name, parameter in model.parameters_.items():
        assert np.array_equal(given[f'parameters["{name}"]'], parameter)


class Small(sae.Autoencoder):
    """A model of one's own, with labels."""

    def objective(self, parameters: Any, x: Any, y: Any = None, noise: Any = None, terms: Any = None) -> Any:
        encoder, decoder = self.networks(x.shape[1])
        likelihood, gradients = LIKELIHOODS[self.likelihood], parameters.like()
        h = encoder.forward(parameters, x)  # (small.1)
        outputs = decoder.forward(parameters, h[-1])
        losses = likelihood.loss(outputs[-1], x)
        loss = self._size(losses, h[-1])  # (small.2)
        doutput = likelihood.loss_backward(np.full_like(losses, 1 / len(x)), outputs[-1], x)
        dh = decoder.backward(parameters, doutput, outputs, gradients)
        dh = dh + h[-1] / len(x)  # (small.3)
        encoder.backward(parameters, dh, h, gradients)
        return loss, gradients

    def _size(self, losses: Any, h: Any) -> float:
        sizes = (h**2).sum(axis=1) / 2  # (small.4)
        return float((losses + sizes).mean(dtype=np.float64))


def own(kind: Any) -> Any:
    with sae.use_backend("numpy"):
        return kind((), 2, **SHORT).fit(X)


def test_a_model_of_ones_own() -> None:
    model = own(Small)
    found = sae.trace(model, X[:3])
    assert [label for label in found.labels if label.startswith("small")] == [
        "small.1",
        "small.2",
        "small.4",
        "small.3",
    ]
    assert "dense.1" in found.labels and "small.1" not in found.equations
    step = next(step for step in found.steps if step.labels == ("small.4",))
    assert step.file == __file__ and step.function == "Small._size" and step.inside is not None
    with sae.use_backend("numpy"):
        np.testing.assert_array_equal(found.values("small.4")["sizes"], (model.encode(X[:3]) ** 2).sum(axis=1) / 2)
        assert found.loss == model.loss_and_gradients(X[:3])[0]


MINE = """
import scratchae as sae

class Mine(sae.Autoencoder):
    def objective(self, parameters, x, y=None, noise=None, terms=None):
        loss, gradients = super().objective(parameters, x)  # (mine.1)
        return loss, gradients
"""


def test_a_class_in_a_cell_of_a_notebook() -> None:
    cell = "<ipython-input-3-abc>"
    linecache.cache[cell] = (len(MINE), None, MINE.splitlines(keepends=True), cell)
    names: dict[str, Any] = {"__name__": "__main__"}
    exec(compile(MINE, cell, "exec"), names)
    found = sae.trace(own(names["Mine"]), X[:2])
    assert found.labels[0] == "mine.1" and found.steps[0].file == cell and found.steps[0].line == 6


def test_a_class_in_a_module_of_ones_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "my_autoencoder.py").write_text(MINE, encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    import my_autoencoder  # type: ignore[import-not-found]

    found = sae.trace(own(my_autoencoder.Mine), X[:2])
    assert found.steps[0].file == str(tmp_path / "my_autoencoder.py") and "autoencoder.1" in found.labels


@pytest.fixture
def around() -> Iterator[Any]:
    """A trace function that is active meanwhile."""
    before, seen = sys.gettrace(), []

    def tracer(*_: object) -> None:
        seen.append(1)

    sys.settrace(tracer)
    yield tracer
    sys.settrace(before)


class Broken(Small):
    """A model whose objective has an error."""

    broken = False

    def _size(self, losses: Any, h: Any) -> float:
        if self.broken:
            raise RuntimeError("of the user")  # (small.9)
        return super()._size(losses, h)


def test_an_error_of_the_objective_passes_and_leaves_nothing_behind(around: Any) -> None:
    model = own(Broken)
    before, loss = model.parameters_.flat.copy(), sae.trace(model, X[:2]).loss
    model.broken = True
    with pytest.raises(RuntimeError, match="of the user"):
        sae.trace(model, X[:2])
    assert sys.gettrace() is around
    with sae.use_backend("numba"):
        with pytest.raises(RuntimeError, match="of the user"):
            sae.trace(model, X[:2])
        assert sae.backend_name() == "numba"
    model.broken = False
    assert sae.trace(model, X[:2]).loss == loss and np.array_equal(model.parameters_.flat, before)


class Bare(sae.Autoencoder):
    """A model without labels."""

    def objective(self, parameters: Any, x: Any, y: Any = None, noise: Any = None, terms: Any = None) -> Any:
        encoder, decoder = self.networks(x.shape[1])
        gradients = parameters.like()
        h = encoder.forward(parameters, x)
        outputs = decoder.forward(parameters, h[-1])
        dh = decoder.backward(parameters, outputs[-1] - x, outputs, gradients)
        encoder.backward(parameters, dh, h, gradients)
        return 0.5 * float(((outputs[-1] - x) ** 2).sum()), gradients


class Other:
    """No model."""


class NoObjective(Model):
    """A model without `loss_and_gradients`."""


def bad_calls() -> dict[str, tuple[Any, Any, type[Exception], str]]:
    """Calls that cannot be traced: arguments, error, words."""
    model: Any = fitted("Autoencoder", **DEEP)
    classifier: Any = fitted("StackedClassifier", hidden_sizes=(4,))
    hole = X[:2].copy()
    hole[1, 2] = np.nan
    return {
        "class": (sae.Autoencoder, (X,), TypeError, r"not a class; give Autoencoder\(\)\.fit\(X\)"),
        "no model": (Other(), (X,), TypeError, "Other is none"),
        "no loss_and_gradients": (NoObjective(), (X,), TypeError, "NoObjective is none"),
        "unfitted": (sae.Autoencoder(), (X,), sae.NotFittedError, r'not fitted.*call fit first.*tiny\("autoencoder"\)'),
        "too many rows": (model, (np.zeros((MOST_ROWS + 1, 6)),), ValueError, r"101 rows.*at most 100; give.*X\[:3\]"),
        "too many rows of a list": (model, ([[0.0] * 6] * 101,), ValueError, "101 rows"),
        "no rows": (model, (X[:0],), ValueError, "0 rows|no rows|empty"),
        "columns": (model, (X[:2, :4],), ValueError, "4 features.*6|6 features"),
        "nan": (model, (hole,), ValueError, "NaN.*row 1"),
        "no labels of the rows": (classifier, (X[:2],), ValueError, r"fitted with labels; give.*trace\(model, X, y\)"),
        "labels that are too few": (classifier, (X[:2], Y[:1]), ValueError, "2 rows and y has 1 labels"),
        "unknown label": (classifier, (X[:2], [0, 9]), ValueError, "9"),
        "no labels in the code": (own(Bare), (X[:2],), ValueError, r"Bare\.objective has no labels; write.*# \(mine\.1\)"),
    }  # fmt: skip


@pytest.mark.parametrize("case", [
    "class", "no model", "no loss_and_gradients", "unfitted", "too many rows", "too many rows of a list", "no rows", "columns",
    "nan", "no labels of the rows", "labels that are too few", "unknown label", "no labels in the code",
])  # fmt: skip
def test_a_sentence_for_what_cannot_be_traced(case: str, around: Any) -> None:
    sys.settrace(None)
    model, arguments, error, words = bad_calls()[case]
    sys.settrace(around)
    with pytest.raises(error, match=words) as caught:
        sae.trace(model, *arguments)
    assert sys.gettrace() is around
    message = str(caught.value)
    assert message.endswith((".", ")")) and "\n" not in message


def test_as_many_rows_as_are_allowed() -> None:
    assert sae.trace(fitted("Autoencoder", **DEEP), np.zeros((MOST_ROWS, 6))).rows == MOST_ROWS


def test_data_frames_and_lists() -> None:
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame(X, columns=list("abcdef"))
    with sae.use_backend("numpy"):
        model = sae.Autoencoder((), 2, **SHORT).fit(frame)
    loss = sae.trace(model, frame[:3]).loss
    assert loss == sae.trace(own(sae.Autoencoder), X[:3].tolist()).loss


def test_in_a_script(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(MINE + textwrap.dedent("""
        import numpy as np

        sae.use_backend("numpy")
        model = Mine((), 1, epochs=1, random_state=0).fit(np.eye(4))
        print(sae.trace(model, np.eye(4)[:1]))
    """), encoding="utf-8")  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-W", "ignore", str(script)], capture_output=True, text=True, check=True, timeout=100,
        env={**os.environ, "PYTHONPATH": str(Path(sae.__file__).parents[1])},
    )  # fmt: skip
    assert (
        "(mine.1)  loss, gradients = super().objective(parameters, x)" in done.stdout and "script.py:6" in done.stdout
    )
