"""Examples in docstrings of modules that need a package of an extra are collected only where it is installed."""

from importlib.util import find_spec

PEERS = {
    "scratchae/models/torch_modules.py": "torch",
    "scratchae/benchmarks/torch_steps.py": "torch",
    "scratchae/benchmarks/jax_steps.py": "jax",
    "scratchae/benchmarks/sklearn_fits.py": "sklearn",
}
collect_ignore = [path for path, package in PEERS.items() if find_spec(package) is None]


def pytest_report_header() -> list[str]:
    """Name the modules that are not collected, and the packages they need."""
    return [f"examples in {path} are skipped: {PEERS[path]} is not installed" for path in collect_ignore]
