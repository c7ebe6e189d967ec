"""Mistakes that are the right formula with a wrong argument: ignored, exchanged, or transformed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from scratchae import ops
from scratchae.exercises import Sizes, Task
from scratchae.grading.diagnosis.axes import axis

Arguments = Mapping[str, Any]
NOISE = ("u", "eps", "noise")


@dataclass(frozen=True)
class ArgumentChange:
    """A change of the reference's arguments.

    Parameters
    ----------
    rule : str
    words : str
        Continuation of "what comes out", such as "if b were zero".
    change : callable
        Function from arguments to changed arguments.
    far : bool
        True if it is tried only when no plainer mistake fits.
    """

    rule: str
    words: str
    change: Callable[[Arguments], dict[str, Any]]
    far: bool = False


def changes(task: Task, arguments: Arguments, sizes: Sizes) -> Iterator[ArgumentChange]:
    """All plausible changes for a task, the plainest first.

    Parameters
    ----------
    task : Task
    arguments : mapping
        Arguments of any call, for names, types and numbers of axes.
    sizes : Sizes
        Sizes of this call: an axis is identified by its length.

    Returns
    -------
    changes : iterator of ArgumentChange
    """
    arrays = [n for n, v in arguments.items() if isinstance(v, np.ndarray) and v.dtype.kind == "f"]
    upstream = arrays[0] if task.name.endswith("_backward") and arrays and arrays[0].startswith("d") else None
    if upstream is not None and arrays:
        yield from _upstream(upstream)
    yield from _exponents(arrays)
    yield from _recomputed(task, arguments, arrays)
    yield from _rearranged(arguments, arrays)
    yield from _ignored(arrays, upstream)
    yield from _exchanged(arguments, arrays)
    yield from _first(arguments, arrays, sizes.N)
    yield from _left_out(task, arguments, arrays, sizes)
    yield from _other_end(arguments)
    yield from _labels(arguments)
    noise = [name for name in arrays if name in NOISE]
    yield from _transformed([name for name in arrays if name not in noise], upstream)
    yield from _numbers(arguments)
    yield from _transformed(noise, upstream)  # never the mistake: a level with the same effect is reported instead


def _one(name: str, f: Callable[[Any], Any]) -> Callable[[Arguments], dict[str, Any]]:
    return lambda given: {**given, name: f(given[name])}


def _upstream(name: str) -> Iterator[ArgumentChange]:
    yield ArgumentChange(
        "upstream", f"if the upstream gradient {name} were one everywhere: it has no effect", _one(name, np.ones_like)
    )
    words = f"if {name} were the same for every example"
    yield ArgumentChange("upstream", f"{words}, namely its mean", _one(name, lambda v: np.full_like(v, v.mean())))
    yield ArgumentChange("upstream", f"{words}, namely its sum", _one(name, lambda v: np.full_like(v, v.sum())))
    yield ArgumentChange(
        "upstream", f"{words}, namely the first", _one(name, lambda v: np.broadcast_to(v[:1], v.shape).copy())
    )


def _exponents(arrays: list[str]) -> Iterator[ArgumentChange]:
    for name in (n for n in arrays if "log" in n and "var" in n):
        for words, f in (
            ("with the variance instead of the standard deviation", lambda v: 2 * v),
            ("with the standard deviation instead of the variance", lambda v: v / 2),
            ("with one over the standard deviation instead of the standard deviation", lambda v: -v),
            (f"if {name} were the standard deviation itself", lambda v: 2 * np.log(v.astype(complex))),
            (f"if {name} were the variance itself", lambda v: np.log(v.astype(complex))),
        ):
            yield ArgumentChange("power:argument", words, _one(name, f))


def _recomputed(task: Task, arguments: Arguments, arrays: list[str]) -> Iterator[ArgumentChange]:
    """An activation's derivative computed from its input instead of its output, or vice versa."""
    base = task.name.removesuffix("_backward")
    activations: dict[str, Callable[[Any], Any]] = {
        "sigmoid": ops.sigmoid,
        "tanh": np.tanh,
        "softplus": ops.softplus,
        "softmax": ops.softmax,
    }
    inverses: dict[str, Callable[[Any], Any]] = {
        "sigmoid": lambda v: np.log((v / (1 - v)).astype(complex)),
        "tanh": lambda v: np.arctanh(v.astype(complex)),
        "softplus": lambda v: np.log(np.expm1(v).astype(complex)),
    }
    if not task.name.endswith("_backward") or len(arrays) < 2:
        return
    given = str(arguments.get("activation", base))
    for name in arrays[1:]:
        for table, words in ((activations, "the input"), (inverses, "the output")):
            if given in table and name in ("y", "h", "p", "w", "x"):
                yield ArgumentChange(
                    "input for output", f"if {name} were {words} of the activation", _one(name, table[given])
                )


