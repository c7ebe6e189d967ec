"""Small models and the pages written for them."""

from __future__ import annotations

import base64
import json
import re
from pathlib import Path
from typing import Any

import numpy as np

import scratchae as sae

DIGITS = sae.load_digits()
X, Y = DIGITS.x_train[:200], DIGITS.y_train[:200]
BRIEF: dict[str, Any] = {"epochs": 3, "random_state": 0}


def vae(**options: Any) -> sae.VariationalAutoencoder:
    """A small variational autoencoder, with a 2-D latent space by default."""
    return sae.VariationalAutoencoder(**{"hidden_sizes": (16,), "latent_dim": 2, **BRIEF, **options}).fit(X)


def conditional(**options: Any) -> sae.ConditionalVariationalAutoencoder:
    """A small conditional variational autoencoder."""
    options = {"hidden_sizes": (16,), "latent_dim": 2, **BRIEF, **options}
    return sae.ConditionalVariationalAutoencoder(**options).fit(X, Y)


def autoencoder(**options: Any) -> sae.Autoencoder:
    """A small autoencoder without a prior."""
    return sae.Autoencoder(**{"hidden_sizes": (16,), "latent_dim": 3, **BRIEF, **options}).fit(X)


def read_page(path: Path) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """The description of the model and its flat parameters, as a browser reads them."""
    text = path.read_text(encoding="utf-8")

    def content(name: str) -> Any:
        found = re.search(f'<script type="application/json" id="{name}">(.*?)</script>', text, re.DOTALL)
        assert found, name
        return json.loads(found[1])

    arrays = {name: np.frombuffer(base64.b64decode(code), "<f4") for name, code in content("parameters").items()}
    return content("description"), arrays
