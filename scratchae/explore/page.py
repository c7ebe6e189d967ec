"""Assembly of the page from its template and the description of a model; it is written completely or not at all."""

from __future__ import annotations

import base64
import html
import json
import os
import re
from collections.abc import Mapping
from importlib import resources
from pathlib import Path
from string import Template

import numpy as np
from numpy.typing import ArrayLike

from scratchae import files
from scratchae.explore.attributes import Direction
from scratchae.explore.description import describe, legend
from scratchae.explore.latent_space import Explorable


def write_page(
    model: Explorable,
    path: str | os.PathLike[str],
    image_shape: tuple[int, int] | str | None = None,
    attributes: Mapping[str, Direction] | None = None,
    *,
    X: ArrayLike | None = None,
    y: ArrayLike | None = None,
) -> Path:
    """Write an HTML page in which the decoder of a fitted model runs: moving the code updates the image.

    The page is self-contained, with the parameters as float32; it needs neither a network nor a server.

    Parameters
    ----------
    model : fitted model with a decoder
        Any autoencoder: basic, stacked, variational, conditional, …
    path : path
        Path of the page, such as ``"page.html"``.
    image_shape : (height, width) or "none", optional
        By default, as `scratchae train` stored it in the model's file; otherwise rows of D features without names are taken for square
        images if D is a square number and at least 64. Rows that are not images ("none") are drawn as a bar chart.
    attributes : mapping of str to array of shape (J,), or to (array of shape (J,), (low, high)), optional
        Directions in the latent space. Each becomes a slider that adds t times the direction to the code, for t from `low` to `high`.
        The default range is three standard deviations of the code in that direction.
    X : array_like, shape (N, D), optional
        Data such as those that the model was fitted to; for a model with a `preparation_`, prepared rows. For a model without a prior, the
        sliders then reach from three standard deviations below the mean of the codes to three above; with the Gaussian likelihood, features
        are shown in the range of X. Without X, codes are assumed to be standard normal, within the range of their activation.
    y : array_like, shape (N,), optional
        Classes of X, needed by a conditional model to encode it.

    Returns
    -------
    pathlib.Path
        The path of the page.

    Raises
    ------
    ValueError
        If the model has no decoder or is not fitted, or an argument does not match it.
    OSError
        If the page cannot be written; an existing file is left unchanged.

    Examples
    --------
    >>> import os, tempfile
    >>> import scratchae as sae
    >>> from scratchae.explore import write_page
    >>> data = sae.load_digits()
    >>> model = sae.VariationalAutoencoder(latent_dim=2, epochs=1, random_state=0).fit(data.x_train)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     page = write_page(model, os.path.join(folder, "page.html"))
    ...     page.read_text(encoding="utf-8")[:15]
    '<!DOCTYPE html>'
    """
    description = describe(model, image_shape, attributes, X, y)
    names = [layer[part] for layer in description["layers"] for part in ("weights", "bias")]
    parameters = {name: _base64(name, model.parameters_[name]) for name in names}
    rows = (f"<div><dt>{_html(term)}</dt><dd>{_html(text)}</dd></div>" for term, text in legend(description))
    page = Template(_read("template.html")).substitute(
        title=html.escape(description["model"]),
        heading=_html(description["model"]),
        legend="\n".join(rows),
        style=_read("explore.css"),
        script=_read("decoder.js") + _read("explore.js"),
        description=_json(description),
        parameters=_json(parameters),
    )
    files.write_bytes(path, page.encode(), "page.html")
    return Path(path)


def _html(text: str) -> str:
    """Return text as HTML in which a long class name may be broken between its words."""
    return re.sub("(?<=[a-z])(?=[A-Z])", "<wbr>", html.escape(text))


def _base64(name: str, values: np.ndarray) -> str:
    """Return the bytes of an array as little-endian float32, row by row."""
    with np.errstate(over="ignore"):  # an overflow becomes infinity and is reported below
        numbers = np.ascontiguousarray(values, "<f4")
    if not np.isfinite(numbers).all():
        raise ValueError(f"{name} has entries that are not finite in float32, so the decoder cannot run; train again.")
    return base64.b64encode(numbers.tobytes()).decode()


def _json(value: object) -> str:
    """Return JSON that is safe inside a script element: no text in it, such as a label, can close the element."""
    return json.dumps(value, allow_nan=False).replace("<", "\\u003c")


def _read(name: str) -> str:
    return resources.files(__package__).joinpath(name).read_text(encoding="utf-8")
