"""The package's warnings, those that are dropped, and names in sentences."""

from __future__ import annotations

import warnings

import pytest

import scratchae as sae
from scratchae.errors import is_interrupt, joined, muted, nearest, not_fitted, shortened, warn


def said() -> list[str]:
    """Return those of three warnings that are shown."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        warn("too few steps", sae.ConvergenceWarning)
        warn("a collapse")
        warn("a memory", RuntimeWarning)
    assert all(warning.filename == __file__ for warning in caught)
    return [str(warning.message) for warning in caught]


def test_warnings_are_dropped_by_category_and_by_their_first_words() -> None:
    everything = ["too few steps", "a collapse", "a memory"]
    assert said() == everything
    with muted(sae.ConvergenceWarning):
        assert said() == everything[1:]
        with muted("a col"):
            assert said() == ["a memory"]  # those of the block around it, too
        assert said() == everything[1:]
    with muted(UserWarning, "memory"):
        assert said() == ["a memory"]  # a kind of UserWarning is dropped as well, and words count from the first
    with pytest.raises(ZeroDivisionError), muted(Warning):
        assert said() == []
        1 / 0  # noqa: B018
    assert said() == everything


@pytest.mark.parametrize(
    ("names", "sentence", "short"),
    [
        ([], "", ""),
        (["a"], "a", "a"),
        (["a", "b"], "a and b", "a, b"),
        (["a", "b", "c"], "a, b and c", "a, b and 1 more"),
    ],
)
def test_names_in_sentences(names: list[str], sentence: str, short: str) -> None:
    assert shortened(names, 2) == short
    if names:
        assert joined(names) == sentence


def test_the_nearest_name() -> None:
    assert nearest("labl", ["table", "label"]) == " (did you mean 'label'?)" and nearest("x", ["label"]) == ""


def test_an_interrupt_may_be_the_cause_of_another_error() -> None:
    direct, explicit, implicit = KeyboardInterrupt(), SystemError(), SystemError()
    explicit.__cause__, implicit.__context__ = KeyboardInterrupt(), KeyboardInterrupt()
    assert all(map(is_interrupt, (direct, explicit, implicit)))
    other = ValueError()
    other.__cause__ = KeyboardInterrupt()
    assert not any(map(is_interrupt, (other, SystemError(), SystemExit())))


def test_it_is_scikit_learns_error_too() -> None:
    exceptions = pytest.importorskip("sklearn.exceptions")
    error = not_fitted("fit first")
    assert isinstance(error, sae.NotFittedError) and isinstance(error, exceptions.NotFittedError)
    assert str(error) == "fit first"
