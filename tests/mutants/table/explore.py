"""Mistakes in the page that explores a latent space: its decoder in JavaScript, and what it is told of the model."""

from __future__ import annotations

from mutants.mutant import Mutant

MUTANTS = [
    Mutant(
        "explore/decoder.js",
        "tanh: Math.tanh, relu }",
        "tanh: (x) => 2 * sigmoid(x) - 1, relu }",
        "tanh as 2 sigmoid(x) - 1, which is tanh(x / 2)",
        test="tests/explore/test_explore_node.py",
    ),
    Mutant(
        "explore/decoder.js",
        "y[j] += x[i] * W[j * x.length + i];",
        "y[j] += x[i] * W[i * y.length + j];",
        "tied weights read transposed",
        test="tests/explore/test_explore_node.py",
    ),
    Mutant(
        "explore/decoder.js",
        "y[j] += x[i] * W[i * y.length + j]; // (dense.2)",
        "y[j] += x[i] * W[j * x.length + i]; // (dense.2)",
        "weights read column after column",
        test="tests/explore/test_explore_node.py",
    ),
    Mutant(
        "explore/decoder.js",
        "const product = layer.transposed ? denseTransposed : dense;",
        "const product = dense;",
        "tied layers taken for ordinary ones",
        test="tests/explore/test_explore_node.py",
    ),
    Mutant(
        "explore/decoder.js",
        "const relu = (x) => Math.max(x, 0); // (relu.1)",
        "const relu = (x) => Math.abs(x); // (relu.1)",
        "an absolute value for the rectifier",
        test="tests/explore/test_explore_node.py",
    ),
    Mutant(
        "explore/decoder.js",
        "const relu = (x) => Math.max(x, 0); // (relu.1)",
        "const relu = (x) => (x > 0 ? x : 0.01 * x); // (relu.1)",
        "a rectifier that leaks",
        test="tests/explore/test_explore_node.py",
    ),
    Mutant(
        "explore/decoder.js",
        "const sigmoid = (x) => 1 / (1 + Math.exp(-x));",
        "const sigmoid = (x) => Math.exp(x) / (1 + Math.exp(x));",
        "a sigmoid that is NaN where exp overflows",
        test="tests/explore/test_explore_node.py",
    ),
    Mutant(
        "explore/decoder.js",
        "const sigmoid = (x) => 1 / (1 + Math.exp(-x));",
        "const sigmoid = (x) => 1 / (1 + Math.exp(x));",
        "a sigmoid with the sign of x turned",
        test="tests/explore/test_explore_node.py",
    ),
    Mutant(
        "explore/decoder.js",
        'return model.likelihood === "bernoulli" ? h.map(sigmoid) : h;',
        "return h;",
        "logits shown as pixels",
        test="tests/explore/test_explore_node.py",
    ),
    Mutant(
        "explore/decoder.js",
        'return model.likelihood === "bernoulli" ? h.map(sigmoid) : h;',
        "return h.map(sigmoid);",
        "a sigmoid after a Gaussian decoder, too",
        test="tests/explore/test_explore_node.py",
    ),
    Mutant(
        "explore/decoder.js",
        "Float64Array.of(...z, ...oneHot(k, model.classes.length));",
        "Float64Array.of(...oneHot(k, model.classes.length), ...z);",
        "the class before z, which Python has behind it",
        test="tests/explore/test_explore_node.py",
    ),
    Mutant(
        "explore/decoder.js",
        "  c[k] = 1;",
        "  c[0] = 1;",
        "the first class, whichever is asked for",
        test="tests/explore/test_explore_node.py",
    ),
    Mutant(
        "explore/decoder.js",
        ".map(ACTIVATIONS[layer.activation]); // (layer.1)",
        ".map(ACTIVATIONS[model.layers[0].activation]); // (layer.1)",
        "the first layer's activation in all layers",
        test="tests/explore/test_explore_node.py",
    ),
    Mutant(
        "explore/decoder.js",
        "/** y = x W + b (dense.1): x has d_in numbers, b and y have d_out; W is (d_in, d_out), row after row. */\n"
        "function dense(x, W, b) {\n  const y = Float64Array.from(b);",
        "/** y = x W + b (dense.1): x has d_in numbers, b and y have d_out; W is (d_in, d_out), row after row. */\n"
        "function dense(x, W, b) {\n  const y = new Float64Array(b.length);",
        "layers without their bias",
        test="tests/explore/test_explore_node.py",
    ),
    Mutant(
        "explore/decoder.js",
        "/** y = x Wᵀ + b: a tied layer uses the weights of its encoder's layer, which are (d_out, d_in). */\n"
        "function denseTransposed(x, W, b) {\n  const y = Float64Array.from(b);",
        "/** y = x Wᵀ + b: a tied layer uses the weights of its encoder's layer, which are (d_out, d_in). */\n"
        "function denseTransposed(x, W, b) {\n  const y = b;",
        "biases that grow with every call",
        test="tests/explore/test_explore_node.py",
    ),
    Mutant(
        "explore/decoder.js",
        "for (const layer of model.layers) {",
        "for (const layer of model.layers.slice(-2)) {",
        "all but the last two layers left out",
        test="tests/explore/test_explore_node.py",
    ),
    Mutant(
        "explore/decoder.js",
        "return new Float32Array(Uint8Array.from(atob(text), (character) => character.charCodeAt(0)).buffer);",
        "return Float32Array.from(atob(text), (character) => character.charCodeAt(0));",
        "bytes taken for numbers",
        test="tests/explore/test_explore_node.py",
    ),
    Mutant(
        "explore/description.py",
        '"transposed": layer.tied_to is not None,',
        '"transposed": layer.tied_to is None,',
        "tied and ordinary layers exchanged in what the page is told",
        test="tests/explore/test_explore_node.py",
    ),
    Mutant(
        "explore/description.py",
        '"weights": f"{layer.tied_to or layer.name}.W",',
        '"weights": f"{layer.name}.W",',
        "a tied layer sent to look for weights that it does not have",
        test="tests/explore/test_explore_node.py",
    ),
    Mutant(
        "explore/latent_space.py",
        "centre, spread = codes.mean(axis=0), _deviation(codes)",
        "centre, spread = np.zeros(codes.shape[1]), _deviation(codes)",
        "sliders around 0, where no code lies",
        test="tests/explore/test_explore.py::test_data_tell_how_far_a_code_reaches",
    ),
    Mutant(
        "explore/latent_space.py",
        "moved.append(np.sqrt(square.mean(axis=1)))",
        "moved.append(square.mean(axis=1))",
        "the influence of a dimension as a square",
        test="tests/explore/test_explore.py::test_the_influence_of_a_linear_decoder_is_the_size_of_its_weights",
    ),
    Mutant(
        "explore/attributes.py",
        "reach = REACH * float(np.linalg.norm(direction * space.spread) / (direction @ direction))",
        "reach = REACH * float(np.linalg.norm(direction * space.spread))",
        "the reach of a direction in units of the code, where a step is the direction itself",
        test="tests/explore/test_explore.py::test_attributes_with_a_range_and_without",
    ),
]
