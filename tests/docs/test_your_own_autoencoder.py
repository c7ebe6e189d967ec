"""The page on models of one's own: its example runs, and its check finds what is wrong."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import scratchae as sae
from scratchae.verify import check_model

PAGE = (Path(__file__).parents[2] / "docs" / "your-own-autoencoder.md").read_text("utf-8")
EXAMPLE = re.search(r"<!-- the example -->\n```python\n(.*?)```", PAGE, re.DOTALL)
X = np.random.default_rng(0).random((20, 6))


@pytest.fixture
def kind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Any:
    """The class of the example, after all of it has run."""
    assert EXAMPLE is not None
    monkeypatch.chdir(tmp_path)
    names: dict[str, Any] = {"__name__": "example"}
    exec(compile(EXAMPLE[1], "your-own-autoencoder.md", "exec"), names)
    out = capsys.readouterr().out
    assert "no problem was found" in out and "its objective with numba ops" in out
    assert (tmp_path / "small.npz").exists()
    return names["SmallCodeAutoencoder"]


def test_the_example_has_40_lines_and_runs(kind: Any) -> None:
    assert EXAMPLE is not None and EXAMPLE[1].count("\n") <= 40
    assert issubclass(kind, sae.Autoencoder)


def test_the_other_examples_run() -> None:
    blocks = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    assert len(blocks) == 2
    exec(blocks[1], {"sae": sae, "data": sae.load_digits()})


@pytest.mark.parametrize("entry", ["Autoencoder", "VariationalAutoencoder", "StackedClassifier", "SparseAutoencoder"])
def test_the_models_of_the_package_pass(entry: str) -> None:
    small = {"hidden_sizes": (5,)} if entry == "StackedClassifier" else {"hidden_sizes": (5,), "latent_dim": 3}
    model = getattr(sae, entry)(**small, activation="tanh")
    check = check_model(model, X, np.arange(20) % 2 if entry == "StackedClassifier" else None)
    assert check.passed, check
    assert not hasattr(model, "history_")


def wrong(change: Any, **attributes: Any) -> Any:
    """A model whose loss and gradients go through `change`."""

    def objective(self: Any, parameters: Any, x: Any, y: Any = None, noise: Any = None) -> Any:
        return change(*sae.Autoencoder.objective(self, parameters, x, y, noise), parameters, x)

    made = type("Wrong", (sae.Autoencoder,), {"objective": objective, **attributes})
    return made(hidden_sizes=(5,), latent_dim=3, activation="tanh")


def doubled(loss: float, gradients: Any, parameters: Any, x: Any) -> Any:
    gradients["decoder.1.b"] *= 2
    return loss, gradients


def zeros(loss: float, gradients: Any, parameters: Any, x: Any) -> Any:
    return loss, gradients.like()


def grows(loss: float, gradients: Any, parameters: Any, x: Any) -> Any:
    gradients.flat[:] *= len(x)
    return loss * len(x), gradients


def by_chance(loss: float, gradients: Any, parameters: Any, x: Any) -> Any:
    return loss + 0.1 * np.random.default_rng().random(), gradients


def overwrites(loss: float, gradients: Any, parameters: Any, x: Any) -> Any:
    x *= 0.9
    return loss, gradients


def test_validation_data_are_judged_by_the_objective_of_the_subclass() -> None:
    def heavy(loss: float, gradients: Any, parameters: Any, x: Any) -> Any:
        return loss + 100.0, gradients

    model = wrong(heavy).set_params(epochs=1, random_state=0).fit(X, validation_data=X)
    assert model.history_["val_loss"][-1] > 100
    metrics = sae.Autoencoder.metrics  # named beside the objective, and not its own
    check = check_model(wrong(heavy, metrics=metrics), X)
    assert "metrics gives the loss" in str(check)


def test_what_cannot_be_checked_is_said() -> None:
    with pytest.raises(TypeError, match=r"give Autoencoder\(\)"):
        check_model(sae.Autoencoder, X)
    with pytest.raises(TypeError, match="objective returned float; it must return the loss and the gradients"):
        wrong(lambda loss, *rest: loss).fit(X)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (doubled, "The gradient of decoder.1.b, early differs"),
        (zeros, "have a gradient of zeros"),
        (grows, "Repeating every row changes the objective"),
        (by_chance, "The loss differs when it is computed again"),
        (overwrites, "The objective modifies its arguments"),
    ],
)
def test_whatever_is_wrong_is_named(change: Any, words: str) -> None:
    check = check_model(wrong(change), X)
    assert not check.passed and words in str(check)
