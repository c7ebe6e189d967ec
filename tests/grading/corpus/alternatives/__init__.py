"""Right solutions that are not the reference: loops, einsum, other formulas."""
