"""Right solutions of a few exercises by two authors who write what most people would write, without having seen each other's."""

ANN = """
def dense(x, W, b):
    return x @ W + b

def dense_backward(dy, x, W):
    dx = dy @ W.T
    dW = x.T @ dy
    db = dy.sum(axis=0)
    return dx, dW, db

def sigmoid(x):
    e = np.exp(-np.abs(x))
    return np.where(x >= 0, 1 / (1 + e), e / (1 + e))

def sigmoid_backward(dy, y):
    return dy * y * (1 - y)

def tanh(x):
    return np.tanh(x)

def tanh_backward(dy, y):
    return dy * (1 - y**2)

def relu(x):
    return np.maximum(x, 0)

def relu_backward(dy, y):
    return dy * (y > 0)

def softplus(x):
    return np.maximum(x, 0) + np.log1p(np.exp(-np.abs(x)))

def softplus_backward(dy, x):
    return dy * sigmoid(x)

def bernoulli_nll(logits, x):
    return (softplus(logits) - x * logits).sum(axis=1)

def bernoulli_nll_backward(dloss, logits, x):
    return dloss[:, None] * (sigmoid(logits) - x)

def squared_error(x_hat, x):
    return ((x_hat - x) ** 2).sum(axis=1)

def squared_error_backward(dloss, x_hat, x):
    return 2 * dloss[:, None] * (x_hat - x)

def autoencoder_loss(x, W, b, V, c):
    h = sigmoid(dense(x, W, b))
    logits = dense(h, V, c)
    return bernoulli_nll(logits, x).mean()

def autoencoder_gradients(x, W, b, V, c):
    h = sigmoid(dense(x, W, b))
    logits = dense(h, V, c)
    dloss = np.ones(len(x)) / len(x)
    dlogits = bernoulli_nll_backward(dloss, logits, x)
    dh, dV, dc = dense_backward(dlogits, h, V)
    da = sigmoid_backward(dh, h)
    dx, dW, db = dense_backward(da, x, W)
    return dW, db, dV, dc

def masking_noise(x, u, level):
    return np.where(u < level, 0, x)

def masking_noise_backward(dy, u, level):
    return np.where(u < level, 0, dy)

def salt_and_pepper_noise(x, u, level):
    return np.where(u < level / 2, 0, np.where(u < level, 1, x))

def salt_and_pepper_noise_backward(dy, u, level):
    return np.where(u < level, 0, dy)

def gaussian_noise(x, eps, level):
    return x + level * eps

def gaussian_noise_backward(dy):
    return dy

def softmax(logits):
    e = np.exp(logits - logits.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)

def softmax_backward(dp, p):
    return p * (dp - (dp * p).sum(axis=1, keepdims=True))

def softmax_cross_entropy(logits, labels):
    m = logits.max(axis=1, keepdims=True)
    lse = m[:, 0] + np.log(np.exp(logits - m).sum(axis=1))
    return lse - logits[np.arange(len(labels)), labels]

def softmax_cross_entropy_backward(dloss, logits, labels):
    p = softmax(logits)
    p[np.arange(len(labels)), labels] -= 1
    return dloss[:, None] * p

def gaussian_kl_trace(mu, covariance):
    trace = np.trace(covariance, axis1=1, axis2=2)
    sign, logdet = np.linalg.slogdet(covariance)
    return 0.5 * (trace + (mu**2).sum(axis=1) - mu.shape[1] - logdet)

def gaussian_kl_trace_backward(dkl, mu, covariance):
    inverse = np.linalg.inv(covariance)
    dmu = dkl[:, None] * mu
    dcovariance = 0.5 * dkl[:, None, None] * (np.eye(mu.shape[1]) - inverse)
    return dmu, dcovariance

def gaussian_kl_sums(mu, variance):
    return 0.5 * (variance + mu**2 - 1 - np.log(variance)).sum(axis=1)

def gaussian_kl_sums_backward(dkl, mu, variance):
    dmu = dkl[:, None] * mu
    dvariance = 0.5 * dkl[:, None] * (1 - 1 / variance)
    return dmu, dvariance

def gaussian_kl(mu, logvar):
    return 0.5 * (mu**2 + np.exp(logvar) - 1 - logvar).sum(axis=1)

def gaussian_kl_backward(dkl, mu, logvar):
    dmu = dkl[:, None] * mu
    dlogvar = 0.5 * dkl[:, None] * (np.exp(logvar) - 1)
    return dmu, dlogvar
"""

