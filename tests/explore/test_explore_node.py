"""`decoder.js`, which a page runs in a browser, under Node: it decodes what Python decodes, for every kind of model and all options in pairs."""

from __future__ import annotations

import copy
import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from oracles import cases
from oracles.comparison import assert_same

import scratchae as sae
from scratchae import ops
from scratchae.explore import page, write_page

pytestmark = [
    pytest.mark.skipif(
        shutil.which("node") is None, reason="runs the page's script under Node, which is not installed"
    ),
    pytest.mark.filterwarnings("ignore:The posterior has collapsed"),
]
DECODER = Path(page.__file__).with_name("decoder.js")
TOLERANCE = 1e-11  # the parameters are float32 numbers, and both sides compute in float64
PARTS = ("description", "parameters")
FAR = [0.0, -0.0, 1e-9, -1e-9, 0.3, -0.3, 2.0, -2.0, 20.0, -20.0, 40.0, -40.0, 800.0, -800.0]

# The script of the page is run as it is; then a function of what it has defined gets the input, and its result is printed as JSON.
HARNESS = """
const vm = require("vm"), fs = require("fs");
const [, decoder, task] = process.argv;
const run = vm.runInThisContext(fs.readFileSync(decoder, "utf8") + ";(" + task + ")", { filename: decoder });
process.stdout.write(JSON.stringify(run(JSON.parse(fs.readFileSync(0, "utf8")))));
"""
# As explore.js makes the model that the page holds.
DECODE = """(pages) => pages.map(({ description, parameters, codes }) => {
  const model = { ...description };
  model.parameters = Object.fromEntries(Object.entries(parameters).map(([name, text]) => [name, fromBase64(text)]));
  return codes.map(([z, k]) => Array.from(decode(model, z, k)));
})"""
ACTIVATIONS = (
    """(values) => Object.fromEntries(Object.entries(ACTIVATIONS).map(([name, f]) => [name, values.map(f)]))"""
)


def node(task: str, given: Any) -> Any:
    """The result of a JavaScript function that may use what decoder.js defines."""
    run = subprocess.run(
        ["node", "-e", HARNESS, str(DECODER), task], input=json.dumps(given), capture_output=True, text=True, timeout=60
    )
    assert run.returncode == 0, run.stderr
    return json.loads(run.stdout)


def held_by(path: Path) -> dict[str, Any]:
    """The model in a page: its description, and its parameters as text."""
    text = path.read_text(encoding="utf-8")
    found = {
        name: re.search(f'<script type="application/json" id="{name}">(.*?)</script>', text, re.DOTALL)
        for name in PARTS
    }
    return {name: json.loads(part[1]) for name, part in found.items() if part}


def codes_for(model: Any, rng: np.random.Generator) -> np.ndarray:
    """Codes of about 1, and some so far away that every unit is saturated."""
    size = model._decoder(model.n_features_in_).layers[0].d_in - len(getattr(model, "classes_", ()))
    return rng.standard_normal((9, size)) * np.array([1.0, 1, 1, 1, 0, 5, 20, 20, 300])[:, None]


def test_activations() -> None:
    got = node(ACTIVATIONS, FAR)
    assert set(got) == {"identity", "sigmoid", "tanh", "relu"}
    for name, values in got.items():
        want = getattr(ops, name)(np.array(FAR))
        assert np.allclose(np.array(values, np.float64), want, rtol=1e-14, atol=0), name


@pytest.mark.parametrize("name", [name for name in cases.CASES if name != "StackedClassifier"])
def test_decodes_as_python_does(name: str, tmp_path: Path) -> None:
    pages, decoded, rng = [], [], np.random.default_rng(0)
    for i in range(len(cases.CASES[name])):
        model = copy.deepcopy(cases.with_random_parameters(name, i))
        model.parameters_.flat[:] = model.parameters_.flat.astype(np.float32)  # as a page holds them
        z = codes_for(model, rng)
        k = np.arange(len(z)) % 3 if cases.has_labels(name) else np.zeros(len(z), int)
        with sae.use_backend("numpy"):
            decoded.append(model.decode(z, cases.LABELS[k]) if cases.has_labels(name) else model.decode(z))
        codes = [[row.tolist(), int(c)] for row, c in zip(z, k, strict=True)]
        pages.append({**held_by(write_page(model, tmp_path / "page.html")), "codes": codes})
    for i, (got, want) in enumerate(zip(node(DECODE, pages), decoded, strict=True)):
        assert_same(got, want, TOLERANCE, str(cases.CASES[name][i]))


def test_the_page_runs_this_script(tmp_path: Path) -> None:
    text = write_page(cases.with_random_parameters("Autoencoder", 0), tmp_path / "page.html").read_text("utf-8")
    assert DECODER.read_text("utf-8") in text
