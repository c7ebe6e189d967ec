"""Mistakes in the readable operations.

Many are consistent pairs, in which the wrong function is differentiated correctly: those pass every check of gradients, and only a
claim about the value or the meaning can tell. Several are taken from code that many have read.
"""

from __future__ import annotations

from mutants.mutant import Mutant

_ACTIVATIONS = [
    Mutant(
        "ops/activations.py",
        "return dy * y * (1 - y)  # (sigmoid.4)",
        "return dy * y  # (sigmoid.4)",
        "the sigmoid's derivative without its second factor",
        claim="sigmoid gradient by complex step",
    ),
    Mutant(
        "ops/activations.py",
        "return dy * y * (1 - y)  # (sigmoid.4)",
        "return dy * sigmoid(y) * (1 - sigmoid(y))  # (sigmoid.4)",
        "the sigmoid's derivative taken at the output as if it were the input",
        claim="sigmoid gradient by complex step",
    ),
    Mutant(
        "ops/activations.py",
        "return np.where(np.real(x) < 0, t, 1) / (1 + t)  # (sigmoid.2)",
        "return np.clip(np.where(np.real(x) < 0, t, 1) / (1 + t), 1e-7, 1 - 1e-7)  # (sigmoid.2)",
        "a sigmoid clipped away from 0 and 1, so that its logarithm is finite",
        claim="sigmoid is 1 / (1 + exp(-x))",
    ),
    Mutant(
        "ops/activations.py",
        "return np.where(np.real(x) < 0, t, 1) / (1 + t)  # (sigmoid.2)",
        "return 1 / (1 + np.exp(-x))  # (sigmoid.2)",
        "a sigmoid that overflows, as the textbook writes it",
        claim="sigmoid is 1 / (1 + exp(-x))",
    ),
    Mutant(
        "ops/activations.py",
        "return dy * (1 - y * y)  # (tanh.3)",
        "return dy * (1 - y)  # (tanh.3)",
        "the derivative of tanh with y in place of y²",
        claim="tanh gradient by complex step",
    ),
    Mutant(
        "ops/activations.py",
        "return dy * (y > 0)  # (relu.3)",
        "return dy  # (relu.3)",
        "a rectifier's derivative that lets everything through",
        claim="relu gradient by central differences",
    ),
    Mutant(
        "ops/activations.py",
        ("return np.where(np.real(x) < 0, 0, x)  # (relu.1)", "return dy * (y > 0)  # (relu.3)"),
        (
            "return np.where(np.real(x) < 0, 0.01 * x, x)  # (relu.1)",
            "return dy * np.where(y > 0, 1, 0.01).astype(dy.dtype)  # (relu.3)",
        ),
        "a rectifier that leaks, its gradient too",
        claim="relu is (x + |x|) / 2",
    ),
    Mutant(
        "ops/activations.py",
        "return dy * sigmoid(x)  # (softplus.4)",
        "return dy * sigmoid(-x)  # (softplus.4)",
        "the softplus' derivative with the sign of x turned",
        claim="softplus gradient by complex step",
    ),
    Mutant(
        "ops/activations.py",
        "return relu(x) + np.log1p(_exp_minus_abs(x))  # (softplus.2)",
        "return np.log(1 + np.exp(x))  # (softplus.2)",
        "a softplus that overflows, as the textbook writes it",
        claim="softplus is the integral of the sigmoid",
    ),
    Mutant(
        "ops/activations.py",
        "return dy * (y > 0)  # (relu.3)",
        "dy[y <= 0] = 0\n    return dy",
        "a rectifier's gradient written over the upstream gradient, to save memory",
        claim="relu is pure",
    ),
    Mutant(
        "ops/activations.py",
        "return dy * (1 - y * y)  # (tanh.3)",
        "return 1 - y * y  # (tanh.3)",
        "tanh's upstream gradient forgotten",
        claim="tanh gradient by complex step",
    ),
    Mutant(
        "ops/activations.py",
        "return relu(x) + np.log1p(_exp_minus_abs(x))  # (softplus.2)",
        "return relu(x) + np.log(1 + _exp_minus_abs(x))  # (softplus.2)",
        "log(1 + t) for log1p(t), which loses small values to rounding",
        claim="softplus twin in float32",
    ),
    Mutant(
        "ops/activations.py",
        "return dy * (y > 0)  # (relu.3)",
        "return dy * (y >= 0)  # (relu.3)",
        "the rectifier's slope 1 at the kink and wherever the output is 0",
        claim="relu gradient by central differences",
    ),
    Mutant(
        "ops/activations.py",
        "return np.where(np.real(x) < 0, 0, x)  # (relu.1)",
        "return np.where(np.real(x) > 0, x, 0)  # (relu.1)",
        "a rectifier that hides NaN as 0",
        claim="no op and no kernel hides a NaN",
    ),
    Mutant(
        "ops/activations.py",
        "return dy  # (identity.2)",
        "return dy * 0 + 1  # (identity.2)",
        "the identity's derivative 1 in place of dy",
        claim="identity gradient by complex step",
    ),
]

