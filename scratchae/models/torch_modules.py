"""Fitted models as PyTorch modules, and back: `Model.to_torch` and `Model.load_torch`.

PyTorch is not a dependency. Only this file of the models imports it, and this file is imported by those two methods only.

The names in the `state_dict` of a module follow those of `parameters_`:

==================  =====================  ============================================================
parameters_         state_dict             difference
==================  =====================  ============================================================
"encoder.0.W"       "encoder.0.weight"     transposed: PyTorch computes x W^T + b
"encoder.0.b"       "encoder.0.bias"       none
"softmax.0.W"       "softmax.0.weight"     transposed, of a classifier
"decoder.logvar"    "decoder.logvar"       none; a buffer instead if the variance is given, not learned
==================  =====================  ============================================================

A tied layer has only a bias, in both.
"""

from __future__ import annotations

import copy
import warnings
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, Protocol

import numpy as np
import torch
from torch import Tensor, nn

from scratchae import backend
from scratchae.errors import joined, nearest, shortened
from scratchae.nets import Network, Parameters
from scratchae.nets.network import Array

LOGVAR = "decoder.logvar"  # the log-variance of the Gaussian likelihood, in `parameters_` and in a `state_dict`
PROBED_ROWS = 8  # rows on which a module is compared with its model
CLOSE = 1e-6  # largest difference allowed then, in float64, relative to the largest number
NAMED = 4  # names listed in an error message
ACTIVATIONS = {"sigmoid": nn.Sigmoid, "tanh": nn.Tanh, "relu": nn.ReLU}


class Convertible(Protocol):
    """The methods and attributes of a fitted model that the conversion needs."""

    n_features_in_: int
    _parameters: Parameters
    _shaped_by: dict[str, Any]

    def networks(self, features: int) -> tuple[Network, ...]: ...
    def _torch_form(self) -> dict[str, Any]: ...


# Modules.


class TiedLinear(nn.Module):
    """A dense layer with the transposed weights of another one and its own bias: y = x W^T + b."""

    def __init__(self, other: nn.Linear, bias: Tensor) -> None:
        super().__init__()
        self.bias = nn.Parameter(bias)
        self._other = (other,)  # in a tuple, since an attribute would make its weights parameters of this layer, too

    @property
    def weight(self) -> Tensor:
        """The weights in the form of `torch.nn.Linear`, shape (D_out, D_in)."""
        return self._other[0].weight.T

    def forward(self, x: Tensor) -> Tensor:
        """Compute the layer's output, shape (N, D_out)."""
        return nn.functional.linear(x, self.weight, self.bias)

    def extra_repr(self) -> str:
        """Return the sizes, as `torch.nn.Linear` shows them."""
        out, inputs = self.weight.shape
        return f"in_features={inputs}, out_features={out}"


class KeepLargest(nn.Module):
    """Keep the k largest entries of each row, among ties the first, and set all others to zero (k_sparse.1)."""

    def __init__(self, k: int) -> None:
        super().__init__()
        self.k = k

    def forward(self, h: Tensor) -> Tensor:
        """Compute the sparse code, shape (N, H)."""
        least = torch.topk(h, self.k, dim=-1).values[..., -1:]
        larger, equal = (
            h > least,
            h == least,
        )  # `topk` itself does not take the first of equal entries, and ONNX has no stable sort
        free = self.k - larger.sum(dim=-1, keepdim=True)
        kept = larger | (equal & (equal.to(torch.int64).cumsum(dim=-1) <= free))
        return torch.where(kept, h, torch.zeros_like(h))

    def extra_repr(self) -> str:
        """Return k."""
        return f"k={self.k}"


