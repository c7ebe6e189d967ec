"""Wrong solutions of the variational chapters: divergences, draws, likelihoods, the bound, the whole gradient."""

from scratchae.grading.corpus.entry import Entry, edit, wrong

MISTAKES: tuple[Entry, ...] = (
    # gaussian_kl
    wrong(
        "gaussian_kl_trace",
        "from the prior to q",
        "swapped",
        """
        def gaussian_kl_trace(mu, covariance):
            out = []
            for m, S in zip(mu, covariance):
                P = np.linalg.inv(S)
                out.append(0.5 * (np.trace(P) + m @ P @ m - len(m) + np.linalg.slogdet(S)[1]))
            return np.array(out)
        """,
    ),
    wrong(
        "gaussian_kl_trace",
        "all entries for the trace",
        "axis/other function",
        """
        def gaussian_kl_trace(mu, covariance):
            tr = covariance.sum(axis=(1, 2))
            logdet = np.linalg.slogdet(covariance)[1]
            return 0.5 * (tr + np.sum(mu * mu, axis=1) - mu.shape[1] - logdet)
        """,
    ),
    wrong(
        "gaussian_kl_trace_backward",
        "one over each entry for the inverse",
        "other function",
        """
        def gaussian_kl_trace_backward(dkl, mu, covariance):
            I = np.eye(mu.shape[1])
            return dkl[:, None] * mu, 0.5 * dkl[:, None, None] * (I - 1 / covariance)
        """,
    ),
    wrong(
        "gaussian_kl_trace_backward",
        "mu through the inverse",
        "extra factor",
        """
        def gaussian_kl_trace_backward(dkl, mu, covariance):
            inv = np.linalg.inv(covariance)
            dmu = np.einsum("n,njk,nk->nj", dkl, inv, mu)
            dcov = 0.5 * np.einsum("n,njk->njk", dkl, np.eye(mu.shape[1])[None] - inv)
            return dmu, dcov
        """,
    ),
    wrong(
        "gaussian_kl_sums",
        "1 taken away once",
        "term/constant/missing sum",
        """
        def gaussian_kl_sums(mu, variance):
            total = np.full(len(mu), -1.0)
            for j in range(mu.shape[1]):
                total += mu[:, j] ** 2 + variance[:, j] - np.log(variance[:, j])
            return total / 2
        """,
    ),
    edit(
        "gaussian_kl_sums_backward",
        "as if by the logarithm",
        "extra factor/other function",
        "(1 - 1 / variance)",
        "(variance - 1)",
    ),
    wrong(
        "gaussian_kl",
        "one sign inside the bracket",
        "sign",
        """
        def gaussian_kl(mu, logvar):
            return -0.5 * np.sum(1 + logvar - mu ** 2 + np.exp(logvar), axis=1)
        """,
    ),
    wrong(
        "gaussian_kl",
        "log-variances that are clipped",
        "unstable",
        """
        def gaussian_kl(mu, logvar):
            lv = np.clip(logvar, -10, 10)
            return 0.5 * (np.exp(lv) + mu ** 2 - 1 - lv).sum(axis=1)
        """,
    ),
    wrong(
        "gaussian_kl_backward",
        "with respect to the variance",
        "missing derivative/missing factor/extra factor",
        """
        def gaussian_kl_backward(dkl, mu, logvar):
            up = dkl[:, np.newaxis]
            var = np.exp(logvar)
            return up * mu, up * 0.5 * (1 - 1 / var)
        """,
    ),
    wrong(
        "gaussian_kl_backward",
        "no upstream gradient for the variance",
        "upstream",
        """
        def gaussian_kl_backward(dkl, mu, logvar):
            dmu = (mu.T * dkl).T
            dlogvar = np.expm1(logvar) / 2
            return dmu, dlogvar
        """,
    ),
    # reparameterize
    wrong(
        "reparameterize",
        "the first draw for all",
        "first only/same rows",
        """
        def reparameterize(mu, logvar, eps):
            std = np.sqrt(np.exp(logvar))
            z = np.empty_like(eps)
            for i in range(len(eps)):
                z[i] = (mu + std * eps)[0]
            return z
        """,
    ),
    wrong(
        "reparameterize",
        "mean and noise change places",
        "swapped",
        """
        def reparameterize(mu, logvar, eps):
            sigma = np.exp(0.5 * logvar)
            return eps + sigma * mu
        """,
    ),
    wrong(
        "reparameterize",
        "the root of the log-variance",
        "missing function/other function/transformed",
        """
        def reparameterize(mu, logvar, eps):
            return mu + np.sqrt(abs(logvar)) * eps
        """,
    ),
    wrong(
        "reparameterize_backward",
        "the product of the sums over the draws",
        "one size",
        """
        def reparameterize_backward(dz, logvar, eps):
            if eps.ndim == 3:
                dz, eps = dz.sum(axis=0), eps.sum(axis=0)
            return dz, 0.5 * dz * eps * np.exp(0.5 * logvar)
        """,
    ),
    wrong(
        "reparameterize_backward",
        "with respect to the standard deviation",
        "missing factor/missing derivative / argument",
        """
        def reparameterize_backward(dz, logvar, eps):
            J = logvar.shape[1]
            d = dz.reshape(-1, len(logvar), J)
            e = eps.reshape(-1, len(logvar), J)
            return np.einsum("lnj->nj", d), np.einsum("lnj,lnj->nj", d, e)
        """,
    ),
    edit(
        "reparameterize_backward",
        "the mean over the draws",
        "mean for sum/factor",
        "dz_draws.sum(axis=0)  #",
        "dz_draws.mean(axis=0)  #",
    ),
    # log_likelihood
    wrong(
        "bernoulli_log_product",
        "black and white change places",
        "complement/comparison/swapped",
        """
        def bernoulli_log_product(p, x):
            prob = np.ones(len(x))
            for n in range(x.shape[0]):
                for d in range(x.shape[1]):
                    prob[n] *= 1 - p[n, d] if x[n, d] else p[n, d]
            return np.log(prob)
        """,
    ),
    wrong(
        "bernoulli_log_product",
        "white pixels only",
        "term/missing factor",
        """
        def bernoulli_log_product(p, x):
            return np.log(np.prod(np.where(x == 1, p, 1.0), axis=1))
        """,
    ),
    wrong(
        "bernoulli_log_powers",
        "a sum of the powers",
        "inverse/other function",
        """
        def bernoulli_log_powers(p, x):
            return np.log(np.power(p, x) + np.power(1 - p, 1 - x)).sum(axis=1)
        """,
    ),
    wrong(
        "bernoulli_log_likelihood",
        "log1p of p",
        "sign/other function",
        """
        def bernoulli_log_likelihood(p, x):
            return np.einsum("nd,nd->n", x, np.log(p)) + np.einsum("nd,nd->n", 1 - x, np.log1p(p))
        """,
    ),
    wrong(
        "bernoulli_log_likelihood",
        "a loss per pixel",
        "factor/mean for sum/sign",
        """
        def bernoulli_log_likelihood(p, x):
            bce = -(x * np.log(p) + (1 - x) * np.log(1 - p))
            return bce.mean(axis=1)
        """,
    ),
    wrong(
        "bernoulli_log_likelihood_backward",
        "a plus for the black pixels",
        "sign/term",
        """
        def bernoulli_log_likelihood_backward(dlog_likelihood, p, x):
            dp = np.zeros_like(p)
            for i, g in enumerate(dlog_likelihood):
                dp[i] = g * (x[i] / p[i] + (1 - x[i]) / (1 - p[i]))
            return dp
        """,
    ),
    wrong(
        "bernoulli_log_likelihood_backward",
        "with respect to the logits",
        "missing factor/extra factor",
        """
        def bernoulli_log_likelihood_backward(dlog_likelihood, p, x):
            return (x - p) * dlog_likelihood[:, np.newaxis]
        """,
    ),
    # elbo
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
        "factor/term/extra factor",
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
