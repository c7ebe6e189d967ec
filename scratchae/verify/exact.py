"""Every op from its textbook definition, number by number, in decimal arithmetic with 100 digits.

With 100 digits and practically unlimited exponents, the definitions need no protection from overflow or cancellation. So they share no
formula with ops or kernels, and give the exact value for the same float arguments.

Gradients need no formulas either: `gradients` differentiates the definitions by central differences, which in this arithmetic are accurate
to more digits than a float has. A definition takes arrays of decimals by the names of the op's arguments, and returns one or more arrays of
`Sum`: the terms of a sum. Their sum is the value; the sum of their absolute values is the reference for rounding errors.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from decimal import Context, Decimal, DivisionByZero, InvalidOperation, localcontext
from functools import lru_cache
from typing import Any

import numpy as np

from scratchae.verify.derivatives import Array

Decimals = Any  # an array of decimals, or of sums of them

DIGITS = 100
ARITHMETIC = Context(prec=DIGITS, Emin=-(10**17), Emax=10**17, traps=[DivisionByZero, InvalidOperation])
STEP = Decimal("1e-25")  # differences then have a truncation error of 1e-50, and keep 75 digits after cancellation
PI = Decimal("3.14159265358979323846264338327950288419716939937510582097494459230781640628620899862803482534211706798")
ZERO, ONE, TWO = Decimal(0), Decimal(1), Decimal(2)
SMALLEST = 330  # numbers with more leading decimal zeros are zero as floats
FAR = Decimal("1e5")  # beyond this, e^-x is negligible next to any float


class Sum:
    """A number as a sum of terms, with its value and the sum of absolute values."""

    __slots__ = ("terms",)

    def __init__(self, *terms: Decimal) -> None:
        self.terms = terms

    @property
    def value(self) -> Decimal:
        """Return the sum of the terms."""
        return sum(self.terms, ZERO)

    @property
    def size(self) -> Decimal:
        """Return the sum of the absolute values of the terms."""
        return sum((abs(term) for term in self.terms), ZERO)

    def minus(self, other: Sum) -> Decimal:
        """Return the difference from another sum, term by term, so that a large unchanged term does not hide digits of the others."""
        return sum((a - b for a, b in zip(self.terms, other.terms, strict=True)), ZERO)


_decimal = np.frompyfunc(Decimal, 1, 1)


def decimals(values: Any) -> Decimals:
    """Convert floats to decimals exactly; integers (labels) are unchanged."""
    values = np.asarray(values)
    if values.dtype.kind != "f":
        return values
    return np.asarray(_decimal(values.astype(np.float64)), object)


def _filled(shape: tuple[int, ...], entry: Callable[..., Any]) -> Decimals:
    """Return an array of `entry` at each index; a decimal becomes a sum of one term."""
    filled = np.empty(shape, object)
    for index in np.ndindex(*shape):
        value = entry(*index)
        filled[index] = Sum(value) if isinstance(value, Decimal) else value
    return filled


# Functions of one number.


@lru_cache(100_000)
def exp(x: Decimal) -> Decimal:
    """e^x."""
    return x.exp()


@lru_cache(100_000)
def ln(x: Decimal) -> Decimal:
    """Return the natural logarithm."""
    return x.ln()


@lru_cache(100_000)
def ln_of_one_plus(t: Decimal) -> Decimal:
    """Return ln(1 + t) with full precision for small t, where 1 + t needs more digits."""
    if t == 0 or t.adjusted() < -2 * DIGITS:
        return t  # the next term of the series is smaller by a factor below 1e-100
    with localcontext() as longer:
        longer.prec += max(0, -t.adjusted())
        return (1 + t).ln()


def sigmoid(x: Decimal) -> Decimal:
    """1 / (1 + e^-x)."""
    return 1 / (1 + exp(-x))


@lru_cache(100_000)
def tanh(x: Decimal) -> Decimal:
    """(e^x - e^-x) / (e^x + e^-x); 1 and -1 where that ends."""
    if x == 0 or abs(x) > FAR:
        return ONE.copy_sign(x) if x else x
    with localcontext() as longer:
        longer.prec += 2 * max(0, -x.adjusted())  # digits lost in the difference
        up, down = x.exp(), (-x).exp()
        return (up - down) / (up + down)


def softplus(x: Decimal) -> Decimal:
    """ln(1 + e^x)."""
    return x if x > FAR else ln_of_one_plus(exp(x))


def relu(x: Decimal) -> Decimal:
    """Return the larger of x and 0."""
    return max(x, ZERO)


def identity(x: Decimal) -> Decimal:
    """Return x itself."""
    return x


ACTIVATIONS: dict[str, Callable[[Decimal], Decimal]] = {
    "identity": identity,
    "sigmoid": sigmoid,
    "tanh": tanh,
    "relu": relu,
}


def before(activation: str, h: Decimal) -> Decimal:
    """Return the number whose activation is h; for 0 and 1, which are not reached, a number very far out."""
    if activation in ("identity", "relu"):
        return h
    low = ZERO if activation == "sigmoid" else -ONE
    if h in (low, ONE):
        return FAR if h == ONE else -FAR
    return ln(h / (1 - h)) if activation == "sigmoid" else ln((1 + h) / (1 - h)) / 2


@lru_cache(10_000)
def slope(activation: str, h: Decimal) -> Decimal:
    """Return the derivative of an activation at the output h, by differences."""
    f, x = ACTIVATIONS[activation], before(activation, h)
    return (f(x + STEP) - f(x - STEP)) / (2 * STEP)


# Definitions.


def _each_number(f: Callable[[Decimal], Decimal]) -> Callable[..., Decimals]:
    return lambda x: _filled(x.shape, lambda *i: f(x[i]))


def _row_sums(terms: Callable[..., tuple[Decimal, ...]]) -> Callable[..., Decimals]:
    """Return the sum over the features of a row, from the contribution of one feature."""
    known = lru_cache(100_000)(terms)

    def rows(**arguments: Decimals) -> Decimals:
        arrays = np.broadcast_arrays(*arguments.values())
        places = range(arrays[0].shape[1])

        def row(n: int) -> Sum:
            return Sum(*itertools.chain.from_iterable(known(*(a[n, j] for a in arrays)) for j in places))

        return _filled(arrays[0].shape[:1], row)

    return rows


def _dense(x: Decimals, W: Decimals, b: Decimals, activation: str = "identity") -> Decimals:
    """f(x W + b), where b is one row, or one row per row of x."""
    f = ACTIVATIONS[activation]

    def output(n: int, o: int) -> Any:
        total = Sum(*(x[n, i] * W[i, o] for i in range(len(W))), b[n, o] if b.ndim == 2 else b[o])
        return total if activation == "identity" else f(total.value)

    return _filled((len(x), W.shape[1]), output)


def _bernoulli_nll(a: Decimal, x: Decimal) -> tuple[Decimal, ...]:
    """-x ln p - (1 - x) ln(1 - p), multiplied out; p = 1 / (1 + e^-a), and 1 - p = 1 / (1 + e^a)."""
    return x * softplus(-a), softplus(a), -x * softplus(a)


def _squared_error(x_hat: Decimal, x: Decimal) -> tuple[Decimal, ...]:
    return ((x_hat - x) ** 2,)


def _masking(x: Decimals, u: Decimals, level: Decimal) -> Decimals:
    return _filled(x.shape, lambda *i: ZERO if u[i] < level else x[i])


def _salt_and_pepper(x: Decimals, u: Decimals, level: Decimal) -> Decimals:
    def pixel(*i: int) -> Decimal:
        if u[i] >= level:
            return x[i]
        return ZERO if 2 * u[i] < level else ONE

    return _filled(x.shape, pixel)


def _gaussian_noise(x: Decimals, eps: Decimals, level: Decimal) -> Decimals:
    return _filled(x.shape, lambda *i: Sum(x[i], level * eps[i]))


def _softmax(logits: Decimals) -> Decimals:
    totals = [sum(exp(a) for a in row) for row in logits]
    return _filled(logits.shape, lambda n, c: exp(logits[n, c]) / totals[n])


def _ln_of_sum(numbers: Iterable[Decimal]) -> Decimal:
    """ln of a sum, with extra digits for the range of its terms, so that the derivative of the smallest is accurate."""
    numbers = list(numbers)
    sizes = [number.adjusted() for number in numbers if number > 0]
    apart = [max(sizes) - size for size in sizes]
    with localcontext() as longer:
        longer.prec += max(digits for digits in apart if digits < SMALLEST)
        return (+sum(numbers, ZERO)).ln()


def _softmax_cross_entropy(logits: Decimals, labels: Decimals) -> Decimals:
    """-ln(e^a / sum of e^a), as two terms; subtracting the largest logit causes a rounding error as well."""

    def loss(n: int) -> Sum:
        right, top = logits[n, labels[n]], max(logits[n])
        return Sum(_ln_of_sum(exp(a) for a in logits[n]), -right, top, -top, ONE, -ONE)

    return _filled(labels.shape, loss)


def _kl_of_coins(rho: Decimal, mean: Decimal) -> tuple[Decimal, ...]:
    """KL(rho || mean) of two Bernoulli distributions; each logarithm is of a ratio, which is itself rounded."""
    return rho * ln(rho / mean), (1 - rho) * ln((1 - rho) / (1 - mean)), ONE, -ONE


def _sparsity_kl(h: Decimals, rho: Decimal) -> Decimals:
    means = [sum(column) / len(h) for column in h.T]
    return _filled((), lambda: Sum(*itertools.chain.from_iterable(_kl_of_coins(rho, mean) for mean in means)))


def _k_sparse(h: Decimals, k: int) -> Decimals:
    """Keep the k largest entries of each row; among ties, the first."""
    kept = [set(sorted(range(len(row)), key=lambda j, row=row: (-row[j], j))[:k]) for row in h]  # type: ignore[misc]
    return _filled(h.shape, lambda n, j: h[n, j] if j in kept[n] else ZERO)


def _contractive_penalty(h: Decimals, W: Decimals, activation: str) -> Decimals:
    """The sum of the squares of the Jacobian's entries, f'(a_j) W_ij."""

    def row(n: int) -> Sum:
        slopes = [slope(activation, value) for value in h[n]]
        return Sum(*((slopes[j] * W[i, j]) ** 2 for i, j in np.ndindex(*W.shape)))

    return _filled(h.shape[:1], row)


def _reparameterize(mu: Decimals, logvar: Decimals, eps: Decimals) -> Decimals:
    """mu + sigma eps, sigma the root of the variance."""
    return _filled(eps.shape, lambda *i: Sum(mu[i[-2:]], exp(logvar[i[-2:]] / 2) * eps[i]))


def _gaussian_nll(x_hat: Decimal, logvar: Decimal, x: Decimal) -> tuple[Decimal, ...]:
    """-ln of the density 1 / sqrt(2 pi variance) e^(-(x - x_hat)^2 / (2 variance))."""
    variance = exp(logvar)
    return ln(TWO * PI) / 2, ln(variance) / 2, (x - x_hat) ** 2 / (2 * variance)


def _kl_term(mu: Decimal, variance: Decimal) -> tuple[Decimal, ...]:
    """(mu^2 + sigma^2 - ln sigma^2 - 1) / 2."""
    return mu**2 / 2, variance / 2, -ln(variance) / 2, -ONE / 2


def _kl_of_log(mu: Decimal, logvar: Decimal) -> tuple[Decimal, ...]:
    return _kl_term(mu, exp(logvar))


def _kl_terms(mu: Decimals, logvar: Decimals) -> Decimals:
    return _filled(mu.shape, lambda *i: Sum(*_kl_of_log(mu[i], logvar[i])))


def _determinant(matrix: Decimals) -> Decimal:
    """By Leibniz' formula: the sum over all permutations."""
    size, total = len(matrix), ZERO
    for order in itertools.permutations(range(size)):
        crossings = sum(order[i] > order[j] for i, j in itertools.combinations(range(size), 2))
        product = ONE if crossings % 2 == 0 else -ONE
        for i, j in enumerate(order):
            product *= matrix[i, j]
        total += product
    return total


