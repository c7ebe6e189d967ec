"""Words on a figure, and the examples of all pictures."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from helpers import pictures_basic, pictures_classic, pictures_identity, pictures_variational

PICTURES: dict[str, Callable[[], Any]] = {
    **pictures_basic.PICTURES,
    **pictures_classic.PICTURES,
    **pictures_identity.PICTURES,
    **pictures_variational.PICTURES,
}


def words(figure: Any) -> list[str]:
    """Everything that is written on a figure, also by its titles and legends."""
    from matplotlib.text import Text

    return [text.get_text() for text in figure.findobj(Text) if text.get_text()]
