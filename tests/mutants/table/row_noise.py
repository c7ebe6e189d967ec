"""Mistakes in the noise that depends on a row alone."""

from __future__ import annotations

from mutants.mutant import Mutant

_FILE = "models/row_noise.py"
_DEFINITION = "row noise is that of its definition"
_KEYS = "rows have the same noise if they are equal, and only then"
_DISTRIBUTION = "row noise is uniform, or standard normal, and independent between rows and draws"
_HALF = "each bit of a row changes half of the bits of its key"

MUTANTS = [
    Mutant(_FILE, 'np.add(x, 0, order="C")', 'x.copy(order="C")', "zeros of two kinds", claim=_KEYS),
    Mutant(
        _FILE, "words ^= words >> np.uint64(32)", "pass", "products of round numbers, not folded", claim=_DEFINITION
    ),
    Mutant(
        _FILE,
        "factors = mix(multiples(1, words.shape[1])) | np.uint64(1)",
        "factors = np.ones(words.shape[1], np.uint64)",
        "words in another order have the same key",
        claim=_DEFINITION,
    ),
    Mutant(_FILE, "| np.uint64(1)", "& ~np.uint64(1)", "even factors, which lose the first bit", claim=_DEFINITION),
    Mutant(_FILE, "return mix(words @ factors)", "return words @ factors", "keys that are sums", claim=_HALF),
    Mutant(
        _FILE,
        "bits = mix(keys[:, None] + numbers)",
        "bits = keys[:, None] + numbers",
        "numbers in equal steps",
        claim=_DISTRIBUTION,
    ),
    Mutant(
        _FILE,
        "uniforms(keys, pairs, pairs, dtype)",
        "uniforms(keys, 0, pairs, dtype)",
        "radius and angle from the same number",
        claim=_DISTRIBUTION,
    ),
    Mutant(_FILE, "np.log1p(-u)", "np.log1p(u)", "the square root of a negative number", claim=_DEFINITION),
    Mutant(
        _FILE,
        "uniforms(keys, 0, pairs, np.float64)",
        "uniforms(keys, 0, pairs, dtype)",
        "radii of 24 digits, which end at 5.8",
        test="tests/models/test_row_noise.py::test_radii_have_53_digits_in_both_types",
    ),
    Mutant(_FILE, "radius * np.sin(angle)", "radius * np.cos(angle)", "each number twice", claim=_DISTRIBUTION),
]