def _gaussian_kl_trace(mu: Decimals, covariance: Decimals) -> Decimals:
    def row(n: int) -> Sum:
        size = mu.shape[1]
        traces = [covariance[n, j, j] / 2 for j in range(size)]
        return Sum(*traces, *(m**2 / 2 for m in mu[n]), Decimal(-size) / 2, -ln(_determinant(covariance[n])) / 2)

    return _filled(mu.shape[:1], row)


def _sampled_kl(z: Decimals, logvar: Decimals, eps: Decimals) -> Decimals:
    """ln q(z) - ln p(z), q the normal density of standard deviation sigma at eps of them from its mean."""

    def draw(*i: int) -> Sum:
        terms: list[Decimal] = []
        for a, e, v in zip(z[i], eps[i], logvar[i[-1]], strict=True):
            terms += [a**2 / 2, -(e**2) / 2, -ln(exp(v)) / 2]
        return Sum(*terms)

    return _filled(z.shape[:-1], draw)


def _free_bits(terms: Decimals, floor: Decimal) -> Decimals:
    means = [sum(column) / len(terms) for column in terms.T]
    return _filled((), lambda: Sum(*(max(mean, floor) for mean in means)))


def _log_mean_exp(log_w: Decimals) -> Decimals:
    """ln of the mean of the weights; the rounding error is that of the largest log-weight, which is subtracted."""

    def column(n: int) -> Sum:
        top = max(log_w[:, n])
        return Sum(_ln_of_sum(exp(w) for w in log_w[:, n]), -ln(Decimal(len(log_w))), top, -top, ONE, -ONE)

    return _filled(log_w.shape[1:], column)


