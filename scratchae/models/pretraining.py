"""Pre-training layer by layer: what each layer is trained as, where its training is kept, and what Ctrl-C does to it.

Derivation: docs/derivations/stacked.md.
"""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from scratchae import files
from scratchae.errors import DivergenceError, is_interrupt
from scratchae.models.autoencoder import Autoencoder
from scratchae.models.contractive import ContractiveAutoencoder, check_contractible
from scratchae.models.denoising import DenoisingAutoencoder
from scratchae.models.feature_names import names_of
from scratchae.models.model import check_checkpoint
from scratchae.models.problem import Data
from scratchae.models.reconstruction import BaseAutoencoder
from scratchae.models.sparse import SparseAutoencoder
from scratchae.models.validation import check_choice
from scratchae.nets.parameters import Array
from scratchae.training import as_optimizer, seed_of
from scratchae.training.state import digest

S = TypeVar("S", bound="LayerByLayer")
BASES: dict[str, tuple[type[Autoencoder], tuple[str, ...]]] = {  # which model each layer is, and its options
    "basic": (Autoencoder, ()),
    "denoising": (DenoisingAutoencoder, ("corruption", "corruption_level")),
    "sparse": (SparseAutoencoder, ("sparsity", "sparsity_weight")),
    "contractive": (ContractiveAutoencoder, ("contraction",)),
}


class LayerByLayer(BaseAutoencoder):
    """A stack whose layers can be trained one after the other, each on the codes of the layer before."""

    hidden_sizes: Sequence[int]
    pretrain_epochs: int
    layers_: list[Autoencoder]
    pretraining_history_: list[dict[str, list[float]]]
    _pretrained: str  # a digest of the parameters that the pre-training ended with

    def pretrain(
        self: S,
        X: Any,
        y: Any = None,
        *,
        validation_data: Any = None,
        callbacks: Sequence[Callable[[Any], Any]] = (),
        checkpoint: str | os.PathLike[str] | None = None,
        resume: bool = False,
    ) -> S:
        """Train each layer on the codes of the layer before, and unroll them.

        Parameters
        ----------
        X, y, validation_data, callbacks
            As in `Autoencoder.fit`; the callbacks are called with the layer that is being trained.
        checkpoint : path, optional
            Each layer keeps its state in a file of its own beside it: for ``run.npz``, ``run.layer1.npz`` and so on.
        resume : bool
            Whether to go on from those files. Without it they are removed first, and so is `checkpoint` itself.

        Returns
        -------
        self

        Warns
        -----
        UserWarning
            If Ctrl-C ended it. Finished layers stay.
        """
        data, validation = self._checked_data(X, validation_data)
        check_checkpoint(checkpoint, resume)
        seed = None if self.random_state is None else seed_of(self.random_state)
        parts = [part_of(checkpoint, k) for k in range(len(self.hidden_sizes))]
        if checkpoint is not None and not resume:
            forget([*parts, Path(checkpoint)])  # a fine-tuning kept there is that of other layers
        codes, held_out, done = data.x, None if validation is None else validation.x, []
        for k, part in enumerate(parts):
            if resume and checkpoint is not None and epochs_in(part) < self.pretrain_epochs:
                forget([*parts[k + 1 :], Path(checkpoint)])  # they were trained on what this layer was then
            layer = layer_of(self, k, None if seed is None else seed_of_layer(seed, k))
            interrupted = fit_layer(  # (stacked.1)
                layer, codes, validation_data=held_out, callbacks=callbacks, checkpoint=part, resume=resume
            )
            if hasattr(layer, "history_"):
                done.append(layer)
                self._unroll(done, data.x.shape[1], names_of(X))
            if interrupted:
                if not done:
                    raise KeyboardInterrupt
                warnings.warn(_what_is_left(k, len(parts), hasattr(layer, "history_")), stacklevel=2)
                break
            if k + 1 < len(parts):
                codes = layer.encode(codes)  # (stacked.2): once, and not in every epoch
                held_out = None if held_out is None else layer.encode(held_out)
        return self

    def _unroll(self, layers: list[Autoencoder], features: int, names: Array | None) -> None:
        """Publish the network of the layers that are finished; those after them are random."""
        state = super()._fresh_state(features, 0)
        parameters, last = state.parameters, len(self.hidden_sizes) - 1
        for k, layer in enumerate(layers):
            for name, value in layer.parameters_.items():
                side, _, kind = name.split(".")
                parameters[f"{side}.{k if side == 'encoder' else last - k}.{kind}"] = value  # (stacked.3)
        learned = {"layers_": list(layers), "pretraining_history_": [layer.history_ for layer in layers]}
        learned["_pretrained"] = digest(parameters.flat)[:16]
        self._publish(parameters, {"loss": [], "seconds": []}, features, names, learned)

    def _identity(self, data: Data, validation: Data | None) -> dict[str, Any]:
        """Also what fine-tuning begins with: the same options on other layers are another run."""
        return {**super()._identity(data, validation), "pre-trained layers": self._pretrained}

    def _learned(self) -> dict[str, Any]:
        return {"pretraining_history": self.pretraining_history_, "pretrained": self._pretrained}

    def _relearn(self, learned: dict[str, Any]) -> None:
        self.pretraining_history_, self.layers_ = learned["pretraining_history"], []
        self._pretrained = learned.get("pretrained", "")


