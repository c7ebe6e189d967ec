"""Mistakes in autoencoders of one hidden layer, with untied and with tied weights."""

from __future__ import annotations

from grading.corpus.entry import Entry, described

MISTAKES: tuple[Entry, ...] = (
    described(
        "autoencoder_loss",
        "probabilities taken for logits",
        "The sigmoid is applied twice: bernoulli_nll expects logits and gets probabilities.",
        """
        def autoencoder_loss(x, W, b, V, c):
            h = sigmoid(x @ W + b)
            x_hat = sigmoid(h @ V + c)
            return bernoulli_nll(x_hat, x).mean()
        """,
        "https://github.com/nfmcclure/tensorflow_cookbook/issues/86",
        expects="transformed",
    ),
    described(
        "autoencoder_loss",
        "summed over the batch",
        "The loss is summed over the batch instead of averaged.",
        """
        def autoencoder_loss(x, W, b, V, c):
            loss = 0.0
            for row in x:
                h = 1 / (1 + np.exp(-(row @ W + b)))
                a = h @ V + c
                loss += np.sum(np.logaddexp(0, a) - row * a)
            return loss
        """,
        "https://github.com/davharris/mistnet/issues/33",
        expects="mean for sum",
    ),
    described(
        "autoencoder_loss",
        "mean of everything",
        "The loss is averaged over the features too: it should be their sum, and only a mean over the batch.",
        """
        def autoencoder_loss(x, W, b, V, c):
            h = sigmoid(dense(x, W, b))
            a = dense(h, V, c)
            return np.mean(np.logaddexp(0, a) - x * a)
        """,
        "https://github.com/keras-team/keras/issues/3373",
        expects="mean for sum",
    ),
    described(
        "autoencoder_loss",
        "a linear code",
        "The code has no sigmoid: the hidden layer is linear.",
        """
        def autoencoder_loss(x, W, b, V, c):
            h = dense(x, W, b)
            return bernoulli_nll(dense(h, V, c), x).mean()
        """,
        "activation forgotten",
        expects="missing function",
    ),
    described(
        "autoencoder_gradients",
        "no derivative of the code",
        "The derivative of the code's sigmoid is missing in dW and db: dh must be multiplied by h (1 - h).",
        """
        def autoencoder_gradients(x, W, b, V, c):
            h = sigmoid(x @ W + b)
            d = (sigmoid(h @ V + c) - x) / len(x)
            dV, dc = h.T @ d, d.sum(0)
            dh = d @ V.T
            return x.T @ dh, dh.sum(0), dV, dc
        """,
        "https://github.com/Bot-Academy/NeuralNetworkFromScratch/pull/3",
        expects="missing derivative",
    ),
    described(
        "autoencoder_gradients",
        "divided by the batch size twice",
        "1/N is applied twice: in the gradient of the loss and again in each layer.",
        """
        def autoencoder_gradients(x, W, b, V, c):
            m = x.shape[0]
            h = sigmoid(x @ W + b)
            dA2 = (sigmoid(h @ V + c) - x) / m
            dV = h.T @ dA2 / m
            dc = dA2.sum(axis=0) / m
            dA1 = dA2 @ V.T * h * (1 - h)
            dW = x.T @ dA1 / m
            db = dA1.sum(axis=0) / m
            return dW, db, dV, dc
        """,
        "https://github.com/SkalskiP/ILearnDeepLearning.py/issues/29",
        expects="mean for sum",
    ),
    described(
        "autoencoder_gradients",
        "the mean forgotten for the biases",
        "1/N is missing in db and dc: the weights' gradients are means over the batch, those of the biases are sums.",
        """
        def autoencoder_gradients(x, W, b, V, c):
            N = len(x)
            h = sigmoid(dense(x, W, b))
            delta2 = sigmoid(dense(h, V, c)) - x
            delta1 = delta2 @ V.T * h * (1 - h)
            return x.T @ delta1 / N, delta1.sum(axis=0), h.T @ delta2 / N, delta2.sum(axis=0)
        """,
        "UFLDL, exercise on autoencoders",
        expects="mean for sum",
    ),
    described(
        "autoencoder_gradients",
        "back through the encoder's weights",
        "dh is computed with the encoder's weights W; the gradient goes back through the decoder's, V transposed.",
        """
        def autoencoder_gradients(x, W, b, V, c):
            h = sigmoid(dense(x, W, b))
            logits = dense(h, V, c)
            dlogits = bernoulli_nll_backward(np.ones(len(x)) / len(x), logits, x)
            dV = h.T @ dlogits
            dc = dlogits.sum(axis=0)
            da = sigmoid_backward(dlogits @ W, h)
            return x.T @ da, da.sum(axis=0), dV, dc
        """,
        "code of tied weights, reused",
        expects="other array",
    ),
    described(
        "autoencoder_gradients",
        "V after its step",
        "V is changed by a step of gradient descent before dh is computed, so dW and db belong to other weights.",
        """
        def autoencoder_gradients(x, W, b, V, c):
            h = sigmoid(dense(x, W, b))
            d2 = (sigmoid(dense(h, V, c)) - x) / len(x)
            dV = h.T @ d2
            dc = np.sum(d2, axis=0)
            V = V - 0.5 * dV
            d1 = d2 @ V.T * h * (1 - h)
            return x.T @ d1, np.sum(d1, axis=0), dV, dc
        """,
        "https://github.com/joelgrus/data-science-from-scratch/issues/31",
    ),
    described(
        "autoencoder_gradients",
        "squared error at the output",
        "The output error has the factor p (1 - p) of a squared error; for this loss the gradient of the logits is p - x.",
        """
        def autoencoder_gradients(x, W, b, V, c):
            h = sigmoid(dense(x, W, b))
            p = sigmoid(dense(h, V, c))
            d2 = sigmoid_backward((p - x) / len(x), p)
            dh, dV, dc = dense_backward(d2, h, V)
            _, dW, db = dense_backward(sigmoid_backward(dh, h), x, W)
            return dW, db, dV, dc
        """,
        "https://github.com/rasbt/python-machine-learning-book-2nd-edition/issues/54",
        expects="extra factor",
    ),
    described(
        "autoencoder_gradients",
        "weights first, then biases",
        "The gradients are right but in another order: dW, dV, db, dc instead of dW, db, dV, dc.",
        """
        def autoencoder_gradients(x, W, b, V, c):
            h = sigmoid(dense(x, W, b))
            d2 = (sigmoid(dense(h, V, c)) - x) / len(x)
            d1 = (d2 @ V.T) * h * (1 - h)
            W_grads = [x.T @ d1, h.T @ d2]
            b_grads = [d1.sum(0), d2.sum(0)]
            return tuple(W_grads + b_grads)
        """,
        "layout of scikit-learn, coefficients and then intercepts",
        expects="shape",
    ),
    described(
        "autoencoder_gradients",
        "sigmoid twice in the derivative, no mean",
        "Two mistakes: the derivative of the code is taken at sigmoid(h) instead of h, and 1/N is missing everywhere.",
        """
        def autoencoder_gradients(x, W, b, V, c):
            def dsigmoid(t):
                return sigmoid(t) * (1 - sigmoid(t))
            h = sigmoid(dense(x, W, b))
            d2 = sigmoid(dense(h, V, c)) - x
            d1 = np.dot(d2, V.T) * dsigmoid(h)
            return np.dot(x.T, d1), d1.sum(axis=0), np.dot(h.T, d2), d2.sum(axis=0)
        """,
        "https://github.com/PacktPublishing/Neural-Network-Projects-with-Python/issues/4",
        expects="mean for sum",
    ),
    described(
        "tied_loss",
        "reshaped instead of transposed",
        "W is reshaped, not transposed: the shape is right, but the entries are in other places.",
        """
        def tied_loss(x, W, b, c):
            h = np.tanh(x @ W + b)
            x_hat = h @ W.reshape(W.shape[1], W.shape[0]) + c
            return np.sum((x_hat - x) ** 2, axis=1).mean()
        """,
        "reshape and transpose confused; https://github.com/nitishsrivastava/deepnet/issues/48",
        expects="transposed",
    ),
    described(
        "tied_loss",
        "tanh at the output too",
        "The decoder is linear; here its output passes through a tanh.",
        """
        def tied_loss(x, W, b, c):
            h = tanh(dense(x, W, b))
            x_hat = tanh(dense(h, W.T, c))
            return squared_error(x_hat, x).mean()
        """,
        "https://github.com/keras-team/keras/pull/371",
        expects="transformed",
    ),
    described(
        "tied_loss",
        "half of it",
        "The factor 1/2 is too much: the loss is the sum of the squares.",
        """
        def tied_loss(x, W, b, c):
            e = np.tanh(x @ W + b) @ W.T + c - x
            return 0.5 * np.trace(e @ e.T) / e.shape[0]
        """,
        "UFLDL, whose loss has a factor 1/2",
        expects="factor",
    ),
    described(
        "tied_loss",
        "the decoder's bias forgotten",
        "The decoder's bias c is not used.",
        """
        def tied_loss(x, W, b, c):
            h = np.tanh(np.dot(x, W) + b)
            r = np.dot(h, W.T)
            return np.mean(np.sum((r - x) ** 2, axis=1))
        """,
        "biases dropped as in principal components",
        expects="term",
    ),
    described(
        "tied_gradients",
        "the average of both uses",
        "The gradients of the two uses are averaged; they must be added.",
        """
        def tied_gradients(x, W, b, c):
            h = np.tanh(x @ W + b)
            e = 2 * (h @ W.T + c - x) / len(x)
            back = e @ W * (1 - h * h)
            dW = (x.T @ back + e.T @ h) / 2
            return dW, back.sum(0), e.sum(0)
        """,
        "https://github.com/keras-team/keras/issues/386",
        expects="factor",
    ),
    described(
        "tied_gradients",
        "the decoder's use only",
        "dW contains only the decoder's use of W; the encoder's is missing.",
        """
        def tied_gradients(x, W, b, c):
            h = tanh(dense(x, W, b))
            x_hat = dense(h, W.T, c)
            d = squared_error_backward(np.full(len(x), 1 / len(x)), x_hat, x)
            dh, dWt, dc = dense_backward(d, h, W.T)
            db = tanh_backward(dh, h).sum(axis=0)
            return dWt.T, db, dc
        """,
        "one of two contributions forgotten",
        expects="term",
    ),
    described(
        "tied_gradients",
        "the derivative of the sigmoid",
        "The code has tanh units, but the derivative is that of the sigmoid, h (1 - h), instead of 1 - h^2.",
        """
        def tied_gradients(x, W, b, c):
            N = x.shape[0]
            h = np.tanh(x @ W + b)
            e = 2.0 / N * (h @ W.T + c - x)
            back = (e @ W) * h * (1 - h)
            return x.T @ back + e.T @ h, back.sum(axis=0), e.sum(axis=0)
        """,
        "code of another autoencoder, reused",
        expects="other function",
    ),
    described(
        "tied_gradients",
        "the 2 forgotten",
        "The factor 2 of the squared error's derivative is missing in all gradients.",
        """
        def tied_gradients(x, W, b, c):
            h = tanh(dense(x, W, b))
            err = (dense(h, W.T, c) - x) / len(x)
            dh, dW2, dc = dense_backward(err, h, W.T)
            _, dW1, db = dense_backward(tanh_backward(dh, h), x, W)
            return dW1 + dW2.T, db, dc
        """,
        "https://github.com/Open-Deep-ML/DML-OpenProblem/issues/54",
        expects="factor",
    ),
    described(
        "tied_gradients",
        "added in the wrong orientation",
        "The decoder's gradient is reshaped instead of transposed before it is added.",
        """
        def tied_gradients(x, W, b, c):
            h = tanh(dense(x, W, b))
            x_hat = dense(h, W.T, c)
            d = squared_error_backward(np.full(len(x), 1 / len(x)), x_hat, x)
            dh, dW_dec, dc = dense_backward(d, h, W.T)
            _, dW_enc, db = dense_backward(tanh_backward(dh, h), x, W)
            return dW_enc + dW_dec.reshape(dW_enc.shape), db, dc
        """,
        "reshape and transpose confused",
        expects="transposed",
    ),
    described(
        "tied_gradients",
        "db from dh, and the batch summed",
        "Two mistakes: db is the sum of dh, without the derivative of the tanh, and the mean over the batch is missing.",
        """
        def tied_gradients(x, W, b, c):
            h = np.tanh(x @ W + b)
            e = 2 * (h @ W.T + c - x)
            dh = e @ W
            dW = x.T @ (dh * (1 - h**2)) + e.T @ h
            return dW, dh.sum(axis=0), e.sum(axis=0)
        """,
        "combination of two habits",
        expects="mean for sum",
    ),
)