def _importance_weights(log_w: Decimals) -> Decimals:
    totals = [sum(exp(w) for w in column) for column in log_w.T]
    return _filled(log_w.shape, lambda k, n: exp(log_w[k, n]) / totals[n])


def _log_bernoulli(p: Decimal, x: Decimal) -> tuple[Decimal, ...]:
    """x ln p + (1 - x) ln(1 - p); 1 - p is rounded to a multiple of the type's eps."""
    return x * ln(p), (1 - x) * ln_of_one_plus(-p), 1 - x, x - 1


def _weight_decay(W: Decimals, strength: Decimal) -> Decimals:
    return _filled((), lambda: Sum(*(strength / 2 * w**2 for w in W.ravel())))


def _sgd(theta: Decimals, gradient: Decimals, learning_rate: Decimal) -> Decimals:
    return _filled(theta.shape, lambda i: Sum(theta[i], -learning_rate * gradient[i]))


def _momentum(
    theta: Decimals, velocity: Decimals, gradient: Decimals, learning_rate: Decimal, decay: Decimal
) -> tuple[Decimals, ...]:
    moved = _filled(theta.shape, lambda i: Sum(decay * velocity[i], -learning_rate * gradient[i]))
    return _filled(theta.shape, lambda i: Sum(theta[i], decay * velocity[i], -learning_rate * gradient[i])), moved


