"""Mistakes in divergences, draws, bounds and interpolation."""

from grading.corpus.entry import described, described_edit

MISTAKES = (
    described_edit(
        "gaussian_kl_trace",
        "without the dimension",
        "The number of dimensions is not subtracted.",
        " - mu.shape[1]",
        "",
        expects="term",
    ),
    described_edit(
        "gaussian_kl_trace",
        "sign of the determinant",
        "The log-determinant is added instead of subtracted.",
        "- (np.log(sign) + log_size)",
        "+ (np.log(sign) + log_size)",
        expects="sign",
    ),
    described(
        "gaussian_kl_trace",
        "determinant without log",
        "The determinant is subtracted instead of its logarithm.",
        """
        def gaussian_kl_trace(mu, covariance):
            out = []
            for m, S in zip(mu, covariance):
                out.append(0.5 * (np.trace(S) + m @ m - len(m) - np.linalg.det(S)))
            return np.array(out)
    """,
        expects="missing function",
    ),
    described(
        "gaussian_kl_trace",
        "sum instead of trace",
        "All elements of the covariance are summed instead of its diagonal.",
        """
        def gaussian_kl_trace(mu, covariance):
            logdet = np.linalg.slogdet(covariance)[1]
            return 0.5 * (covariance.sum(axis=(1, 2)) + np.einsum("nj,nj->n", mu, mu) - mu.shape[1] - logdet)
    """,
        expects="other function",
    ),
    described_edit(
        "gaussian_kl_trace_backward",
        "not inverted",
        "The covariance is not inverted.",
        "np.linalg.inv(covariance)",
        "covariance",
        expects="missing function",
    ),
    described_edit(
        "gaussian_kl_trace_backward",
        "without the half",
        "The factor 1/2 of dcovariance is missing.",
        "- inverse) / 2",
        "- inverse)",
        expects="factor",
    ),
    described(
        "gaussian_kl_trace_backward",
        "ones instead of the identity",
        "A matrix of ones stands in place of the identity.",
        """
        def gaussian_kl_trace_backward(dkl, mu, covariance):
            inverse = np.linalg.inv(covariance).transpose(0, 2, 1)
            return dkl[:, None] * mu, 0.5 * dkl[:, None, None] * (1 - inverse)
    """,
        expects="other array",
    ),
    described_edit(
        "gaussian_kl_sums",
        "absolute value",
        "The absolute value of mu is taken instead of its square.",
        "(mu**2)",
        "np.abs(mu)",
        expects="power",
    ),
    described_edit(
        "gaussian_kl_sums",
        "log of the standard deviation",
        "The logarithm is that of the standard deviation instead of the variance.",
        "np.log(variance)",
        "np.log(np.sqrt(variance))",
        expects="term",
    ),
    described_edit(
        "gaussian_kl_sums",
        "without the half",
        "The factor 1/2 is missing.",
        "sums / 2",
        "sums",
        expects="factor",
    ),
    described(
        "gaussian_kl_sums",
        "variance squared",
        "The variance is squared, as if it were a standard deviation.",
        """
        def gaussian_kl_sums(mu, variance):
            return 0.5 * np.sum(variance**2 + mu**2 - 1 - np.log(variance**2), axis=1)
    """,
        expects="power",
    ),
    described_edit(
        "gaussian_kl_sums_backward",
        "variance for its inverse",
        "The variance is not inverted in dvariance.",
        "1 / variance",
        "variance",
        expects="missing function",
    ),
    described_edit(
        "gaussian_kl_sums_backward",
        "dmu with 2",
        "dmu has a factor 2: the 1/2 was forgotten.",
        "dkl[:, None] * mu",
        "dkl[:, None] * 2 * mu",
        expects="factor",
    ),
    described(
        "gaussian_kl_sums_backward",
        "derivative by logvar",
        "dvariance is the derivative with respect to the log-variance.",
        """
        def gaussian_kl_sums_backward(dkl, mu, variance):
            g = dkl.reshape(-1, 1)
            return g * mu, g * 0.5 * (variance - 1)
    """,
        expects="extra factor",
    ),
    described_edit(
        "gaussian_kl",
        "standard deviation",
        "exp(logvar / 2), the standard deviation, is taken instead of the variance.",
        "np.exp(logvar)",
        "np.exp(logvar / 2)",
        expects="power",
    ),
    described_edit(
        "gaussian_kl",
        "plus logvar",
        "logvar is added instead of subtracted.",
        "- logvar",
        "+ logvar",
        expects="sign",
    ),
    described_edit(
        "gaussian_kl",
        "without -1",
        "The -1 is missing.",
        " - 1)",
        ")",
        expects="term",
    ),
    described_edit(
        "gaussian_kl",
        "mean over the latents",
        "The mean over the latent variables is taken instead of the sum.",
        ".sum(axis=1)",
        ".mean(axis=1)",
        expects="mean for sum",
    ),
    described(
        "gaussian_kl",
        "sign",
        "The sign is wrong: the divergence is negative.",
        """
        def gaussian_kl(mu, logvar):
            return 0.5 * np.sum(1 + logvar - mu**2 - np.exp(logvar), axis=1)
    """,
        expects="factor",
    ),
    described(
        "gaussian_kl",
        "half of one term",
        "Only the mean's square is halved, the other terms are not.",
        """
        def gaussian_kl(mu, logvar):
            return np.sum(0.5 * mu**2 + np.exp(logvar) - logvar - 1, axis=1)
    """,
    ),
    described(
        "gaussian_kl",
        "negative, averaged",
        "The sign is wrong, and the latent variables are averaged instead of summed.",
        """
        def gaussian_kl(mu, logvar):
            terms = 1 + logvar - mu * mu - np.exp(logvar)
            return np.array([row.mean() / 2 for row in terms])
    """,
        expects="mean for sum",
    ),
    described_edit(
        "gaussian_kl_backward",
        "dmu with 2",
        "dmu has a factor 2.",
        "* mu",
        "* 2 * mu",
        expects="factor",
    ),
    described_edit(
        "gaussian_kl_backward",
        "without -1",
        "The -1 is missing in dlogvar.",
        "(np.exp(logvar) - 1)",
        "np.exp(logvar)",
        expects="term",
    ),
    described_edit(
        "gaussian_kl_backward",
        "dlogvar without the half",
        "The factor 1/2 is missing in dlogvar.",
        " / 2",
        "",
        expects="factor",
    ),
    described(
        "gaussian_kl_backward",
        "derivative by the variance",
        "dlogvar is the derivative with respect to the variance.",
        """
        def gaussian_kl_backward(dkl, mu, logvar):
            return np.einsum("n,nj->nj", dkl, mu), np.einsum("n,nj->nj", dkl, 0.5 * (1 - np.exp(-logvar)))
    """,
        expects="missing derivative",
    ),
    described_edit(
        "gaussian_kl_backward",
        "order",
        "The gradients are returned in the wrong order.",
        "return dmu, dlogvar",
        "return dlogvar, dmu",
        expects="swapped",
    ),
    described_edit(
        "gaussian_kl_backward",
        "dlogvar with exp(logvar / 2)",
        "dlogvar has exp(logvar / 2) instead of exp(logvar).",
        "np.exp(logvar)",
        "np.exp(logvar / 2)",
        expects="power",
    ),
    described_edit(
        "reparameterize",
        "variance for the standard deviation",
        "exp(logvar), the variance, is taken as the standard deviation.",
        "np.exp(logvar / 2)",
        "np.exp(logvar)",
        expects="power",
    ),
    described_edit(
        "reparameterize",
        "no exponential",
        "logvar / 2 is used as the standard deviation, without exp.",
        "np.exp(logvar / 2)",
        "logvar / 2",
        expects="missing function",
    ),
    described_edit(
        "reparameterize",
        "sign of the exponent",
        "The exponent has the wrong sign.",
        "np.exp(logvar / 2)",
        "np.exp(-logvar / 2)",
        expects="sign",
    ),
    described_edit(
        "reparameterize",
        "minus",
        "The noise is subtracted instead of added.",
        "mu + std",
        "mu - std",
        expects="sign",
    ),
    described(
        "reparameterize",
        "first draw for all",
        "All draws use the first draw's noise.",
        """
        def reparameterize(mu, logvar, eps):
            sigma = np.exp(0.5 * logvar)
            if eps.ndim == mu.ndim:
                return mu + sigma * eps
            return np.stack([mu + sigma * eps[0] for _ in eps])
    """,
    ),
    described_edit(
        "reparameterize",
        "noise squared",
        "The noise is used twice: its square is multiplied.",
        "std * eps",
        "std * eps * eps",
        expects="power",
    ),
    described_edit(
        "reparameterize_backward",
        "dlogvar without the half",
        "The factor 1/2 is missing in dlogvar.",
        "* std / 2",
        "* std",
        expects="factor",
    ),
    described_edit(
        "reparameterize_backward",
        "dlogvar without std",
        "The standard deviation is missing in dlogvar.",
        "* std / 2",
        "/ 2",
        expects="missing factor",
    ),
    described_edit(
        "reparameterize_backward",
        "variance for std",
        "dlogvar has the variance instead of the standard deviation.",
        "np.exp(logvar / 2)",
        "np.exp(logvar)",
        expects="power",
    ),
    described_edit(
        "reparameterize_backward",
        "dlogvar without noise",
        "The noise is missing in dlogvar.",
        "(dz_draws * eps_draws)",
        "dz_draws",
        expects="missing factor",
    ),
    described(
        "reparameterize_backward",
        "mean over draws",
        "The gradients are averaged over the draws instead of summed.",
        """
        def reparameterize_backward(dz, logvar, eps):
            g, e = dz.reshape(-1, *logvar.shape), eps.reshape(-1, *logvar.shape)
            return g.mean(axis=0), (g * e).mean(axis=0) * np.exp(logvar / 2) / 2
    """,
        expects="mean for sum",
    ),
    described(
        "reparameterize_backward",
        "product of sums",
        "The sums over the draws are multiplied, instead of summing the products.",
        """
        def reparameterize_backward(dz, logvar, eps):
            g, e = dz.reshape(-1, *logvar.shape), eps.reshape(-1, *logvar.shape)
            dmu = g.sum(axis=0)
            return dmu, dmu * e.sum(axis=0) * np.exp(0.5 * logvar) * 0.5
    """,
        expects="power",
    ),
    described(
        "reparameterize_backward",
        "derivative by std",
        "dlogvar is the derivative with respect to the standard deviation.",
        """
        def reparameterize_backward(dz, logvar, eps):
            g, e = dz.reshape(-1, *logvar.shape), eps.reshape(-1, *logvar.shape)
            return np.einsum("lnj->nj", g), np.einsum("lnj,lnj->nj", g, e)
    """,
        expects="missing derivative",
    ),
    described(
        "bernoulli_log_product",
        "sum of probabilities",
        "The probabilities are added instead of multiplied.",
        """
        def bernoulli_log_product(p, x):
            return np.log(np.where(x == 1, p, 1 - p).sum(axis=1))
    """,
        expects="other function",
    ),
    described_edit(
        "bernoulli_log_product",
        "no log",
        "The logarithm is missing.",
        "np.log(np.where(x == 1, p, 1 - p).prod(axis=1))",
        "np.where(x == 1, p, 1 - p).prod(axis=1)",
        expects="transformed",
    ),
    described_edit(
        "bernoulli_log_product",
        "swapped",
        "p and 1 - p are swapped.",
        "p, 1 - p",
        "1 - p, p",
        expects="complement",
    ),
    described_edit(
        "bernoulli_log_powers",
        "off pixels ignored",
        "Pixels that are off have the probability 1 instead of 1 - p.",
        "p**x * (1 - p) ** (1 - x)",
        "p**x",
        expects="missing factor",
    ),
    described(
        "bernoulli_log_powers",
        "negative",
        "The sign is wrong: it is the negative log-likelihood.",
        """
        def bernoulli_log_powers(p, x):
            out = np.zeros(len(p))
            for n in range(len(p)):
                for q, t in zip(p[n], x[n]):
                    out[n] -= np.log(q**t * (1 - q) ** (1 - t))
            return out
    """,
        expects="factor",
    ),
    described_edit(
        "bernoulli_log_likelihood",
        "mean over the pixels",
        "The mean over the pixels is taken instead of the sum.",
        ".sum(axis=1)",
        ".mean(axis=1)",
        expects="mean for sum",
    ),
    described_edit(
        "bernoulli_log_likelihood",
        "swapped",
        "The weights x and 1 - x are swapped.",
        "x * np.log(p) + (1 - x) * np.log(1 - p)",
        "(1 - x) * np.log(p) + x * np.log(1 - p)",
        expects="complement",
    ),
    described_edit(
        "bernoulli_log_likelihood",
        "minus between the terms",
        "The second term is subtracted instead of added.",
        ") + (1 - x)",
        ") - (1 - x)",
        expects="sign",
    ),
    described_edit(
        "bernoulli_log_likelihood_backward",
        "plus",
        "The inner derivative of 1 - p, -1, is missing: the second term is added.",
        "x / p - (1",
        "x / p + (1",
        expects="sign",
    ),
    described_edit(
        "bernoulli_log_likelihood_backward",
        "derivative by logits",
        "It is the derivative with respect to the logits, x - p.",
        "(x / p - (1 - x) / (1 - p))",
        "(x - p)",
        expects="extra factor",
    ),
    described_edit(
        "bernoulli_log_likelihood_backward",
        "first term only",
        "The term of the pixels that are off is missing.",
        " - (1 - x) / (1 - p)",
        "",
        expects="term",
    ),
    described_edit(
        "bernoulli_log_likelihood_backward",
        "without dlog_likelihood",
        "The factor dlog_likelihood is missing.",
        "dlog_likelihood[:, None] * ",
        "",
        expects="upstream",
    ),
    described_edit(
        "elbo",
        "KL added",
        "The divergence is added instead of subtracted.",
        "reconstruction - kl",
        "reconstruction + kl",
        expects="sign",
    ),
    described_edit(
        "elbo",
        "sign of the reconstruction",
        "The reconstruction term has the wrong sign, in the bound too.",
        "-nll.mean(axis=0)",
        "nll.mean(axis=0)",
        expects="sign / factor",
    ),
    described_edit(
        "elbo",
        "sum over draws",
        "The draws are summed instead of averaged.",
        "nll.mean(axis=0)",
        "nll.sum(axis=0)",
        expects="mean for sum",
    ),
    described_edit(
        "elbo",
        "order",
        "KL and reconstruction are returned in the wrong order.",
        "reconstruction - kl, reconstruction, kl",
        "reconstruction - kl, kl, reconstruction",
        expects="swapped",
    ),
    described(
        "elbo",
        "first draw only",
        "Only the first draw is used.",
        """
        def elbo(x, mu, logvar, eps, W, b):
            z = mu + np.exp(logvar / 2) * eps[0]
            a = z @ W + b
            rec = (x * a - np.logaddexp(0, a)).sum(axis=1)
            kl = 0.5 * (mu**2 + np.exp(logvar) - logvar - 1).sum(axis=1)
            return rec - kl, rec, kl
    """,
        expects="first only",
    ),
    described(
        "elbo",
        "standard deviation and sign",
        "The noise is scaled by the variance, and the divergence is added.",
        """
        def elbo(x, mu, logvar, eps, W, b):
            rec = np.zeros(len(x))
            for e in eps:
                a = (mu + np.exp(logvar) * e) @ W + b
                rec += (x * a - np.logaddexp(0, a)).sum(axis=1) / len(eps)
            kl = 0.5 * (mu**2 + np.exp(logvar) - logvar - 1).sum(axis=1)
            return rec + kl, rec, kl
    """,
        expects="power",
    ),
    described(
        "elbo",
        "mean instead of draws",
        "The decoder gets the mean mu instead of the draws: no noise.",
        """
        def elbo(x, mu, logvar, eps, W, b):
            a = mu @ W + b
            rec = -(np.logaddexp(0, a) - x * a).sum(axis=1)
            kl = gaussian_kl(mu, logvar)
            return rec - kl, rec, kl
    """,
        expects="argument",
    ),
    described_edit(
        "variational_loss",
        "without beta",
        "The factor beta is missing.",
        "beta * kl.mean()",
        "kl.mean()",
        expects="missing factor",
    ),
    described_edit(
        "variational_loss",
        "beta at the reconstruction",
        "beta weighs the reconstruction instead of the divergence.",
        "nll.mean() + beta * kl.mean()",
        "beta * nll.mean() + kl.mean()",
        expects="swapped",
    ),
    described_edit(
        "variational_loss",
        "KL subtracted",
        "The divergence is subtracted instead of added.",
        "+ beta * kl.mean()",
        "- beta * kl.mean()",
        expects="sign",
    ),
    described_edit(
        "variational_loss",
        "moments swapped",
        "mu and logvar are swapped.",
        "moments[:, :J], moments[:, J:]",
        "moments[:, J:], moments[:, :J]",
        expects="swapped",
    ),
    described_edit(
        "variational_loss",
        "repeat",
        "The targets are repeated in the wrong order: repeat instead of tile.",
        "np.tile(x, (L, 1))",
        "np.repeat(x, L, axis=0)",
        expects="one row",
    ),
    described_edit(
        "variational_loss",
        "sum of KL",
        "The divergences are summed over the batch instead of averaged.",
        "kl.mean()",
        "kl.sum()",
        expects="mean for sum",
    ),
    described(
        "variational_loss",
        "linear hidden layers",
        "The tanh of the decoder's hidden layer is missing.",
        """
        def variational_loss(x, eps, beta, W1, b1, W2, b2, W3, b3, W4, b4):
            J = eps.shape[2]
            m = np.tanh(x @ W1 + b1) @ W2 + b2
            mu, logvar = m[:, :J], m[:, J:]
            nll = 0.0
            for e in eps:
                a = ((mu + np.exp(logvar / 2) * e) @ W3 + b3) @ W4 + b4
                nll += np.mean(np.sum(np.logaddexp(0, a) - x * a, axis=1)) / len(eps)
            return nll + beta * np.mean(np.sum(mu**2 + np.exp(logvar) - logvar - 1, axis=1)) / 2
    """,
        expects="missing function",
    ),
    described_edit(
        "variational_gradients",
        "without beta",
        "The factor beta is missing.",
        "beta / N",
        "1 / N",
        expects="argument",
    ),
    described_edit(
        "variational_gradients",
        "divided by N only",
        "The reconstruction's gradient is divided by N instead of L N: draws are summed.",
        "1 / (L * N)",
        "1 / N",
        expects="mean for sum",
    ),
    described_edit(
        "variational_gradients",
        "KL of mu missing",
        "The divergence's gradient is missing in dmu.",
        "dmu + dmu_kl",
        "dmu",
        expects="term",
    ),
    described_edit(
        "variational_gradients",
        "no gradient of the KL",
        "The divergence's gradient is missing in dmu and dlogvar.",
        "[dmu + dmu_kl, dlogvar + dlogvar_kl]",
        "[dmu, dlogvar]",
        expects="term",
    ),
    described_edit(
        "variational_gradients",
        "moments swapped",
        "The gradients of mu and logvar are stacked in the wrong order.",
        "[dmu + dmu_kl, dlogvar + dlogvar_kl]",
        "[dlogvar + dlogvar_kl, dmu + dmu_kl]",
        expects="swapped",
    ),
    described_edit(
        "variational_gradients",
        "no slope in the encoder",
        "The derivative of tanh is missing in the encoder.",
        "tanh_backward(dh1, h1)",
        "dh1",
        expects="missing derivative",
    ),
    described_edit(
        "variational_gradients",
        "no slope in the decoder",
        "The derivative of tanh is missing in the decoder.",
        "tanh_backward(dh3, h3)",
        "dh3",
        expects="missing derivative",
    ),
    described_edit(
        "variational_gradients",
        "KL subtracted",
        "The divergence's gradients are subtracted instead of added.",
        "dmu + dmu_kl, dlogvar + dlogvar_kl",
        "dmu - dmu_kl, dlogvar - dlogvar_kl",
        expects="sign",
    ),
    described_edit(
        "variational_gradients",
        "no beta and KL not averaged",
        "The factor beta is missing, and the divergence's gradient is not divided by N.",
        "np.full(N, beta / N)",
        "np.ones(N)",
        expects="upstream",
    ),
    described(
        "variational_gradients",
        "no path through logvar",
        "The path from z to logvar is missing: dlogvar has the divergence's gradient only.",
        """
        def variational_gradients(x, eps, beta, W1, b1, W2, b2, W3, b3, W4, b4):
            L, N, J = eps.shape
            h1 = np.tanh(x @ W1 + b1)
            m = h1 @ W2 + b2
            mu, logvar = m[:, :J], m[:, J:]
            dW3, db3, dW4, db4 = (np.zeros_like(a) for a in (W3, b3, W4, b4))
            dmu, dlogvar = beta * mu / N, beta * (np.exp(logvar) - 1) / 2 / N
            for e in eps:
                z = mu + np.exp(logvar / 2) * e
                h3 = np.tanh(z @ W3 + b3)
                d = (sigmoid(h3 @ W4 + b4) - x) / (L * N)
                dW4 += h3.T @ d
                db4 += d.sum(axis=0)
                g = d @ W4.T * (1 - h3**2)
                dW3 += z.T @ g
                db3 += g.sum(axis=0)
                dmu = dmu + g @ W3.T
            dm = np.concatenate([dmu, dlogvar], axis=1)
            g = dm @ W2.T * (1 - h1**2)
            return x.T @ g, g.sum(axis=0), h1.T @ dm, dm.sum(axis=0), dW3, db3, dW4, db4
    """,
    ),
    described_edit(
        "sampled_kl",
        "without the half",
        "The factor 1/2 is missing.",
        " / 2",
        "",
        expects="factor",
    ),
    described_edit(
        "sampled_kl",
        "plus logvar",
        "logvar is added instead of subtracted.",
        "- logvar",
        "+ logvar",
        expects="sign",
    ),
    described_edit(
        "sampled_kl",
        "reversed",
        "The sign is wrong: log p - log q.",
        "z**2 - eps**2 - logvar",
        "eps**2 + logvar - z**2",
        expects="factor",
    ),
    described(
        "sampled_kl",
        "without noise",
        "The term eps**2 is missing.",
        """
        def sampled_kl(z, logvar, eps):
            return 0.5 * np.sum(z * z - logvar, axis=-1)
    """,
        expects="term",
    ),
    described_edit(
        "importance_weights",
        "wrong axis",
        "The weights are normalised over the examples instead of over the draws.",
        "w.sum(axis=0)",
        "w.sum(axis=1, keepdims=True)",
        expects="axis",
    ),
    described_edit(
        "importance_weights",
        "not normalised",
        "The weights are not normalised.",
        "w / w.sum(axis=0)",
        "w",
        expects="missing factor",
    ),
    described(
        "importance_weights",
        "without exp",
        "The log-weights are normalised without the exponential.",
        """
        def importance_weights(log_w):
            return log_w / log_w.sum(axis=0)
    """,
        expects="missing function",
    ),
    described(
        "importance_weights",
        "one maximum",
        "The maximum of the whole batch is subtracted, so the weights of an example with far smaller log-weights underflow.",
        """
        def importance_weights(log_w):
            w = np.exp(log_w - log_w.max())
            return w / w.sum(axis=0)
    """,
        expects="unstable",
    ),
    described_edit(
        "importance_weights_backward",
        "diagonal only",
        "Only the diagonal of the Jacobian is used.",
        "(dw - (dw * w).sum(axis=0))",
        "(1 - w) * dw",
        expects="missing sum",
    ),
    described_edit(
        "importance_weights_backward",
        "wrong axis",
        "The sum is over the examples instead of the draws.",
        ".sum(axis=0)",
        ".sum(axis=1, keepdims=True)",
        expects="axis",
    ),
    described_edit(
        "importance_weights_backward",
        "mean",
        "The mean over the draws is subtracted instead of the sum.",
        "(dw * w).sum(axis=0)",
        "(dw * w).mean(axis=0)",
        expects="mean for sum",
    ),
    described_edit(
        "log_mean_exp",
        "sum",
        "The sum is taken instead of the mean: log L is missing.",
        ".mean(axis=0)",
        ".sum(axis=0)",
        expects="mean for sum",
    ),
    described_edit(
        "log_mean_exp",
        "without the maximum",
        "The maximum is not added again.",
        "top + np.log",
        "np.log",
        expects="term",
    ),
    described(
        "log_mean_exp",
        "mean of the logarithms",
        "It is the mean of the log-weights.",
        """
        def log_mean_exp(log_w):
            return log_w.mean(axis=0)
    """,
        expects="missing function",
    ),
    described(
        "log_mean_exp",
        "maximum",
        "It is the maximum of the log-weights.",
        """
        def log_mean_exp(log_w):
            return np.array([max(column) for column in log_w.T])
    """,
        expects="term",
    ),
    described_edit(
        "log_mean_exp_backward",
        "divided by L",
        "It is divided by the number of draws, although the weights add up to 1.",
        "importance_weights(log_w)",
        "importance_weights(log_w) / len(log_w)",
        expects="factor",
    ),
    described_edit(
        "log_mean_exp_backward",
        "without dbound",
        "The factor dbound is missing.",
        "dbound * ",
        "",
        expects="upstream",
    ),
    described(
        "log_mean_exp_backward",
        "equal weights",
        "All draws have the weight 1 / L.",
        """
        def log_mean_exp_backward(dbound, log_w):
            return np.ones(log_w.shape) * dbound / log_w.shape[0]
    """,
        expects="argument",
    ),
    described_edit(
        "linear_path",
        "reversed",
        "The path goes from b to a.",
        "(1 - t) * a + t * b",
        "t * a + (1 - t) * b",
        expects="reversed",
    ),
    described(
        "linear_path",
        "end missing",
        "The end b is missing: the steps are i / n.",
        """
        def linear_path(a, b, n):
            return np.array([a + (b - a) * i / n for i in range(n)])
    """,
        expects="shifted",
    ),
    described_edit(
        "spherical_path",
        "linear",
        "It is the linear path.",
        "return ((1 - t) * length_a + t * length_b) * directions",
        "return (1 - t) * a + t * b",
        expects="other function",
    ),
    described_edit(
        "spherical_path",
        "unit length",
        "The lengths are not restored: all points have length 1.",
        "((1 - t) * length_a + t * length_b) * directions",
        "directions",
        expects="normalised",
    ),
    described_edit(
        "spherical_path",
        "not divided by the sine",
        "The division by sin(angle) is missing.",
        "+ np.sin(t * angle) * v) / np.sin(angle)",
        "+ np.sin(t * angle) * v)",
        expects="missing factor",
    ),
    described_edit(
        "spherical_path",
        "angle of vectors that are not normalised",
        "The angle is computed from vectors that are not normalised.",
        "u @ v",
        "a @ b",
    ),
    described_edit(
        "attribute_vector",
        "sign",
        "The vector points from codes with the attribute to those without.",
        "codes[has == 1].mean(axis=0) - codes[has == 0].mean(axis=0)",
        "codes[has == 0].mean(axis=0) - codes[has == 1].mean(axis=0)",
        expects="factor",
    ),
    described_edit(
        "attribute_vector",
        "mean of all",
        "The mean of all codes is subtracted instead of that of those without the attribute.",
        "codes[has == 0].mean",
        "codes.mean",
        expects="other array",
    ),
    described(
        "attribute_vector",
        "sums",
        "Sums are subtracted instead of means.",
        """
        def attribute_vector(codes, has):
            v = np.zeros(codes.shape[1])
            for z, flag in zip(codes, has):
                v += z if flag else -z
            return v
    """,
        expects="mean for sum",
    ),
    described_edit(
        "change_attribute",
        "minus",
        "The direction is subtracted instead of added.",
        "z + steps",
        "z - steps",
        expects="sign",
    ),
    described_edit(
        "change_attribute",
        "without z",
        "The code z is not added.",
        "z + steps",
        "steps",
        expects="term",
    ),
    described(
        "change_attribute",
        "accumulated",
        "The steps accumulate: each is added to the result of the one before.",
        """
        def change_attribute(z, direction, steps):
            out = []
            for s in steps:
                z = z + s * direction
                out.append(z)
            return np.array(out)
    """,
        expects="term",
    ),
)