_LAYERS = [
    Mutant(
        "ops/layers.py",
        "db = dy.sum(axis=0)  # (dense.8)",
        "db = dy.mean(axis=0)  # (dense.8)",
        "db a mean over the batch, while dW is a sum",
        claim="dense gradient by complex step",
    ),
    Mutant(
        "ops/layers.py",
        "db = dy.sum(axis=0)  # (dense.8)",
        "db = dy.sum(axis=1)  # (dense.8)",
        "db summed over the wrong axis",
        claim="dense gradient by complex step",
    ),
    Mutant(
        "ops/layers.py",
        "db = dy.sum(axis=0)  # (dense.8)",
        "db = dy[0]  # (dense.8)",
        "db from the first example only",
        claim="dense gradient by complex step",
    ),
    Mutant(
        "ops/layers.py",
        "dW = x.T @ dy  # (dense.6)",
        "dW = x.T @ dy / len(x)  # (dense.6)",
        "dW divided by the batch size once more",
        claim="dense gradient by complex step",
    ),
    Mutant(
        "ops/layers.py",
        "dW = x.T @ dy  # (dense.6)",
        "dW = (dy.T @ x).reshape(W.shape)  # (dense.6)",
        "dW reshaped where it should be transposed",
        claim="dense gradient by complex step",
    ),
    Mutant(
        "ops/layers.py",
        "dx = dy @ W.T  # (dense.4)",
        "dx = dy @ W.reshape(W.shape[::-1])  # (dense.4)",
        "dx with weights that are reshaped where they should be transposed",
        claim="dense gradient by complex step",
    ),
    Mutant(
        "ops/layers.py",
        "return x @ W + b  # (dense.1)",
        "return x @ W + 0 * b  # (dense.1)",
        "the bias is forgotten",
        claim="dense is a sum over inputs",
    ),
    Mutant(
        "ops/layers.py",
        "return dense_backward(da, x, W)  # (layer.3)",
        "return dense_backward(dh, x, W)  # (layer.3)",
        "the activation's derivative forgotten in a layer",
        claim="layer[tanh] gradient by complex step",
    ),
    Mutant(
        "ops/layers.py",
        "dx = dy @ W.T  # (dense.4)",
        "dx = dy @ (W if W.shape[0] == W.shape[1] else W.T)  # (dense.4)",
        "square weights that are not transposed, which no shape gives away",
        claim="VariationalAutoencoder reports the same history compiled and readable: n_samples=3, beta=2.0, binarize=dynamic, warm_up=3",
    ),
    Mutant(
        "ops/layers.py",
        '"tanh": (tanh, tanh_backward)',
        '"tanh": (tanh, sigmoid_backward)',
        "layers of tanh with the sigmoid's slope, from a table copied line by line",
        claim="layer[tanh] gradient by complex step",
    ),
    Mutant(
        "ops/layers.py",
        "da = f_backward(dh, h)  # (layer.2)",
        "da = f_backward(dh, dense(x, W, 0 * h[0]))  # (layer.2)",
        "the slope taken at the pre-activation, without its bias",
        claim="layer[tanh] gradient by complex step",
    ),
]

_LOSSES = [
    Mutant(
        "ops/losses.py",
        (
            "return (softplus(logits) - x * logits).sum(axis=1)  # (bernoulli_nll.4)",
            "return dloss[:, None] * (sigmoid(logits) - x)  # (bernoulli_nll.6)",
        ),
        (
            "return (softplus(logits) - x * logits).mean(axis=1)  # (bernoulli_nll.4)",
            "return dloss[:, None] * (sigmoid(logits) - x) / x.shape[1]  # (bernoulli_nll.6)",
        ),
        "a Bernoulli loss averaged over the pixels, its gradient too",
        claim="bernoulli_nll gives probabilities that sum to one",
    ),
    Mutant(
        "ops/losses.py",
        (
            "return ((x_hat - x) ** 2).sum(axis=1)  # (squared_error.1)",
            "return dloss[:, None] * 2 * (x_hat - x)  # (squared_error.3)",
        ),
        (
            "return ((x_hat - x) ** 2).sum(axis=1) / 2  # (squared_error.1)",
            "return dloss[:, None] * (x_hat - x)  # (squared_error.3)",
        ),
        "a squared error that is halved, its gradient too",
        claim="squared_error is a Gaussian's, of variance 1/2",
    ),
    Mutant(
        "ops/losses.py",
        (
            "from scratchae.ops.activations import Array, sigmoid, softplus",
            "return (softplus(logits) - x * logits).sum(axis=1)  # (bernoulli_nll.4)",
        ),
        (
            "import numpy as np\n\nfrom scratchae.ops.activations import Array, sigmoid, softplus",
            "p = np.clip(sigmoid(logits), 1e-7, 1 - 1e-7)\n"
            "    return -(x * np.log(p) + (1 - x) * np.log(1 - p)).sum(axis=1)",
        ),
        "a Bernoulli loss of clipped probabilities",
        claim="bernoulli_nll is the product of the pixels' probabilities",
    ),
    Mutant(
        "ops/losses.py",
        "return (softplus(logits) - x * logits).sum(axis=1)  # (bernoulli_nll.4)",
        "return (x * softplus(-logits)).sum(axis=1)  # (bernoulli_nll.4)",
        "a Bernoulli loss without its second half",
        claim="bernoulli_nll gives probabilities that sum to one",
    ),
    Mutant(
        "ops/losses.py",
        "return dloss[:, None] * (sigmoid(logits) - x)  # (bernoulli_nll.6)",
        "return dloss[:, None] * (x - sigmoid(logits))  # (bernoulli_nll.6)",
        "a Bernoulli gradient with the sign turned",
        claim="bernoulli_nll gradient by complex step",
    ),
    Mutant(
        "ops/losses.py",
        "return dloss[:, None] * (sigmoid(logits) - x)  # (bernoulli_nll.6)",
        "return dloss.mean() * (sigmoid(logits) - x)  # (bernoulli_nll.6)",
        "a Bernoulli gradient that ignores which example it belongs to",
        claim="bernoulli_nll gradient by complex step",
    ),
    Mutant(
        "ops/losses.py",
        "return dloss[:, None] * 2 * (x_hat - x)  # (squared_error.3)",
        "return dloss[:, None] * (x_hat - x)  # (squared_error.3)",
        "a squared error's gradient without the factor 2",
        claim="squared_error gradient by complex step",
    ),
    Mutant(
        "ops/losses.py",
        "return (softplus(logits) - x * logits).sum(axis=1)  # (bernoulli_nll.4)",
        "return (softplus(logits.clip(-30, 30)) - x * logits.clip(-30, 30)).sum(axis=1)  # (bernoulli_nll.4)",
        "logits clipped to ±30, out of fear of an overflow that cannot happen",
        claim="bernoulli_nll is the product of the pixels' probabilities",
    ),
    Mutant(
        "ops/losses.py",
        "return dloss[:, None] * (sigmoid(logits) - x)  # (bernoulli_nll.6)",
        "return dloss[:, None] * (sigmoid(logits) - (x > 0.5))  # (bernoulli_nll.6)",
        "a Bernoulli gradient towards black and white where pixels are grey",
        claim="bernoulli_nll gradient by complex step",
    ),
]