def _adam(
    theta: Decimals,
    m: Decimals,
    v: Decimals,
    gradient: Decimals,
    step: int,
    learning_rate: Decimal,
    beta1: Decimal,
    beta2: Decimal,
    epsilon: Decimal,
) -> tuple[Decimals, ...]:
    """Algorithm 1 of Kingma and Ba (2015)."""
    first = _filled(theta.shape, lambda i: Sum(beta1 * m[i], (1 - beta1) * gradient[i]))
    second = _filled(theta.shape, lambda i: Sum(beta2 * v[i], (1 - beta2) * gradient[i] ** 2))

    def parameter(i: int) -> Sum:
        root = (second[i].value / (1 - beta2**step)).sqrt()
        rate = learning_rate / (1 - beta1**step) / (root + epsilon)
        return Sum(theta[i], -rate * beta1 * m[i], -rate * (1 - beta1) * gradient[i])

    return _filled(theta.shape, parameter), first, second


@dataclass(frozen=True)
class ExactDefinition:
    """Definition of an op.

    Parameters
    ----------
    values : callable
        Computes the result from the op's arguments by name.
    result : str
        The axes of the result: "n" and "j" for axes of independent subproblems, whose results are separate or, without such an axis in the
        result, added; ":" for an axis that is not divided, "*" for an optional first axis.
    axes : dict
        The same for the arguments that are divided.
    """

    values: Callable[..., Any]
    result: str = ""
    axes: dict[str, str] = field(default_factory=dict)


