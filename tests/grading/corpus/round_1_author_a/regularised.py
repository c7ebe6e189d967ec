"""Mistakes with corruption, denoising, sparsity and contraction."""

from __future__ import annotations

from grading.corpus.entry import Entry, edit, wrong

CORRUPTION: tuple[Entry, ...] = (
    edit(
        "masking_noise",
        "keeps what should go",
        "comparison/complement",
        "np.where(u < level, 0, x)",
        "np.where(u < level, x, 0)",
    ),
    edit("masking_noise", "noise of its own", "noise redrawn", "u < level", "np.random.random(x.shape) < level"),
    edit(
        "masking_noise",
        "noise of its own, seeded",
        "argument",
        "u < level",
        "np.random.default_rng(0).random(x.shape) < level",
    ),
    edit(
        "masking_noise",
        "scaled as in dropout",
        "complement/factor/missing factor",
        "np.where(u < level, 0, x)",
        "np.where(u < level, 0, x) / (1 - level)",
    ),
    edit("masking_noise", "level squared", "power", "u < level", "u < level**2"),
    edit("masking_noise", "one for zero", "constant/comparison / part", "u < level, 0, x", "u < level, 1, x"),
    edit("masking_noise", "whole rows", "first only", "u < level", "u[:, :1] < level"),
    edit("masking_noise", "the noise itself", "swapped/other array", "u < level, 0, x", "u < level, 0, u"),
    wrong(
        "masking_noise",
        "in place",
        "overwritten",
        "def masking_noise(x, u, level):\n    x[u < level] = 0\n    return x\n",
    ),
    edit(
        "masking_noise_backward",
        "no mask",
        "argument returned/comparison/argument",
        "np.where(u < level, 0, dy)",
        "dy.copy()",
    ),
    edit("masking_noise_backward", "the other mask", "comparison/complement", "u < level, 0, dy", "u < level, dy, 0"),
    edit("masking_noise_backward", "ones", "upstream/transformed", "u < level, 0, dy", "u < level, 0.0, 1.0"),
    edit("masking_noise_backward", "times level", "factor", "np.where(u < level, 0, dy)", "dy * (u >= level) * level"),
    edit(
        "salt_and_pepper_noise",
        "salt and pepper exchanged",
        "constant/comparison/complement",
        "u < level / 2, 0, np.where(u < level, 1, x)",
        "u < level / 2, 1, np.where(u < level, 0, x)",
    ),
    edit(
        "salt_and_pepper_noise",
        "half of each",
        "scaled/missing factor/sign/term",
        "np.where(u < level, 1, x)",
        "np.where(u < level / 2, 1, x)",
    ),
    edit("salt_and_pepper_noise", "only pepper", "missing factor/other function/term", "u < level / 2", "u < level"),
    edit("salt_and_pepper_noise", "-1 for 0", "constant / part", "u < level / 2, 0", "u < level / 2, -1.0"),
    edit(
        "salt_and_pepper_noise",
        "noise of its own",
        "noise redrawn",
        "return",
        "u = np.random.random(x.shape)\n    return",
    ),
    edit("salt_and_pepper_noise", "twice the level", "scaled/factor", "return", "level = 2 * level\n    return"),
    edit("salt_and_pepper_noise_backward", "of pepper only", "scaled/missing factor", "u < level", "u < level / 2"),
    edit(
        "salt_and_pepper_noise_backward",
        "no mask",
        "argument returned/comparison/argument",
        "np.where(u < level, 0, dy)",
        "dy + 0",
    ),
    edit("salt_and_pepper_noise_backward", "the other mask", "comparison", "u < level", "u >= level"),
    edit("gaussian_noise", "level as a variance", "power", "level * eps", "np.sqrt(level) * eps"),
    edit("gaussian_noise", "level squared", "power", "level * eps", "level**2 * eps"),
    edit("gaussian_noise", "level forgotten", "missing factor/argument", "level * eps", "eps"),
    edit("gaussian_noise", "noise multiplied", "inverse", "x + level * eps", "x * (level * eps)"),
    edit(
        "gaussian_noise",
        "noise of its own",
        "noise redrawn",
        "level * eps",
        "level * np.random.standard_normal(x.shape)",
    ),
    edit("gaussian_noise", "noise subtracted", "term/sign", "x + level", "x - level"),
    edit("gaussian_noise", "x scaled", "term", "x + level", "(1 - level) * x + level"),
    edit("gaussian_noise", "no noise", "argument returned/term/argument", "x + level * eps", "x.copy()"),
    edit("gaussian_noise_backward", "minus", "factor", "return dy", "return -dy"),
    edit("gaussian_noise_backward", "ones", "upstream", "return dy", "return np.ones_like(dy)"),
    edit("gaussian_noise_backward", "zero", "zero", "return dy", "return 0 * dy"),
    edit("gaussian_noise_backward", "over N", "factor", "return dy", "return dy / len(dy)"),
)

