"""The page of `scratchae explore`: it holds all that it needs, its numbers are the model's, and every error is a sentence."""

from __future__ import annotations

import configparser
import errno
import os
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from helpers.explore_pages import BRIEF, X, Y, autoencoder, conditional, read_page, vae

import scratchae as sae
from conftest import ROOT
from scratchae.explore import write_page
from scratchae.explore.display import value_range
from scratchae.studies import AttributeDirection


@pytest.fixture(scope="module")
def model() -> sae.VariationalAutoencoder:
    return vae()


@pytest.fixture
def page(tmp_path: Path) -> Path:
    return tmp_path / "page.html"


class References(HTMLParser):
    """Everything that a page refers to."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found += [str(value) for name, value in attrs if name in ("src", "href", "srcset", "action", "data")]


def test_the_page_is_self_contained(model: sae.VariationalAutoencoder, page: Path) -> None:
    text = write_page(model, page).read_text(encoding="utf-8")
    references = References()
    references.feed(text)
    assert references.found == ["data:,"]  # an empty icon, or a browser asks for one
    assert not any(word in text for word in ("http:", "https:", "url(", "@import", "import(", "fetch("))
    assert "default-src 'none'" in text  # and a browser lets it ask for nothing


MODELS: dict[str, Callable[[], Any]] = {
    "variational": vae,
    "two hidden layers": lambda: vae(hidden_sizes=(16, 8), activation="tanh"),
    "no hidden layer": lambda: vae(hidden_sizes=()),
    "learned variance": lambda: vae(likelihood="gaussian", variance="learned"),
    "importance-weighted": lambda: sae.ImportanceWeightedAutoencoder((16,), 3, n_samples=2, **BRIEF).fit(X),
    "conditional": conditional,
    "tied": lambda: autoencoder(tied_weights=True),
    "denoising": lambda: sae.DenoisingAutoencoder(hidden_sizes=(16,), latent_dim=3, **BRIEF).fit(X),
    "k-sparse": lambda: sae.KSparseAutoencoder(k=2, latent_dim=5, **BRIEF).fit(X),
    "stacked": lambda: sae.StackedAutoencoder((16, 4), pretrain_epochs=2, tied_weights=True, **BRIEF).fit(X),
    "double precision": lambda: autoencoder(dtype="float64"),
}


@pytest.mark.parametrize("kind", MODELS)
def test_the_parameters_are_the_models_bit_for_bit(kind: str, page: Path) -> None:
    model = MODELS[kind]()
    description, parameters = read_page(write_page(model, page))
    decoder = model._decoder(64).layers
    assert [layer["activation"] for layer in description["layers"]] == [layer.activation for layer in decoder]
    assert sorted(parameters) == sorted({name for d in description["layers"] for name in (d["weights"], d["bias"])})
    for name, values in parameters.items():
        expected = model.parameters_[name]
        assert values.tobytes() == np.ascontiguousarray(expected, "<f4").tobytes()
        assert expected.dtype == np.float64 or values.tobytes() == expected.tobytes()
    for d, layer in zip(description["layers"], decoder, strict=True):
        assert d["transposed"] == (layer.tied_to is not None)
        assert parameters[d["weights"]].size == d["d_in"] * d["d_out"]


def test_the_legend_says_what_is_shown(page: Path) -> None:
    text = write_page(conditional(), page).read_text(encoding="utf-8").replace("<wbr>", "")
    for words in (
        "ConditionalVariationalAutoencoder",
        "J = 2",
        "Bernoulli",
        "64 features, as images of 8 × 8",
        "2 + 10 classes",
    ):
        assert words in text


def test_text_of_the_users_cannot_become_code(page: Path) -> None:
    evil = "</script><script>alert(1)</script>"
    labelled = sae.ConditionalVariationalAutoencoder((4,), 2, **BRIEF).fit(X, np.where(Y > 4, evil, "<b>&amp;"))
    write_page(labelled, page, attributes={evil: [1, 0]})
    assert "alert" not in page.read_text(encoding="utf-8").replace("\\u003cscript>alert(1)\\u003c/script>", "")
    description, _ = read_page(page)
    assert description["attributes"][0]["name"] == evil and description["classes"] == [evil, "<b>&amp;"]


# Where sliders begin and end, and which come first.


def test_a_prior_reaches_three_standard_deviations(model: sae.VariationalAutoencoder, page: Path) -> None:
    for data in ({}, {"X": X}):
        description, _ = read_page(write_page(model, page, **data))
        assert (description["centre"], description["low"], description["high"]) == ([0, 0], [-3, -3], [3, 3])


def test_data_tell_how_far_a_code_reaches(page: Path) -> None:
    model = autoencoder()
    codes = model.encode(X).astype(np.float64)
    description, _ = read_page(write_page(model, page, X=X))
    np.testing.assert_allclose(description["centre"], codes.mean(axis=0), rtol=1e-6)
    np.testing.assert_allclose(description["low"], codes.mean(axis=0) - 3 * codes.std(axis=0), rtol=1e-5)
    np.testing.assert_allclose(description["high"], codes.mean(axis=0) + 3 * codes.std(axis=0), rtol=1e-5)


@pytest.mark.parametrize("data", [{}, {"X": X}], ids=["without data", "with data"])
@pytest.mark.parametrize(("activation", "least", "most"), [("sigmoid", 0, 1), ("tanh", -1, 1), ("relu", 0, np.inf)])
def test_a_slider_stays_where_units_can_be(
    activation: str, least: float, most: float, data: dict[str, Any], page: Path
) -> None:
    description, _ = read_page(write_page(autoencoder(code_activation=activation), page, **data))
    low, centre, high = (np.array(description[name]) for name in ("low", "centre", "high"))
    assert (least <= low).all() and (low <= centre).all() and (centre <= high).all() and (high <= most).all()
    assert (low < high).all()


def test_a_unit_that_never_changes_can_be_moved_and_comes_last(page: Path) -> None:
    model = autoencoder()
    model.parameters_["encoder.1.W"][:, 1] = 0
    description, _ = read_page(write_page(model, page, X=X))
    assert description["high"][1] - description["low"][1] > 0.1
    assert description["influence"][1] == 0 < min(description["influence"][::2])


def test_influence_is_what_a_dimension_does(page: Path) -> None:
    model = vae(latent_dim=5)
    model.parameters_["decoder.0.W"][3] = 0
    model.parameters_["decoder.0.W"][2] *= 10
    description, _ = read_page(write_page(model, page))
    assert np.argmin(description["influence"]) == 3 and np.argmax(description["influence"]) == 2
    assert description["influence"][3] == 0


def test_the_influence_of_a_linear_decoder_is_the_size_of_its_weights(page: Path) -> None:
    x = np.random.default_rng(3).random((40, 6), np.float32)
    model = sae.Autoencoder((), 3, activation="identity", likelihood="gaussian", epochs=2, random_state=0).fit(x)
    description, _ = read_page(write_page(model, page, "none", X=x))
    W, spread = model.parameters_["decoder.0.W"], model.encode(x).std(axis=0)
    np.testing.assert_allclose(description["influence"], 2 * spread * np.sqrt((W**2).mean(axis=1)), rtol=1e-4)


# Images and values.


@pytest.mark.parametrize(
    ("features", "given", "expected"),
    [
        (64, None, [8, 8]),
        (64, (4, 16), [4, 16]),
        (64, "none", None),
        (11, None, None),
        (1, None, None),
        (4, None, None),  # four features of a table are not an image of 2 by 2 pixels
        (49, None, None),
        (49, (7, 7), [7, 7]),
        (12, (3, 4), [3, 4]),
    ],
)
def test_image_shape(features: int, given: Any, expected: Any, page: Path) -> None:
    x = np.random.default_rng(0).random((30, features), np.float32)
    model = sae.Autoencoder((), 1, epochs=1, random_state=0).fit(x)
    assert read_page(write_page(model, page, given))[0]["image_shape"] == expected


def test_features_with_names_are_no_pixels(page: Path) -> None:
    model = autoencoder()
    model.feature_names_in_ = np.array([f"a{j}" for j in range(64)], object)
    description, _ = read_page(write_page(model, page))
    assert description["image_shape"] is None and description["feature_names"][63] == "a63"


@pytest.mark.parametrize(
    ("stored", "given", "expected"), [(None, None, None), ((4, 16), None, [4, 16]), ((4, 16), (8, 8), [8, 8])]
)
def test_the_shape_of_the_training_data_is_used(stored: Any, given: Any, expected: Any, page: Path) -> None:
    model = autoencoder()
    model.image_shape_ = stored
    assert read_page(write_page(model, page, given))[0]["image_shape"] == expected


def test_the_range_of_values(page: Path) -> None:
    def shown(model: Any, **data: Any) -> list[float]:
        return read_page(write_page(model, page, **data))[0]["value_range"]

    gaussian = {"likelihood": "gaussian", "activation": "tanh"}
    assert shown(autoencoder()) == [0, 1]
    assert shown(autoencoder(**gaussian, output_activation="tanh")) == [-1, 1]
    assert shown(sae.Autoencoder((), 2, **gaussian, **BRIEF).fit(X * 20 - 5), X=X * 20 - 5) == [-5, 15]


def test_what_looks_like_pixels_is_shown_from_zero_to_one() -> None:
    assert value_range("gaussian", "identity", X * 1.2 - 0.1, None) == [0, 1]
    assert value_range("gaussian", "identity", X - 0.5, None) == [-0.5, 0.5]
    assert value_range("gaussian", "identity", np.zeros((3, 4)), None) == [0, 1]


# Errors.


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"image_shape": (7, 9)}, "63 pixels, but the model has 64 features"),
        ({"image_shape": (8, 8, 1)}, "only grey images"),
        ({"image_shape": "8x8"}, "give \\(height, width\\), or"),
        ({"attributes": {"slant": [1, 2, 3]}}, "'slant'.* the shape \\(3,\\); give a direction of 2 numbers"),
        ({"attributes": {"slant": [0, 0]}}, "only zeros"),
        ({"attributes": {"slant": [np.nan, 0]}}, "not a finite number"),
        ({"attributes": {"slant": "left"}}, "not a finite number"),
        ({"attributes": {"": [1, 0]}}, "name each direction"),
        ({"attributes": {"slant": ([1, 0], (2, 1))}}, "range of attributes\\['slant'\\]"),
        ({"X": X[:, :9]}, "9 features, but VariationalAutoencoder is expecting 64"),
        ({"X": X[0]}, "2D array"),
    ],
)
def test_arguments_that_do_not_fit(
    options: dict[str, Any], words: str, model: sae.VariationalAutoencoder, page: Path
) -> None:
    with pytest.raises(ValueError, match=words):
        write_page(model, page, **options)
    assert not page.exists()


def test_attributes_with_a_range_and_without(model: sae.VariationalAutoencoder, page: Path) -> None:
    found = AttributeDirection(np.array([0.0, 2.0]), 0.9, 1.0)
    attributes = {"a": [0.5, 0], "b": (np.array([0, 1]), (-1, 2)), "c": (3.0, 4.0), "d": found}
    a, b, c, d = read_page(write_page(model, page, attributes=attributes))[0]["attributes"]
    assert (a["low"], a["high"]) == (-6, 6) and (b["low"], b["high"]) == (-1, 2)
    assert c["direction"] == [3, 4] and c["high"] == pytest.approx(3 / 5)
    assert d["direction"] == [0, 2] and d["high"] == 1.5


def test_models_that_cannot_be_explored(page: Path) -> None:
    classifier = sae.StackedClassifier((8,), epochs=1, random_state=0).fit(X, Y)
    with pytest.raises(ValueError, match="StackedClassifier has no decoder to explore"):
        write_page(classifier, page)
    with pytest.raises(sae.NotFittedError):
        write_page(sae.Autoencoder(), page)
    with pytest.raises(ValueError, match="needs the class of each row of X"):
        write_page(conditional(), page, X=X)
    assert not page.exists()


def test_parameters_that_are_no_numbers(page: Path) -> None:
    model = autoencoder(dtype="float64")
    model.parameters_["decoder.1.W"][0, 0] = 1e39
    with pytest.raises(ValueError, match="decoder.1.W has entries that are not finite in float32"):
        write_page(model, page)


def test_a_failed_write_leaves_the_old_page(
    model: sae.VariationalAutoencoder, page: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page.write_text("old")

    def full(*arguments: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        write_page(model, page)
    assert page.read_text() == "old" and os.listdir(page.parent) == ["page.html"]


# The package.


def test_the_parts_of_the_page_are_installed_with_the_package() -> None:
    setup = configparser.ConfigParser()
    setup.read(ROOT / "setup.cfg", encoding="utf-8")
    listed = {name.strip() for name in setup["options.package_data"]["scratchae.explore"].split(",")}
    there = {
        file.name for file in (ROOT / "scratchae" / "explore").iterdir() if file.is_file() and file.suffix != ".py"
    }
    assert listed == there and {"template.html", "explore.css", "decoder.js", "explore.js"} <= listed
