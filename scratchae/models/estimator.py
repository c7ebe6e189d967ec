"""What every model shares: scikit-learn's conventions, without needing scikit-learn."""

from __future__ import annotations

import functools
import inspect
from typing import Any, TypeVar

from scratchae.errors import nearest, not_fitted

E = TypeVar("E", bound="Estimator")


class Estimator:
    """An object whose options are the arguments of its constructor, and whose learned attributes end in an underscore."""

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if "__init__" in cls.__dict__:
            init = cls.__dict__["__init__"]
            parent: Any = cls.__mro__[1]
            inherited = {} if parent.__init__ is object.__init__ else parent._options()
            cls.__init__ = _suggesting(init, _signature(init, inherited))  # type: ignore[method-assign]

    @classmethod
    def _options(cls) -> dict[str, inspect.Parameter]:
        return {name: p for name, p in inspect.signature(cls.__init__).parameters.items() if name != "self"}

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """The options by name. `deep` is scikit-learn's and changes nothing here."""
        return {name: getattr(self, name) for name in self._options()}

    def set_params(self: E, **params: Any) -> E:
        """Change options; they are checked by `fit`.

        Raises
        ------
        ValueError
            If there is no such option.
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

    def __repr__(self) -> str:
        default = {name: p.default for name, p in self._options().items()}
        changed = [f"{k}={v!r}" for k, v in self.get_params().items() if not _same(v, default[k])]
        return f"{type(self).__name__}({', '.join(changed)})"

    def __sklearn_is_fitted__(self) -> bool:
        return hasattr(self, "history_")

    def _check_fitted(self) -> None:
        if not self.__sklearn_is_fitted__():
            raise not_fitted(f"This {type(self).__name__} is not fitted yet; call fit first.")

    def __sklearn_tags__(self) -> Any:
        """What scikit-learn's tools ask; only they call this."""
        from sklearn.utils import InputTags, Tags, TargetTags, TransformerTags

        return Tags(
            estimator_type=None,
            target_tags=TargetTags(required=False),
            transformer_tags=TransformerTags(preserves_dtype=[]),
            input_tags=InputTags(),
        )


def _signature(init: Any, inherited: dict[str, inspect.Parameter]) -> inspect.Signature:
    """The signature of `init`, in which ``**common`` stands for the inherited options that it does not name itself."""
    signature = inspect.signature(init)
    own = [p for p in signature.parameters.values() if p.kind is not inspect.Parameter.VAR_KEYWORD]
    if len(own) < len(signature.parameters):
        named = {p.name for p in own}
        own += [p.replace(kind=p.KEYWORD_ONLY) for name, p in inherited.items() if name not in named]
    return signature.replace(parameters=own)


def _suggesting(init: Any, signature: inspect.Signature) -> Any:
    """`init`, with an error for an unknown option that suggests the nearest known one."""
    known = [name for name in signature.parameters if name != "self"]

    @functools.wraps(init)
    def checked(self: Any, *args: Any, **kwargs: Any) -> None:
        for name in kwargs:
            if name not in known:
                raise TypeError(
                    f"{type(self).__name__} has no option {name!r}{nearest(name, known)}; it has {', '.join(known)}."
                )
        init(self, *args, **kwargs)

    checked.__signature__ = signature  # type: ignore[attr-defined]
    return checked


def _same(value: Any, default: Any) -> bool:
    try:
        return bool(value == default) and type(value) is type(default)
    except (TypeError, ValueError):
        return False
