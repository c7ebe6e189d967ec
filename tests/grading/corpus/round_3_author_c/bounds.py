"""Wrong solutions of the bound and the whole variational gradient."""

from grading.corpus.entry import Entry, edit, wrong

MISTAKES: tuple[Entry, ...] = (
    # gaussian_kl
    wrong(
        "elbo",
        "the draws' mean is decoded",
        "other array",
        """
        def elbo(x, mu, logvar, eps, W, b):
            z = (mu + np.exp(logvar / 2) * eps).mean(axis=0)
            rec = -bernoulli_nll(z @ W + b, x)
            kl = gaussian_kl(mu, logvar)
            return rec - kl, rec, kl
        """,
    ),
    wrong(
        "elbo",
        "the importance-weighted bound's reconstruction",
        "other function",
        """
        def elbo(x, mu, logvar, eps, W, b):
            z = reparameterize(mu, logvar, eps)
            ll = np.array([-bernoulli_nll(dense(zl, W, b), x) for zl in z])
            top = ll.max(axis=0)
            rec = top + np.log(np.exp(ll - top).mean(axis=0))
            kl = gaussian_kl(mu, logvar)
            return rec - kl, rec, kl
        """,
    ),
    wrong(
        "elbo",
        "reconstruction as a loss",
        "sign / factor",
        """
        def elbo(x, mu, logvar, eps, W, b):
            L = eps.shape[0]
            recon = 0
            for l in range(L):
                z = mu + np.exp(0.5 * logvar) * eps[l]
                recon = recon + bernoulli_nll(z @ W + b, x) / L
            kl = -0.5 * (1 + logvar - mu**2 - np.exp(logvar)).sum(axis=1)
            return recon - kl, recon, kl
        """,
    ),
    wrong(
        "elbo",
        "the divergence averaged over the latent variables",
        "factor/mean for sum",
        """
        def elbo(x, mu, logvar, eps, W, b):
            z = reparameterize(mu, logvar, eps)
            a = np.einsum("lnj,jd->lnd", z, W) + b
            rec = (x * a - np.maximum(a, 0) - np.log1p(np.exp(-np.abs(a)))).sum(axis=2).mean(axis=0)
            kl = 0.5 * (mu**2 + np.exp(logvar) - logvar - 1).mean(axis=1)
            return rec - kl, rec, kl
        """,
    ),
    wrong(
        "elbo",
        "the last draw",
        "first only",
        """
        def elbo(x, mu, logvar, eps, W, b):
            for e in eps:
                z = reparameterize(mu, logvar, e)
                rec = -bernoulli_nll(dense(z, W, b), x)
            kl = gaussian_kl(mu, logvar)
            return rec - kl, rec, kl
        """,
    ),
    edit("elbo", "the mean's logits for the noise's", "other array/argument", "dense(draw, W, b)", "dense(mu, W, b)"),
    edit(
        "elbo",
        "outputs in another order",
        "swapped",
        "reconstruction - kl, reconstruction, kl",
        "reconstruction - kl, kl, reconstruction",
    ),
    # variational
    wrong(
        "variational_loss",
        "copies of each image in a row",
        "axis/other array/transposed / one row",
        """
        def variational_loss(x, eps, beta, W1, b1, W2, b2, W3, b3, W4, b4):
            L, N, J = eps.shape
            m = np.tanh(x @ W1 + b1) @ W2 + b2
            mu, logvar = m[:, :J], m[:, J:]
            z = (mu + np.exp(logvar / 2) * eps).reshape(-1, J)
            a = np.tanh(z @ W3 + b3) @ W4 + b4
            rec = bernoulli_nll(a, np.repeat(x, L, axis=0)).mean()
            return rec + beta * gaussian_kl(mu, logvar).mean()
        """,
    ),
    wrong(
        "variational_loss",
        "moments in turn",
        "other array",
        """
        def variational_loss(x, eps, beta, W1, b1, W2, b2, W3, b3, W4, b4):
            out = dense(tanh(dense(x, W1, b1)), W2, b2)
            mu, logvar = out[:, 0::2], out[:, 1::2]
            loss = 0.0
            for e in eps:
                z = reparameterize(mu, logvar, e)
                loss += bernoulli_nll(dense(tanh(dense(z, W3, b3)), W4, b4), x).mean()
            return loss / len(eps) + beta * gaussian_kl(mu, logvar).mean()
        """,
    ),
    wrong(
        "variational_loss",
        "the draws are summed",
        "mean for sum/term/extra factor",
        """
        def variational_loss(x, eps, beta, W1, b1, W2, b2, W3, b3, W4, b4):
            N, J = len(x), eps.shape[2]
            m = dense(tanh(dense(x, W1, b1)), W2, b2)
            mu, lv = m[:, :J], m[:, J:]
            nll = 0
            for l in range(eps.shape[0]):
                h = tanh(dense(reparameterize(mu, lv, eps[l]), W3, b3))
                nll += bernoulli_nll(dense(h, W4, b4), x).sum()
            return nll / N + beta * gaussian_kl(mu, lv).sum() / N
        """,
    ),
    edit(
        "variational_loss",
        "the weight before the reconstruction",
        "swapped/extra factor/other array/term",
        "nll.mean() + beta * kl.mean()",
        "beta * nll.mean() + kl.mean()",
    ),
    wrong(
        "variational_gradients",
        "no gradient of the divergence",
        "term/argument",
        """
        def variational_gradients(x, eps, beta, W1, b1, W2, b2, W3, b3, W4, b4):
            L, N, J = eps.shape
            h1 = np.tanh(x @ W1 + b1)
            m = h1 @ W2 + b2
            mu, lv = np.split(m, 2, axis=1)
            std = np.exp(lv / 2)
            g = [np.zeros_like(w) for w in (W1, b1, W2, b2, W3, b3, W4, b4)]
            for l in range(L):
                z = mu + std * eps[l]
                h3 = np.tanh(z @ W3 + b3)
                d4 = (sigmoid_(h3 @ W4 + b4) - x) / (L * N)
                d3 = d4 @ W4.T * (1 - h3**2)
                dz = d3 @ W3.T
                dm = np.concatenate([dz, dz * eps[l] * std / 2], axis=1)
                d1 = dm @ W2.T * (1 - h1**2)
                for i, (a, d) in enumerate([(x, d1), (h1, dm), (z, d3), (h3, d4)]):
                    g[2 * i] += a.T @ d
                    g[2 * i + 1] += d.sum(axis=0)
            return tuple(g)

        def sigmoid_(a):
            return 0.5 * (1 + np.tanh(a / 2))
        """,
    ),
    wrong(
        "variational_gradients",
        "the divergence is divided by the draws, too",
        "factor/term/extra factor/mean for sum",
        """
        def variational_gradients(x, eps, beta, W1, b1, W2, b2, W3, b3, W4, b4):
            L, N, J = eps.shape
            M = L * N
            h1 = tanh(dense(x, W1, b1))
            m = dense(h1, W2, b2)
            mu, lv = m[:, :J], m[:, J:]
            z = reparameterize(mu, lv, eps).reshape(M, J)
            h3 = tanh(dense(z, W3, b3))
            da = bernoulli_nll_backward(np.ones(M) / M, dense(h3, W4, b4), np.tile(x, (L, 1)))
            dh3, dW4, db4 = dense_backward(da, h3, W4)
            dz, dW3, db3 = dense_backward(tanh_backward(dh3, h3), z, W3)
            dmu, dlv = reparameterize_backward(dz.reshape(L, N, J), lv, eps)
            dmu = dmu + beta * mu / M
            dlv = dlv + beta * (np.exp(lv) - 1) / 2 / M
            dh1, dW2, db2 = dense_backward(np.hstack((dmu, dlv)), h1, W2)
            _, dW1, db1 = dense_backward(tanh_backward(dh1, h1), x, W1)
            return dW1, db1, dW2, db2, dW3, db3, dW4, db4
        """,
    ),
    edit(
        "variational_gradients",
        "the decoder's units without their derivative",
        "missing derivative",
        "tanh_backward(dh3, h3)",
        "dh3",
    ),
    edit(
        "variational_gradients",
        "the moments' gradients change places",
        "swapped",
        "[dmu + dmu_kl, dlogvar + dlogvar_kl]",
        "[dlogvar + dlogvar_kl, dmu + dmu_kl]",
    ),
    edit(
        "variational_gradients",
        "the variances get no gradient from the draws",
        "term",
        "dlogvar + dlogvar_kl",
        "dlogvar_kl",
    ),
)
