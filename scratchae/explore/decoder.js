"use strict";
/* The decoder of a model: from a code z to the mean of p(x|z).

   The mathematics of scratchae/ops once more, for one example at a time. Labels such as (dense.1) are those of docs/derivations. */

const relu = (x) => Math.max(x, 0); // (relu.1)
const sigmoid = (x) => 1 / (1 + Math.exp(-x)); // (sigmoid.1): where exp overflows, 1 / Infinity is the right 0
const ACTIVATIONS = { identity: (x) => x, sigmoid, tanh: Math.tanh, relu };

/** y = x W + b (dense.1): x has d_in numbers, b and y have d_out; W is (d_in, d_out), row after row. */
function dense(x, W, b) {
  const y = Float64Array.from(b);
  for (let i = 0; i < x.length; i++) {
    for (let j = 0; j < y.length; j++) y[j] += x[i] * W[i * y.length + j]; // (dense.2)
  }
  return y;
}

/** y = x Wᵀ + b: a tied layer uses the weights of its encoder's layer, which are (d_out, d_in). */
function denseTransposed(x, W, b) {
  const y = Float64Array.from(b);
  for (let j = 0; j < y.length; j++) {
    for (let i = 0; i < x.length; i++) y[j] += x[i] * W[j * x.length + i];
  }
  return y;
}

/** One-hot encoding of the class (conditional.1). */
function oneHot(k, count) {
  const c = new Float64Array(count);
  c[k] = 1;
  return c;
}

/** Input of the decoder: z, followed by the class if the model is conditional; k is its index in `classes`. */
function joined(model, z, k) {
  return model.classes === null ? Float64Array.from(z) : Float64Array.of(...z, ...oneHot(k, model.classes.length));
}

/** The mean of p(x|z): probabilities for the Bernoulli likelihood. */
function decode(model, z, k) {
  let h = joined(model, z, k);
  for (const layer of model.layers) {
    const product = layer.transposed ? denseTransposed : dense;
    h = product(h, model.parameters[layer.weights], model.parameters[layer.bias]).map(ACTIVATIONS[layer.activation]); // (layer.1)
  }
  return model.likelihood === "bernoulli" ? h.map(sigmoid) : h;
}

/** Decode an array of the model from the text of the page: base64 of float32, little-endian like all current browsers. */
function fromBase64(text) {
  return new Float32Array(Uint8Array.from(atob(text), (character) => character.charCodeAt(0)).buffer);
}
