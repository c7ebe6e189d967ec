"""Mistakes in the loss and the gradient of a variational autoencoder."""

from __future__ import annotations

from grading.corpus.entry import Entry, edit, wrong

MISTAKES: tuple[Entry, ...] = (
    wrong(
        "variational_loss",
        "beta on the wrong term",
        "term / swapped / scaled",
        """
        def variational_loss(x, eps, beta, W1, b1, W2, b2, W3, b3, W4, b4):
            L, N, J = eps.shape
            out = np.tanh(x @ W1 + b1) @ W2 + b2
            mu, logvar = out[:, :J], out[:, J:]
            rec = 0.0
            for l in range(L):
                z = mu + np.exp(logvar / 2) * eps[l]
                rec += bernoulli_nll(np.tanh(z @ W3 + b3) @ W4 + b4, x).mean() / L
            kl = 0.5 * np.sum(mu**2 + np.exp(logvar) - logvar - 1) / N
            return beta * rec + kl
        """,
    ),
    wrong(
        "variational_loss",
        "divergence summed over the batch",
        "term / mean for sum / one row",
        """
        def variational_loss(x, eps, beta, W1, b1, W2, b2, W3, b3, W4, b4):
            J = eps.shape[-1]
            h = np.tanh(x @ W1 + b1)
            m = h @ W2 + b2
            mu, logvar = np.split(m, [J], axis=1)
            z = mu + np.exp(0.5 * logvar) * eps
            a = np.tanh(z @ W3 + b3) @ W4 + b4
            rec = (np.logaddexp(0, a) - x * a).sum(axis=-1).mean()
            kl = -0.5 * np.sum(1 + logvar - mu**2 - np.exp(logvar))
            return rec + beta * kl
        """,
    ),
    wrong(
        "variational_loss",
        "every second column is a mean",
        "other array",
        """
        def variational_loss(x, eps, beta, W1, b1, W2, b2, W3, b3, W4, b4):
            moments = dense(tanh(dense(x, W1, b1)), W2, b2)
            mu, logvar = moments[:, 0::2], moments[:, 1::2]
            nll = []
            for z in reparameterize(mu, logvar, eps):
                nll.append(bernoulli_nll(dense(tanh(dense(z, W3, b3)), W4, b4), x))
            return np.mean(nll) + beta * gaussian_kl(mu, logvar).mean()
        """,
    ),
    wrong(
        "variational_loss",
        "mean squared error of the pixels",
        "other function",
        """
        def variational_loss(x, eps, beta, W1, b1, W2, b2, W3, b3, W4, b4):
            J = eps.shape[2]
            m = tanh(dense(x, W1, b1)) @ W2 + b2
            mu, logvar = m[:, :J], m[:, J:]
            z = reparameterize(mu, logvar, eps)
            p = 1 / (1 + np.exp(-(np.tanh(z @ W3 + b3) @ W4 + b4)))
            rec = ((p - x) ** 2).sum(axis=2).mean()
            return rec + beta * gaussian_kl(mu, logvar).mean()
        """,
    ),
    edit("variational_loss", "beta forgotten", "argument / missing factor / term", "beta * kl.mean()", "kl.mean()"),
    edit("variational_loss", "divergence subtracted", "sign", "+ beta", "- beta"),
    edit("variational_loss", "halves exchanged", "swapped", "mu, logvar = moments", "logvar, mu = moments"),
    edit(
        "variational_loss",
        "variance for the deviation",
        "power / scaled",
        "reparameterize(mu, logvar, eps)",
        "(mu + np.exp(logvar) * eps)",
    ),
    edit(
        "variational_loss",
        "each target repeated in a row",
        "other array / transposed / one row",
        "np.tile(x, (L, 1))",
        "np.repeat(x, L, axis=0)",
    ),
    edit("variational_loss", "draws summed", "term / mean for sum", "nll.mean()", "nll.sum() / N"),
    edit(
        "variational_loss",
        "hidden layer of the decoder linear",
        "missing function",
        "tanh(dense(z, W3, b3))",
        "dense(z, W3, b3)",
    ),
    edit(
        "variational_loss",
        "mean of q decoded",
        "argument / other array",
        "reparameterize(mu, logvar, eps)",
        "(mu + 0 * eps)",
    ),
    wrong(
        "variational_gradients",
        "plain autoencoder: divergence forgotten",
        "term / argument",
        """
        def variational_gradients(x, eps, beta, W1, b1, W2, b2, W3, b3, W4, b4):
            L, N, J = eps.shape
            h1 = np.tanh(x @ W1 + b1)
            m = h1 @ W2 + b2
            std = np.exp(m[:, J:] / 2)
            z = m[:, :J] + std * eps
            h3 = np.tanh(z @ W3 + b3)
            g4 = (1 / (1 + np.exp(-(h3 @ W4 + b4))) - x) / (L * N)
            g3 = (g4 @ W4.T) * (1 - h3**2)
            gz = g3 @ W3.T
            g2 = np.concatenate([gz.sum(0), (gz * eps).sum(0) * std / 2], axis=1)
            g1 = (g2 @ W2.T) * (1 - h1**2)
            dW4, db4 = np.einsum("lnh,lnd->hd", h3, g4), g4.sum((0, 1))
            dW3, db3 = np.einsum("lnj,lnh->jh", z, g3), g3.sum((0, 1))
            return x.T @ g1, g1.sum(0), h1.T @ g2, g2.sum(0), dW3, db3, dW4, db4
        """,
    ),
    wrong(
        "variational_gradients",
        "reconstruction gives the variances nothing",
        "term",
        """
        def variational_gradients(x, eps, beta, W1, b1, W2, b2, W3, b3, W4, b4):
            L, N, J = eps.shape
            h1 = tanh(dense(x, W1, b1))
            m = dense(h1, W2, b2)
            mu, logvar = m[:, :J], m[:, J:]
            z = reparameterize(mu, logvar, eps).reshape(-1, J)
            h3 = tanh(dense(z, W3, b3))
            logits = dense(h3, W4, b4)
            g = bernoulli_nll_backward(np.full(L * N, 1 / (L * N)), logits, np.tile(x, (L, 1)))
            dh3, dW4, db4 = dense_backward(g, h3, W4)
            dz, dW3, db3 = dense_backward(dh3 * (1 - h3**2), z, W3)
            dmu = dz.reshape(L, N, J).sum(axis=0) + beta * mu / N
            dlogvar = beta * 0.5 * (np.exp(logvar) - 1) / N
            dh1, dW2, db2 = dense_backward(np.hstack([dmu, dlogvar]), h1, W2)
            _, dW1, db1 = dense_backward(dh1 * (1 - h1**2), x, W1)
            return dW1, db1, dW2, db2, dW3, db3, dW4, db4
        """,
    ),
    wrong(
        "variational_gradients",
        "a loop over the draws that averages the divergence too",
        "term/mean for sum",
        """
        def variational_gradients(x, eps, beta, W1, b1, W2, b2, W3, b3, W4, b4):
            L, N, J = eps.shape
            h1 = tanh(x @ W1 + b1)
            m = h1 @ W2 + b2
            mu, logvar = m[:, :J], m[:, J:]
            dm = np.hstack([beta * mu, beta * (np.exp(logvar) - 1) / 2]) / (N * L)
            dW3, db3, dW4, db4 = (np.zeros_like(p) for p in (W3, b3, W4, b4))
            for e in eps:
                z = mu + np.exp(logvar / 2) * e
                h3 = tanh(z @ W3 + b3)
                a = h3 @ W4 + b4
                d4 = (0.5 * (1 + np.tanh(a / 2)) - x) / (N * L)
                d3 = d4 @ W4.T * (1 - h3 * h3)
                dz = d3 @ W3.T
                dm = dm + np.hstack([dz, dz * e * np.exp(logvar / 2) / 2])
                dW4 += h3.T @ d4
                db4 += d4.sum(0)
                dW3 += z.T @ d3
                db3 += d3.sum(0)
            d1 = dm @ W2.T * (1 - h1 * h1)
            return x.T @ d1, d1.sum(0), h1.T @ dm, dm.sum(0), dW3, db3, dW4, db4
        """,
    ),
    edit("variational_gradients", "beta forgotten", "argument / term / missing factor", "beta / N", "1 / N"),
    edit(
        "variational_gradients",
        "mean over the examples only",
        "factor / term / mean for sum / missing factor",
        "1 / (L * N)",
        "1 / N",
    ),
    edit(
        "variational_gradients",
        "divergence summed over the batch",
        "term / mean for sum / one row / missing factor",
        "np.full(N, beta / N)",
        "np.full(N, beta)",
    ),
    edit(
        "variational_gradients",
        "other noise on the way back",
        "noise redrawn",
        "reparameterize_backward(dz.reshape(L, N, J), logvar, eps)",
        "reparameterize_backward(dz.reshape(L, N, J), logvar, np.random.randn(L, N, J))",
    ),
    edit(
        "variational_gradients",
        "first draw's gradient",
        "first only / term",
        "reparameterize_backward(dz.reshape(L, N, J), logvar, eps)",
        "reparameterize_backward(dz.reshape(L, N, J)[0], logvar, eps[0])",
    ),
    edit(
        "variational_gradients",
        "halves exchanged",
        "swapped",
        "[dmu + dmu_kl, dlogvar + dlogvar_kl]",
        "[dlogvar + dlogvar_kl, dmu + dmu_kl]",
    ),
    edit(
        "variational_gradients",
        "divergence subtracted",
        "sign",
        "dmu + dmu_kl, dlogvar + dlogvar_kl",
        "dmu - dmu_kl, dlogvar - dlogvar_kl",
    ),
    wrong(
        "variational_gradients",
        "straight through the encoder's tanh",
        "missing derivative / missing factor",
        """
        def variational_gradients(x, eps, beta, W1, b1, W2, b2, W3, b3, W4, b4):
            L, N, J = eps.shape
            h1 = tanh(dense(x, W1, b1))
            out = dense(h1, W2, b2)
            mu, logvar = out[:, :J], out[:, J:]
            z = reparameterize(mu, logvar, eps).reshape(L * N, J)
            h3 = tanh(dense(z, W3, b3))
            target = np.concatenate([x] * L)
            d4 = bernoulli_nll_backward(np.ones(L * N) / (L * N), dense(h3, W4, b4), target)
            d3, dW4, db4 = dense_backward(d4, h3, W4)
            dz, dW3, db3 = dense_backward(d3 * (1 - h3**2), z, W3)
            dmu, dlogvar = reparameterize_backward(dz.reshape(L, N, J), logvar, eps)
            dmu_kl, dlogvar_kl = gaussian_kl_backward(np.ones(N) * beta / N, mu, logvar)
            d2 = np.concatenate([dmu + dmu_kl, dlogvar + dlogvar_kl], axis=1)
            d1, dW2, db2 = dense_backward(d2, h1, W2)
            _, dW1, db1 = dense_backward(d1, x, W1)
            return dW1, db1, dW2, db2, dW3, db3, dW4, db4
        """,
    ),
    edit(
        "variational_gradients",
        "slope of the decoder's hidden sums",
        "input for output",
        "tanh_backward(dh3, h3)",
        "tanh_backward(dh3, dense(z, W3, b3))",
    ),
    edit(
        "variational_gradients",
        "axes of draws and latents mixed",
        "transposed / one row",
        "dz.reshape(L, N, J)",
        "dz.reshape(N, L, J).swapaxes(0, 1)",
    ),
    edit(
        "variational_gradients",
        "half forgotten with the noise",
        "term / scaled / missing factor",
        "dlogvar + dlogvar_kl",
        "2 * dlogvar + dlogvar_kl",
    ),
)
