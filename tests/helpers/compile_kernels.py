"""Compile all kernels for one float type: `python tests/helpers/compile_kernels.py float32`. Seconds if they are on the disk already."""

from __future__ import annotations

import sys

from scratchae.verify import CLAIMS, Subject, run_claim


def main(dtype: str) -> None:
    """Run the claims that call each kernel, and one about the compiled steps of each model."""
    twins = [claim for name, claim in CLAIMS.items() if f"twin in {dtype}" in name]
    steps = {claim.op: claim for name, claim in CLAIMS.items() if f"compiled steps in {dtype}:" in name}
    for claim in [*twins, *steps.values()]:
        run_claim(claim, Subject.genuine())


if __name__ == "__main__":
    main(sys.argv[1])