_UPDATES = [
    Mutant(
        "ops/updates.py",
        (
            "return strength / 2 * (W * W).sum()  # (weight_decay.1)",
            "return dpenalty * strength * W  # (weight_decay.2)",
        ),
        (
            "return strength * (W * W).sum()  # (weight_decay.1)",
            "return 2 * dpenalty * strength * W  # (weight_decay.2)",
        ),
        "weight decay without the half, its gradient too",
        claim="weight_decay is half the sum of squares",
    ),
    Mutant(
        "ops/updates.py",
        (
            "return strength / 2 * (W * W).sum()  # (weight_decay.1)",
            "return dpenalty * strength * W  # (weight_decay.2)",
        ),
        (
            "return strength / 2 * (W * W).sum() // 1  # (weight_decay.1)",
            "return 0 * W  # (weight_decay.2)",
        ),
        "weight decay by a whole-number division, which has no slope",
        claim="weight_decay is half the sum of squares",
    ),
    Mutant(
        "ops/updates.py",
        "m_hat, v_hat = m / (1 - beta1**step), v / (1 - beta2**step)",
        "m_hat, v_hat = m, v",
        "Adam without the correction of its means",
        claim="adam normalises unbiased means",
    ),
    Mutant(
        "ops/updates.py",
        "/ (np.sqrt(v_hat) + epsilon), m, v  # (adam.3)",
        "/ np.sqrt(v_hat + epsilon), m, v  # (adam.3)",
        "Adam with epsilon under the root",
        claim="adam normalises unbiased means",
    ),
    Mutant(
        "ops/updates.py",
        "velocity = decay * velocity - learning_rate * gradient  # (momentum.1)",
        "velocity = -learning_rate * gradient  # (momentum.1)",
        "momentum that forgets its velocity",
        claim="momentum sums past gradients",
    ),
    Mutant(
        "ops/updates.py",
        "return theta - learning_rate * gradient  # (sgd.1)",
        "return theta + learning_rate * gradient  # (sgd.1)",
        "gradient ascent",
        claim="sgd shrinks a quadratic geometrically",
    ),
    Mutant(
        "ops/updates.py",
        (
            "velocity = decay * velocity - learning_rate * gradient  # (momentum.1)",
            "return theta + velocity, velocity  # (momentum.2)",
        ),
        (
            "velocity = decay * velocity - gradient  # (momentum.1)",
            "return theta + learning_rate * velocity, velocity  # (momentum.2)",
        ),
        "momentum as other libraries have it, with the rate outside the velocity: the same until the rate falls",
        claim="momentum twin in float32",
    ),
    Mutant(
        "ops/updates.py",
        "velocity = decay * velocity - learning_rate * gradient  # (momentum.1)",
        "velocity = decay * velocity - (1 - decay) * learning_rate * gradient  # (momentum.1)",
        "momentum whose velocity is a running mean",
        claim="momentum sums past gradients",
    ),
    Mutant(
        "ops/updates.py",
        "return theta + velocity, velocity  # (momentum.2)",
        "return theta + decay * velocity - learning_rate * gradient, velocity  # (momentum.2)",
        "Nesterov's look ahead where plain momentum is promised",
        claim="momentum sums past gradients",
    ),
    Mutant(
        "ops/updates.py",
        "v / (1 - beta2**step)",
        "v / (1 - beta1**step)",
        "Adam's second mean corrected by the first one's beta",
        claim="adam normalises unbiased means",
    ),
    Mutant(
        "ops/updates.py",
        "v = beta2 * v + (1 - beta2) * gradient * gradient  # (adam.2)",
        "v = np.maximum(v, beta2 * v + (1 - beta2) * gradient * gradient)  # (adam.2)",
        "AMSGrad's maximum in Adam",
        claim="adam normalises unbiased means",
    ),
    Mutant(
        "ops/updates.py",
        "m_hat, v_hat = m / (1 - beta1**step)",
        "m_hat, v_hat = m / (1 - beta1 ** (step + 1))",
        "Adam's steps counted from 0 by one part and from 1 by another",
        claim="adam normalises unbiased means",
    ),
]

_GAUSSIAN = [
    Mutant(
        "ops/gaussian.py",
        (
            "std = np.exp(logvar / 2)  # (reparameterize.1)",
            "std = np.exp(logvar / 2)\n    dz_draws",
            ".sum(axis=0) * std / 2  # (reparameterize.4)",
        ),
        (
            "std = np.exp(logvar)  # (reparameterize.1)",
            "std = np.exp(logvar)\n    dz_draws",
            ".sum(axis=0) * std  # (reparameterize.4)",
        ),
        "exp(logvar) taken for the standard deviation, its gradient too",
        claim="reparameterize draws with these moments",
    ),
    Mutant(
        "ops/gaussian.py",
        ("return mu + std * eps  # (reparameterize.2)", ".sum(axis=0) * std / 2  # (reparameterize.4)"),
        ("return mu + eps  # (reparameterize.2)", ".sum(axis=0) * std * 0  # (reparameterize.4)"),
        "noise that is added unscaled, its gradient too",
        claim="reparameterize draws with these moments",
    ),
    Mutant(
        "ops/gaussian.py",
        ".sum(axis=0) * std / 2  # (reparameterize.4)",
        ".sum(axis=0) * std  # (reparameterize.4)",
        "a draw's gradient without the half of logvar / 2",
        claim="reparameterize gradient by complex step",
    ),
    Mutant(
        "ops/gaussian.py",
        (
            "dmu = dz_draws.sum(axis=0)  # (reparameterize.3)",
            "dlogvar = (dz_draws * eps_draws).sum(axis=0) * std / 2  # (reparameterize.4)",
        ),
        (
            "dmu = dz_draws[0]  # (reparameterize.3)",
            "dlogvar = (dz_draws * eps_draws)[0] * std / 2  # (reparameterize.4)",
        ),
        "a draw's gradient of the first of several draws only",
        claim="reparameterize[several draws] gradient by complex step",
    ),
    Mutant(
        "ops/gaussian.py",
        (
            "return (LOG_2_PI + logvar + (x - x_hat) ** 2",
            "dlogvar = dloss[:, None] * (1 - residual**2 * precision) / 2  # (gaussian_nll.4)",
        ),
        (
            "return (LOG_2_PI + (x - x_hat) ** 2",
            "dlogvar = -dloss[:, None] * residual**2 * precision / 2  # (gaussian_nll.4)",
        ),
        "a Gaussian likelihood without its log-variance, its gradient too",
        claim="gaussian_nll is minus a log-density",
    ),
    Mutant(
        "ops/gaussian.py",
        (
            "(x - x_hat) ** 2 * np.exp(-logvar)).sum(axis=1) / 2  # (gaussian_nll.2)",
            "precision, residual = np.exp(-logvar), x_hat - x",
            "dlogvar = dloss[:, None] * (1 - residual**2 * precision) / 2  # (gaussian_nll.4)",
        ),
        (
            "(x - x_hat) ** 2 * np.exp(-logvar / 2)).sum(axis=1) / 2  # (gaussian_nll.2)",
            "precision, residual = np.exp(-logvar / 2), x_hat - x",
            "dlogvar = dloss[:, None] * (1 - residual**2 * precision / 2) / 2  # (gaussian_nll.4)",
        ),
        "a Gaussian likelihood that divides by the standard deviation, its gradient too",
        claim="gaussian_nll is minus a log-density",
    ),
    Mutant(
        "ops/gaussian.py",
        "std = np.exp(logvar / 2)  # (reparameterize.1)",
        "std = np.exp(np.minimum(logvar.real, 10) / 2 + (logvar - logvar.real) / 2)  # (reparameterize.1)",
        "exp(min(logvar, 10)), out of fear of an overflow",
        claim="reparameterize twin in float64",
    ),
    Mutant(
        "ops/gaussian.py",
        "return terms.sum(axis=0, dtype=",
        "return terms.mean(axis=0, dtype=",
        "a mean over the rows for the sum in the gradient of a shared variance",
        claim="gaussian_nll[variances shared by the rows] gradient by complex step",
    ),
    Mutant(
        "ops/gaussian.py",
        "LOG_2_PI = float(np.log(2 * np.pi))",
        "LOG_2_PI = 0.0",
        "a Gaussian likelihood without its constant, as of those who only minimise it",
        claim="gaussian_nll is minus a log-density",
    ),
    Mutant(
        "ops/gaussian.py",
        "dx_hat = dloss[:, None] * residual * precision  # (gaussian_nll.3)",
        "dx_hat = dloss[:, None] * 2 * residual * precision  # (gaussian_nll.3)",
        "the gradient of a square, beside a loss that is halved",
        claim="gaussian_nll gradient by complex step",
    ),
    Mutant(
        "ops/gaussian.py",
        "std = np.exp(logvar / 2)\n    dz_draws",
        "std = np.exp(logvar)\n    dz_draws",
        "the gradient with respect to the log-variance scaled by the variance",
        claim="reparameterize[several draws] gradient by complex step",
    ),
]

