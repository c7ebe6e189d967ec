"""Models as PyTorch modules: every model of the registry with its options in all pairs, weights both ways, and what is refused."""

from __future__ import annotations

import copy
import pickle
import sys
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pandas as pd
import pytest

torch = pytest.importorskip("torch", reason="PyTorch is not installed: pip install 'scratchae[torch]'")

from helpers.extras import one_thread  # noqa: E402
from oracles import cases  # noqa: E402

import scratchae as sae  # noqa: E402
from scratchae.models.model import Model  # noqa: E402
from scratchae.models.torch_modules import AutoencoderModule, KeepLargest  # noqa: E402
from scratchae.nets import Network, Parameters  # noqa: E402
from scratchae.registry import REGISTRY  # noqa: E402

pytestmark = pytest.mark.filterwarnings("ignore:The posterior has collapsed")
EQUAL = {"float64": 1e-12, "float32": 1e-6}  # relative to the largest number computed
NAMES = [entry.name for entry in REGISTRY]
X = np.random.default_rng(0).random((20, 6))
Y = np.array(["ant", "bee", "cat"])[np.arange(20) % 3]
SMALL: dict[str, Any] = {"hidden_sizes": (5,), "latent_dim": 3, "epochs": 1, "random_state": 0, "dtype": "float64"}


@pytest.fixture(autouse=True, scope="module")
def _one_thread_of_torch() -> Iterator[None]:
    with one_thread():
        yield


def small(kind: Any = sae.Autoencoder, **options: Any) -> Any:
    """A model of six features, fitted."""
    usual = {name: value for name, value in SMALL.items() if name in kind().get_params()}
    return kind(**{**usual, **options}).fit(X, Y)


def results(model: Any, module: Any, x: np.ndarray) -> list[tuple[np.ndarray, np.ndarray]]:
    """The results of the model beside those of its module, for rows of the oracles' cases."""
    rows, name = torch.from_numpy(x), type(model).__name__
    if name == "StackedClassifier":
        return [(model.predict_proba(x), module.predict_proba(rows).numpy())]
    classes = cases.classes(len(x))
    labels = (cases.LABELS[classes],) if cases.has_labels(name) else ()
    indices = (torch.from_numpy(classes),) if labels else ()
    code = model.encode(x, *labels)
    pairs = [
        (code, module.encode(rows, *indices)),
        (model.reconstruct(x, *labels), module(rows, *indices)),
        (model.decode(1.5 * code, *labels), module.decode(torch.from_numpy(1.5 * code), *indices)),
    ]
    if hasattr(model, "posterior"):
        pairs += list(zip(model.posterior(x, *labels), module.posterior(rows, *indices), strict=True))
    return [(ours, theirs.numpy()) for ours, theirs in pairs]


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("name", NAMES)
@torch.no_grad()
def test_every_model_with_all_its_options(name: str, dtype: str) -> None:
    for i, case in enumerate(cases.CASES[name]):
        model = copy.copy(cases.with_random_parameters(name, i, **({} if dtype == "float64" else {"dtype": dtype})))
        module = model.to_torch()
        pairs = results(model, module, cases.rows(case, 11, 3).astype(dtype))
        scale = max(1.0, *(np.abs(ours).max() for ours, _ in pairs))
        for ours, theirs in pairs:
            assert theirs.dtype == dtype and ours.shape == theirs.shape
            assert np.abs(ours - theirs).max() <= EQUAL[dtype] * scale, case
        assert sum(parameter.numel() for parameter in module.parameters()) == model.parameters_.flat.size
        given = model.parameters_.flat.copy()
        model.parameters_.flat[:] = 0
        assert np.array_equal(model.load_torch(module).parameters_.flat, given), case


def test_the_names_are_those_that_the_page_says() -> None:
    module = small(tied_weights=True).to_torch()
    assert list(module.state_dict()) == [
        "encoder.0.weight", "encoder.0.bias", "encoder.1.weight", "encoder.1.bias", "decoder.0.bias", "decoder.1.bias",
    ]  # fmt: skip
    assert list(small(sae.StackedClassifier).to_torch().state_dict()) == [
        "encoder.0.weight", "encoder.0.bias", "softmax.0.weight", "softmax.0.bias",
    ]  # fmt: skip
    model = small()
    for name, value in model.parameters_.items():
        part, layer, kind = name.split(".")
        key = f"{part}.{layer}.{'weight' if kind == 'W' else 'bias'}"
        np.testing.assert_array_equal(model.to_torch().state_dict()[key].numpy(), value.T)


