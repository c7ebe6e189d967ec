"""Sessions for contributors: `nox -s quick` while working, `nox -s tests lint docs` before a pull request."""

from __future__ import annotations

import nox

nox.options.sessions = ["quick", "lint", "docs"]
PARALLEL = ("-n", "3", "--dist", "loadfile")  # many tests wait for processes, so more than there are cores


@nox.session
def quick(session: nox.Session) -> None:
    """One case of every test that is not slow: a minute, with compiled kernels, that reaches every module."""
    session.install("-e", ".[test]")
    session.run("pytest", "-q", "-m", "quick", *PARALLEL, *session.posargs)


@nox.session
def tests(session: nox.Session) -> None:
    """All tests."""
    session.install("-e", ".[test]")
    session.run("pytest", "-q", *PARALLEL, *session.posargs)


@nox.session
def lint(session: nox.Session) -> None:
    """Style and types."""
    session.install("-e", ".[lint]")
    session.run("ruff", "check", ".")
    session.run("ruff", "format", "--check", ".")
    session.run("mypy")


@nox.session
def docs(session: nox.Session) -> None:
    """Pages that agree with the code, and examples in them that run."""
    session.install("-e", ".[test]")
    session.run("python", "docs/weave.py", "--check")
    session.run("pytest", "-q", "tests/docs", *PARALLEL, *session.posargs)
