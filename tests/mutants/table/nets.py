"""Mistakes in networks: in how weights begin, in layers that share them, in the table that kernels read."""

from __future__ import annotations

from mutants.mutant import Mutant

MUTANTS = [
    Mutant(
        "nets/network.py",
        "+= dW.T  # (autoencoder.9)",
        "+= 0 * dW.T  # (autoencoder.9)",
        "a tied weight's gradient from one of its two uses",
        claim="Autoencoder gradient on ops: tied, sigmoid, decayed",
    ),
    Mutant(
        "nets/network.py",
        'gradients[f"{layer.name}.b"][...] += db\n',
        'gradients[f"{layer.name}.b"][...] += db\n            dh = 0 * dh\n',
        "training that moves the last layer of a network only",
        claim="Autoencoder gradient on ops: bernoulli, tanh",
    ),
    Mutant(
        "nets/network.py",
        'gradients[f"{layer.name}.W"][...] += dW\n',
        'gradients[f"{layer.name}.W"][...] = dW\n',
        "= for +=: a tied weight's gradient from the encoder only",
        claim="DenoisingAutoencoder gradient on ops: gaussian, tied",
    ),
    Mutant(
        "nets/network.py",
        "+= dW.T  # (autoencoder.9)",
        "+= dW.T if layer.d_in != layer.d_out else dW  # (autoencoder.9)",
        "a square tied weight's gradient that is not transposed, which no shape gives away",
        claim="a square weight that is used twice is transposed the second time, forward and back",
    ),
    Mutant(
        "nets/network.py",
        'return parameters[f"{layer.name}.W"] if layer.tied_to is None else parameters[f"{layer.tied_to}.W"].T',
        'W = parameters[f"{layer.tied_to or layer.name}.W"]\n        return W if W.shape == (layer.d_in, layer.d_out) else W.T',
        "tied weights transposed only where the shapes ask for it: a square one is not",
        claim="a square weight that is used twice is transposed the second time, forward and back",
    ),
    Mutant(
        "nets/network.py",
        'draw = he_normal if he and layer.activation == "relu" else glorot_uniform',
        "draw = he_normal if he else glorot_uniform",
        "He's weights in layers of tanh and sigmoid, too",
        claim="Glorot's weights change variances forward and backward by factors whose mean is 1",
    ),
    Mutant(
        "nets/network.py",
        'draw = he_normal if he and layer.activation == "relu" else glorot_uniform',
        "draw = glorot_uniform",
        "Glorot's weights in layers of rectifiers, too",
        claim="rectified layers begin with He's weights, all others and all of variational models with Glorot's; biases are zero",
    ),
    Mutant(
        "nets/network.py",
        'parameters[f"{layer.name}.b"][...] = 0\n',
        'parameters[f"{layer.name}.b"][...] = 0.01\n',
        "biases that begin at 0.01, an old advice for rectifiers",
        claim="pixels whose mean is known begin with nothing to gain from their mean",
    ),
    Mutant(
        "nets/network.py",
        "layer.tied_to is not None, layer.name in shared)",
        "layer.tied_to is not None, layer.tied_to in shared)",
        "a table for kernels that marks weights of one layer as shared: gradients add up over the batches",
        claim="Autoencoder compiled steps in float32 stop before a loss that is not finite: 37-19-5, relu",
    ),
    Mutant(
        "nets/network.py",
        "ACTIVATIONS.index(layer.activation)",
        "ACTIVATIONS.index(self.layers[0].activation)",
        "a table for kernels with the first layer's activation in all layers",
        claim="Autoencoder compiled steps in float32 stop before a loss that is not finite: 37-19-5, relu",
    ),
    Mutant(
        "nets/network.py",
        "dh, dW, db = ops.layer_backward(dh, x, self._weights(parameters, layer), h, layer.activation)",
        "dh, dW, db = ops.layer_backward(dh, activations[0] if x.shape == activations[0].shape else x, "
        "self._weights(parameters, layer), h, layer.activation)",
        "the network's input for the layer's, where both have one shape",
        claim="StackedClassifier: fit is the plain training loop, by every optimiser",
    ),
    Mutant(
        "nets/initialisation.py",
        "limit = np.sqrt(6 / (d_in + d_out))  # (glorot.5)",
        "limit = np.sqrt(2 / (d_in + d_out))  # (glorot.5)",
        "Glorot's standard deviation taken for the limit of the uniform distribution",
        claim="glorot_uniform is uniform within ±sqrt(6 / (d_in + d_out))",
    ),
    Mutant(
        "nets/initialisation.py",
        "limit = np.sqrt(6 / (d_in + d_out))  # (glorot.5)",
        "limit = np.sqrt(6 / (d_in + d_in))  # (glorot.5)",
        "Glorot's limit by fan-in alone",
        claim="glorot_uniform is uniform within ±sqrt(6 / (d_in + d_out))",
    ),
    Mutant(
        "nets/initialisation.py",
        "return rng.uniform(-limit, limit, (d_in, d_out))",
        "return rng.uniform(0, 2 * limit, (d_in, d_out)) - limit / 2",
        "weights that are not centred at 0",
        claim="glorot_uniform is uniform within ±sqrt(6 / (d_in + d_out))",
    ),
    Mutant(
        "nets/initialisation.py",
        "np.sqrt(2 / d_in)  # (he.3)",
        "np.sqrt(2 / d_out)  # (he.3)",
        "He's weights by fan-out, as of those who hold W transposed",
        claim="he_normal is normal with variance 2 / d_in",
    ),
    Mutant(
        "nets/initialisation.py",
        "np.sqrt(2 / d_in)  # (he.3)",
        "np.sqrt(1 / d_in)  # (he.3)",
        "LeCun's weights for He's",
        claim="he_normal is normal with variance 2 / d_in",
    ),
    Mutant(
        "nets/initialisation.py",
        "np.sqrt(2 / d_in)  # (he.3)",
        "2 / d_in  # (he.3)",
        "a variance taken for the standard deviation of the weights",
        claim="he_normal is normal with variance 2 / d_in",
    ),
    Mutant(
        "nets/network.py",
        "return Parameters, (self.shapes, self.flat.dtype, self.flat)",
        "return Parameters, (self.shapes, self.flat.dtype)",
        "parameters that are zeros after a copy or a pickle",
        claim="named parameters and the flat vector are one memory, also after a copy and a pickle; copies stand still",
    ),
    Mutant(
        "nets/network.py",
        "return {name: array.copy() for name, array in self.items()}",
        "return dict(self.items())",
        "a copy of the parameters that still moves with them",
        claim="named parameters and the flat vector are one memory, also after a copy and a pickle; copies stand still",
    ),
    Mutant(
        "nets/network.py",
        "self._starts[name] = start\n",
        "self._starts[name] = len(self._starts)\n",
        "a parameter's number for its place in the flat vector",
        claim="named parameters and the flat vector are one memory, also after a copy and a pickle; copies stand still",
    ),
]