def _rearranged(arguments: Arguments, arrays: list[str]) -> Iterator[ArgumentChange]:
    for name in (n for n in arrays if arguments[n].ndim == 2):
        yield ArgumentChange(
            "transposed",
            f"if {name} were reshaped instead of transposed",
            _one(name, lambda v: v.reshape(v.shape[::-1]).T),
        )
        yield ArgumentChange(
            "transposed",
            f"if the numbers of {name} were in other places, as after a reshape",
            _one(name, lambda v: v.T.reshape(v.shape)),
        )
        yield ArgumentChange("square", f"if {name} were transposed", _one(name, lambda v: v.T))


def _ignored(arrays: list[str], upstream: str | None) -> Iterator[ArgumentChange]:
    for name in arrays:
        rule = "upstream" if name == upstream else "argument"
        yield ArgumentChange(rule, f"if {name} were zero: {name} has no effect", _one(name, np.zeros_like))
        if name != upstream:
            yield ArgumentChange(rule, f"if {name} were one everywhere: {name} has no effect", _one(name, np.ones_like))


def _exchanged(arguments: Arguments, arrays: list[str]) -> Iterator[ArgumentChange]:
    for i, a in enumerate(arrays):
        for b in arrays[i + 1 :]:
            if arguments[a].shape == arguments[b].shape:
                yield ArgumentChange("swapped", f"if {a} were used instead of {b}", lambda g, a=a, b=b: {**g, b: g[a]})  # type: ignore[misc]
                yield ArgumentChange("swapped", f"if {b} were used instead of {a}", lambda g, a=a, b=b: {**g, a: g[b]})  # type: ignore[misc]
                yield ArgumentChange(
                    "swapped",
                    f"if {a} and {b} were exchanged",
                    lambda g, a=a, b=b: {**g, a: g[b], b: g[a]},  # type: ignore[misc]
                )


def _first(arguments: Arguments, arrays: list[str], examples: int) -> Iterator[ArgumentChange]:
    def all_as_first(given: Arguments, names: list[str], place: int) -> dict[str, Any]:
        return {**given, **{n: np.broadcast_to(given[n][place], given[n].shape).copy() for n in names}}

    deep = [n for n in arrays if arguments[n].ndim == 3]
    for name in (n for n in arrays if arguments[n].ndim == 2):
        first = _one(name, lambda v: np.broadcast_to(v[:, :1], v.shape).copy())
        yield ArgumentChange("first only:argument", f"if all columns of {name} were the first one", first)
    for name in deep:
        mean = _one(name, lambda v: np.broadcast_to(v.mean(axis=0), v.shape).copy())
        yield ArgumentChange(
            "other array:argument", f"if the mean of all draws were used instead of each draw in {name}", mean, far=True
        )
    for name in (n for n in arrays if arguments[n].ndim == 1):
        whole = _one(name, lambda v: np.full_like(v, v.sum()))
        yield ArgumentChange(
            "axis:argument", f"if the sum of {name} were used instead of each of its entries", whole, far=True
        )
    for place, word in ((0, "first"), (-1, "last")):
        if deep:
            yield ArgumentChange(
                "first only:argument",
                f"if only the {word} draw were used",
                lambda g, p=place: all_as_first(g, deep, p),  # type: ignore[misc]
            )
        for name in arrays:
            if arguments[name].ndim and len(arguments[name]) == examples:
                yield ArgumentChange(
                    "first only:argument",
                    f"if all rows of {name} were the {word} one",
                    lambda g, n=name, p=place: all_as_first(g, [n], p),  # type: ignore[misc]
                )


def _left_out(task: Task, arguments: Arguments, arrays: list[str], sizes: Sizes) -> Iterator[ArgumentChange]:
    """Leave out the first or the last entry along an axis, as a loop that starts too late or ends too early does."""
    for letter in "NDHJL":
        words = axis(task.name, letter).plural
        length = getattr(sizes, letter)
        axes = {n: [i for i, size in enumerate(arguments[n].shape) if size == length] for n in arrays}
        if not any(axes.values()):
            continue
        for part, word in ((slice(1, None), "first"), (slice(-1), "last")):

            def shorter(given: Arguments, axes: dict[str, list[int]] = axes, part: slice = part) -> dict[str, Any]:
                cuts = {
                    n: tuple(part if i in its else slice(None) for i in range(given[n].ndim)) for n, its in axes.items()
                }
                return {**given, **{n: given[n][cut] for n, cut in cuts.items()}}

            yield ArgumentChange("term:argument", f"if the {word} of the {words} were left out", shorter, far=True)


