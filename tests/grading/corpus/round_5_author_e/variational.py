"""Wrong solutions of the evidence lower bound and its gradient."""

from grading.corpus.entry import Entry, wrong

MISTAKES: tuple[Entry, ...] = (
    wrong(
        "elbo",
        "decodes the mean of the draws",
        "other array",
        """
        def elbo(x, mu, logvar, eps, W, b):
            z = reparameterize(mu, logvar, eps).mean(axis=0)
            reconstruction = -bernoulli_nll(dense(z, W, b), x)
            kl = gaussian_kl(mu, logvar)
            return reconstruction - kl, reconstruction, kl
        """,
    ),
    wrong(
        "elbo",
        "log of the mean likelihood, as for importance weights",
        "other function",
        """
        def elbo(x, mu, logvar, eps, W, b):
            z = reparameterize(mu, logvar, eps)
            ll = np.stack([-bernoulli_nll(dense(zl, W, b), x) for zl in z])
            top = ll.max(axis=0)
            reconstruction = top + np.log(np.mean(np.exp(ll - top), axis=0))
            kl = gaussian_kl(mu, logvar)
            return reconstruction - kl, reconstruction, kl
        """,
    ),
    wrong(
        "elbo",
        "divergence counted once for each draw, in the bound",
        "term",
        """
        def elbo(x, mu, logvar, eps, W, b):
            L = len(eps)
            kl = gaussian_kl(mu, logvar)
            bound = 0
            reconstruction = 0
            for e in eps:
                z = reparameterize(mu, logvar, e)
                r = -bernoulli_nll(dense(z, W, b), x)
                reconstruction = reconstruction + r / L
                bound = bound + r / L - kl
            return bound, reconstruction, kl
        """,
    ),
    wrong(
        "elbo",
        "plus kl, and the reconstruction as a loss (positive)",
        "factor",
        """
        def elbo(x, mu, logvar, eps, W, b):
            z = reparameterize(mu, logvar, eps)
            reconstruction = np.mean([bernoulli_nll(dense(d, W, b), x) for d in z], axis=0)
            kl = gaussian_kl(mu, logvar)
            return reconstruction + kl, reconstruction, kl
        """,
    ),
    wrong(
        "elbo",
        "loop bound: the last draw is left out, divided by L",
        "first only",
        """
        def elbo(x, mu, logvar, eps, W, b):
            L = eps.shape[0]
            z = reparameterize(mu, logvar, eps)
            reconstruction = np.zeros(len(x))
            for l in range(L - 1):
                reconstruction -= bernoulli_nll(dense(z[l], W, b), x)
            reconstruction /= L
            kl = gaussian_kl(mu, logvar)
            return reconstruction - kl, reconstruction, kl
        """,
    ),
    wrong(
        "variational_loss",
        "mu and logvar exchanged",
        "swapped",
        """
        def variational_loss(x, eps, beta, W1, b1, W2, b2, W3, b3, W4, b4):
            L, N, J = eps.shape
            m = dense(tanh(dense(x, W1, b1)), W2, b2)
            logvar, mu = m[:, :J], m[:, J:]
            z = reparameterize(mu, logvar, eps).reshape(L * N, J)
            logits = dense(tanh(dense(z, W3, b3)), W4, b4)
            nll = bernoulli_nll(logits, np.tile(x, (L, 1)))
            return nll.mean() + beta * gaussian_kl(mu, logvar).mean()
        """,
    ),
    wrong(
        "variational_loss",
        "targets repeated in the wrong order: np.repeat for np.tile",
        "one row",
        """
        def variational_loss(x, eps, beta, W1, b1, W2, b2, W3, b3, W4, b4):
            L, N, J = eps.shape
            moments = dense(tanh(dense(x, W1, b1)), W2, b2)
            mu, logvar = moments[:, :J], moments[:, J:]
            z = reparameterize(mu, logvar, eps).reshape(L * N, J)
            logits = dense(tanh(dense(z, W3, b3)), W4, b4)
            nll = bernoulli_nll(logits, np.repeat(x, L, axis=0))
            return nll.mean() + beta * gaussian_kl(mu, logvar).mean()
        """,
    ),
    wrong(
        "variational_loss",
        "divergence summed over the batch, reconstruction over the draws",
        "mean for sum",
        """
        def variational_loss(x, eps, beta, W1, b1, W2, b2, W3, b3, W4, b4):
            L, N, J = eps.shape
            moments = dense(tanh(dense(x, W1, b1)), W2, b2)
            mu, logvar = moments[:, :J], moments[:, J:]
            rec = 0.0
            for l in range(L):
                z = reparameterize(mu, logvar, eps[l])
                logits = dense(tanh(dense(z, W3, b3)), W4, b4)
                rec += bernoulli_nll(logits, x).mean()
            return rec + beta * gaussian_kl(mu, logvar).sum()
        """,
    ),
    wrong(
        "variational_gradients",
        "1/N in place of 1/(L N) for the reconstruction",
        "missing factor/mean for sum",
        """
        def variational_gradients(x, eps, beta, W1, b1, W2, b2, W3, b3, W4, b4):
            L, N, J = eps.shape
            target = np.tile(x, (L, 1))
            h1 = tanh(dense(x, W1, b1))
            moments = dense(h1, W2, b2)
            mu, logvar = moments[:, :J], moments[:, J:]
            z = reparameterize(mu, logvar, eps).reshape(L * N, J)
            h3 = tanh(dense(z, W3, b3))
            logits = dense(h3, W4, b4)
            dmu_kl, dlogvar_kl = gaussian_kl_backward(np.full(N, beta / N), mu, logvar)
            dlogits = bernoulli_nll_backward(np.full(L * N, 1 / N), logits, target)
            dh3, dW4, db4 = dense_backward(dlogits, h3, W4)
            dz, dW3, db3 = dense_backward(tanh_backward(dh3, h3), z, W3)
            dmu, dlogvar = reparameterize_backward(dz.reshape(L, N, J), logvar, eps)
            dmoments = np.hstack([dmu + dmu_kl, dlogvar + dlogvar_kl])
            dh1, dW2, db2 = dense_backward(dmoments, h1, W2)
            _, dW1, db1 = dense_backward(tanh_backward(dh1, h1), x, W1)
            return dW1, db1, dW2, db2, dW3, db3, dW4, db4
        """,
    ),
    wrong(
        "variational_gradients",
        "beta forgotten in the divergence",
        "argument",
        """
        def variational_gradients(x, eps, beta, W1, b1, W2, b2, W3, b3, W4, b4):
            L, N, J = eps.shape
            target = np.tile(x, (L, 1))
            h1 = tanh(dense(x, W1, b1))
            moments = dense(h1, W2, b2)
            mu, logvar = moments[:, :J], moments[:, J:]
            z = reparameterize(mu, logvar, eps).reshape(L * N, J)
            h3 = tanh(dense(z, W3, b3))
            logits = dense(h3, W4, b4)
            dmu_kl, dlogvar_kl = gaussian_kl_backward(np.full(N, 1 / N), mu, logvar)
            dlogits = bernoulli_nll_backward(np.full(L * N, 1 / (L * N)), logits, target)
            dh3, dW4, db4 = dense_backward(dlogits, h3, W4)
            dz, dW3, db3 = dense_backward(tanh_backward(dh3, h3), z, W3)
            dmu, dlogvar = reparameterize_backward(dz.reshape(L, N, J), logvar, eps)
            dmoments = np.hstack([dmu + dmu_kl, dlogvar + dlogvar_kl])
            dh1, dW2, db2 = dense_backward(dmoments, h1, W2)
            _, dW1, db1 = dense_backward(tanh_backward(dh1, h1), x, W1)
            return dW1, db1, dW2, db2, dW3, db3, dW4, db4
        """,
    ),
    wrong(
        "variational_gradients",
        "draws reshaped to (N, L, J) and transposed back wrongly",
        "one row",
        """
        def variational_gradients(x, eps, beta, W1, b1, W2, b2, W3, b3, W4, b4):
            L, N, J = eps.shape
            target = np.tile(x, (L, 1))
            h1 = tanh(dense(x, W1, b1))
            moments = dense(h1, W2, b2)
            mu, logvar = moments[:, :J], moments[:, J:]
            z = reparameterize(mu, logvar, eps).reshape(L * N, J)
            h3 = tanh(dense(z, W3, b3))
            logits = dense(h3, W4, b4)
            dmu_kl, dlogvar_kl = gaussian_kl_backward(np.full(N, beta / N), mu, logvar)
            dlogits = bernoulli_nll_backward(np.full(L * N, 1 / (L * N)), logits, target)
            dh3, dW4, db4 = dense_backward(dlogits, h3, W4)
            dz, dW3, db3 = dense_backward(tanh_backward(dh3, h3), z, W3)
            dmu, dlogvar = reparameterize_backward(dz.reshape(N, L, J).transpose(1, 0, 2), logvar, eps)
            dmoments = np.hstack([dmu + dmu_kl, dlogvar + dlogvar_kl])
            dh1, dW2, db2 = dense_backward(dmoments, h1, W2)
            _, dW1, db1 = dense_backward(tanh_backward(dh1, h1), x, W1)
            return dW1, db1, dW2, db2, dW3, db3, dW4, db4
        """,
    ),
    wrong(
        "variational_gradients",
        "divergence without its gradient for logvar; decoder's tanh derivative forgotten",
        "term",
        """
        def variational_gradients(x, eps, beta, W1, b1, W2, b2, W3, b3, W4, b4):
            L, N, J = eps.shape
            target = np.tile(x, (L, 1))
            h1 = tanh(dense(x, W1, b1))
            moments = dense(h1, W2, b2)
            mu, logvar = moments[:, :J], moments[:, J:]
            z = reparameterize(mu, logvar, eps).reshape(L * N, J)
            h3 = tanh(dense(z, W3, b3))
            logits = dense(h3, W4, b4)
            dmu_kl, dlogvar_kl = gaussian_kl_backward(np.full(N, beta / N), mu, logvar)
            dlogits = bernoulli_nll_backward(np.full(L * N, 1 / (L * N)), logits, target)
            dh3, dW4, db4 = dense_backward(dlogits, h3, W4)
            dz, dW3, db3 = dense_backward(dh3, z, W3)
            dmu, dlogvar = reparameterize_backward(dz.reshape(L, N, J), logvar, eps)
            dmoments = np.hstack([dmu + dmu_kl, dlogvar])
            dh1, dW2, db2 = dense_backward(dmoments, h1, W2)
            _, dW1, db1 = dense_backward(tanh_backward(dh1, h1), x, W1)
            return dW1, db1, dW2, db2, dW3, db3, dW4, db4
        """,
    ),
    wrong(
        "variational_gradients",
        "hidden layer of the encoder: sigmoid_backward-like slope h(1-h)",
        "other function",
        """
        def variational_gradients(x, eps, beta, W1, b1, W2, b2, W3, b3, W4, b4):
            L, N, J = eps.shape
            target = np.tile(x, (L, 1))
            h1 = tanh(dense(x, W1, b1))
            moments = dense(h1, W2, b2)
            mu, logvar = moments[:, :J], moments[:, J:]
            z = reparameterize(mu, logvar, eps).reshape(L * N, J)
            h3 = tanh(dense(z, W3, b3))
            logits = dense(h3, W4, b4)
            dmu_kl, dlogvar_kl = gaussian_kl_backward(np.full(N, beta / N), mu, logvar)
            dlogits = bernoulli_nll_backward(np.full(L * N, 1 / (L * N)), logits, target)
            dh3, dW4, db4 = dense_backward(dlogits, h3, W4)
            dz, dW3, db3 = dense_backward(tanh_backward(dh3, h3), z, W3)
            dmu, dlogvar = reparameterize_backward(dz.reshape(L, N, J), logvar, eps)
            dmoments = np.hstack([dmu + dmu_kl, dlogvar + dlogvar_kl])
            dh1, dW2, db2 = dense_backward(dmoments, h1, W2)
            _, dW1, db1 = dense_backward(dh1 * h1 * (1 - h1), x, W1)
            return dW1, db1, dW2, db2, dW3, db3, dW4, db4
        """,
    ),
)