_FORWARD = "return (mu**2 + np.exp(logvar) - logvar - 1).sum(axis=1) / 2  # (gaussian_kl.1)"
_BY_MU = "dmu = dkl[:, None] * mu  # (gaussian_kl.2)"
_BY_LOGVAR = "dlogvar = dkl[:, None] * (np.exp(logvar) - 1) / 2  # (gaussian_kl.3)"

_GAUSSIAN_KL = [
    Mutant(
        "ops/gaussian_kl.py",
        (_FORWARD, _BY_MU, _BY_LOGVAR),
        (
            "return (mu**2 + np.exp(logvar) - logvar - 1).sum(axis=1)  # (gaussian_kl.1)",
            "dmu = 2 * dkl[:, None] * mu  # (gaussian_kl.2)",
            "dlogvar = dkl[:, None] * (np.exp(logvar) - 1)  # (gaussian_kl.3)",
        ),
        "a KL without its half, its gradient too",
        claim="gaussian_kl is the integral that defines it",
    ),
    Mutant(
        "ops/gaussian_kl.py",
        (_FORWARD, _BY_LOGVAR),
        (
            "return (mu**2 + np.exp(logvar) + logvar - 1).sum(axis=1) / 2  # (gaussian_kl.1)",
            "dlogvar = dkl[:, None] * (np.exp(logvar) + 1) / 2  # (gaussian_kl.3)",
        ),
        "a KL with the sign of the log-variance turned, its gradient too",
        claim="gaussian_kl is the integral that defines it",
    ),
    Mutant(
        "ops/gaussian_kl.py",
        (_FORWARD, _BY_MU, _BY_LOGVAR),
        (
            "return -(mu**2 + np.exp(logvar) - logvar - 1).sum(axis=1) / 2  # (gaussian_kl.1)",
            "dmu = -dkl[:, None] * mu  # (gaussian_kl.2)",
            "dlogvar = -dkl[:, None] * (np.exp(logvar) - 1) / 2  # (gaussian_kl.3)",
        ),
        "a KL that is subtracted where it should be added, its gradient too",
        claim="gaussian_kl is zero for the prior, and positive elsewhere",
    ),
    Mutant(
        "ops/gaussian_kl.py",
        (_FORWARD, _BY_MU, _BY_LOGVAR),
        (
            "return (logvar + (1 + mu**2) * np.exp(-logvar) - 1).sum(axis=1) / 2  # (gaussian_kl.1)",
            "dmu = dkl[:, None] * mu * np.exp(-logvar)  # (gaussian_kl.2)",
            "dlogvar = dkl[:, None] * (1 - (1 + mu**2) * np.exp(-logvar)) / 2  # (gaussian_kl.3)",
        ),
        "a KL the other way round, its gradient too",
        claim="gaussian_kl is the integral that defines it",
    ),
    Mutant(
        "ops/gaussian_kl.py",
        (_FORWARD, _BY_LOGVAR),
        (
            "return (mu**2 + np.exp(2 * logvar) - 2 * logvar - 1).sum(axis=1) / 2  # (gaussian_kl.1)",
            "dlogvar = dkl[:, None] * (np.exp(2 * logvar) - 1)  # (gaussian_kl.3)",
        ),
        "a KL of a log-variance that is read as a log standard deviation, its gradient too",
        claim="gaussian_kl is the mean of log q - log p over draws",
    ),
    Mutant(
        "ops/gaussian_kl.py",
        (_FORWARD, _BY_MU, _BY_LOGVAR),
        (
            "return (mu**2 + np.exp(logvar) - logvar - 1).mean(axis=1) / 2  # (gaussian_kl.1)",
            "dmu = dkl[:, None] * mu / mu.shape[1]  # (gaussian_kl.2)",
            "dlogvar = dkl[:, None] * (np.exp(logvar) - 1) / 2 / mu.shape[1]  # (gaussian_kl.3)",
        ),
        "a KL averaged over the latents, its gradient too",
        claim="gaussian_kl_sums is gaussian_kl",
    ),
    Mutant(
        "ops/gaussian_kl.py",
        (_BY_MU, _BY_LOGVAR),
        ("dmu = 0 * dkl[:, None] * mu  # (gaussian_kl.2)", "dlogvar = 0 * logvar  # (gaussian_kl.3)"),
        "a KL's gradient of zeros",
        claim="gaussian_kl gradient by complex step",
    ),
    Mutant(
        "ops/gaussian_kl.py",
        "sign, log_size = np.linalg.slogdet(covariance)",
        "sign, log_size = 1.0, np.log(np.diagonal(covariance, axis1=1, axis2=2)).sum(axis=1)",
        "a determinant that is the product of the diagonal",
        claim="gaussian_kl_trace does not depend on the axes",
    ),
    Mutant(
        "ops/gaussian_kl.py",
        ("return (z**2 - eps**2 - logvar).sum(axis=-1) / 2  # (sampled_kl.2)", "-draws.sum(axis=0)[:, None] / 2"),
        ("return (z**2 - eps**2).sum(axis=-1) / 2  # (sampled_kl.2)", "0 * draws.sum(axis=0)[:, None]"),
        "a sampled KL that forgets the density's own log-variance, its gradient too",
        claim="sampled_kl is log q - log p at a draw",
    ),
    Mutant(
        "ops/gaussian_kl.py",
        (
            "mean = _mean_of_rows(terms)  # (free_bits.1)",
            "return np.where(np.real(mean) <= floor, floor, mean).sum(dtype=terms.dtype)  # (free_bits.2)",
            "above = (_mean_of_rows(terms) > floor)",
        ),
        (
            "mean = terms  # (free_bits.1)",
            "return np.where(np.real(mean) <= floor, floor, mean).mean(axis=0).sum(dtype=terms.dtype)  # (free_bits.2)",
            "above = (terms > floor)",
        ),
        "free bits row by row, their gradient too",
        claim="free_bits charges the mean of a dimension, and at least the floor",
    ),
    Mutant(
        "ops/gaussian_kl.py",
        "above = (_mean_of_rows(terms) > floor)",
        "above = (_mean_of_rows(terms) >= floor)",
        "free bits whose gradient acts at the floor itself",
        claim="free_bits charges the floor up to the floor, and has a gradient above it only",
    ),
    Mutant(
        "ops/gaussian_kl.py",
        "np.broadcast_to(dpenalty * above / len(terms), terms.shape)",
        "np.broadcast_to(dpenalty * above, terms.shape)",
        "free bits whose gradient forgets the 1/N of the mean",
        claim="free_bits gradient by complex step",
    ),
    Mutant(
        "ops/gaussian_kl.py",
        "return np.where(np.real(mean) <= floor, floor, mean).sum(dtype=terms.dtype)  # (free_bits.2)",
        "return np.where(np.real(mean) <= floor, 0, mean - floor).sum(dtype=terms.dtype)  # (free_bits.2)",
        "free bits that are given away, in place of a floor: the same gradient, another loss",
        claim="free_bits charges the mean of a dimension, and at least the floor",
    ),
    Mutant(
        "ops/gaussian_kl.py",
        "dlogvar = dterms * (np.exp(logvar) - 1) / 2  # (gaussian_kl_terms.3)",
        "dlogvar = dterms * (np.exp(logvar) - 1)  # (gaussian_kl_terms.3)",
        "the gradient of a dimension's KL without its half",
        claim="gaussian_kl_terms gradient by complex step",
    ),
    Mutant(
        "ops/gaussian_kl.py",
        "dvariance = dkl[:, None] * (1 - 1 / variance) / 2  # (gaussian_kl_sums.3)",
        "dvariance = dkl[:, None] * (1 - variance) / 2  # (gaussian_kl_sums.3)",
        "the variance for its inverse in a derivative",
        claim="gaussian_kl_sums gradient by complex step",
    ),
    Mutant(
        "ops/gaussian_kl.py",
        "inverse = np.linalg.inv(covariance).swapaxes(1, 2)",
        "inverse = 1 / covariance",
        "the inverse of a matrix taken number by number",
        claim="gaussian_kl_trace gradient by complex step",
    ),
    Mutant(
        "ops/gaussian_kl.py",
        "return (z**2 - eps**2 - logvar).sum(axis=-1) / 2  # (sampled_kl.2)",
        "return (z**2 - 1 - logvar).sum(axis=-1) / 2  # (sampled_kl.2)",
        "the mean of eps² in place of eps²: right on average, and not for a draw",
        claim="sampled_kl is log q - log p at a draw",
    ),
]

