"""Wrong solutions of the bound, and of the loss and the gradients of a variational autoencoder."""

from grading.corpus.entry import Entry, edit, wrong

MISTAKES: tuple[Entry, ...] = (
    # elbo
    edit("elbo", "the divergence added", "sign", "reconstruction - kl,", "reconstruction + kl,"),
    edit("elbo", "the sum over the draws", "mean for sum/factor/one size", "-nll.mean(axis=0)", "-nll.sum(axis=0)"),
    wrong(
        "elbo",
        "the mean of the logits",
        "one size / other array",
        """
        def elbo(x, mu, logvar, eps, W, b):
            z = mu + np.exp(0.5 * logvar) * eps
            logits = (z @ W + b).mean(axis=0)
            rec = -bernoulli_nll(logits, x)
            kl = gaussian_kl(mu, logvar)
            return rec - kl, rec, kl
        """,
    ),
    wrong(
        "elbo",
        "the last draw",
        "first only/one size",
        """
        def elbo(x, mu, logvar, eps, W, b):
            std = np.exp(logvar / 2)
            for e in eps:
                z = mu + std * e
                rec = -bernoulli_nll(dense(z, W, b), x)
            kl = 0.5 * np.sum(mu**2 + np.exp(logvar) - logvar - 1, axis=1)
            return rec - kl, rec, kl
        """,
    ),
    # variational_loss
    edit(
        "variational_loss",
        "beta before both",
        "extra factor/term",
        "nll.mean() + beta * kl.mean()",
        "beta * (nll.mean() + kl.mean())",
    ),
    edit("variational_loss", "the moments exchanged", "swapped", "mu, logvar = moments", "logvar, mu = moments"),
    edit(
        "variational_loss",
        "each example repeated in a row",
        "transposed/one row/one size",
        "np.tile(x, (L, 1))",
        "np.repeat(x, L, axis=0)",
    ),
    wrong(
        "variational_loss",
        "the sum of the divergences",
        "mean for sum/term/one row",
        """
        def variational_loss(x, eps, beta, W1, b1, W2, b2, W3, b3, W4, b4):
            L, N, J = eps.shape
            out = np.tanh(x @ W1 + b1) @ W2 + b2
            mu, logvar = np.split(out, 2, axis=1)
            rec = 0.0
            for l in range(L):
                z = mu + np.exp(logvar / 2) * eps[l]
                a = np.tanh(z @ W3 + b3) @ W4 + b4
                rec += bernoulli_nll(a, x).sum() / (L * N)
            kl = 0.5 * np.sum(np.exp(logvar) + mu**2 - 1 - logvar)
            return rec + beta * kl
        """,
    ),
    # variational_gradients
    edit(
        "variational_gradients",
        "no gradient of the divergence",
        "term/argument",
        "[dmu + dmu_kl, dlogvar + dlogvar_kl]",
        "[dmu, dlogvar]",
    ),
    edit(
        "variational_gradients",
        "no mean over the draws",
        "factor/mean for sum/term/one size / missing factor",
        "1 / (L * N))",
        "1 / N)",
    ),
    edit(
        "variational_gradients",
        "no derivative in the decoder",
        "missing derivative",
        "dense_backward(tanh_backward(dh3, h3), z, W3)",
        "dense_backward(dh3, z, W3)",
    ),
    wrong(
        "variational_gradients",
        "new noise for the gradient",
        "noise redrawn/argument",
        """
        def variational_gradients(x, eps, beta, W1, b1, W2, b2, W3, b3, W4, b4):
            L, N, J = eps.shape
            eps = np.random.standard_normal((L, N, J))
            h1 = tanh(x @ W1 + b1)
            out = h1 @ W2 + b2
            mu, logvar = out[:, :J], out[:, J:]
            std = np.exp(logvar / 2)
            z = (mu + std * eps).reshape(L * N, J)
            h3 = tanh(z @ W3 + b3)
            a = h3 @ W4 + b4
            da = (1 / (1 + np.exp(-a)) - np.tile(x, (L, 1))) / (L * N)
            dh3 = da @ W4.T * (1 - h3**2)
            dz = (dh3 @ W3.T).reshape(L, N, J)
            dmu = dz.sum(axis=0) + beta * mu / N
            dlv = (dz * eps).sum(axis=0) * std / 2 + beta * (np.exp(logvar) - 1) / (2 * N)
            dout = np.concatenate([dmu, dlv], axis=1)
            dh1 = dout @ W2.T * (1 - h1**2)
            first = x.T @ dh1, dh1.sum(0), h1.T @ dout, dout.sum(0)
            return (*first, z.T @ dh3, dh3.sum(0), h3.T @ da, da.sum(0))
        """,
    ),
    wrong(
        "variational_gradients",
        "the sigmoid's derivative in the hidden layers",
        "other function",
        """
        def variational_gradients(x, eps, beta, W1, b1, W2, b2, W3, b3, W4, b4):
            L, N, J = eps.shape
            h1 = tanh(dense(x, W1, b1))
            mu, logvar = np.split(dense(h1, W2, b2), 2, axis=1)
            z = reparameterize(mu, logvar, eps).reshape(-1, J)
            h3 = tanh(dense(z, W3, b3))
            a = dense(h3, W4, b4)
            da = bernoulli_nll_backward(np.ones(L * N) / (L * N), a, np.tile(x, (L, 1)))
            dh3, dW4, db4 = dense_backward(da, h3, W4)
            dz, dW3, db3 = dense_backward(dh3 * h3 * (1 - h3), z, W3)
            dmu, dlogvar = reparameterize_backward(dz.reshape(L, N, J), logvar, eps)
            k_mu, k_logvar = gaussian_kl_backward(beta * np.ones(N) / N, mu, logvar)
            dh1, dW2, db2 = dense_backward(np.hstack([dmu + k_mu, dlogvar + k_logvar]), h1, W2)
            _, dW1, db1 = dense_backward(dh1 * h1 * (1 - h1), x, W1)
            return dW1, db1, dW2, db2, dW3, db3, dW4, db4
        """,
    ),
)