def _same(values: Callable[..., Any], result: str, *names: str, axes: str = "nj") -> ExactDefinition:
    return ExactDefinition(values, result, dict.fromkeys(names, axes))


_DENSE = ExactDefinition(_dense, "nj", {"x": "n:", "W": ":j", "b": "nj"})
DEFINITIONS: dict[str, ExactDefinition] = {
    "identity": _same(_each_number(identity), "nj", "x"),
    "sigmoid": _same(_each_number(sigmoid), "nj", "x"),
    "tanh": _same(_each_number(tanh), "nj", "x"),
    "relu": _same(_each_number(relu), "nj", "x"),
    "softplus": _same(_each_number(softplus), "nj", "x"),
    "dense": _DENSE,
    "layer": _DENSE,
    "bernoulli_nll": _same(_row_sums(_bernoulli_nll), "n", "logits", "x"),
    "squared_error": _same(_row_sums(_squared_error), "n", "x_hat", "x"),
    "masking_noise": _same(_masking, "nj", "x", "u"),
    "salt_and_pepper_noise": _same(_salt_and_pepper, "nj", "x", "u"),
    "gaussian_noise": _same(_gaussian_noise, "nj", "x", "eps"),
    "softmax": _same(_softmax, "n:", "logits", axes="n:"),
    "softmax_cross_entropy": ExactDefinition(_softmax_cross_entropy, "n", {"logits": "n:", "labels": "n"}),
    "sparsity_kl": _same(_sparsity_kl, "", "h", axes=":j"),
    "k_sparse": _same(_k_sparse, "n:", "h", axes="n:"),
    "contractive_penalty": ExactDefinition(_contractive_penalty, "n", {"h": "nj", "W": ":j"}),
    "reparameterize": ExactDefinition(_reparameterize, "*nj", {"mu": "nj", "logvar": "nj", "eps": "*nj"}),
    "gaussian_nll": _same(_row_sums(_gaussian_nll), "n", "x_hat", "logvar", "x"),
    "gaussian_kl_trace": ExactDefinition(_gaussian_kl_trace, "n", {"mu": "n:", "covariance": "n::"}),
    "gaussian_kl_sums": _same(_row_sums(_kl_term), "n", "mu", "variance"),
    "gaussian_kl_terms": _same(_kl_terms, "nj", "mu", "logvar"),
    "gaussian_kl": _same(_row_sums(_kl_of_log), "n", "mu", "logvar"),
    "sampled_kl": ExactDefinition(_sampled_kl, "*n", {"z": "*nj", "logvar": "nj", "eps": "*nj"}),
    "free_bits": _same(_free_bits, "", "terms", axes=":j"),
    "log_mean_exp": _same(_log_mean_exp, "n", "log_w", axes=":n"),
    "importance_weights": _same(_importance_weights, ":n", "log_w", axes=":n"),
    **{
        name: _same(_row_sums(_log_bernoulli), "n", "p", "x")
        for name in ("bernoulli_log_product", "bernoulli_log_powers", "bernoulli_log_likelihood")
    },
    "weight_decay": _same(_weight_decay, "", "W"),
    "sgd": ExactDefinition(_sgd),
    "momentum": ExactDefinition(_momentum),
    "adam": ExactDefinition(_adam),
}


