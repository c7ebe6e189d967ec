"""Description of a model for the page: its decoder, its latent space, and how to display its output."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from scratchae.explore.attributes import Direction, attributes_of
from scratchae.explore.display import shape_to_show, value_range
from scratchae.explore.latent_space import Explorable, LatentSpace, some_rows
from scratchae.nets import Layer
from scratchae.nets.network import Array


def describe(
    model: Explorable,
    image_shape: tuple[int, int] | str | None = None,
    attributes: Mapping[str, Direction] | None = None,
    X: ArrayLike | None = None,
    y: ArrayLike | None = None,
) -> dict[str, Any]:
    """Return a JSON-serialisable description of the model, without its parameters. Arguments and errors as in `write_page`.

    Returns
    -------
    description : dict
        "layers" of the decoder with the names of their parameters; "image_shape" or None; "centre", "spread", "low", "high" and "influence"
        with an entry for each of the J dimensions; "classes" or None; "attributes"; "value_range" of the displayed values; "units", the mean and
        the scale that bring decoded values back into the units of the data, or None.
    """
    if not hasattr(model, "_decoder"):
        raise ValueError(f"{type(model).__name__} has no decoder to explore; give an autoencoder.")
    model._check_fitted()
    features, classes = int(model.n_features_in_), getattr(model, "classes_", None)
    names = [str(name) for name in getattr(model, "feature_names_in_", [])]
    layers = [_layer(layer) for layer in model._decoder(features).layers]
    shape = shape_to_show(model, image_shape, features)
    rows, labels = some_rows(model, X, y)
    space = LatentSpace.of(model, rows, labels)

    def decode(z: Array) -> Array:
        if classes is None:
            return np.asarray(model.decode(z))
        return np.asarray(model.decode(z, classes[np.arange(len(z)) % len(classes)]))  # all classes in turn

    preparation = getattr(model, "preparation_", None)
    units = None
    shown, seen = decode(space.codes), rows
    if preparation is not None and preparation.standardize:
        units = {"mean": preparation.mean_.tolist(), "scale": preparation.scale_.tolist()}
        if shape is not None:  # grey values are shown in the units of the data; bars have one axis for all features
            shown = preparation.inverse_transform(shown)
            seen = None if rows is None else preparation.inverse_transform(rows)

    return {
        "model": type(model).__name__,
        "likelihood": model.likelihood,
        "prior": bool(getattr(model, "has_prior", False)),
        "data_seen": rows is not None,
        "layers": layers,
        "features": features,
        "feature_names": names,
        "image_shape": shape,
        "value_range": value_range(model.likelihood, layers[-1]["activation"], shown, seen),
        "units": units,
        "classes": None if classes is None else [str(label) for label in classes.tolist()],
        "centre": space.centre.tolist(),
        "spread": space.spread.tolist(),
        "low": space.low.tolist(),
        "high": space.high.tolist(),
        "influence": space.influence(decode).tolist(),
        "attributes": attributes_of(attributes, space),
    }


def _layer(layer: Layer) -> dict[str, Any]:
    return {
        "weights": f"{layer.tied_to or layer.name}.W",
        "transposed": layer.tied_to is not None,
        "bias": f"{layer.name}.b",
        "d_in": layer.d_in,
        "d_out": layer.d_out,
        "activation": layer.activation,
    }


def legend(description: dict[str, Any]) -> list[tuple[str, str]]:
    """Return the entries of the page's legend: terms and their descriptions."""
    size, shape, classes = len(description["centre"]), description["image_shape"], description["classes"]
    code, symbol = ("Latent space", "z") if description["prior"] else ("Code", "h")  # as in docs/notation.md
    if description["prior"]:
        sliders = "prior N(0, I)"
    else:
        sliders = f"slider ranges {'from the codes of the data' if description['data_seen'] else 'assumed, as no data were given'}"
    widths = [
        f"{size}{f' + {len(classes)} classes' if classes else ''}",
        *(layer["d_out"] for layer in description["layers"]),
    ]
    units = [layer["activation"].replace("identity", "linear") for layer in description["layers"]]
    output = "sigmoid" if description["likelihood"] == "bernoulli" else units[-1]
    hidden = f"{units[0]}, " if len(units) > 1 else ""
    features = f"{description['features']} feature{'s' if description['features'] > 1 else ''}"
    if description["units"] is not None and not shape:
        features += "; bars are standard deviations from the mean, numbers have the units of the data"
    return [
        ("Model", description["model"]),
        (code, f"J = {size}, {sliders}"),
        ("Decoder", f"{' → '.join(map(str, widths))}; {hidden}{output} output"),
        ("Likelihood", f"{description['likelihood'].capitalize()}; the mean of p(x | {symbol}) is shown"),
        ("Data", f"{features}, as images of {shape[0]} × {shape[1]}" if shape else features),
    ]