DENOISING: tuple[Entry, ...] = (
    edit("denoising_loss", "noisy target", "other array", "bernoulli_nll(logits, x)", "bernoulli_nll(logits, x_noisy)"),
    edit(
        "denoising_loss",
        "clean input",
        "other array/argument/missing function",
        "dense(x_noisy, W, b)",
        "dense(x, W, b)",
    ),
    edit("denoising_loss", "sum over the batch", "mean for sum/factor", ".mean()", ".sum()"),
    edit(
        "denoising_loss", "no activation", "missing function", "sigmoid(dense(x_noisy, W, b))", "dense(x_noisy, W, b)"
    ),
    edit(
        "denoising_loss",
        "squared error",
        "other function",
        "bernoulli_nll(logits, x)",
        "((logits - x) ** 2).sum(axis=1)",
    ),
    edit(
        "denoising_gradients",
        "noisy target",
        "other array",
        "bernoulli_nll_backward(dlosses, logits, x)",
        "bernoulli_nll_backward(dlosses, logits, x_noisy)",
    ),
    edit(
        "denoising_gradients",
        "clean input on the way back",
        "other array",
        "dense_backward(da, x_noisy, W)",
        "dense_backward(da, x, W)",
    ),
    edit("denoising_gradients", "not over N", "mean for sum/factor", "1 / len(x)", "1"),
    edit(
        "denoising_gradients",
        "noise of its own",
        "noise redrawn",
        "masking_noise(x, u, level)",
        "masking_noise(x, np.random.random(x.shape), level)",
    ),
    edit("denoising_gradients", "no derivative of the sigmoid", "missing derivative", "sigmoid_backward(dh, h)", "dh"),
    edit(
        "denoising_gradients",
        "mask turned round",
        "comparison",
        "masking_noise(x, u, level)",
        "np.where(u < level, x, 0)",
    ),
    edit(
        "denoising_gradients",
        "only masked entries count",
        "extra factor",
        "dlogits = bernoulli_nll_backward(dlosses, logits, x)",
        "dlogits = bernoulli_nll_backward(dlosses, logits, x) * (u < level)",
    ),
)

SPARSITY: tuple[Entry, ...] = (
    edit(
        "sparsity_kl",
        "the divergence the other way round",
        "swapped/other array",
        "rho * np.log(rho / mean) + (1 - rho) * np.log((1 - rho) / (1 - mean))",
        "mean * np.log(mean / rho) + (1 - mean) * np.log((1 - mean) / (1 - rho))",
    ),
    edit("sparsity_kl", "mean over the units", "mean for sum/factor", "kl.sum()", "kl.mean()"),
    edit(
        "sparsity_kl",
        "first term only",
        "term",
        "rho * np.log(rho / mean) + (1 - rho) * np.log((1 - rho) / (1 - mean))",
        "rho * np.log(rho / mean)",
    ),
    edit("sparsity_kl", "second term subtracted", "term/sign", "/ mean) + (1 - rho)", "/ mean) - (1 - rho)"),
    edit("sparsity_kl", "minus", "factor", "kl.sum()", "-kl.sum()"),
    edit(
        "sparsity_kl",
        "a target of 0.05",
        "argument",
        "mean = _mean_activation(h)",
        "mean, rho = _mean_activation(h), 0.05",
    ),
    edit("sparsity_kl", "per unit", "shape", "kl.sum()", "kl"),
    edit(
        "sparsity_kl",
        "cross-entropy",
        "missing factor/term",
        "np.log(rho / mean) + (1 - rho) * np.log((1 - rho) / (1 - mean))",
        "-np.log(mean) - (1 - rho) * np.log(1 - mean)",
    ),
    edit("sparsity_kl", "the mean of each row", "axis", "_mean_activation(h)", "h.mean(axis=1)"),
    edit("sparsity_kl_backward", "not over N", "factor/mean for sum", "dmean / len(h)", "dmean"),
    edit("sparsity_kl_backward", "upstream ignored", "upstream/factor", "dpenalty * ((1", "((1"),
    edit("sparsity_kl_backward", "first term only", "term", "(1 - rho) / (1 - mean) - rho / mean", "-rho / mean"),
    edit("sparsity_kl_backward", "plus", "term/sign", "(1 - mean) - rho", "(1 - mean) + rho"),
    edit("sparsity_kl_backward", "minus", "factor", "dpenalty * (", "-dpenalty * ("),
    edit(
        "sparsity_kl_backward",
        "each row by its own",
        "other array/axis/one row/missing sum",
        "mean = _mean_activation(h)",
        "mean = h",
    ),
    edit(
        "sparsity_kl_backward", "one row", "shape", "np.broadcast_to(dmean / len(h), h.shape).copy()", "dmean / len(h)"
    ),
    edit("k_sparse", "the smallest", "comparison/sign", "_largest(h, k)", "_largest(-h, k)"),
    edit("k_sparse", "by size", "power/other function", "_largest(h, k)", "_largest(np.abs(h), k)"),
    edit("k_sparse", "one too many", "shifted/constant", "_largest(h, k)", "_largest(h, k + 1)"),
    edit("k_sparse", "those of the others", "comparison", "_largest(h, k), h, 0", "_largest(h, k), 0, h"),
    edit(
        "k_sparse",
        "one in the place of the value",
        "constant/extra factor/transformed",
        "_largest(h, k), h, 0",
        "_largest(h, k), 1.0, 0.0",
    ),
    wrong(
        "k_sparse",
        "the largest of each column",
        "axis/transposed",
        """
        def k_sparse(h, k):
            order = np.argsort(-h, axis=0, kind='stable')
            mask = np.zeros(h.shape, bool)
            np.put_along_axis(mask, order[:k], True, axis=0)
            return np.where(mask, h, 0)
        """,
    ),
    edit("k_sparse", "only one", "argument/constant", "_largest(h, k)", "_largest(h, 1)"),
    edit(
        "k_sparse_backward", "no mask", "argument returned/comparison", "np.where(_largest(h, k), dy, 0)", "dy.copy()"
    ),
    edit("k_sparse_backward", "the largest gradients", "swapped/other array", "_largest(h, k)", "_largest(dy, k)"),
    edit("k_sparse_backward", "upstream ignored", "upstream", "dy, 0)", "1.0, 0.0)"),
    edit("k_sparse_backward", "the others", "comparison", "dy, 0)", "0, dy)"),
    edit("k_sparse_backward", "the code itself", "swapped/other array", "dy, 0)", "h, 0)"),
)

