"""Mistakes in the divergence of a normal distribution from the prior, in three forms."""

from __future__ import annotations

from grading.corpus.entry import Entry, described

MISTAKES: tuple[Entry, ...] = (
    described(
        "gaussian_kl_trace",
        "the determinant, then its logarithm",
        "The determinant of a small covariance underflows to 0, and its logarithm is -inf; use slogdet.",
        """
        def gaussian_kl_trace(mu, covariance):
            J = mu.shape[1]
            tr = np.trace(covariance, axis1=1, axis2=2)
            det = np.linalg.det(covariance)
            return 0.5 * (tr + np.sum(mu * mu, axis=1) - J - np.log(det))
        """,
        "np.log(np.linalg.det(S)), in questions about densities of normal distributions",
        expects="unstable",
    ),
    described(
        "gaussian_kl_trace",
        "the diagonal's logarithms",
        "The log-determinant is replaced by the sum of the logarithms of the diagonal, which is right for diagonal matrices only.",
        """
        def gaussian_kl_trace(mu, covariance):
            variances = np.diagonal(covariance, axis1=1, axis2=2)
            return 0.5 * (variances + mu**2 - 1 - np.log(variances)).sum(axis=1)
        """,
        "https://coderapp.vercel.app/answer/61600947",
        expects="other function",
    ),
    described(
        "gaussian_kl_trace",
        "without the dimension",
        "The number of dimensions J is not subtracted, so the divergence of the prior from itself is not 0.",
        """
        def gaussian_kl_trace(mu, covariance):
            kl = np.zeros(len(mu))
            for n in range(len(mu)):
                S = covariance[n]
                kl[n] = np.trace(S) + mu[n] @ mu[n] - np.linalg.slogdet(S)[1]
            return kl / 2
        """,
        "https://github.com/paruby/FactorVAE/issues/1",
        expects="term",
    ),
    described(
        "gaussian_kl_trace",
        "all entries for the trace",
        "The trace is the sum of all entries of the matrix; only the diagonal counts.",
        """
        def gaussian_kl_trace(mu, covariance):
            _, logdet = np.linalg.slogdet(covariance)
            return 0.5 * (covariance.sum(axis=(1, 2)) + (mu**2).sum(1) - mu.shape[1] - logdet)
        """,
        "einsum('nij->n') for einsum('nii->n')",
        expects="other function",
    ),
    described(
        "gaussian_kl_trace_backward",
        "one over each entry",
        "The inverse is taken entry by entry; the gradient contains the inverse matrix.",
        """
        def gaussian_kl_trace_backward(dkl, mu, covariance):
            I = np.eye(mu.shape[1])
            return dkl[:, None] * mu, 0.5 * dkl[:, None, None] * (I - 1 / covariance)
        """,
        "1 / A for the inverse of a matrix",
        expects="other function",
    ),
    described(
        "gaussian_kl_trace_backward",
        "the sign of the covariance's gradient",
        "The sign of dcovariance is wrong: it is (I - inverse) / 2.",
        """
        def gaussian_kl_trace_backward(dkl, mu, covariance):
            dmu = np.einsum('n,nj->nj', dkl, mu)
            S = 0.5 * np.array([k * (np.linalg.inv(C) - np.eye(len(C))) for k, C in zip(dkl, covariance)])
            return dmu, S
        """,
        "sign slip, seen in homework",
        expects="factor",
    ),
    described(
        "gaussian_kl_trace_backward",
        "2 mu",
        "dmu is twice too large: the square's 2 cancels against the 1/2 in front of the divergence.",
        """
        def gaussian_kl_trace_backward(dkl, mu, covariance):
            eye = np.eye(mu.shape[-1])
            dmu = dkl[:, None] * 2 * mu
            dcov = dkl[:, None, None] * (eye - np.linalg.inv(covariance).transpose(0, 2, 1)) / 2
            return dmu, dcov
        """,
        "factor 1/2 forgotten for one term",
        expects="factor",
    ),
    described(
        "gaussian_kl_sums",
        "variances taken for standard deviations",
        "The variance is squared, as if it were a standard deviation.",
        """
        def gaussian_kl_sums(mu, variance):
            return 0.5 * np.sum(variance**2 + mu**2 - 1 - np.log(variance**2), axis=1)
        """,
        "https://github.com/pytorch/examples/issues/225",
        expects="power",
    ),
    described(
        "gaussian_kl_sums",
        "the logarithm of the sum",
        "The logarithm is taken of the sum of the variances; it should be the sum of their logarithms.",
        """
        def gaussian_kl_sums(mu, variance):
            J = mu.shape[1]
            return 0.5 * (variance.sum(1) + (mu**2).sum(1) - J - np.log(variance.sum(1)))
        """,
        "log and sum exchanged",
        expects="axis",
    ),
    described(
        "gaussian_kl_sums",
        "an offset in the logarithm",
        "1e-8 is added inside the logarithm: for tiny variances the divergence is bounded, and it is slightly wrong elsewhere.",
        """
        def gaussian_kl_sums(mu, variance):
            return 0.5 * np.sum(mu**2 + variance - np.log(1e-8 + variance) - 1, axis=1)
        """,
        "https://github.com/hwalsuklee/tensorflow-mnist-CVAE/issues/2",
        expects="small number",
    ),
    described(
        "gaussian_kl_sums_backward",
        "with respect to the log-variance",
        "(variance - 1) / 2 is the gradient with respect to the log-variance; with respect to the variance it is (1 - 1 / variance) / 2.",
        """
        def gaussian_kl_sums_backward(dkl, mu, variance):
            return dkl[:, None] * mu, dkl[:, None] * 0.5 * (variance - 1)
        """,
        "https://github.com/mlvu/worksheets/issues/4",
        expects="extra factor",
    ),
    described(
        "gaussian_kl_sums_backward",
        "with respect to the standard deviation",
        "std - 1 / std is the gradient with respect to the standard deviation; the argument is the variance.",
        """
        def gaussian_kl_sums_backward(dkl, mu, variance):
            sigma = np.sqrt(variance)
            w = dkl.reshape(-1, 1)
            return w * mu, w * (sigma - 1 / sigma)
        """,
        "https://github.com/y0ast/VAE-Torch/issues/3",
        expects="extra factor",
    ),
    described(
        "gaussian_kl",
        "mean over the latent variables",
        "The terms are averaged over the latent variables; they should be summed.",
        """
        def gaussian_kl(mu, logvar):
            return -0.5 * np.mean(1 + logvar - np.square(mu) - np.exp(logvar), axis=-1)
        """,
        "https://github.com/keras-team/keras-io/issues/270",
        expects="mean for sum",
    ),
    described(
        "gaussian_kl",
        "summed over the batch too",
        "The sum runs over the batch too: the divergence must be one number for each example.",
        """
        def gaussian_kl(mu, logvar):
            return -0.5 * np.sum(1 + logvar - mu**2 - np.exp(logvar))
        """,
        "https://github.com/pytorch/examples/pull/296",
        expects="shape",
    ),
    described(
        "gaussian_kl",
        "logvar taken for log sigma",
        "logvar is taken for the logarithm of the standard deviation, hence the factors 2.",
        """
        def gaussian_kl(mu, logvar):
            return -0.5 * np.sum(1 + 2 * logvar - mu**2 - np.exp(2 * logvar), axis=1)
        """,
        "https://github.com/fastforwardlabs/vae-tf/issues/3",
        expects="scaled",
    ),
    described(
        "gaussian_kl",
        "the square of the logarithm",
        "The logarithm is squared; log sigma^2 means the logarithm of the square, which logvar already is.",
        """
        def gaussian_kl(mu, logvar):
            return 0.5 * (np.exp(logvar) + mu**2 - 1 - logvar**2).sum(axis=1)
        """,
        "https://github.com/FluxML/model-zoo/issues/73",
        expects="power",
    ),
    described(
        "gaussian_kl",
        "minus the divergence",
        "The sign is wrong: this is minus the divergence, as it stands in the lower bound.",
        """
        def gaussian_kl(mu, logvar):
            return 0.5 * np.sum(1 + logvar - mu**2 - np.exp(logvar), axis=1)
        """,
        "https://github.com/hhb072/IntroVAE/issues/5",
        expects="factor",
    ),
    described(
        "gaussian_kl",
        "the standard deviation in place of the variance",
        "The standard deviation exp(logvar / 2) stands where the variance exp(logvar) should.",
        """
        def gaussian_kl(mu, logvar):
            std = np.exp(0.5 * logvar)
            kl = np.zeros(len(mu))
            for j in range(mu.shape[1]):
                kl += 0.5 * (std[:, j] + mu[:, j] ** 2 - 1 - logvar[:, j])
            return kl
        """,
        "https://github.com/sutaoyu/IBMEA/issues/2",
        expects="power",
    ),
    described(
        "gaussian_kl",
        "the half for one term only",
        "The factor 1/2 is missing for mu^2 and for the variance: it belongs to all terms.",
        """
        def gaussian_kl(mu, logvar):
            return (-0.5 * logvar + np.exp(logvar) + mu**2 - 0.5).sum(axis=1)
        """,
        "https://github.com/KarenUllrich/Tutorial_BayesianCompressionForDL/issues/8",
        expects="term",
    ),
    described(
        "gaussian_kl_backward",
        "the one forgotten",
        "The -1 is missing in dlogvar, which comes from the term -logvar: it is (exp(logvar) - 1) / 2.",
        """
        def gaussian_kl_backward(dkl, mu, logvar):
            return dkl[:, None] * mu, dkl[:, None] * np.exp(logvar) / 2
        """,
        "term forgotten, seen in homework",
        expects="term",
    ),
    described(
        "gaussian_kl_backward",
        "with respect to the variance",
        "(1 - 1 / variance) / 2 is the gradient with respect to the variance; the chain rule through exp is missing.",
        """
        def gaussian_kl_backward(dkl, mu, logvar):
            var = np.exp(logvar)
            return dkl[:, None] * mu, 0.5 * dkl[:, None] * (1 - 1 / var)
        """,
        "https://github.com/mlvu/worksheets/issues/4",
        expects="missing derivative",
    ),
    described(
        "gaussian_kl_backward",
        "averaged over the latent variables",
        "Both gradients are divided by the number of latent variables, as for a mean; the divergence is their sum.",
        """
        def gaussian_kl_backward(dkl, mu, logvar):
            J = mu.shape[1]
            w = (dkl / J)[:, np.newaxis]
            return w * mu, w * np.expm1(logvar) / 2
        """,
        "https://github.com/mkusner/grammarVAE/issues/2",
        expects="factor",
    ),
    described(
        "gaussian_kl_backward",
        "2 mu, and the sign of dlogvar",
        "Two mistakes: dmu is twice too large (the 1/2 in front is forgotten), and the sign of dlogvar is wrong.",
        """
        def gaussian_kl_backward(dkl, mu, logvar):
            dmu = 2 * mu * dkl[:, None]
            dlogvar = (1 - np.exp(logvar)) / 2 * dkl[:, None]
            return dmu, dlogvar
        """,
        "combination of two habits",
        expects="factor",
    ),
)
