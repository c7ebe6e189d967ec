"""Typical mistakes with noise, sparsity and contraction."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from scratchae.grading.diagnosis.mistakes.typical.typical_table import typical

Array = NDArray[Any]


@typical("masking_noise", "comparison", "if the entries that should be dropped were kept, and the others dropped")
def _dropped_are_kept(x: Array, u: Array, level: float) -> Any:
    return np.where(u < level, x, 0)


@typical("masking_noise", "constant", "if dropped entries became 1 instead of 0")
def _dropped_become_one(x: Array, u: Array, level: float) -> Any:
    return np.where(u < level, 1, x)


@typical("masking_noise", "constant", "if dropped entries became 0.5 instead of 0")
def _dropped_become_half(x: Array, u: Array, level: float) -> Any:
    return np.where(u < level, 0.5, x)


@typical("masking_noise", "other array", "if dropped entries became the random numbers u instead of 0")
def _dropped_become_random(x: Array, u: Array, level: float) -> Any:
    return np.where(u < level, u, x)


@typical("masking_noise", "extra factor", "if kept entries were divided by 1 - level, as dropout does")
def _kept_are_scaled(x: Array, u: Array, level: float) -> Any:
    return np.where(u < level, 0, x) / (1 - level)


@typical("masking_noise", "extra factor", "if x were multiplied by u")
def _multiplied_by_random(x: Array, u: Array, level: float) -> Any:
    return x * u


@typical("masking_noise", "first only", "if the first random number of each row decided for the whole row")
def _whole_rows(x: Array, u: Array, level: float) -> Any:
    return np.where(u[:, :1] < level, 0, x)


@typical("masking_noise", "first only", "if the random numbers of the first row decided for all rows")
def _whole_columns(x: Array, u: Array, level: float) -> Any:
    return np.where(u[:1] < level, 0, x)


@typical("masking_noise", "comparison", "if x were compared with level instead of the random numbers u")
def _data_compared(x: Array, u: Array, level: float) -> Any:
    return np.where(x < level, 0, x)


@typical("masking_noise_backward", "comparison", "if the gradient passed exactly where entries were dropped")
def _passes_where_dropped(dy: Array, u: Array, level: float) -> Any:
    return np.where(u < level, dy, 0)


@typical("masking_noise_backward", "extra factor", "if the gradient were divided by 1 - level, as dropout does")
def _gradient_is_scaled(dy: Array, u: Array, level: float) -> Any:
    return np.where(u < level, 0, dy) / (1 - level)


@typical("masking_noise_backward", "constant", "if the gradient were 1 where entries were dropped")
def _one_where_dropped(dy: Array, u: Array, level: float) -> Any:
    return np.where(u < level, 1, dy)


@typical("salt_and_pepper_noise", "scaled", "if entries with u below level became 0, and those up to twice the level 1")
def _twice_as_many(x: Array, u: Array, level: float) -> Any:
    return np.where(u < level, 0, np.where(u < 2 * level, 1, x))


@typical(
    "salt_and_pepper_noise",
    "term",
    "if no entries became 1: those with u between level/2 and level are left as they are",
)
def _pepper_only(x: Array, u: Array, level: float) -> Any:
    return np.where(u < level / 2, 0, x)


@typical("salt_and_pepper_noise", "term", "if all noisy entries became 0, as in masking noise")
def _pepper_for_salt(x: Array, u: Array, level: float) -> Any:
    return np.where(u < level, 0, x)


@typical("salt_and_pepper_noise", "constant", "if all noisy entries became 1")
def _salt_for_pepper(x: Array, u: Array, level: float) -> Any:
    return np.where(u < level, 1, x)


@typical(
    "salt_and_pepper_noise", "comparison", "if the other end of the range became 1: entries with u above 1 - level/2"
)
def _salt_at_the_other_end(x: Array, u: Array, level: float) -> Any:
    return np.where(u < level / 2, 0, np.where(u > 1 - level / 2, 1, x))


@typical(
    "salt_and_pepper_noise",
    "comparison",
    "if entries with u below level became 0, and those with u above 1 - level became 1",
)
def _salt_at_the_other_end_at_full_level(x: Array, u: Array, level: float) -> Any:
    return np.where(u < level, 0, np.where(u > 1 - level, 1, x))


@typical(
    "salt_and_pepper_noise",
    "constant",
    "if u below 1/2 decided between 0 and 1 in noisy entries, instead of u below level/2",
)
def _half_for_half_the_level(x: Array, u: Array, level: float) -> Any:
    return np.where(u < level, np.where(u < 0.5, 0, 1), x)


@typical(
    "salt_and_pepper_noise", "part", "if the noise were the smallest and the largest entry of x instead of 0 and 1"
)
def _extremes_of_the_data(x: Array, u: Array, level: float) -> Any:
    return np.where(u < level / 2, x.min(), np.where(u < level, x.max(), x))


@typical("salt_and_pepper_noise", "constant", "if noisy entries became -1 and 1 instead of 0 and 1")
def _minus_one_for_zero(x: Array, u: Array, level: float) -> Any:
    return np.where(u < level / 2, -1, np.where(u < level, 1, x))


@typical(
    "salt_and_pepper_noise", "complement", "if noisy entries were turned around, 1 - x, instead of becoming 0 or 1"
)
def _turned_around(x: Array, u: Array, level: float) -> Any:
    return np.where(u < level, 1 - x, x)


@typical("salt_and_pepper_noise", "complement", "if 0 and 1 were exchanged in the noise")
def _zeros_and_ones_exchanged(x: Array, u: Array, level: float) -> Any:
    return np.where(u < level / 2, 1, np.where(u < level, 0, x))


@typical(
    "salt_and_pepper_noise_backward", "part", "if the gradient were 1 where entries became 1, as the noise itself does"
)
def _noise_of_the_gradient(dy: Array, u: Array, level: float) -> Any:
    return np.where(u < level / 2, 0, np.where(u < level, 1, dy))


@typical(
    "salt_and_pepper_noise_backward",
    "scaled",
    "if level were half as large: the gradient passes where entries became 1, and not only where they are kept",
)
def _passes_at_salt(dy: Array, u: Array, level: float) -> Any:
    return np.where(u < level / 2, 0, dy)


@typical(
    "salt_and_pepper_noise_backward",
    "part",
    "if the gradient passed where entries became 0, and not only where they are kept",
)
def _passes_at_pepper(dy: Array, u: Array, level: float) -> Any:
    return np.where((u >= level / 2) & (u < level), 0, dy)


@typical("salt_and_pepper_noise_backward", "comparison", "if the gradient passed exactly where the entries are noise")
def _passes_at_noise(dy: Array, u: Array, level: float) -> Any:
    return np.where(u < level, dy, 0)


@typical("salt_and_pepper_noise_backward", "constant", "if the gradient were 1 where the entries are noise")
def _one_at_noise(dy: Array, u: Array, level: float) -> Any:
    return np.where(u < level, 1, dy)


@typical("gaussian_noise", "power", "if level were a variance: its square root is multiplied")
def _level_as_variance(x: Array, eps: Array, level: float) -> Any:
    return x + np.sqrt(level) * eps


@typical("gaussian_noise", "extra factor", "if the noise were multiplied by x: it is in proportion to the data")
def _in_proportion(x: Array, eps: Array, level: float) -> Any:
    return x * (1 + level * eps)


@typical(
    "gaussian_noise",
    "extra factor",
    "if the noise were a factor in proportion to x, and the result cut off below 0 and above 1",
)
def _in_proportion_and_cut(x: Array, eps: Array, level: float) -> Any:
    return np.clip(x * (1 + level * eps), 0, 1)


@typical("gaussian_noise", "term", "of a mixture: x is multiplied by 1 - level")
def _mixture(x: Array, eps: Array, level: float) -> Any:
    return (1 - level) * x + level * eps


@typical("gaussian_noise", "term", "if the brackets were around x and eps: level is multiplied by both")
def _both_scaled(x: Array, eps: Array, level: float) -> Any:
    return level * (x + eps)


@typical("gaussian_noise", "transformed", "if the result were cut off below 0 and above 1")
def _cut(x: Array, eps: Array, level: float) -> Any:
    return np.clip(x + level * eps, 0, 1)


@typical("gaussian_noise", "inverse", "if level were added to eps instead of multiplied")
def _level_added(x: Array, eps: Array, level: float) -> Any:
    return x + level + eps


def _mean(h: Array) -> Array:
    return np.asarray(h.mean(axis=0))


@typical(
    "sparsity_kl",
    "swapped",
    "if the target rho and the mean activation were exchanged: the divergence the other way round",
)
def _other_way_round(h: Array, rho: float) -> Any:
    m = _mean(h)
    return (m * np.log(m / rho) + (1 - m) * np.log((1 - m) / (1 - rho))).sum()


@typical("sparsity_kl", "term", "if the second term, of the inactive share, were left out")
def _first_term_only(h: Array, rho: float) -> Any:
    return (rho * np.log(rho / _mean(h))).sum()


@typical("sparsity_kl", "term", "of the cross-entropy alone: the target's own entropy is not subtracted")
def _cross_entropy(h: Array, rho: float) -> Any:
    m = _mean(h)
    return -(rho * np.log(m) + (1 - rho) * np.log(1 - m)).sum()


@typical("sparsity_kl", "sign", "if the second of the two terms were subtracted")
def _second_term_subtracted(h: Array, rho: float) -> Any:
    m = _mean(h)
    return (rho * np.log(rho / m) - (1 - rho) * np.log((1 - rho) / (1 - m))).sum()


@typical("sparsity_kl", "other function", "of the squared distance of the mean activations from the target")
def _squared_distance(h: Array, rho: float) -> Any:
    return ((_mean(h) - rho) ** 2).sum()


@typical("sparsity_kl", "other function", "of the absolute distance of the mean activations from the target")
def _absolute_distance(h: Array, rho: float) -> Any:
    return np.abs(_mean(h) - rho).sum()


@typical(
    "sparsity_kl", "missing sum", "if each activation were compared with the target, and not the mean over the examples"
)
def _of_each_example(h: Array, rho: float) -> Any:
    return (rho * np.log(rho / h) + (1 - rho) * np.log((1 - rho) / (1 - h))).mean(axis=0).sum()


@typical(
    "sparsity_kl",
    "missing sum",
    "if each activation were compared with the target, and not the mean over the examples, and all were summed",
)
def _of_each_example_summed(h: Array, rho: float) -> Any:
    return (rho * np.log(rho / h) + (1 - rho) * np.log((1 - rho) / (1 - h))).sum()


@typical("sparsity_kl", "axis", "if one mean were taken over all units and examples instead of one for each unit")
def _one_mean(h: Array, rho: float) -> Any:
    m = h.mean()
    return rho * np.log(rho / m) + (1 - rho) * np.log((1 - rho) / (1 - m))


@typical("sparsity_kl", "axis", "if the mean were taken over the units of each example instead of over the examples")
def _mean_over_the_units(h: Array, rho: float) -> Any:
    m = h.mean(axis=1)
    return (rho * np.log(rho / m) + (1 - rho) * np.log((1 - rho) / (1 - m))).sum()


@typical("sparsity_kl", "missing factor", "if the factors rho and 1 - rho were left out: only the logarithms are added")
def _logarithms_only(h: Array, rho: float) -> Any:
    m = _mean(h)
    return (np.log(rho / m) + np.log((1 - rho) / (1 - m))).sum()


@typical(
    "sparsity_kl_backward",
    "missing derivative",
    "of log(mean/rho) - log((1 - mean)/(1 - rho)): the logarithms are not differentiated, or the divergence the other way round is",
)
def _gradient_of_the_other_way_round(dpenalty: float, h: Array, rho: float) -> Any:
    m = _mean(h)
    d = np.log(m / rho) - np.log((1 - m) / (1 - rho))
    return np.broadcast_to(dpenalty * d / len(h), h.shape).copy()


@typical("sparsity_kl_backward", "missing derivative", "if the logarithms were kept: they are not differentiated")
def _logarithms_not_differentiated(dpenalty: float, h: Array, rho: float) -> Any:
    m = _mean(h)
    d = -rho * np.log(rho / m) + (1 - rho) * np.log((1 - rho) / (1 - m))
    return np.broadcast_to(dpenalty * d / len(h), h.shape).copy()


@typical("sparsity_kl_backward", "missing derivative", "if the logarithms were kept: they are not differentiated")
def _penalty_for_its_gradient(dpenalty: float, h: Array, rho: float) -> Any:
    m = _mean(h)
    d = rho * np.log(rho / m) + (1 - rho) * np.log((1 - rho) / (1 - m))
    return np.broadcast_to(dpenalty * d / len(h), h.shape).copy()


@typical("sparsity_kl_backward", "missing sum", "if each activation stood in place of the mean over the examples")
def _each_activation(dpenalty: float, h: Array, rho: float) -> Any:
    return dpenalty * ((1 - rho) / (1 - h) - rho / h) / len(h)


@typical("sparsity_kl_backward", "other function", "of the gradient of the squared distance from the target")
def _gradient_of_the_squared_distance(dpenalty: float, h: Array, rho: float) -> Any:
    return np.broadcast_to(dpenalty * 2 * (_mean(h) - rho) / len(h), h.shape).copy()


@typical("sparsity_kl_backward", "missing factor", "of the mean less rho: it is not divided by mean (1 - mean)")
def _difference_without_its_denominator(dpenalty: float, h: Array, rho: float) -> Any:
    return np.broadcast_to(dpenalty * (_mean(h) - rho) / len(h), h.shape).copy()


@typical(
    "sparsity_kl_backward",
    "sign",
    "if the second term, of the inactive share, had the opposite sign: the derivative of 1 - mean is -1",
)
def _terms_added(dpenalty: float, h: Array, rho: float) -> Any:
    m = _mean(h)
    return np.broadcast_to(dpenalty * (-(1 - rho) / (1 - m) - rho / m) / len(h), h.shape).copy()


@typical("sparsity_kl_backward", "term", "if the second term, of the inactive share, were left out")
def _gradient_of_the_first_term(dpenalty: float, h: Array, rho: float) -> Any:
    return np.broadcast_to(-dpenalty * rho / _mean(h) / len(h), h.shape).copy()


@typical(
    "sparsity_kl_backward", "axis", "if one mean were taken over all units and examples instead of one for each unit"
)
def _gradient_at_one_mean(dpenalty: float, h: Array, rho: float) -> Any:
    m = h.mean()
    return np.full(h.shape, dpenalty * ((1 - rho) / (1 - m) - rho / m) / len(h))


def _mask(score: Array, k: int) -> Array:
    order = np.argsort(-score, axis=1, kind="stable")
    mask = np.zeros(score.shape, bool)
    np.put_along_axis(mask, order[:, :k], True, axis=1)
    return mask


def _mask_of_columns(score: Array, k: int) -> Array:
    if k > len(score):
        raise ValueError(k)
    return _mask(score.T, k).T


def _mask_of_all(score: Array, k: int) -> Array:
    return np.asarray(_mask(score.reshape(1, -1), k).reshape(score.shape))


SIZE = "if the entries largest in absolute value were kept, instead of the largest"
BELOW = "if the k smallest entries of each row were kept, instead of the largest"
COLUMNS = "if the k largest entries of each column were kept, instead of each row"
ALL = "if the k largest entries of the whole batch were kept, instead of each row"


@typical("k_sparse", "power", SIZE)
def _by_size(h: Array, k: int) -> Any:
    return np.where(_mask(np.abs(h), k), h, 0)


@typical("k_sparse", "comparison", BELOW)
def _smallest(h: Array, k: int) -> Any:
    return np.where(_mask(-h, k), h, 0)


@typical("k_sparse", "axis", COLUMNS)
def _of_columns(h: Array, k: int) -> Any:
    return np.where(_mask_of_columns(h, k), h, 0)


@typical("k_sparse", "axis", ALL)
def _of_the_batch(h: Array, k: int) -> Any:
    return np.where(_mask_of_all(h, k), h, 0)


@typical("k_sparse", "axis", "if as many entries as k in each row were kept, but the largest of the whole batch")
def _of_the_batch_as_many(h: Array, k: int) -> Any:
    return np.where(_mask_of_all(h, k * len(h)), h, 0)


@typical("k_sparse", "constant", "of the condition itself: ones where entries are kept, instead of the entries")
def _ones_for_entries(h: Array, k: int) -> Any:
    return _mask(h, k) * 1.0


@typical("k_sparse", "comparison", "if the k largest entries of each row were dropped and the others kept")
def _largest_dropped(h: Array, k: int) -> Any:
    return np.where(_mask(h, k), 0, h)


@typical("k_sparse", "transformed", "if negative entries were dropped, too")
def _positive_only(h: Array, k: int) -> Any:
    return np.maximum(np.where(_mask(h, k), h, 0), 0)


@typical("k_sparse", "first only", "if the first k entries of each row were kept, instead of the largest")
def _first_entries(h: Array, k: int) -> Any:
    return np.where(np.arange(h.shape[1]) < k, h, 0)


@typical(
    "k_sparse_backward",
    "power",
    SIZE.replace("the entries largest", "the gradients of entries largest").replace("the largest", "of the largest"),
)
def _gradient_by_size(dy: Array, h: Array, k: int) -> Any:
    return np.where(_mask(np.abs(h), k), dy, 0)


@typical(
    "k_sparse_backward",
    "comparison",
    "if the gradient passed at the k smallest entries of each row, instead of the largest",
)
def _gradient_of_the_smallest(dy: Array, h: Array, k: int) -> Any:
    return np.where(_mask(-h, k), dy, 0)


@typical(
    "k_sparse_backward", "axis", "if the gradient passed at the k largest entries of each column, instead of each row"
)
def _gradient_of_columns(dy: Array, h: Array, k: int) -> Any:
    return np.where(_mask_of_columns(h, k), dy, 0)


@typical(
    "k_sparse_backward",
    "axis",
    "if the gradient passed at the k largest entries of the whole batch, instead of each row",
)
def _gradient_of_the_batch(dy: Array, h: Array, k: int) -> Any:
    return np.where(_mask_of_all(h, k), dy, 0)


@typical("k_sparse_backward", "swapped", "if the largest entries were looked for in dy instead of h")
def _largest_gradients(dy: Array, h: Array, k: int) -> Any:
    return np.where(_mask(dy, k), dy, 0)


@typical(
    "k_sparse_backward",
    "upstream",
    "of ones where entries are kept, instead of dy: the upstream gradient has no effect",
)
def _ones_for_gradients(dy: Array, h: Array, k: int) -> Any:
    return _mask(h, k) * 1.0


@typical(
    "k_sparse_backward",
    "shifted",
    "of the condition itself, ones instead of dy, and with one entry too many in each row",
)
def _ones_one_too_many(dy: Array, h: Array, k: int) -> Any:
    return _mask(h, k + 1) * 1.0


@typical("k_sparse_backward", "other array", "if h were returned where entries are kept, instead of dy")
def _entries_for_gradients(dy: Array, h: Array, k: int) -> Any:
    return np.where(_mask(h, k), h, 0)


@typical("k_sparse_backward", "extra factor", "if dy were multiplied by h where entries are kept")
def _entries_times_gradients(dy: Array, h: Array, k: int) -> Any:
    return np.where(_mask(h, k), h * dy, 0)


@typical("k_sparse_backward", "comparison", "if the gradient passed where entries are dropped")
def _passes_at_dropped(dy: Array, h: Array, k: int) -> Any:
    return np.where(_mask(h, k), 0, dy)


def _slope(h: Array, activation: str) -> Array:
    table = {"sigmoid": h * (1 - h), "tanh": 1 - h * h, "identity": np.ones_like(h)}
    if activation in table:
        return np.asarray(table[activation])
    return np.asarray((h > 0) * 1.0)


def _jacobian(h: Array, W: Array, activation: str) -> Array:
    return np.asarray(_slope(h, activation)[:, :, None] * W.T)


@typical(
    "contractive_penalty", "power", "if the entries of the Jacobian were added over the units before they are squared"
)
def _summed_before_the_square(h: Array, W: Array, activation: str) -> Any:
    return (_jacobian(h, W, activation).sum(axis=1) ** 2).sum(axis=1)


@typical("contractive_penalty", "power", "if the weights of a unit were added before they are squared")
def _weights_summed_before_the_square(h: Array, W: Array, activation: str) -> Any:
    return _slope(h, activation) ** 2 @ W.sum(axis=0) ** 2


@typical("contractive_penalty", "power", "of a length: the square root of the sum of squares was taken")
def _root_of_the_penalty(h: Array, W: Array, activation: str) -> Any:
    return np.sqrt((_jacobian(h, W, activation) ** 2).sum(axis=(1, 2)))


@typical(
    "contractive_penalty",
    "other function",
    "of the square of the Jacobian's largest singular value, instead of the sum of all squares",
)
def _spectral_norm(h: Array, W: Array, activation: str) -> Any:
    return np.linalg.norm(_jacobian(h, W, activation), 2, axis=(1, 2)) ** 2


@typical(
    "contractive_penalty",
    "other function",
    "of the Jacobian's largest singular value, instead of the sum of all squares",
)
def _spectral_norm_unsquared(h: Array, W: Array, activation: str) -> Any:
    return np.linalg.norm(_jacobian(h, W, activation), 2, axis=(1, 2))


@typical("contractive_penalty", "power", "if absolute values were added instead of squares")
def _absolute_values(h: Array, W: Array, activation: str) -> Any:
    return np.abs(_jacobian(h, W, activation)).sum(axis=(1, 2))


@typical(
    "contractive_penalty",
    "argument",
    "of the squared weights alone, a weight decay: the slopes of the units are left out",
)
def _weights_alone(h: Array, W: Array, activation: str) -> Any:
    return np.full(len(h), (W**2).sum())


@typical("contractive_penalty", "power", "if the slopes were not squared")
def _slopes_not_squared(h: Array, W: Array, activation: str) -> Any:
    return _slope(h, activation) @ (W**2).sum(axis=0)


@typical("contractive_penalty", "other function", "if the slope were h (1 - h) for each activation")
def _always_a_sigmoid(h: Array, W: Array, activation: str) -> Any:
    return (h * (1 - h)) ** 2 @ (W**2).sum(axis=0)


@typical("contractive_penalty", "other function", "if the slope were 1 - h² for each activation")
def _always_a_tanh(h: Array, W: Array, activation: str) -> Any:
    return (1 - h**2) ** 2 @ (W**2).sum(axis=0)
