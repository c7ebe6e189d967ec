"""Changes made by rule that change nothing anybody could see, and why: they are counted apart."""

from __future__ import annotations

from mutants.mutant import Mutant

EQUIVALENT: list[Mutant] = []
