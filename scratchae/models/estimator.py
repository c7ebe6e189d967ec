"""The interface of scikit-learn's estimators, without a dependency on scikit-learn: options are arguments of the constructor."""

from __future__ import annotations

import copy
import inspect
from collections.abc import Mapping
from numbers import Integral
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

import numpy as np
from numpy.typing import DTypeLike

from scratchae.errors import nearest, not_fitted
from scratchae.models import html, routing
from scratchae.models.options import plain
from scratchae.models.validation import check_choice, check_count, check_flag, check_number, check_share
from scratchae.training import Optimizer, RandomState, as_optimizer, seed_of
from scratchae.training.optimizers import describe

if TYPE_CHECKING:  # scikit-learn is not a dependency
    from sklearn.utils import Tags
    from sklearn.utils.metadata_routing import MetadataRequest

E = TypeVar("E", bound="Estimator")


class _ConstructorSignature:
    """Descriptor that returns the signature of `__init__` for a class, although `__new__` accepts any arguments."""

    def __get__(self, instance: Estimator | None, owner: type[Estimator]) -> inspect.Signature:
        return inspect.Signature(list(owner._options().values()))


class Estimator:
    """Base class of objects whose options are arguments of the constructor and whose learned attributes end in an underscore.

    The common options are checked here; a model checks its own options in `_check_options`.
    """

    __signature__: ClassVar[_ConstructorSignature] = _ConstructorSignature()
    _shaping: ClassVar[tuple[str, ...]] = (
        "dtype",
    )  # options that must not change after fitting; subclasses add their own

    # Options of all models.
    optimizer: str | Optimizer
    learning_rate: float
    learning_rate_decay: float
    weight_decay: float
    batch_size: int | str
    epochs: int | str
    random_state: RandomState
    dtype: DTypeLike
    verbose: int
    warm_start: bool = False  # (a model of your own may lack the option)

    # Settings for scikit-learn, kept by `clone`; replaced, never modified, since shallow copies share them.
    _sklearn_output_config: Mapping[str, str] = {}
    _requests: routing.Requests = {}

    def __new__(cls: type[E], *args: object, **kwargs: object) -> E:
        """Reject unknown options and suggest the nearest name; `__init__` then stores the options."""
        known = cls._options()
        for name in kwargs:
            if name not in known:
                raise TypeError(
                    f"{cls.__name__} has no option {name!r}{nearest(name, known)}; it has {', '.join(known)}."
                )
        return super().__new__(cls)

    @classmethod
    def _options(cls) -> dict[str, inspect.Parameter]:
        return {name: p for name, p in inspect.signature(cls.__init__).parameters.items() if name != "self"}

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """Return the options by name. `deep` is for compatibility with scikit-learn and has no effect."""
        return {name: getattr(self, name) for name in self._options()}

    def set_params(self: E, **params: object) -> E:
        """Set options; they are checked by `fit`.

        Raises
        ------
        ValueError
            If an option is unknown.
        """
        known = self._options()
        for name in params:
            if name not in known:
                raise ValueError(
                    f"{type(self).__name__} has no option {name!r}{nearest(name, known)}; it has {', '.join(known)}."
                )
        for name, value in params.items():
            setattr(self, name, value)
        return self

    def __sklearn_clone__(self: E) -> E:
        """Return an unfitted copy with the same options and settings for scikit-learn."""
        other = type(self)(**copy.deepcopy(self.get_params()))
        for name in ("_sklearn_output_config", "_requests"):
            if name in vars(self):
                setattr(other, name, vars(self)[name])
        return other

    # Display.

    def _changed_options(self) -> dict[str, Any]:
        default = {name: p.default for name, p in self._options().items()}
        return {name: value for name, value in self.get_params().items() if not _same(value, default[name])}

    def __repr__(self) -> str:
        changed = [f"{name}={value!r}" for name, value in self._changed_options().items()]
        return f"{type(self).__name__}({', '.join(changed)})"

    def _state_in_words(self) -> str:
        return "fitted" if self.__sklearn_is_fitted__() else "not fitted"

    def _repr_html_(self) -> str | None:
        """Return a table of the options and the state for notebooks; None if scikit-learn's setting `display` is "text"."""
        if not html.wanted():
            return None
        changed = self._changed_options()
        others = {name: value for name, value in self.get_params().items() if name not in changed}
        return html.table(type(self).__name__, self._state_in_words(), changed, others)

    def _repr_mimebundle_(self, **kwargs: object) -> dict[str, str]:
        """Return the forms in which a notebook can show the model."""
        page = self._repr_html_()
        return {"text/plain": repr(self), **({} if page is None else {"text/html": page})}

    def __sklearn_is_fitted__(self) -> bool:
        return hasattr(self, "history_")

    def _check_fitted(self) -> None:
        if not self.__sklearn_is_fitted__():
            raise not_fitted(f"This {type(self).__name__} is not fitted yet; call fit first.")

    def __sklearn_tags__(self) -> Tags:
        """Return the tags for scikit-learn, which is the only caller."""
        from sklearn.utils import InputTags, Tags, TargetTags, TransformerTags

        return Tags(
            estimator_type=None,
            target_tags=TargetTags(required=False),
            transformer_tags=TransformerTags(preserves_dtype=[]),
            input_tags=InputTags(),
        )

    # Metadata routing.

    def set_fit_request(self: E, **requests: bool | str | None) -> E:
        """Choose the arguments of `fit` that scikit-learn's pipelines and searches pass on, such as ``set_fit_request(sample_weight=True)``.

        Parameters
        ----------
        **requests : bool, str or None
            For each argument: True passes it on, False ignores it, None makes it an error, and a string is the name under which it is passed.

        Returns
        -------
        self

        Notes
        -----
        For scikit-learn, `fit` accepts `sample_weight` only after ``set_fit_request(sample_weight=True)``, also without metadata routing; see
        docs/scikit-learn.md.
        """
        self._requests = routing.with_request(self._requests, type(self), "fit", requests)
        return self

    def set_partial_fit_request(self: E, **requests: bool | str | None) -> E:
        """Choose the arguments of `partial_fit` that are passed on, as in `set_fit_request`."""
        self._requests = routing.with_request(self._requests, type(self), "partial_fit", requests)
        return self

    def set_score_request(self: E, **requests: bool | str | None) -> E:
        """Choose the arguments of `score` that are passed on, as in `set_fit_request`."""
        self._requests = routing.with_request(self._requests, type(self), "score", requests)
        return self

    def get_metadata_routing(self) -> MetadataRequest:
        """Return the requests in scikit-learn's form; scikit-learn is the only caller."""
        return routing.metadata_request(self, self._requests)

    @property
    def _metadata_request(self) -> MetadataRequest:
        """The same, under the name that scorers of scikit-learn 1.6 read."""
        return self.get_metadata_routing()

    def _requests_weights(self) -> bool:
        """Return whether `fit` shows scikit-learn its argument `sample_weight`."""
        return bool(self._requests.get("fit", {}).get("sample_weight"))

    # Common options.

    def _check_options(self) -> None:
        self._dtype()
        as_optimizer(self.optimizer)
        seed_of(
            self.random_state if not isinstance(self.random_state, (np.random.Generator, np.random.RandomState)) else 0
        )
        check_number("learning_rate", self.learning_rate, 0, open_end=True)
        check_share("learning_rate_decay", self.learning_rate_decay, open_start=True)
        check_number("weight_decay", self.weight_decay, 0)
        check_count("batch_size", self.batch_size)
        check_count("epochs", self.epochs)
        check_flag("warm_start", self.warm_start)
        if not isinstance(self.verbose, (Integral, np.bool_)):
            raise ValueError(
                f"verbose={self.verbose!r} is not allowed; give 0, 1 for progress, or 2 for the terms of the loss after each epoch as well."
            )

    def _dtype(self) -> str:
        try:
            name = str(self.dtype) if self.dtype is None else np.dtype(self.dtype).name
        except TypeError:
            name = str(self.dtype)
        check_choice("dtype", name, ("float32", "float64"))
        return name

    def _shape_options(self) -> dict[str, Any]:
        """Return the options that determine the parameters' names, shapes and meaning."""
        options = {name: plain(getattr(self, name)) for name in self._shaping}
        return {**options, "dtype": self._dtype()}

    def _described_options(self) -> dict[str, Any]:
        """Return the options as JSON-serialisable values."""
        options = self.get_params()  # a subclass may lack some of the options above
        if isinstance(options.get("random_state"), (np.random.Generator, np.random.RandomState)):
            options["random_state"] = None
        if "optimizer" in options:
            options["optimizer"] = describe(options["optimizer"])
        if "dtype" in options:
            options["dtype"] = self._dtype()
        return {name: plain(value) for name, value in options.items()}


def _same(value: object, default: object) -> bool:
    try:
        return bool(value == default) and type(value) is type(default)
    except (TypeError, ValueError):
        return False