BO = """
def dense(x, W, b):
    return x @ W + b

def dense_backward(dy, x, W):
    return dy @ W.T, x.T @ dy, dy.sum(axis=0)

def sigmoid(x):
    out = np.empty_like(x)
    pos = x >= 0
    out[pos] = 1 / (1 + np.exp(-x[pos]))
    z = np.exp(x[~pos])
    out[~pos] = z / (1 + z)
    return out

def sigmoid_backward(dy, y):
    return dy * y * (1 - y)

def tanh(x):
    return np.tanh(x)

def tanh_backward(dy, y):
    return dy * (1 - y**2)

def relu(x):
    return np.maximum(x, 0)

def relu_backward(dy, y):
    return dy * (y > 0)

def softplus(x):
    return np.logaddexp(0, x)

def softplus_backward(dy, x):
    return dy * sigmoid(x)

def bernoulli_nll(logits, x):
    return np.sum(softplus(logits) - x * logits, axis=1)

def bernoulli_nll_backward(dloss, logits, x):
    return dloss[:, None] * (sigmoid(logits) - x)

def squared_error(x_hat, x):
    return np.sum((x_hat - x) ** 2, axis=1)

def squared_error_backward(dloss, x_hat, x):
    return 2 * dloss[:, None] * (x_hat - x)

def autoencoder_loss(x, W, b, V, c):
    h = sigmoid(dense(x, W, b))
    logits = dense(h, V, c)
    return bernoulli_nll(logits, x).mean()

def autoencoder_gradients(x, W, b, V, c):
    N = x.shape[0]
    h = sigmoid(dense(x, W, b))
    logits = dense(h, V, c)
    dlogits = bernoulli_nll_backward(np.full(N, 1 / N), logits, x)
    dh, dV, dc = dense_backward(dlogits, h, V)
    _, dW, db = dense_backward(sigmoid_backward(dh, h), x, W)
    return dW, db, dV, dc

def masking_noise(x, u, level):
    return np.where(u < level, 0, x)

def masking_noise_backward(dy, u, level):
    return np.where(u < level, 0, dy)

def salt_and_pepper_noise(x, u, level):
    y = np.where(u < level, 1, x)
    return np.where(u < level / 2, 0, y)

def salt_and_pepper_noise_backward(dy, u, level):
    return np.where(u < level, 0, dy)

def gaussian_noise(x, eps, level):
    return x + level * eps

def gaussian_noise_backward(dy):
    return dy

def softmax(logits):
    e = np.exp(logits - logits.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)

def softmax_backward(dp, p):
    return p * (dp - (dp * p).sum(axis=1, keepdims=True))

def softmax_cross_entropy(logits, labels):
    shifted = logits - logits.max(axis=1, keepdims=True)
    return np.log(np.exp(shifted).sum(axis=1)) - shifted[np.arange(len(labels)), labels]

def softmax_cross_entropy_backward(dloss, logits, labels):
    p = softmax(logits)
    p[np.arange(len(labels)), labels] -= 1
    return dloss[:, None] * p

def gaussian_kl_trace(mu, covariance):
    J = mu.shape[1]
    trace = np.trace(covariance, axis1=1, axis2=2)
    _, logdet = np.linalg.slogdet(covariance)
    return 0.5 * (trace + (mu**2).sum(axis=1) - J - logdet)

def gaussian_kl_trace_backward(dkl, mu, covariance):
    dmu = dkl[:, None] * mu
    inv = np.linalg.inv(covariance).transpose(0, 2, 1)
    dcov = dkl[:, None, None] * (np.eye(mu.shape[1]) - inv) / 2
    return dmu, dcov

def gaussian_kl_sums(mu, variance):
    return (variance.sum(axis=1) + (mu**2).sum(axis=1) - mu.shape[1] - np.log(variance).sum(axis=1)) / 2

def gaussian_kl_sums_backward(dkl, mu, variance):
    dmu = dkl[:, None] * mu
    dvariance = dkl[:, None] * (1 - 1 / variance) / 2
    return dmu, dvariance

def gaussian_kl(mu, logvar):
    return (mu**2 + np.exp(logvar) - logvar - 1).sum(axis=1) / 2

def gaussian_kl_backward(dkl, mu, logvar):
    dmu = dkl[:, None] * mu
    dlogvar = dkl[:, None] * (np.exp(logvar) - 1) / 2
    return dmu, dlogvar
"""