_BERNOULLI = [
    Mutant(
        "ops/bernoulli.py",
        ("np.where(x == 1, p, 1 - p).prod(axis=1)", "np.where(x == 1, 1 / p, -1 / (1 - p))"),
        ("np.where(x == 1, p, 1).prod(axis=1)", "np.where(x == 1, 1 / p, 0)"),
        "a product of probabilities of the white pixels only, its gradient too",
        claim="bernoulli_log_product is the probability of the pixels",
    ),
    Mutant(
        "ops/bernoulli.py",
        "return dlog_likelihood[:, None] * (x - p) / (p * (1 - p))  # (bernoulli_log_powers.2)",
        "return dlog_likelihood[:, None] * (x - p)  # (bernoulli_log_powers.2)",
        "the gradient with respect to the logits where that of the probabilities is asked for",
        claim="bernoulli_log_powers gradient by complex step",
    ),
    Mutant(
        "ops/bernoulli.py",
        "return (x * np.log(p) + (1 - x) * np.log(1 - p)).sum(axis=1)  # (bernoulli_log_likelihood.1)",
        "return (x * np.log(p + 1e-8) + (1 - x) * np.log(1 - p + 1e-8)).sum(axis=1)  # (bernoulli_log_likelihood.1)",
        "a logarithm with 1e-8 added, against infinity",
        claim="bernoulli_log_likelihood is bernoulli_log_powers, and minus bernoulli_nll",
    ),
    Mutant(
        "ops/bernoulli.py",
        "return dlog_likelihood[:, None] * (x / p - (1 - x) / (1 - p))  # (bernoulli_log_likelihood.2)",
        "return dlog_likelihood[:, None] * (x / p + (1 - x) / (1 - p))  # (bernoulli_log_likelihood.2)",
        "the derivative of log(1 - p) without the minus of its inside",
        claim="bernoulli_log_likelihood gradient by complex step",
    ),
]

