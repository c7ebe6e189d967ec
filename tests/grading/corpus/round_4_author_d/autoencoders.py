"""Wrong solutions of autoencoders with one hidden layer: with weights of their own, and with tied ones."""

from grading.corpus.entry import Entry, edit, wrong

MISTAKES: tuple[Entry, ...] = (
    # autoencoder_loss
    edit("autoencoder_loss", "the target first", "swapped", "bernoulli_nll(logits, x)", "bernoulli_nll(x, logits)"),
    edit("autoencoder_loss", "one loss for each example", "missing sum/shape", "losses.mean()", "losses"),
    wrong(
        "autoencoder_loss",
        "logarithms of probabilities",
        "unstable",
        """
        def autoencoder_loss(x, W, b, V, c):
            hidden = 1 / (1 + np.exp(-(x @ W + b)))
            p = 1 / (1 + np.exp(-(hidden @ V + c)))
            cross_entropy = -(x * np.log(p) + (1 - x) * np.log(1 - p))
            return cross_entropy.sum() / len(x)
        """,
    ),
    # autoencoder_gradients
    edit(
        "autoencoder_gradients",
        "the derivative at the activation's input",
        "input for output",
        "sigmoid_backward(dh, h)",
        "sigmoid_backward(dh, a)",
    ),
    edit(
        "autoencoder_gradients",
        "no mean over the batch",
        "factor/mean for sum/one row",
        "np.full(len(x), 1 / len(x))",
        "np.ones(len(x))",
    ),
    edit(
        "autoencoder_gradients",
        "the code in the place of x",
        "other array/shape",
        "dense_backward(da, x, W)",
        "dense_backward(da, h, W)",
    ),
    wrong(
        "autoencoder_gradients",
        "means for the biases after the mean",
        "mean for sum/factor/one row",
        """
        def autoencoder_gradients(x, W, b, V, c):
            N = x.shape[0]
            h = sigmoid(x @ W + b)
            p = sigmoid(h @ V + c)
            delta2 = (p - x) / N
            delta1 = (delta2 @ V.T) * h * (1 - h)
            return x.T @ delta1, delta1.mean(axis=0), h.T @ delta2, delta2.mean(axis=0)
        """,
    ),
    # tied_loss
    edit("tied_loss", "the decoder without a bias", "term/argument", "dense(h, W.T, c)", "h @ W.T"),
    wrong(
        "tied_loss",
        "the mean over the features too",
        "mean for sum/factor/axis/one size",
        """
        def tied_loss(x, W, b, c):
            code = np.tanh(x @ W + b)
            reconstruction = code @ W.T + c
            return np.mean((reconstruction - x) ** 2)
        """,
    ),
    wrong(
        "tied_loss",
        "sigmoid units",
        "other function",
        """
        def tied_loss(x, W, b, c):
            code = 1 / (1 + np.exp(-(x @ W + b)))
            error = code @ W.T + c - x
            return np.sum(error**2) / x.shape[0]
        """,
    ),
    # tied_gradients
    edit("tied_gradients", "the decoder's use forgotten", "term", "dW_encoder + dW_decoder.T", "dW_encoder"),
    edit(
        "tied_gradients",
        "the mean of both uses",
        "factor/mean for sum",
        "dW_encoder + dW_decoder.T",
        "(dW_encoder + dW_decoder.T) / 2",
    ),
    edit(
        "tied_gradients",
        "the decoder's use reshaped",
        "transposed/one size",
        "dW_decoder.T",
        "dW_decoder.reshape(W.shape)",
    ),
    edit("tied_gradients", "the derivative without the square", "power", "tanh_backward(dh, h)", "dh * (1 - h)"),
)