def _other_end(arguments: Arguments) -> Iterator[ArgumentChange]:
    """The reverse divergence, KL(p || q): relative to q, in units of its standard deviation, the prior has moments too."""
    words = "if q and the prior were exchanged"
    if list(arguments) == ["mu", "logvar"]:
        yield ArgumentChange(
            "swapped:argument", words, lambda g: {"mu": g["mu"] * np.exp(-g["logvar"] / 2), "logvar": -g["logvar"]}
        )
    if list(arguments) == ["mu", "variance"]:
        yield ArgumentChange(
            "swapped:argument", words, lambda g: {"mu": g["mu"] / np.sqrt(g["variance"]), "variance": 1 / g["variance"]}
        )
    if list(arguments) == ["mu", "covariance"]:

        def seen_from_q(given: Arguments) -> dict[str, Any]:
            root = np.linalg.cholesky(given["covariance"])
            mu = np.linalg.solve(root, given["mu"][:, :, None])[:, :, 0]
            return {"mu": mu, "covariance": np.linalg.inv(given["covariance"])}

        yield ArgumentChange("swapped:argument", words, seen_from_q)


def _labels(arguments: Arguments) -> Iterator[ArgumentChange]:
    for name, value in arguments.items():
        if isinstance(value, np.ndarray) and value.dtype.kind == "i":
            yield ArgumentChange("shifted", f"if {name} counted from one", _one(name, lambda v: v - 1))
            yield ArgumentChange("shifted", f"if {name} were one larger", _one(name, lambda v: v + 1))
            yield ArgumentChange("argument", f"if {name} were zero: {name} has no effect", _one(name, np.zeros_like))
            yield ArgumentChange(
                "first only", f"if all of {name} were the first one", _one(name, lambda v: np.full_like(v, v[0]))
            )


def _transformed(arrays: list[str], upstream: str | None) -> Iterator[ArgumentChange]:
    functions: dict[str, Callable[[Any], Any]] = {
        "sigmoid": ops.sigmoid,
        "tanh": np.tanh,
        "relu": ops.relu,
        "softplus": ops.softplus,
        "exp": np.exp,
    }
    powers: dict[str, Callable[[Any], Any]] = {
        "squared": np.square,
        "its absolute value": np.abs,
        "its square root": lambda v: np.sqrt(v.astype(complex)),
        "its reciprocal": lambda v: 1 / v,
    }
    for name in arrays:
        for words, f in functions.items():
            yield ArgumentChange("transformed", f"if {name} were first passed through {words}", _one(name, f))
        for words, f in powers.items():
            yield ArgumentChange("power:argument", f"if {name} were {words}", _one(name, f))
        yield ArgumentChange("sign", f"if {name} had the opposite sign", _one(name, np.negative))
        yield ArgumentChange("complement", f"if 1 - {name} were used instead of {name}", _one(name, lambda v: 1 - v))
        yield ArgumentChange("scaled", f"if {name} were twice as large", _one(name, lambda v: 2 * v))
        yield ArgumentChange("scaled", f"if {name} were half as large", _one(name, lambda v: v / 2))
        for along, each in ((-1, "row"), (0, "column")):
            less = _one(name, lambda v, along=along: v - v.mean(along, keepdims=True))  # type: ignore[misc]
            yield ArgumentChange("centred", f"if the mean of each {each} were subtracted from {name}", less)
        length = _one(name, lambda v: v / np.sqrt((v * v).sum(-1, keepdims=True)))
        yield ArgumentChange("normalised", f"if {name} were divided by its length", length)


def _numbers(arguments: Arguments) -> Iterator[ArgumentChange]:
    for name, value in arguments.items():
        if isinstance(value, str):
            for other in ("identity", "sigmoid", "tanh", "relu"):
                yield ArgumentChange(
                    "other function",
                    f"if {name} were always {other!r}",
                    lambda g, n=name, o=other: {**g, n: o},  # type: ignore[misc]
                )
        elif isinstance(value, (int, float)) and not isinstance(value, bool):
            yield ArgumentChange(
                "argument", f"if {name} were zero: {name} has no effect", _one(name, lambda v: type(v)(0))
            )
            yield ArgumentChange(
                "argument", f"if {name} were one: {name} has no effect", _one(name, lambda v: type(v)(1))
            )
            yield ArgumentChange(
                "complement", f"if 1 - {name} were used instead of {name}", _one(name, lambda v: 1 - v)
            )
            yield ArgumentChange("sign", f"if {name} had the opposite sign", _one(name, lambda v: -v))
            if isinstance(value, int):
                yield ArgumentChange("shifted", f"if {name} were one larger", _one(name, lambda v: v + 1))
                yield ArgumentChange("shifted", f"if {name} were one smaller", _one(name, lambda v: v - 1))
            else:
                yield ArgumentChange("power", f"if {name} were squared", _one(name, lambda v: v * v))
                yield ArgumentChange("power", f"if {name} were its square root", _one(name, lambda v: np.sqrt(v)))
                yield ArgumentChange("scaled", f"if {name} were twice as large", _one(name, lambda v: 2 * v))
                yield ArgumentChange("scaled", f"if {name} were half as large", _one(name, lambda v: v / 2))