_CORRUPTION = [
    Mutant(
        "ops/corruption.py",
        (
            "return np.where(u < level, 0, x)  # (masking_noise.1)",
            "return np.where(u < level, 0, dy)  # (masking_noise.2)",
        ),
        (
            "return np.where(u < 1 - level, 0, x)  # (masking_noise.1)",
            "return np.where(u < 1 - level, 0, dy)  # (masking_noise.2)",
        ),
        "masking that keeps what it should lose, its gradient too",
        claim="masking_noise loses the share that was asked for",
    ),
    Mutant(
        "ops/corruption.py",
        (
            "return np.where(u < level, 0, x)  # (masking_noise.1)",
            "return np.where(u < level, 0, dy)  # (masking_noise.2)",
        ),
        (
            "return np.where(u < level, 0, x) / (1 - level)  # (masking_noise.1)",
            "return np.where(u < level, 0, dy) / (1 - level)  # (masking_noise.2)",
        ),
        "masking that makes up for the loss as dropout does, its gradient too",
        claim="masking_noise loses the share that was asked for",
    ),
    Mutant(
        "ops/corruption.py",
        "np.where(u < level / 2, 0, np.where(u < level, 1, x))",
        "np.where(u < level, 1, x)",
        "salt without pepper",
        claim="salt_and_pepper_noise makes equal shares of black and white",
    ),
    Mutant(
        "ops/corruption.py",
        "return x + level * eps  # (gaussian_noise.1)",
        "return x + level**0.5 * eps  # (gaussian_noise.1)",
        "the level of Gaussian noise taken for its variance",
        claim="gaussian_noise has the standard deviation that was asked for",
    ),
    Mutant(
        "ops/corruption.py",
        "return np.where(u < level, 0, dy)  # (masking_noise.2)",
        "return dy  # (masking_noise.2)",
        "masking's gradient passed through lost entries",
        claim="masking_noise gradient by complex step",
    ),
    Mutant(
        "ops/corruption.py",
        "return np.where(u < level, 0, x)  # (masking_noise.1)",
        "return np.where(u <= level, 0, x)  # (masking_noise.1)",
        "u <= level for u < level in masking, which loses entries at level 0",
        claim="masking_noise keeps what is exactly at the level",
    ),
    Mutant(
        "ops/corruption.py",
        "np.where(u < level / 2, 0, np.where(u < level, 1, x))",
        "np.where(u < level / 2, 0, np.where(u <= level, 1, x))",
        "u <= level for u < level in salt and pepper",
        claim="salt_and_pepper_noise is black below half its level, white from there to the level, and nothing at it",
    ),
    Mutant(
        "ops/corruption.py",
        "np.where(u < level / 2, 0, np.where(u < level, 1, x))",
        "np.where(u <= level / 2, 0, np.where(u < level, 1, x))",
        "u <= level / 2 for u < level / 2 between pepper and salt",
        claim="salt_and_pepper_noise is black below half its level, white from there to the level, and nothing at it",
    ),
    Mutant(
        "ops/corruption.py",
        "return np.where(u < level, 0, dy)  # (salt_and_pepper_noise.2)",
        "return np.where(u < level / 2, 0, dy)  # (salt_and_pepper_noise.2)",
        "salt and pepper whose gradient passes through the salt",
        claim="salt_and_pepper_noise gradient by complex step",
    ),
    Mutant(
        "ops/corruption.py",
        "return x + level * eps  # (gaussian_noise.1)",
        "return np.clip(x + level * eps, 0, 1)  # (gaussian_noise.1)",
        "noisy pixels clipped to [0, 1] without being asked",
        claim="gaussian_noise gradient by complex step",
    ),
]

_SOFTMAX = [
    Mutant(
        "ops/softmax.py",
        "return p * (dp - (dp * p).sum(axis=1, keepdims=True))  # (softmax.5)",
        "return 0 * p  # (softmax.5)",
        "a softmax's gradient of zeros, which a check with upstream gradients of one cannot see",
        claim="softmax gradient by complex step",
    ),
    Mutant(
        "ops/softmax.py",
        "return p * (dp - (dp * p).sum(axis=1, keepdims=True))  # (softmax.5)",
        "return dp * p * (1 - p)  # (softmax.5)",
        "a softmax's gradient as if each class stood alone",
        claim="softmax gradient by complex step",
    ),
    Mutant(
        "ops/softmax.py",
        "e = np.exp(_shifted(logits))",
        "e = np.exp(logits)",
        "a softmax that overflows, as the textbook writes it",
        claim="softmax is a ratio of exponentials",
    ),
    Mutant(
        "ops/softmax.py",
        (
            "np.real(logits).max(axis=1, keepdims=True)",
            "return e / e.sum(axis=1, keepdims=True)  # (softmax.2)",
            "return p * (dp - (dp * p).sum(axis=1, keepdims=True))  # (softmax.5)",
        ),
        (
            "np.real(logits).max(axis=0, keepdims=True)",
            "return e / e.sum(axis=0, keepdims=True)  # (softmax.2)",
            "return p * (dp - (dp * p).sum(axis=0, keepdims=True))  # (softmax.5)",
        ),
        "a softmax over the batch, its gradient too",
        claim="softmax is a ratio of exponentials",
    ),
    Mutant(
        "ops/softmax.py",
        (
            "return np.log(np.exp(a).sum(axis=1)) - a[np.arange(len(a)), labels]  # (softmax_cross_entropy.3)",
            "return dloss[:, None] * (softmax(logits) - one_hot)  # (softmax_cross_entropy.5)",
        ),
        (
            "return (np.log(np.exp(a).sum(axis=1)) - a[np.arange(len(a)), labels]) / a.shape[1]",
            "return dloss[:, None] * (softmax(logits) - one_hot) / logits.shape[1]",
        ),
        "a cross-entropy averaged over the classes, its gradient too",
        claim="softmax_cross_entropy of two classes is the Bernoulli loss",
    ),
    Mutant(
        "ops/softmax.py",
        "return np.log(np.exp(a).sum(axis=1)) - a[np.arange(len(a)), labels]  # (softmax_cross_entropy.3)",
        "return -np.log(np.clip(softmax(logits)[np.arange(len(a)), labels], 1e-7, 1))",
        "a cross-entropy of clipped probabilities",
        claim="softmax_cross_entropy is minus the log of a probability",
    ),
    Mutant(
        "ops/softmax.py",
        "return dloss[:, None] * (softmax(logits) - one_hot)  # (softmax_cross_entropy.5)",
        "return softmax(logits) - one_hot  # (softmax_cross_entropy.5)",
        "a cross-entropy's gradient with the upstream gradient ignored",
        claim="softmax_cross_entropy gradient by complex step",
    ),
    Mutant(
        "ops/softmax.py",
        "return dloss[:, None] * (softmax(logits) - one_hot)  # (softmax_cross_entropy.5)",
        "return softmax_backward(dloss[:, None] * (softmax(logits) - one_hot), softmax(logits))",
        "a cross-entropy's gradient of a softmax that is differentiated twice",
        claim="softmax_cross_entropy gradient by complex step",
    ),
    Mutant(
        "ops/softmax.py",
        "np.real(logits).max(axis=1, keepdims=True)",
        "np.real(logits)[:, :1]",
        "logits shifted by the first of a row in place of the largest",
        claim="softmax at the extremes in float64",
    ),
    Mutant(
        "ops/softmax.py",
        "np.real(logits).max(axis=1, keepdims=True)",
        "np.real(logits).max()",
        "logits shifted by the largest of the whole batch, which underflows in rows far below it",
        claim="softmax is a ratio of exponentials",
    ),
    Mutant(
        "ops/softmax.py",
        "return np.log(np.exp(a).sum(axis=1)) - a[np.arange(len(a)), labels]  # (softmax_cross_entropy.3)",
        "return np.log(np.exp(a).sum(axis=1)) - a[:, labels].mean(axis=1)  # (softmax_cross_entropy.3)",
        "a[:, labels] for a[arange, labels]: every row meets all labels",
        claim="softmax_cross_entropy of two classes is the Bernoulli loss",
    ),
]