def _what_is_left(k: int, layers: int, begun: bool) -> str:
    """What Ctrl-C in layer k leaves; `begun` says whether that layer has finished an epoch."""
    random = [f"layer {i + 1}" for i in range(k if not begun else k + 1, layers)]
    still = f"; {', '.join(random)} {'is' if len(random) == 1 else 'are'} still random" if random else ""
    return f"Pre-training was interrupted in layer {k + 1} of {layers}{still}."


def check_base(stack: Any) -> None:
    """ValueError unless layers of that kind can be trained with the stack's other options."""
    check_choice("base", stack.base, BASES)
    if stack.base == "sparse" and stack.activation != "sigmoid":
        raise ValueError(f'base="sparse" needs activation="sigmoid", not {stack.activation!r}; change one of them.')
    if stack.base == "contractive":
        check_contractible(stack.activation)
    if stack.base == "denoising" and as_optimizer(stack.optimizer).name == "lbfgs":
        raise ValueError('optimizer="lbfgs" cannot train denoising layers, whose noise is drawn afresh; use "adam".')


def layer_of(stack: Any, k: int, seed: int | None) -> Autoencoder:
    """The autoencoder of layer k of a `StackedAutoencoder`, not yet fitted."""
    kind, names = BASES[stack.base]
    options = {name: getattr(stack, name) for name in names}
    if "corruption_level" in options:
        options["corruption_level"] = stack._levels()[k]
    inner_likelihood = "bernoulli" if stack.activation == "sigmoid" else "gaussian"
    shared = ("activation", "tied_weights", "optimizer", "weight_decay", "batch_size", "dtype", "verbose")
    layer = kind(
        **options,
        **{name: getattr(stack, name) for name in shared},
        hidden_sizes=(),
        latent_dim=int(stack.hidden_sizes[k]),
        likelihood=stack.likelihood if k == 0 else inner_likelihood,
        # Codes are reconstructed by units of their own kind; for sigmoid ones, the likelihood sees to that.
        output_activation="identity" if k == 0 or stack.activation == "sigmoid" else stack.activation,
        learning_rate=stack.pretrain_learning_rate or stack.learning_rate,
        epochs=stack.pretrain_epochs,
        random_state=seed,
    )
    layer._title = f"layer {k + 1} of {len(stack.hidden_sizes)}"
    return layer


def part_of(checkpoint: str | os.PathLike[str] | None, k: int) -> Any:
    """The file in which layer k keeps its state."""
    if checkpoint is None:
        return None
    path = Path(checkpoint)
    return path.with_name(f"{path.stem}.layer{k + 1}{path.suffix}")


def forget(parts: Iterable[Path]) -> None:
    """Remove files of an earlier run."""
    for part in parts:
        if part.is_file():
            part.unlink()


def epochs_in(part: Path) -> float:
    """Epochs of the training that is kept in a file; infinite if it has ended before its time, or if there is no file."""
    if not part.is_file():
        return np.inf
    header, _ = files.read(part, "checkpoint")
    return np.inf if header["stopped"] else header["epoch"]


def seed_of_layer(seed: int, k: int) -> int:
    """The seed of layer k."""
    return int(np.random.SeedSequence(seed, spawn_key=(4, k)).generate_state(1, np.uint64)[0] >> np.uint64(1))


def fit_layer(layer: Autoencoder, codes: Array, **options: Any) -> bool:
    """Fit one layer; whether Ctrl-C ended that, perhaps before its first epoch."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Training was interrupted")
        try:
            layer.fit(codes, **options)
        except DivergenceError as error:
            raise DivergenceError(f"{layer._title}: {error}") from None
        except BaseException as error:
            if not is_interrupt(error):
                raise
            return True
    return layer._was_interrupted
