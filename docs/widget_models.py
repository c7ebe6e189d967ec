"""Train the three models of the page's widget in which one draws a digit, and write them as a script for the browser.

`python docs/widget_models.py` trains a basic, a denoising and a variational autoencoder on the embedded digits (a few seconds), rounds their
parameters to 16 bits, checks that no decoded pixel changes by 1/255 or more, and writes docs/_static/widgets/digits_models.js. `--out FILE`
writes it elsewhere.
"""

from __future__ import annotations

import argparse
import base64
import json
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

import scratchae as sae

FILE = Path(__file__).parent / "_static" / "widgets" / "digits_models.js"
OPTIONS: dict[str, Any] = {
    "hidden_sizes": (64,),
    "latent_dim": 8,
    "batch_size": 32,
    "learning_rate": 2e-3,
    "epochs": 150,
    "random_state": 0,
}
HEADER = """"use strict";
/* Three autoencoders of 8×8 digits, trained by docs/widget_models.py. Each array is 16-bit integers in base64, little-endian, times its scale.
   The examples are test images in sixteenths. Data: E. Alpaydin and C. Kaynak (1998), "Optical Recognition of Handwritten Digits", UCI Machine
   Learning Repository, https://doi.org/10.24432/C50P49, licensed under CC BY 4.0. */
"""


def trained(data: sae.Dataset) -> dict[str, Any]:
    """The three models, fitted to the training images."""
    models = {
        "basic": sae.Autoencoder(**OPTIONS),
        "denoising": sae.DenoisingAutoencoder(corruption="masking", corruption_level=0.3, **OPTIONS),
        "variational": sae.VariationalAutoencoder(**OPTIONS),
    }
    return {name: model.fit(data.x_train) for name, model in models.items()}


def quantized(values: NDArray[Any]) -> tuple[NDArray[np.int16], float]:
    """An array as 16-bit integers and their scale."""
    scale = max(float(np.abs(values).max()), 1e-30) / 32767
    return np.rint(values.astype(np.float64) / scale).astype("<i2"), scale


def with_rounded_parameters(model: Any) -> dict[str, Any]:
    """Round the parameters of a model in place to 16 bits; return them as the script contains them."""
    written = {}
    for name, values in model.parameters_.items():
        whole, scale = quantized(values)
        values[...] = whole * scale
        code = base64.b64encode(whole.tobytes()).decode("ascii")
        written[name] = {"shape": list(values.shape), "scale": scale, "data": code}
    return written


def code_of(model: Any, x: NDArray[Any]) -> dict[str, Any]:
    """Centre and spread of the codes of all rows, and the dimensions in order of their effect on the images."""
    z = model.encode(x).astype(np.float64)
    centre, spread = z.mean(axis=0), z.std(axis=0)
    effect = [np.abs(model.decode(z + spread * unit) - model.decode(z)).mean() for unit in np.eye(z.shape[1])]
    order = np.argsort(-np.array(effect), kind="stable")
    active = model.latent_statistics(x).active if hasattr(model, "latent_statistics") else np.ones(len(order), bool)
    return {
        "centre": centre.round(4).tolist(),
        "spread": spread.round(4).tolist(),
        "order": order.tolist(),
        "active": np.asarray(active).tolist(),
    }


def described(model: Any, data: sae.Dataset) -> dict[str, Any]:
    """All that the page needs of a model, whose parameters are rounded.

    Raises
    ------
    ValueError
        If rounding changes a decoded pixel of a test image by 1/255 or more.
    """
    before = model.decode(model.encode(data.x_test)).astype(np.float64)
    parameters = with_rounded_parameters(model)
    change = float(np.abs(model.decode(model.encode(data.x_test)) - before).max())
    if change >= 1 / 255:
        raise ValueError(f"16 bits change a pixel by {change:.4f}, more than 1/255; write more bits.")
    return {"variational": hasattr(model, "posterior"), **code_of(model, data.x_test), "parameters": parameters}


def script(data: sae.Dataset) -> str:
    """The text of the script."""
    models = {name: described(model, data) for name, model in trained(data).items()}
    first = np.unique(data.y_test, return_index=True)[1]
    examples = np.rint(16 * data.x_test[first]).astype(int).tolist()
    content = json.dumps({"latent_dim": OPTIONS["latent_dim"], "models": models, "examples": examples})
    return f"{HEADER}var SAE_DIGITS = {content};\n"


def main() -> None:
    """Write the script."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, default=FILE, help="path of the script")
    path = parser.parse_args().out
    path.write_text(script(sae.load_digits()), encoding="utf-8")
    print(f"{path}: {path.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