_SPARSITY = [
    Mutant(
        "ops/sparsity.py",
        (
            "(1 - rho) * np.log((1 - rho) / (1 - mean))",
            "dpenalty * ((1 - rho) / (1 - mean) - rho / mean)  # (sparsity_kl.3)",
        ),
        (
            "(1 - rho) * np.log(1 - rho) / (1 - mean)",
            "dpenalty * (-rho / mean + (1 - rho) * np.log(1 - rho) / (1 - mean) ** 2)  # (sparsity_kl.3)",
        ),
        "the sparsity KL with a bracket in the wrong place, its gradient too",
        claim="sparsity_kl is zero at the target, and a divergence elsewhere",
    ),
    Mutant(
        "ops/sparsity.py",
        (
            "kl = rho * np.log(rho / mean) + (1 - rho) * np.log((1 - rho) / (1 - mean))",
            "dpenalty * ((1 - rho) / (1 - mean) - rho / mean)  # (sparsity_kl.3)",
        ),
        (
            "kl = mean * np.log(mean / rho) + (1 - mean) * np.log((1 - mean) / (1 - rho))",
            "dpenalty * (np.log(mean / rho) - np.log((1 - mean) / (1 - rho)))  # (sparsity_kl.3)",
        ),
        "the sparsity KL the other way round, its gradient too",
        claim="sparsity_kl is zero at the target, and a divergence elsewhere",
    ),
    Mutant(
        "ops/sparsity.py",
        (
            "mean = _mean_activation(h)  # (sparsity_kl.1)",
            "return kl.sum()  # (sparsity_kl.2)",
            "mean = _mean_activation(h)\n    dmean",
        ),
        ("mean = h  # (sparsity_kl.1)", "return kl.sum() / len(h)  # (sparsity_kl.2)", "mean = h\n    dmean"),
        "the sparsity KL of each example, averaged, its gradient too",
        claim="sparsity_kl is zero at the target, and a divergence elsewhere",
    ),
    Mutant(
        "ops/sparsity.py",
        "mean = _mean_activation(h)\n    dmean",
        "mean = h\n    dmean",
        "the sparsity gradient as if each example were the mean",
        claim="sparsity_kl gradient by complex step",
    ),
    Mutant(
        "ops/sparsity.py",
        "np.broadcast_to(dmean / len(h), h.shape)",
        "np.broadcast_to(dmean, h.shape)",
        "the sparsity gradient without the 1/N of the mean",
        claim="sparsity_kl gradient by complex step",
    ),
    Mutant(
        "ops/sparsity.py",
        "dmean = dpenalty * ((1 - rho)",
        "dmean = -dpenalty * ((1 - rho)",
        "a sparsity gradient that pushes away from the target",
        claim="sparsity_kl pulls every mean towards the target",
    ),
    Mutant(
        "ops/sparsity.py",
        "mask = np.zeros(h.shape, bool)\n    np.put_along_axis(mask, order[:, :k], True, axis=1)\n    return mask",
        "return np.real(h) >= np.take_along_axis(np.real(h), order[:, k - 1 : k], axis=1)",
        "k-sparse by a threshold, which keeps more than k of equal entries",
        claim="k_sparse leaves exactly k",
    ),
    Mutant(
        "ops/sparsity.py",
        "order = np.argsort(-np.real(h), axis=1",
        "order = np.argsort(-np.abs(h), axis=1",
        "k-sparse by absolute value, its gradient too",
        claim="k_sparse keeps the largest",
    ),
    Mutant(
        "ops/sparsity.py",
        (
            "np.argsort(-np.real(h), axis=1",
            "np.put_along_axis(mask, order[:, :k], True, axis=1)",
        ),
        (
            "np.argsort(-np.real(h), axis=0",
            "np.put_along_axis(mask, order[:k], True, axis=0)",
        ),
        "k-sparse over the batch in place of the units, its gradient too",
        claim="k_sparse keeps the largest",
    ),
    Mutant(
        "ops/sparsity.py",
        "np.put_along_axis(mask, order[:, :k], True, axis=1)",
        "np.put_along_axis(mask, order[:, : k + 1], True, axis=1)",
        "k + 1 entries kept",
        claim="k_sparse keeps the largest",
    ),
    Mutant(
        "ops/sparsity.py",
        'axis=1, kind="stable")',
        'axis=1, kind="stable")[:, ::-1]',
        "the k smallest kept",
        claim="k_sparse keeps the largest",
    ),
    Mutant(
        "ops/sparsity.py",
        "np.where(np.real(mean) < real.tiny, real.tiny, mean)",
        "np.where(np.real(mean) < 1e-3, 1e-3, mean)",
        "mean activations kept above 1e-3, where the divergence still means something",
        claim="sparsity_kl pulls every mean towards the target",
    ),
]

