"""The page that compares with PyTorch: every snippet runs, and every loss and gradient in it is that of `loss_and_gradients`."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from helpers.extras import need, one_thread

import scratchae as sae
from scratchae.registry import REGISTRY

PAGE = (Path(__file__).parents[2] / "docs" / "the-same-in-pytorch.md").read_text("utf-8")
OWN_LINES = re.compile(r"<!-- lines: .*?<!-- end -->", re.DOTALL)
SNIPPETS = re.findall(r"^## ([^\n]+)$|^```python\n(.*?)^```$", OWN_LINES.sub("", PAGE), re.DOTALL | re.MULTILINE)
TOLERANCE = 1e-6
# Models without a section: what they train is in the sections of others.
ELSEWHERE = {"StackedAutoencoder": "the loss of Autoencoder"}


def test_every_model_has_a_section_or_a_reason() -> None:
    shown = {entry.name for entry in REGISTRY if re.search(rf"sae\.{entry.name}\(", PAGE)}
    assert shown | set(ELSEWHERE) == {entry.name for entry in REGISTRY} and not shown & set(ELSEWHERE)


@pytest.mark.filterwarnings("ignore:The posterior has collapsed")
def test_every_snippet_runs_and_is_the_same() -> None:
    need("torch", extra="torch")
    from oracles.comparison import assert_same

    compared: list[str] = []

    def same(ours: Any, loss: Any, module: Any) -> None:
        """A comparison that the page cannot weaken."""
        (value, gradients), where = ours, f"{heading}, comparison {len(compared) + 1}"
        assert_same(loss.item(), value, TOLERANCE, where)
        original(ours, loss, module)  # goes backward
        got = {key: parameter.grad.numpy() for key, parameter in module.named_parameters()}
        want = {
            re.sub(r"\bW$", "weight", re.sub(r"\bb$", "bias", name)): gradient.T for name, gradient in gradients.items()
        }
        assert got.keys() == want.keys(), where
        for key, gradient in want.items():
            assert_same(got[key], gradient, TOLERANCE, f"{where}, {key}")
        compared.append(heading)

    names: dict[str, Any] = {"__name__": "page"}
    original, heading = same, "the beginning"
    for title, snippet in SNIPPETS:
        heading = title or heading
        with (
            one_thread(),
            sae.use_backend("numpy"),
        ):  # nothing to compile; the kernels are held against the ops elsewhere
            exec(compile(snippet, f"the-same-in-pytorch.md, {heading}", "exec"), names)
        if "def same" in snippet:
            original, names["same"] = names["same"], same
    assert [*dict.fromkeys(compared)] == [
        "Autoencoder",
        "Denoising autoencoder",
        "Sparse autoencoder",
        "k-sparse autoencoder",
        "Contractive autoencoder",
        "Variational autoencoder, Bernoulli",
        "Variational autoencoder, Gaussian",
        "Conditional variational autoencoder",
        "Importance-weighted autoencoder",
        "Wasserstein autoencoder",
        "Classifier",
    ]
    assert len(compared) >= 14
    assert np.finfo(names["X"].dtype).eps < 1e-15  # in float64
