"""The page on other tools: its snippets run, one after the other, and what they write for ONNX computes what the models do."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from helpers.extras import need, one_thread

import scratchae as sae
from scratchae.registry import REGISTRY

PAGE = (Path(__file__).parents[2] / "docs" / "other-tools.md").read_text("utf-8")
SECTIONS = {
    title: re.findall(r"^```python\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)
    for title, text in re.findall(r"^##? ([^\n]+)\n(.*?)(?=^## |\Z)", PAGE, re.DOTALL | re.MULTILINE)
}
START, TO_TORCH, NAMES, BACK, BY_TORCH, BY_HAND = SECTIONS
TOLERANCE = 1e-6
pytestmark = [
    pytest.mark.filterwarnings("ignore:The posterior has collapsed"),
    pytest.mark.filterwarnings("ignore:# The axis name"),  # both inputs have the same rows
    # PyTorch's exporter: `torch.jit` and others of its own parts are deprecated; packages that it looks for are missing.
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::FutureWarning"),
]


def run(sections: list[str], folder: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Run the snippets of these sections in a folder; return their names."""
    monkeypatch.chdir(folder)
    names: dict[str, Any] = {"__name__": "page"}
    for section in sections:
        for snippet in SECTIONS[section]:
            exec(compile(snippet, f"other-tools.md, {section}", "exec"), names)
    return names


def test_the_page_to_pytorch_and_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    need("torch", extra="torch")
    with one_thread():
        names = run([START, TO_TORCH, BACK], tmp_path, monkeypatch)
    assert names["model"].score(names["data"].x_test) > names["before"]
    weights = names["own"]["encoder"][0].weight.detach().numpy()
    np.testing.assert_array_equal(names["plain"].parameters_["encoder.0.W"], weights.T)


def test_the_table_of_names() -> None:
    need("torch", extra="torch")
    x, small = np.random.default_rng(0).random((12, 6)), {"hidden_sizes": (4,), "epochs": 1}
    models = [
        sae.Autoencoder(**small).fit(x),
        sae.StackedClassifier(**small).fit(x, np.arange(12) % 2),
        sae.VariationalAutoencoder(**small, likelihood="gaussian", variance="learned").fit(x),
    ]
    ours = {name for model in models for name in model.parameters_}
    theirs = {name for model in models for name in model.to_torch().state_dict()}
    (section,) = re.findall(rf"^## {NAMES}\n(.*?)^## ", PAGE, re.DOTALL | re.MULTILINE)
    rows = re.findall(r"^\| `([\w.]+)`[^|]*\| `([\w.]+)`", section, re.MULTILINE)
    assert len(rows) == 5
    for name, key in rows:
        assert name in ours and key in theirs and key == name.replace(".W", ".weight").replace(".b", ".bias")


@pytest.mark.slow
def test_the_page_to_onnx_with_pytorch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    need("torch", "onnx", "onnxruntime", "onnxscript", extra="onnx")
    names = run([START, TO_TORCH, BY_TORCH], tmp_path, monkeypatch)
    assert np.abs(names["x_hat"] - names["model"].reconstruct(names["data"].x_test)).max() <= TOLERANCE
    assert len(names["x_hat"]) != 2  # not the number of rows with which it was exported


def test_the_page_to_onnx_by_hand(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    need("onnx", "onnxruntime", extra="onnx")
    SECTIONS["runtime"] = ["import onnxruntime\n"]  # of the section before, which needs PyTorch
    names = run([START, "runtime", BY_HAND], tmp_path, monkeypatch)
    x = np.random.default_rng(0).random((9, 64))
    options: dict[str, Any] = {"hidden_sizes": (20, 10), "latent_dim": 4, "epochs": 2, "random_state": 0}
    for activation in ("relu", "sigmoid", "tanh", "identity"):
        for dtype in ("float32", "float64"):
            for tied in (False, True):
                model = sae.Autoencoder(
                    **options, activation=activation, dtype=dtype, tied_weights=tied, likelihood="gaussian"
                )
                rows = x.astype(dtype)
                names["to_onnx"](model.fit(rows), "own.onnx", last="Identity")
                assert np.abs(names["run"]("own.onnx", rows) - model.reconstruct(rows)).max() <= TOLERANCE


@pytest.mark.slow
@pytest.mark.parametrize("name", [entry.name for entry in REGISTRY])
def test_every_model_is_exported(name: str, tmp_path: Path) -> None:
    need("torch", "onnx", "onnxruntime", "onnxscript", extra="onnx")
    import onnxruntime
    import torch

    kind, x = getattr(sae, name), np.random.default_rng(0).random((30, 6), np.float32)
    classes = np.arange(30) % 3
    small = {"hidden_sizes": (5,), "latent_dim": 4, "k": 2, "epochs": 1, "pretrain_epochs": 1, "random_state": 0}
    usual = kind().get_params()
    model = kind(**{option: value for option, value in small.items() if usual.get(option, ()) != ()}).fit(x, classes)
    module, path = model.to_torch(), str(tmp_path / "m.onnx")
    inputs: list[Any] = [x, classes] if name == "ConditionalVariationalAutoencoder" else [x]
    rows = torch.export.Dim("rows")
    torch.onnx.export(
        module, tuple(torch.from_numpy(value[:2]) for value in inputs), path, dynamo=True, verbose=False,
        input_names=["x", "y"][: len(inputs)], dynamic_shapes=tuple({0: rows} for _ in inputs),
    )  # fmt: skip
    session = onnxruntime.InferenceSession(path)
    (got,) = session.run(None, dict(zip([given.name for given in session.get_inputs()], inputs, strict=True)))
    if name == "StackedClassifier":
        got, want = np.exp(got) / np.exp(got).sum(axis=1, keepdims=True), model.predict_proba(x)
    else:
        want = model.reconstruct(*inputs)
    assert np.abs(got - want).max() <= TOLERANCE