_CONTRACTION = [
    Mutant(
        "ops/contraction.py",
        "w = (W * W).sum(axis=0)  # (contractive_penalty.2)",
        "w = W.sum(axis=0) ** 2  # (contractive_penalty.2)",
        "the square of a sum for a sum of squares",
        claim="contractive_penalty is the norm of the Jacobian",
    ),
    Mutant(
        "ops/contraction.py",
        (
            "return s * s @ w  # (contractive_penalty.3)",
            "dh = ds * slope_backward(h)  # (contractive_penalty.5)",
            "dW = 2 * W * (dpenalty @ (s * s))  # (contractive_penalty.6)",
        ),
        ("return s * s @ w // 1  # (contractive_penalty.3)", "dh = 0 * ds * h", "dW = 0 * W"),
        "contraction by a whole-number division, which has no slope",
        claim="contractive_penalty is the norm of the Jacobian",
    ),
    Mutant(
        "ops/contraction.py",
        "return s * s @ w  # (contractive_penalty.3)",
        "return s @ w  # (contractive_penalty.3)",
        "contraction with the slope, not its square",
        claim="contractive_penalty is the norm of the Jacobian",
    ),
    Mutant(
        "ops/contraction.py",
        "dh = ds * slope_backward(h)  # (contractive_penalty.5)",
        "dh = 0 * h  # (contractive_penalty.5)",
        "contraction without the second derivative of the activation",
        claim="contractive_penalty[sigmoid] gradient by complex step",
    ),
    Mutant(
        "ops/contraction.py",
        '"tanh": (lambda h: 1 - h * h, lambda h: -2 * h)',
        '"tanh": (lambda h: h * (1 - h), lambda h: 1 - 2 * h)',
        "contraction of units of tanh with the sigmoid's slope, its gradient too",
        claim="contractive_penalty is the norm of the Jacobian",
    ),
    Mutant(
        "ops/contraction.py",
        "dW = 2 * W * (dpenalty @ (s * s))  # (contractive_penalty.6)",
        "dW = 0 * W  # (contractive_penalty.6)",
        "contraction's direct gradient forgotten",
        claim="contractive_penalty[tanh] gradient by complex step",
    ),
    Mutant(
        "ops/contraction.py",
        "dW = 2 * W * (dpenalty @ (s * s))  # (contractive_penalty.6)",
        "dW = 2 * W * (s * s).sum(axis=0)  # (contractive_penalty.6)",
        "contraction's direct gradient without the upstream gradient",
        claim="contractive_penalty[tanh] gradient by complex step",
    ),
    Mutant(
        "ops/contraction.py",
        '"sigmoid": (lambda h: h * (1 - h), lambda h: 1 - 2 * h)',
        '"sigmoid": (lambda h: h * (1 - h), lambda h: h * (1 - h) * (1 - 2 * h))',
        "the sigmoid's second derivative with respect to its input where that of its output is asked for",
        claim="contractive_penalty[sigmoid] gradient by complex step",
    ),
]

_IMPORTANCE = [
    Mutant(
        "ops/importance.py",
        ("_, shifted = _shifted(log_w)", "return w * (dw - (dw * w).sum(axis=0))  # (importance_weights.2)"),
        ("_, shifted = _shifted(-log_w)", "return -w * (dw - (dw * w).sum(axis=0))  # (importance_weights.2)"),
        "the worst sample gets the largest weight, its gradient too",
        claim="importance_weights are shares, the best sample's the largest",
    ),
    Mutant(
        "ops/importance.py",
        "return dbound * importance_weights(log_w)  # (log_mean_exp.3)",
        "return dbound * importance_weights(-log_w)  # (log_mean_exp.3)",
        "the bound's gradient with the weights of the worst sample",
        claim="log_mean_exp gradient by complex step",
    ),
    Mutant(
        "ops/importance.py",
        "return top + np.log(np.exp(shifted).mean(axis=0))  # (log_mean_exp.2)",
        "return (importance_weights(log_w) * log_w).sum(axis=0)  # (log_mean_exp.2)",
        "the bound as a weighted mean of log-weights, which flatters it",
        claim="log_mean_exp is the log of a mean",
    ),
    Mutant(
        "ops/importance.py",
        "return top + np.log(np.exp(shifted).mean(axis=0))  # (log_mean_exp.2)",
        "return top + np.log(np.exp(shifted).sum(axis=0))  # (log_mean_exp.2)",
        "a log of a sum for the log of a mean",
        claim="log_mean_exp is the log of a mean",
    ),
    Mutant(
        "ops/importance.py",
        "return top + np.log(np.exp(shifted).mean(axis=0))  # (log_mean_exp.2)",
        "return np.log(np.exp(log_w).mean(axis=0))  # (log_mean_exp.2)",
        "a log-mean-exp that overflows",
        claim="log_mean_exp is the log of a mean",
    ),
    Mutant(
        "ops/importance.py",
        "return w / w.sum(axis=0)  # (importance_weights.1)",
        "return w / w.sum(axis=1, keepdims=True)  # (importance_weights.1)",
        "weights that are shared out over the batch",
        claim="importance_weights are shares, the best sample's the largest",
    ),
    Mutant(
        "ops/importance.py",
        "top = np.real(log_w).max(axis=0)",
        "top = np.real(log_w[0])",
        "a log-mean-exp shifted by the first draw in place of the largest",
        claim="ImportanceWeightedAutoencoder: loss and gradients are those of the definition, for every pair of options",
    ),
    Mutant(
        "ops/importance.py",
        "top = np.real(log_w).max(axis=0)",
        "top = np.real(log_w).max()",
        "a log-mean-exp shifted by the largest of the whole batch",
        claim="log_mean_exp is the log of a mean",
    ),
    Mutant(
        "ops/importance.py",
        "return w * (dw - (dw * w).sum(axis=0))  # (importance_weights.2)",
        "return w * (dw - (dw * w).mean(axis=0))  # (importance_weights.2)",
        "a mean for the sum in the gradient of the weights",
        claim="importance_weights gradient by complex step",
    ),
]

MUTANTS = [
    *_ACTIVATIONS,
    *_LAYERS,
    *_LOSSES,
    *_UPDATES,
    *_GAUSSIAN,
    *_GAUSSIAN_KL,
    *_BERNOULLI,
    *_CORRUPTION,
    *_SOFTMAX,
    *_SPARSITY,
    *_CONTRACTION,
    *_IMPORTANCE,
]