def results(op: str, arguments: dict[str, Any]) -> tuple[Decimals, ...]:
    """Compute the results of an op, as arrays of `Sum`.

    Parameters
    ----------
    op : str
    arguments : dict
        Its arguments by name: arrays of decimals, decimals, integers, names.
    """
    found = DEFINITIONS[op].values(**arguments)
    return found if isinstance(found, tuple) else (found,)


# Derivatives.


def _step(op: str, name: str, x: Decimal, arguments: dict[str, Any]) -> Decimal:
    """Return the step for an argument: relative to its distance from the end of its range or from a kink, if any."""
    if op == "k_sparse" or arguments.get("activation") == "relu":
        return STEP**2 * max(ONE, abs(x))  # piecewise linear, with kinks nearby
    if op in ("relu", "free_bits", "weight_decay"):
        return STEP * (abs(x) or ONE)
    if name in ("variance", "covariance"):
        return STEP * min(abs(x) or ONE, *(abs(c) for c in arguments[name].ravel() if c != 0))
    if name == "p" or (op == "sparsity_kl" and name == "h"):
        return STEP * min(x, 1 - x)
    if op == "contractive_penalty" and name == "h":
        return STEP * (min(x, 1 - x) if arguments["activation"] == "sigmoid" else 1 - abs(x))
    return STEP * max(ONE, abs(x))


def _place(axes: str, dimensions: int, at: dict[str, int]) -> tuple[Any, ...]:
    """Return the index of the subproblem `at` in an array with these axes; the last axes if it has fewer."""
    optional, letters = axes.startswith("*"), axes.removeprefix("*")
    letters = letters[len(letters) - min(dimensions, len(letters)) :]
    place = [slice(at[letter], at[letter] + 1) if letter in at else slice(None) for letter in letters]
    return (..., *place) if optional else tuple(place)


def _parts(definition: ExactDefinition, arguments: dict[str, Any]) -> Iterable[dict[str, int]]:
    """Yield the independent subproblems."""
    sizes: dict[str, int] = {}
    for name, axes in definition.axes.items():
        letters = axes.removeprefix("*")
        if name in arguments and arguments[name].ndim >= len(letters):
            sizes.update(zip(letters, arguments[name].shape[arguments[name].ndim - len(letters) :], strict=True))
    sizes.pop(":", None)
    for place in np.ndindex(*sizes.values()):
        yield dict(zip(sizes, place, strict=True))


def gradients(op: str, upstream: Decimals, arguments: dict[str, Any], wrt: tuple[str, ...]) -> list[Decimals]:
    """Compute derivatives of the sum of upstream times result with respect to each entry of some arguments.

    Parameters
    ----------
    op : str
    upstream : array of decimals, shape of the result
    arguments : dict
        As in `results`.
    wrt : tuple of str

    Returns
    -------
    gradients : list of array of decimals
    """
    definition = DEFINITIONS[op]
    found = {name: np.full(np.shape(arguments[name]), ZERO, object) for name in wrt}
    if set(definition.axes.values()) == {"nj"} and upstream.ndim:
        _number_by_number(op, upstream, arguments, found)
        return list(found.values())
    for at in _parts(definition, arguments):
        places = {name: _place(axes, arguments[name].ndim, at) for name, axes in definition.axes.items()}
        part = {**arguments, **{name: arguments[name][place] for name, place in places.items()}}
        weights = upstream[_place(definition.result, upstream.ndim, at)]
        for name in wrt:
            found[name][places[name]] += _differences(op, np.asarray(weights, object), part, name)
    if "b" in found and found["b"].ndim == 2:  # all rows share the bias
        found["b"] = found["b"].sum(axis=0)
    return list(found.values())