class AutoencoderModule(nn.Module):
    """An encoder and a decoder; calling it gives the reconstructions.

    Attributes
    ----------
    encoder, decoder : Sequential
        The decoder's output are logits for the Bernoulli likelihood.
    mean : Module
        From the decoder's output to the mean of x: the sigmoid, or nothing.
    """

    def __init__(
        self, encoder: nn.Sequential, decoder: nn.Sequential, *, likelihood: str, k: int | None = None
    ) -> None:
        super().__init__()
        self.encoder, self.decoder, self.mean = encoder, decoder, _mean_of(likelihood)
        if k is not None:
            self.encoder.add_module("k_sparse", KeepLargest(k))

    def encode(self, x: Tensor) -> Tensor:
        """Compute the codes, shape (N, H)."""
        return self.encoder(x)  # type: ignore[no-any-return]

    def decode(self, h: Tensor) -> Tensor:
        """Compute the means of x for codes, shape (N, D)."""
        return self.mean(self.decoder(h))  # type: ignore[no-any-return]

    def forward(self, x: Tensor) -> Tensor:
        """Compute the reconstructions, shape (N, D)."""
        return self.decode(self.encode(x))


class VariationalModule(nn.Module):
    """Encoder and decoder of a variational autoencoder; calling it gives the reconstructions from the posterior means.

    All methods of a conditional model also need y, the index of each row's class in `classes_`, shape (N,), of dtype int64.

    Attributes
    ----------
    encoder, decoder : Sequential
        The encoder's output is mu, then logvar; the decoder's output are logits for the Bernoulli likelihood. For the Gaussian likelihood
        `decoder.logvar`, shape (1,) or (D,), is the log-variance of x around it: a parameter if it is learned, else a buffer.
    mean : Module
        From the decoder's output to the mean of x: the sigmoid, or nothing.
    classes : int
        The number of classes of a conditional model; 0 for others.
    """

    def __init__(
        self,
        encoder: nn.Sequential,
        decoder: nn.Sequential,
        *,
        likelihood: str,
        logvar: Tensor | None = None,
        learned: bool = False,
        classes: int = 0,
    ) -> None:
        super().__init__()
        self.encoder, self.decoder, self.mean, self.classes = encoder, decoder, _mean_of(likelihood), classes
        if logvar is not None and learned:
            self.decoder.register_parameter("logvar", nn.Parameter(logvar))
        elif logvar is not None:
            self.decoder.register_buffer("logvar", logvar)

    def _with_condition(self, values: Tensor, y: Tensor | None) -> Tensor:
        """Concatenate the values with the one-hot encoding of the classes (conditional.1)."""
        if not self.classes:
            return values
        if y is None:
            raise TypeError("This module needs the index of each row's class in classes_; give y, a tensor of int64.")
        return torch.cat([values, nn.functional.one_hot(y, self.classes).to(values.dtype)], dim=-1)

    def posterior(self, x: Tensor, y: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """Compute mu and logvar of q(z|x), each of shape (N, J)."""
        mu, logvar = self.encoder(self._with_condition(x, y)).chunk(2, dim=-1)
        return mu, logvar

    def encode(self, x: Tensor, y: Tensor | None = None) -> Tensor:
        """Compute the posterior means, shape (N, J)."""
        return self.posterior(x, y)[0]

    def decode(self, z: Tensor, y: Tensor | None = None) -> Tensor:
        """Compute the means of p(x|z), shape (N, D)."""
        return self.mean(self.decoder(self._with_condition(z, y)))  # type: ignore[no-any-return]

    def forward(self, x: Tensor, y: Tensor | None = None) -> Tensor:
        """Compute the reconstructions, shape (N, D)."""
        return self.decode(self.encode(x, y), y)


class ClassifierModule(nn.Module):
    """An encoder and a softmax layer; calling it gives the logits that `torch.nn.CrossEntropyLoss` expects.

    Attributes
    ----------
    encoder, softmax : Sequential
        `softmax` is the linear layer below the softmax function.
    """

    def __init__(self, encoder: nn.Sequential, softmax: nn.Sequential) -> None:
        super().__init__()
        self.encoder, self.softmax = encoder, softmax

    def forward(self, x: Tensor) -> Tensor:
        """Compute the logits, shape (N, C), in the order of `classes_`."""
        return self.softmax(self.encoder(x))  # type: ignore[no-any-return]

    def predict_proba(self, x: Tensor) -> Tensor:
        """Compute the probabilities of the classes, shape (N, C)."""
        return torch.softmax(self(x), dim=-1)


MODULES: dict[str, type[nn.Module]] = {
    "autoencoder": AutoencoderModule,
    "variational": VariationalModule,
    "classifier": ClassifierModule,
}


def _mean_of(likelihood: str) -> nn.Module:
    return nn.Sigmoid() if likelihood == "bernoulli" else nn.Identity()


# From a model to a module.


def module_of(model: Convertible) -> nn.Module:
    """Return the module of a fitted model, with copies of its parameters.

    Parameters
    ----------
    model : Model

    Returns
    -------
    module : AutoencoderModule, VariationalModule or ClassifierModule

    Raises
    ------
    TypeError
        If the model is of a class whose methods a module of dense layers does not reproduce.
    """
    _places(model)  # raises an error if the layers are not all
    parameters = model._parameters
    first, second = _chains(model.networks(model.n_features_in_), parameters)
    form = model._torch_form()
    kind = MODULES[form.pop("kind")]
    if "variance" in form:
        given, form["learned"] = _given_logvar(form.pop("variance"), parameters), LOGVAR in parameters
        form["logvar"] = _copied(parameters[LOGVAR] if given is None else given)
    module = kind(first, second, **form).eval()
    _check_outputs(model, module, "to_torch")
    return module


class TensorPlace(NamedTuple):
    """The place of a parameter: its name in `parameters_` and in the `state_dict`, and its shape in the latter."""

    name: str
    key: str
    shape: tuple[int, ...]


def _places(model: Convertible) -> list[TensorPlace]:
    """Return the places of all parameters of a fitted model.

    Raises
    ------
    TypeError
        If some of them belong to neither of two networks.
    """
    networks, who = model.networks(model.n_features_in_), type(model).__name__
    if len(networks) != 2:
        raise TypeError(
            f"{who} has {len(networks)} networks, but a module of to_torch has two, such as an encoder and a decoder; "
            "write a torch.nn.Module for it, and copy parameters_ into that."
        )
    parts, places = ("encoder", "softmax" if model._torch_form()["kind"] == "classifier" else "decoder"), []
    for part, network in zip(parts, networks, strict=True):
        for i, layer in enumerate(network.layers):
            if layer.tied_to is None:
                places.append(TensorPlace(f"{layer.name}.W", f"{part}.{i}.weight", (layer.d_out, layer.d_in)))
            places.append(TensorPlace(f"{layer.name}.b", f"{part}.{i}.bias", (layer.d_out,)))
    if LOGVAR in model._parameters:
        places.append(TensorPlace(LOGVAR, LOGVAR, model._parameters[LOGVAR].shape))
    others = [name for name in model._parameters if name not in {place.name for place in places}]
    if others:
        raise TypeError(
            f"{who} has parameters outside its layers, {_listed(others)}, which a module of to_torch does not have; "
            "write a torch.nn.Module for it, and copy parameters_ into that."
        )
    return places


def _chains(networks: Sequence[Network], parameters: Parameters) -> list[nn.Sequential]:
    """Return the networks as chains of dense layers "0", "1", …, each followed by its activation, such as "0_relu"."""
    dense: dict[str, nn.Module] = {}
    layers = [layer for network in networks for layer in network.layers]
    for layer in layers:
        if layer.tied_to is None:
            made: Any = nn.utils.skip_init(nn.Linear, layer.d_in, layer.d_out)  # draws no random numbers
            made.weight = nn.Parameter(_copied(parameters[f"{layer.name}.W"].T))
            made.bias = nn.Parameter(_copied(parameters[f"{layer.name}.b"]))
            dense[layer.name] = made
    for layer in layers:
        if layer.tied_to is not None:
            other: Any = dense[layer.tied_to]
            dense[layer.name] = TiedLinear(other, _copied(parameters[f"{layer.name}.b"]))
    chains = []
    for network in networks:
        steps: OrderedDict[str, nn.Module] = OrderedDict()
        for i, layer in enumerate(network.layers):
            steps[str(i)] = dense[layer.name]
            if layer.activation != "identity":
                steps[f"{i}_{layer.activation}"] = ACTIVATIONS[layer.activation]()
        chains.append(nn.Sequential(steps))
    return chains


def _copied(value: Array) -> Tensor:
    return torch.from_numpy(value.copy(order="C"))


def _given_logvar(variance: Any, parameters: Parameters) -> Array | None:
    """Return the log-variance of a model whose variance is given, shape (1,) or (D,); None if it is a parameter."""
    return None if LOGVAR in parameters else np.log(np.atleast_1d(variance)).astype(parameters.flat.dtype)


# From a module to a model.


def parameters_from(model: Convertible, source: nn.Module | Mapping[str, Tensor]) -> Parameters:
    """Return parameters for a fitted model, read from a module or from its `state_dict`.

    Parameters
    ----------
    model : Model
    source : Module or mapping of str to Tensor

    Returns
    -------
    parameters : Parameters
        Converted to the model's dtype.

    Raises
    ------
    TypeError, ValueError
        If names, shapes, numbers or the functions computed do not match the model.
    """
    module = _unwrapped(source)
    state = module.state_dict() if isinstance(module, nn.Module) else module
    if not isinstance(state, Mapping):
        raise TypeError(
            f"load_torch got {_article(type(source).__name__)}; give a torch.nn.Module, or its state_dict()."
        )
    places = _places(model)
    _check_names(model, [str(key) for key in state], [place.key for place in places])
    _check_variance(model, state)
    parameters = model._parameters.like()
    for place in places:
        value = _array_of(state[place.key], place)
        with np.errstate(over="ignore"):  # an overflow becomes infinity and is reported below
            parameters[place.name] = value if place.name == LOGVAR else value.T
    if not np.isfinite(parameters.flat).all():
        wrong = next(place.key for place in places if not np.isfinite(parameters[place.name]).all())
        raise ValueError(
            f"{wrong!r} has entries that are not finite in {parameters.flat.dtype}; "
            "load the weights from before the training diverged."
        )
    if isinstance(module, (AutoencoderModule, VariationalModule, ClassifierModule)):
        changed = copy.copy(model)
        changed._parameters = parameters
        _check_outputs(changed, module, "load_torch")
    return parameters


def _unwrapped(source: Any) -> Any:
    """Return the module inside the wrappers of `torch.compile` and of data parallelism."""
    for name in ("_orig_mod", "module"):
        inner = getattr(source, name, None)
        if isinstance(source, nn.Module) and isinstance(inner, nn.Module) and len(list(source.children())) == 1:
            return _unwrapped(inner)
    return source


def _check_names(model: Convertible, found: list[str], needed: list[str]) -> None:
    """Raise ValueError unless the names are those that the model needs."""
    optional = {LOGVAR} if "variance" in model._torch_form() else set()  # the buffer of a variance that is given
    missing = [key for key in needed if key not in found]
    surplus = [key for key in found if key not in needed and key not in optional]
    if not missing and not surplus:
        return
    what = f"lacks {_listed(missing)}" if missing else f"has {_listed(surplus)}, which the model does not have"
    if missing and surplus:
        what += f" and has {_listed(surplus)} instead{nearest(surplus[0], needed)}"
    raise ValueError(
        f"The module does not fit this {type(model).__name__}: it {what}; give a module with the layers of model.to_torch()."
    )


def _check_variance(model: Convertible, state: Mapping[str, Tensor]) -> None:
    """Raise ValueError if the model and the module were given different variances."""
    form = model._torch_form()
    given = _given_logvar(form["variance"], model._parameters) if "variance" in form else None
    if given is None or LOGVAR not in state:
        return
    found = _array_of(state[LOGVAR], TensorPlace(LOGVAR, LOGVAR, given.shape))
    if not np.allclose(found, given, rtol=CLOSE, atol=CLOSE):
        raise ValueError(
            f"The module has the variance {np.exp(found).round(6).tolist()}, but this {type(model).__name__} was fitted with "
            f"variance={form['variance']!r}; fit it with the variance of the module."
        )


def _array_of(tensor: Any, place: TensorPlace) -> Array:
    """Return the numbers of a tensor of the expected shape, in float64."""
    shape = tuple(getattr(tensor, "shape", ()))
    if not isinstance(tensor, Tensor) or shape != place.shape:
        what = f"has the shape {shape}" if isinstance(tensor, Tensor) else _article(type(tensor).__name__, "is ")
        raise ValueError(
            f"{place.key!r} {what}, but this model needs a tensor of shape {place.shape}; "
            "give a module with the layers of model.to_torch()."
        )
    if tensor.is_complex():
        raise ValueError(f"{place.key!r} has complex entries; give a module with real weights.")
    try:
        return np.asarray(tensor.detach().to("cpu", torch.float64).numpy())
    except (RuntimeError, TypeError) as error:  # tensors without numbers (meta), quantised or sparse ones
        reason = str(error).splitlines()[0].rstrip(".")
        raise ValueError(
            f"{place.key!r} cannot be converted to an array ({reason}); give dense tensors of floating-point numbers."
        ) from None


# A module computes what its model does.


def _check_outputs(model: Convertible, module: nn.Module, method: str) -> None:
    """Raise TypeError unless module and model, both in float64, give the same results on a few rows.

    A subclass may have methods of its own, which no list of layers shows.
    """
    ours, theirs, who = _in_double(model), copy.deepcopy(module).to("cpu", torch.float64), type(model).__name__
    try:
        with backend.use_backend("numpy"), warnings.catch_warnings(), torch.no_grad():
            warnings.simplefilter("ignore")  # such as those about rows without column names
            pairs = _results(ours, theirs)
    except Exception as error:
        raise TypeError(f"{method} cannot compare {who} with its module: {type(error).__name__}: {error}") from error
    for name, (got, want) in pairs.items():
        scale = max(1.0, float(np.abs(want).max(initial=0)))
        if got.shape != want.shape or not np.abs(got - want).max(initial=0) <= CLOSE * scale:
            advice = (
                "write a torch.nn.Module for it, and copy parameters_ into that"
                if method == "to_torch"
                else "give a module with the layers of model.to_torch()"
            )
            raise TypeError(
                f"{who}.{name} differs from that of {_article(type(module).__name__)} with the same parameters; {advice}."
            )


def _in_double(model: Convertible) -> Any:
    """Return a copy of the model in float64, in which rounding errors are small even where large numbers cancel."""
    double = copy.copy(model)
    vars(double).update(
        dtype="float64",
        _shaped_by={**model._shaped_by, "dtype": "float64"},
        _parameters=Parameters(model._parameters.shapes, "float64", model._parameters.flat.astype("float64")),
    )
    return double


def _results(model: Any, module: Any) -> dict[str, tuple[Array, Array]]:
    """Return what the module and the model compute on a few random rows, by the name of the model's method."""
    x = np.random.default_rng(0).random((PROBED_ROWS, model.n_features_in_))
    rows = torch.from_numpy(x)
    if isinstance(module, ClassifierModule):
        return {"predict_proba": (module.predict_proba(rows).numpy(), np.asarray(model.predict_proba(x)))}
    labels: tuple[Any, ...] = ()
    indices: tuple[Any, ...] = ()
    if getattr(module, "classes", 0):
        i = np.arange(PROBED_ROWS) % module.classes
        labels, indices = (model.classes_[i],), (torch.from_numpy(i),)
    code = np.asarray(model.encode(x, *labels))
    pairs = {
        "encode": (module.encode(rows, *indices).numpy(), code),
        "decode": (module.decode(torch.from_numpy(code), *indices).numpy(), np.asarray(model.decode(code, *labels))),
        "reconstruct": (module(rows, *indices).numpy(), np.asarray(model.reconstruct(x, *labels))),
    }
    if isinstance(module, VariationalModule):
        moments = (torch.cat(module.posterior(rows, *indices), dim=-1).numpy(), np.hstack(model.posterior(x, *labels)))
        pairs["posterior"] = moments
    return pairs


# Sentences.


def _listed(names: Sequence[str]) -> str:
    return shortened([repr(name) for name in names], NAMED) if len(names) > NAMED else joined([repr(n) for n in names])


def _article(noun: str, before: str = "") -> str:
    return f"{before}{'an' if noun[:1].lower() in 'aeiou' else 'a'} {noun}"
