"""The origins of the data sets: well-formed fingerprints and mirrors, and files recognised by their content."""

from __future__ import annotations

import re

import pytest

from scratchae.datasets.sources import FASHION_MNIST, FILES, MNIST, SOURCES, TEST_LABELS, recognise


def test_every_file_has_a_fingerprint_of_its_own() -> None:
    sums = [source.sha256[file] for source in SOURCES.values() for file in FILES]
    assert all(re.fullmatch("[0-9a-f]{64}", each) for each in sums) and len(set(sums)) == 8
    assert all(set(source.sha256) == set(FILES) for source in SOURCES.values())
    assert all(url.endswith("/") for source in SOURCES.values() for url in source.mirrors)
    assert {name: source.name for name, source in SOURCES.items()} == {
        "mnist": "mnist",
        "fashion-mnist": "fashion-mnist",
    }


@pytest.mark.parametrize("source", [MNIST, FASHION_MNIST], ids=lambda source: source.name)
def test_a_file_is_recognised_by_its_fingerprint(source: object) -> None:
    for file in FILES:
        assert recognise(source.sha256[file]) == (source, file)  # type: ignore[attr-defined]


def test_other_content_is_not_recognised() -> None:
    assert recognise("0" * 64) is None
    assert recognise(MNIST.sha256[TEST_LABELS].upper()) is None