def _number_by_number(op: str, upstream: Decimals, arguments: dict[str, Any], found: dict[str, Decimals]) -> None:
    """Compute `gradients` of elementwise ops; equal entries are computed once."""
    known: dict[Any, Decimal] = {}
    names, one = list(DEFINITIONS[op].axes), np.full(1 if upstream.ndim == 1 else (1, 1), ONE, object)
    for index in np.ndindex(*arguments[names[0]].shape):
        numbers = tuple(arguments[name][_in_row(arguments[name], index)] for name in names)
        for name, gradient in found.items():
            if (name, numbers) not in known:
                alone = {n: np.full((1, 1), number, object) for n, number in zip(names, numbers, strict=True)}
                known[name, numbers] = _differences(op, one, {**arguments, **alone}, name)[0, 0]
            gradient[_in_row(gradient, index)] += known[name, numbers] * upstream[index[: upstream.ndim]]


def _in_row(array: Decimals, index: tuple[int, ...]) -> tuple[int, ...]:
    """Return the index in an array that may be a single row, shared by all."""
    return index[len(index) - array.ndim :]


def _differences(op: str, upstream: Decimals, arguments: dict[str, Any], name: str) -> Decimals:
    """Compute the derivative with respect to each entry of one argument."""
    x = arguments[name]
    slopes = np.full(x.shape, ZERO, object)
    for index in np.ndindex(*x.shape):
        step = _step(op, name, x[index], arguments)
        if step == 0:  # at the end of the range, where the derivative tends to 0
            continue
        up, down = x.copy(), x.copy()
        up[index], down[index] = x[index] + step, x[index] - step
        (above,), (below,) = (results(op, {**arguments, name: moved}) for moved in (up, down))
        rise = sum(u * a.minus(b) for u, a, b in zip(upstream.ravel(), above.ravel(), below.ravel(), strict=True))
        slopes[index] = rise / (2 * step)
    return slopes


# Comparison.


def rounded(expected: Decimals) -> tuple[Array, Array]:
    """Return decimals as the nearest floats and the remainders: together, twice the digits of a float."""
    near = expected.astype(np.float64)  # infinite on overflow
    finite = np.isfinite(near)
    rest = np.asarray(expected - _decimal(np.where(finite, near, 0)), object).astype(np.float64)
    return near, np.where(finite, rest, 0)


def worst_error(got: Any, expected: tuple[Array, Array], real: Any, scale: Any = 0.0, floor: float = 1.0) -> float:
    """Return the largest difference of any entry relative to that entry, in units of the type's eps.

    Parameters
    ----------
    got : array of floats
    expected : pair of arrays
        From `rounded`.
    real : float type
        Type of the computation; it is not known from a scalar returned by a kernel.
    scale : array or float
        Size of the terms whose sum an entry is; rounding errors are then relative to that.
    floor : float
        Differences up to this multiple of the type's smallest normal number count as zero.

    Returns
    -------
    error : float
        Infinity for NaN, for different shapes, or if only one of two entries is infinite.
    """
    got, (near, rest) = np.asarray(got), expected
    if got.shape != near.shape or (got.ndim and got.dtype != real):
        return np.inf
    got = got.astype(real)
    tiny, eps = (float(getattr(np.finfo(real), name)) for name in ("tiny", "eps"))
    with np.errstate(all="ignore"):
        out = np.isinf(near.astype(got.dtype))  # too large for the type
        difference = np.where(out, np.where(got == near.astype(got.dtype), 0, np.inf), np.abs(got - near - rest))
        size = np.maximum(np.maximum(np.abs(near), np.asarray(scale, np.float64)), tiny)
        error = np.where(difference <= floor * tiny, 0, difference / size)
    worst = float(np.max(error, initial=0.0)) / eps
    return worst if np.isfinite(worst) else np.inf
