"""Mistakes in the comparison of a model with its baselines."""

from __future__ import annotations

from mutants.mutant import Mutant

FILE = "baselines/comparison.py"
_ERROR = "the squared error of a model is the mean over all rows"
_FLOOR = "the floor of the Bernoulli loss is the mean entropy of the rows"
_ANGLE = "the angle of a linear decoder to the principal components is that of its range, wherever its bias is"
_TOTAL = "        total += float(((x_hat.astype(np.float64) - target[part]) ** 2).sum())\n    return total / len(x)\n"

MUTANTS = [
    Mutant(
        FILE,
        _TOTAL,
        _TOTAL.replace(".sum())", ".sum(axis=1).mean())").replace("len(x)", "-(-len(x) // blocks.BLOCK)"),
        "a mean of the means of the blocks, of which the last is smaller",
        claim=_ERROR,
    ),
    Mutant(FILE, _TOTAL, _TOTAL.replace("len(x)", "x.size"), "a mean over pixels in place of rows", claim=_ERROR),
    Mutant(
        FILE, "None if y is None else y[part]", "None if y is None else y[: len(x[part])]",
        "the labels of the first block for every block", claim=_ERROR,
    ),
    Mutant(
        FILE, "target, total = x if target is None else target, 0.0", "target, total = x, 0.0",
        "the error against the input, whatever the target", claim=_ERROR,
    ),
    Mutant(
        FILE, "(entr(rows) + entr(1 - rows)).sum()", "entr(rows).sum()",
        "an entropy of the white pixels only", claim=_FLOOR,
    ),
    Mutant(
        FILE, "total += float((entr(rows)", "total = float((entr(rows)",
        "the entropy of the last block only", claim=_FLOOR,
    ),
    Mutant(
        FILE, "model.decode(units) - model.decode(np.zeros_like(units))", "model.decode(units)",
        "an angle to the decoder's rows with its bias in them", claim=_ANGLE,
    ),
    Mutant(
        FILE, "units = np.eye(code_size(model))", "units = np.eye(code_size(model))[:1]",
        "an angle to the first direction only", claim=_ANGLE,
    ),
    Mutant(
        FILE, 'if hasattr(model, "posterior") and hasattr(model, "latent_dim"):', "if False:",
        "the moments of a posterior counted as two codes",
        test="tests/baselines/test_comparison.py::test_code_sizes_of_encoders_with_one_output_and_two",
    ),
    Mutant(
        FILE, 'other = hasattr(model, "k") or hasattr(model, "posterior")', "other = False",
        "a selection of entries counted as linear",
        test="tests/baselines/test_comparison.py::test_linear_is_what_pca_is_best_for",
    ),
]  # fmt: skip