@pytest.mark.parametrize("variance", [0.3, "learned"])
def test_the_variance_is_a_buffer_or_a_parameter(variance: Any) -> None:
    model = small(sae.VariationalAutoencoder, likelihood="gaussian", variance=variance)
    module = model.to_torch()
    learned = "decoder.logvar" in dict(module.named_parameters())
    assert learned == (variance == "learned") and "decoder.logvar" in module.state_dict()
    want = model.parameters_["decoder.logvar"][0] if learned else np.log(0.3)
    assert module.decoder.logvar[0].item() == pytest.approx(want, abs=1e-15)


def test_a_module_has_memory_of_its_own_and_the_random_state_is_left_alone() -> None:
    model, state = small(), torch.random.get_rng_state()
    before, module = model.parameters_.flat.copy(), model.to_torch()
    assert torch.equal(state, torch.random.get_rng_state())
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.zero_()
    np.testing.assert_array_equal(model.parameters_.flat, before)


WAYS: dict[str, Callable[[Any], Any]] = {
    "deepcopy": copy.deepcopy,
    "pickle": lambda module: pickle.loads(pickle.dumps(module)),
    "to": lambda module: module.to(torch.float32).to(torch.float64),
    "as it is": lambda module: module,
}


@pytest.mark.parametrize("way", WAYS)
def test_tied_weights_are_one_tensor_in_copies_too(way: str) -> None:
    model = small(tied_weights=True, activation="tanh")
    module = WAYS[way](model.to_torch())
    with torch.no_grad():
        module.encoder[0].weight += 1
    rows = torch.from_numpy(X)
    model.parameters_["encoder.0.W"][...] += 1
    np.testing.assert_allclose(module(rows).detach().numpy(), model.reconstruct(X), atol=1e-6)
    loss = torch.nn.functional.binary_cross_entropy(module(rows), rows, reduction="sum") / len(X)
    loss.backward()
    value, gradients = model.loss_and_gradients(X)
    assert loss.item() == pytest.approx(value, rel=1e-6)
    np.testing.assert_allclose(module.encoder[0].weight.grad.numpy().T, gradients["encoder.0.W"], rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("k", [1, 2, 3, 4])
def test_of_equal_entries_of_a_sparse_code_the_first_are_kept(k: int) -> None:
    h = np.random.default_rng(k).integers(-1, 2, (200, 4)).astype(float)
    tensor = torch.tensor(h, requires_grad=True)
    code = KeepLargest(k)(tensor)
    np.testing.assert_array_equal(code.detach().numpy(), sae.ops.k_sparse(h, k))
    code.sum().backward()
    np.testing.assert_array_equal(tensor.grad.numpy(), sae.ops.k_sparse_backward(np.ones_like(h), h, k))


def test_training_goes_on_in_pytorch_and_comes_back() -> None:
    model = small(tied_weights=True)
    module, before = model.to_torch(), model.score(X)
    rows, optimizer = torch.from_numpy(X), torch.optim.Adam(module.parameters(), 1e-2)
    for _ in range(50):
        loss = torch.nn.functional.binary_cross_entropy_with_logits(
            module.decoder(module.encoder(rows)), rows, reduction="sum"
        )
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    assert model.load_torch(module) is model
    assert model.score(X) > before + 0.1
    np.testing.assert_allclose(model.reconstruct(X), module(rows).detach().numpy(), atol=1e-12)
    again = small(tied_weights=True).load_torch(module.state_dict())  # the numbers alone are enough
    np.testing.assert_array_equal(again.parameters_.flat, model.parameters_.flat)


def test_weights_of_a_module_written_by_hand_are_taken() -> None:
    module = torch.nn.Module()
    module.encoder = torch.nn.Sequential(torch.nn.Linear(6, 3))  # in float32: converted
    module.decoder = torch.nn.Sequential(torch.nn.Linear(3, 6))
    model = small(hidden_sizes=(), code_activation="identity").load_torch(module)
    want = torch.sigmoid(module.decoder(module.encoder(torch.from_numpy(X).float()))).detach()
    np.testing.assert_allclose(model.reconstruct(X), want, atol=1e-6)


@pytest.mark.filterwarnings("ignore::DeprecationWarning:torch")
@pytest.mark.parametrize(
    "wrap",
    [torch.nn.DataParallel, pytest.param(torch.compile, marks=pytest.mark.slow)],
    ids=["DataParallel", "compile"],
)
def test_wrapped_modules_are_unwrapped(wrap: Any) -> None:
    model = small()
    before = model.parameters_.flat.copy()
    np.testing.assert_array_equal(model.load_torch(wrap(model.to_torch())).parameters_.flat, before)


def test_a_module_that_contains_another_one_beside_layers_is_not_a_wrapper() -> None:
    class WithHead(torch.nn.Module):
        def __init__(self, module: Any) -> None:
            super().__init__()
            self.module, self.head = module, torch.nn.Linear(3, 2)

    model = small()
    with pytest.raises(ValueError, match="The module does not fit this Autoencoder: it lacks 'encoder.0.weight'"):
        model.load_torch(WithHead(model.to_torch()))


def test_a_log_variance_is_only_for_models_that_have_one() -> None:
    model = small()
    state = {**model.to_torch().state_dict(), "decoder.logvar": torch.zeros(1)}
    with pytest.raises(ValueError, match="has 'decoder.logvar', which the model does not have"):
        model.load_torch(state)


def test_a_method_that_differs_for_one_class_is_noticed() -> None:
    class OfOneClass(sae.ConditionalVariationalAutoencoder):
        def decode(self, z: Any, y: Any = None) -> Any:
            return super().decode(z, y) + 0.5 * (np.asarray(y) == "cat")[:, None]

    with pytest.raises(TypeError, match="OfOneClass.decode differs"):
        small(OfOneClass).to_torch()


@pytest.mark.parametrize("kind", [sae.Autoencoder, sae.VariationalAutoencoder, sae.StackedClassifier])
def test_modules_are_for_evaluation_until_they_are_trained(kind: Any) -> None:
    assert not any(part.training for part in small(kind).to_torch().modules())


def test_loaded_models_and_models_of_data_frames_are_converted(tmp_path: Any) -> None:
    frame = pd.DataFrame(X, columns=list("abcdef"))
    model = sae.Autoencoder(**SMALL).fit(frame)
    model.save(tmp_path / "m.npz")
    module = sae.load(tmp_path / "m.npz").to_torch()
    np.testing.assert_allclose(module(torch.from_numpy(X)).detach().numpy(), model.reconstruct(frame), atol=1e-12)


# What is refused.


@pytest.mark.parametrize("name", NAMES)
def test_a_model_must_be_fitted(name: str) -> None:
    model = getattr(sae, name)()
    for use in (model.to_torch, lambda: model.load_torch({})):
        with pytest.raises(sae.NotFittedError, match="call"):
            use()


def test_pytorch_must_be_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    model = small()
    monkeypatch.setitem(sys.modules, "torch", None)
    monkeypatch.delitem(sys.modules, "scratchae.models.torch_modules")
    monkeypatch.delattr(sae.models, "torch_modules")
    for use, name in ((model.to_torch, "to_torch"), (lambda: model.load_torch({}), "load_torch")):
        with pytest.raises(ModuleNotFoundError, match=rf"^{name} needs PyTorch, .*pip install 'scratchae\[torch\]'\.$"):
            use()


def changed(**values: Any) -> dict[str, Any]:
    """The state of a fitting module, with other entries; None removes one."""
    state = {**small().to_torch().state_dict(), **{key.replace("__", "."): value for key, value in values.items()}}
    return {key: value for key, value in state.items() if value is not None}


BIAS = "decoder__1__bias"
WRONG: dict[str, tuple[Callable[[], Any], str]] = {
    "a list": (lambda: [1, 2], "load_torch got a list; give a torch.nn.Module, or its state_dict"),
    "nothing": (lambda: None, "load_torch got a NoneType"),
    "an array": (lambda: X, "load_torch got a ndarray"),
    "a parameter is missing": (lambda: changed(**{BIAS: None}), r"lacks 'decoder\.1\.bias'; give a module with"),
    "one too many": (lambda: changed(top__bias=torch.zeros(2)), r"has 'top\.bias', which the model does not have"),
    "one misspelt": (
        lambda: changed(**{BIAS: None}, decoder__1__bais=torch.zeros(6)),
        r"lacks 'decoder\.1\.bias' and has 'decoder\.1\.bais' instead \(did you mean 'decoder\.1\.bias'\?\)",
    ),
    "another size": (
        lambda: small(latent_dim=2).to_torch(),
        r"'encoder\.1\.weight' has the shape \(2, 5\), but this model needs a tensor of shape \(3, 5\)",
    ),
    "another depth": (lambda: small(hidden_sizes=()).to_torch(), "lacks 'encoder.1.weight'"),
    "tied": (lambda: small(tied_weights=True).to_torch(), "lacks 'decoder.0.weight' and 'decoder.1.weight'"),
    "another activation": (
        lambda: small(activation="tanh").to_torch(),
        "Autoencoder.encode differs from that of an AutoencoderModule with the same parameters; give a module with",
    ),
    "another likelihood": (lambda: small(likelihood="gaussian").to_torch(), "Autoencoder.decode differs"),
    "another kind of model": (
        lambda: small(sae.StackedClassifier).to_torch(),
        r"lacks 'encoder\.1\.weight', 'encoder\.1\.bias', 'decoder\.0\.weight', 'decoder\.0\.bias' and 2 more",
    ),
    "not finite": (lambda: changed(**{BIAS: torch.full((6,), torch.nan)}), r"'decoder\.1\.bias' has entries that are"),
    "complex": (lambda: changed(**{BIAS: torch.zeros(6, dtype=torch.complex64)}), "has complex entries"),
    "without numbers": (lambda: changed(**{BIAS: torch.zeros(6, device="meta")}), "cannot be converted to an array"),
    "sparse": (lambda: changed(**{BIAS: torch.zeros(6).to_sparse()}), "cannot be converted to an array"),
    "no tensor": (lambda: changed(**{BIAS: [0.0] * 6}), r"'decoder\.1\.bias' is a list, but this model needs a tensor"),
}


@pytest.mark.parametrize("what", WRONG)
def test_a_module_that_does_not_fit_is_refused_and_nothing_changes(what: str) -> None:
    make, words = WRONG[what]
    source, model = make(), small()
    before = model.parameters_.flat.copy()
    with pytest.raises((TypeError, ValueError), match=words) as caught:
        model.load_torch(source)
    assert str(caught.value).endswith(".") and "\n" not in str(caught.value)
    np.testing.assert_array_equal(model.parameters_.flat, before)


def test_numbers_too_large_for_the_dtype_are_refused() -> None:
    with pytest.raises(ValueError, match="not finite in float32"):
        small(dtype="float32").load_torch(changed(**{BIAS: torch.full((6,), 1e200, dtype=torch.float64)}))


def test_another_variance_is_refused() -> None:
    options: dict[str, Any] = {"likelihood": "gaussian"}
    one, other = (small(sae.VariationalAutoencoder, variance=v, **options) for v in (0.3, 2.0))
    with pytest.raises(ValueError, match=r"has the variance \[0\.3\], but .* with variance=2\.0"):
        other.load_torch(one.to_torch())


def test_a_broken_tie_is_refused() -> None:
    model = small(tied_weights=True)
    module = model.to_torch()
    module.encoder[0] = torch.nn.Linear(6, 5).double()
    with pytest.raises(TypeError, match="give a module with the layers"):
        model.load_torch(module)


def test_a_conditional_module_needs_classes() -> None:
    module = small(sae.ConditionalVariationalAutoencoder).to_torch()
    with pytest.raises(TypeError, match="give y, a tensor of int64"):
        module(torch.from_numpy(X))


# Classes of one's own.


class AnotherObjective(sae.Autoencoder):
    """Only the objective is another: the module is the usual one."""

    def objective(self, parameters: Any, x: Any, y: Any = None, noise: Any = None) -> Any:
        loss, gradients = super().objective(parameters, x)
        gradients.flat[:] *= 2
        return 2 * loss, gradients


class OtherNetworks(sae.Autoencoder):
    """Layers that no option gives: a decoder of its own depth and activation."""

    def _decoder(self, features: int) -> Network:
        return Network.chain("decoder", [int(self.latent_dim), 4, 7, features], ["tanh", "relu", "identity"])


class OtherNames(sae.Autoencoder):
    """Layers with names of their own."""

    def _encoder(self, features: int) -> Network:
        return Network.chain("down", [features, 3], ["tanh"])

    def _decoder(self, features: int) -> Network:
        return Network.chain("up", [3, features], ["identity"])


@pytest.mark.parametrize("kind", [AnotherObjective, OtherNetworks, OtherNames])
def test_subclasses_with_plain_networks_are_converted(kind: Any) -> None:
    model = small(kind)
    module, before = model.to_torch(), model.parameters_.flat.copy()
    assert isinstance(module, AutoencoderModule)
    np.testing.assert_allclose(module(torch.from_numpy(X)).detach().numpy(), model.reconstruct(X), atol=1e-12)
    np.testing.assert_array_equal(model.load_torch(module).parameters_.flat, before)


class NormalisedCode(sae.Autoencoder):
    """A code that is not the encoder's output."""

    def _code(self, parameters: Any, x: Any) -> Any:
        h = super()._code(parameters, x)
        return h / np.linalg.norm(h, axis=1, keepdims=True)


class RescaledOutput(sae.Autoencoder):
    """A reconstruction that is not the decoder's output."""

    def decode(self, Z: Any) -> Any:
        return 3 * super().decode(Z)


class BoundedVariance(sae.VariationalAutoencoder):
    """Moments that are not the encoder's output."""

    def _moments(self, output: Any) -> Any:
        mu, logvar = super()._moments(output)
        return mu, 4 * np.tanh(logvar / 4) - 1


class OneMoreArgument(sae.Autoencoder):
    """A method that needs more than the rows."""

    def encode(self, X: Any, place: Any) -> Any:  # type: ignore[override]
        return super().encode(X) + place


class Gated(sae.Autoencoder):
    """Parameters outside the layers."""

    def _other_shapes(self, features: int) -> dict[str, tuple[int, ...]]:
        return {"gate": (6,)}


class ThreeNetworks(sae.Autoencoder):
    """A network between encoder and decoder."""

    def networks(self, features: int) -> tuple[Network, ...]:
        encoder, decoder = super().networks(features)
        return encoder, Network.chain("middle", [3, 3], ["tanh"]), decoder

    def objective(self, parameters: Any, x: Any, y: Any = None, noise: Any = None) -> Any:
        return 1.0, parameters.like()


class NoAutoencoder(Model):
    """A model of another kind altogether."""

    def networks(self, features: int) -> tuple[Network, ...]:
        return (Network.chain("one", [features, 1], ["identity"]), Network.chain("two", [1, 1], ["identity"]))


def not_an_autoencoder() -> Any:
    """A fitted model of that class."""
    model = NoAutoencoder.__new__(NoAutoencoder)
    model.dtype = "float64"
    shapes = {name: shape for network in model.networks(6) for name, shape in network.shapes().items()}
    model._set_fitted_state(Parameters(shapes, "float64"), {"loss": [0.0]}, 6, None, {})
    return model


REFUSED: dict[str, tuple[Callable[[], Any], str]] = {
    "the code": (lambda: small(NormalisedCode), r"NormalisedCode\.encode differs from that of an AutoencoderModule"),
    "the output": (
        lambda: small(RescaledOutput),
        r"RescaledOutput\.decode differs .* write a torch\.nn\.Module for it",
    ),
    "the moments": (lambda: small(BoundedVariance), r"BoundedVariance\.posterior differs"),
    "an argument": (lambda: small(OneMoreArgument), "cannot compare OneMoreArgument with its module: TypeError"),
    "a parameter": (lambda: small(Gated), "Gated has parameters outside its layers, 'gate', which"),
    "a network": (lambda: small(ThreeNetworks), "ThreeNetworks has 3 networks, but a module of to_torch has two"),
    "the kind": (not_an_autoencoder, "NoAutoencoder is neither an autoencoder nor a classifier of this package"),
}


@pytest.mark.parametrize("what", REFUSED)
def test_a_class_that_does_more_than_its_layers_is_refused(what: str) -> None:
    make, words = REFUSED[what]
    with pytest.raises(TypeError, match=words):
        make().to_torch()