CONTRACTION: tuple[Entry, ...] = (
    edit("contractive_penalty", "slope not squared", "power/missing factor", "s * s @ w", "s @ w"),
    edit("contractive_penalty", "weights not squared", "power/missing factor", "(W * W).sum(axis=0)", "W.sum(axis=0)"),
    edit(
        "contractive_penalty",
        "mean over the inputs",
        "mean for sum/factor",
        "(W * W).sum(axis=0)",
        "(W * W).mean(axis=0)",
    ),
    edit("contractive_penalty", "the norm, not squared", "power", "return s * s @ w", "return np.sqrt(s * s @ w)"),
    edit("contractive_penalty", "half", "factor", "return s * s @ w", "return s * s @ w / 2"),
    edit(
        "contractive_penalty",
        "always a sigmoid",
        "argument/other function",
        "_SLOPES[activation]",
        "_SLOPES['sigmoid']",
    ),
    edit("contractive_penalty", "the code for its slope", "missing function/other array", "s = slope(h)", "s = h"),
    edit("contractive_penalty", "one number", "shape", "return s * s @ w", "return (s * s @ w).mean()"),
    edit("contractive_penalty", "no slopes", "argument", "return s * s @ w", "return np.full(len(h), w.sum())"),
    edit(
        "contractive_penalty_backward",
        "without the second derivative",
        "missing factor/missing derivative",
        "ds * slope_backward(h)",
        "ds",
    ),
    edit("contractive_penalty_backward", "dh without 2", "factor", "* 2 * s * w", "* s * w"),
    edit("contractive_penalty_backward", "dW without 2", "factor", "2 * W * (", "W * ("),
    edit(
        "contractive_penalty_backward", "dW without upstream", "upstream", "dpenalty @ (s * s)", "(s * s).sum(axis=0)"
    ),
    edit("contractive_penalty_backward", "dh without upstream", "upstream", "dpenalty[:, None] * 2", "2"),
    edit("contractive_penalty_backward", "dh without s", "missing factor", "2 * s * w", "2 * w"),
    edit("contractive_penalty_backward", "dW with s, not squared", "power/missing factor", "s * s)", "s)"),
    edit(
        "contractive_penalty_backward",
        "dW over N",
        "mean for sum/factor",
        "(dpenalty @ (s * s))",
        "(dpenalty @ (s * s)) / len(h)",
    ),
    edit(
        "contractive_penalty_backward",
        "dh with the slope",
        "other function/other array",
        "slope_backward(h)",
        "slope(h)",
    ),
    edit("contractive_penalty_backward", "order", "shape", "return dh, dW", "return dW, dh"),
)
MISTAKES = CORRUPTION + DENOISING + SPARSITY + CONTRACTION
