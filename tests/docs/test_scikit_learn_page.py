"""docs/scikit-learn.md: its examples run, and what it says of scikit-learn's own estimators is so."""

from __future__ import annotations

import ast
import doctest
import re
from pathlib import Path
from typing import Any

import pytest
from sklearn.cluster import KMeans, MiniBatchKMeans
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import SGDClassifier
from sklearn.utils.estimator_checks import check_estimator, check_sample_weight_equivalence_on_dense_data

import scratchae as sae

PAGE = Path(__file__).resolve().parents[2] / "docs" / "scikit-learn.md"


def test_examples_of_the_page() -> None:
    failed, tried = doctest.testfile(str(PAGE), module_relative=False)
    assert tried > 5 and not failed


def test_other_code_of_the_page_can_be_read() -> None:
    blocks = re.findall(r"^```python\n(?!>>>)(.*?)^```$", PAGE.read_text("utf-8"), re.DOTALL | re.MULTILINE)
    assert blocks
    for block in blocks:
        ast.parse(block)


@pytest.mark.filterwarnings("ignore:Maximum number of iteration")
@pytest.mark.parametrize(
    "estimator", [SGDClassifier(), KMeans(3), MiniBatchKMeans(3), RandomForestClassifier(10)], ids=repr
)
def test_scikit_learns_own_estimators_fail_the_check_of_repeated_rows(estimator: Any) -> None:
    assert type(estimator).__name__ in PAGE.read_text("utf-8")
    with pytest.raises(AssertionError, match="not equivalent"):
        check_sample_weight_equivalence_on_dense_data(type(estimator).__name__, estimator)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_the_check_of_a_model_that_requests_weights() -> None:
    names: dict[str, Any] = {
        "check_estimator": check_estimator,
        "model": sae.StackedClassifier(epochs=60, batch_size=16, learning_rate=0.01),
    }
    blocks = re.findall(r"^```python\n(expected = .*?)^```$", PAGE.read_text("utf-8"), re.DOTALL | re.MULTILINE)
    exec(blocks[0], names)
