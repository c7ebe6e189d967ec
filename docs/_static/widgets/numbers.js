"use strict";
/* The numbers of the widgets: pure functions, which a test compares with Python's. Labels such as (dense.1) are those of the derivations. */
var SaeNumbers = (() => {
  const LN_2_PI = Math.log(2 * Math.PI);
  const sum = (values) => values.reduce((total, value) => total + value, 0);
  const mean = (values) => sum(values) / values.length;

  /** n numbers from a to b, in equal steps. */
  const linspace = (a, b, n) => Array.from({ length: n }, (_, i) => a + ((b - a) * i) / (n - 1));

  /** Integral of f from a to b by the trapezoidal rule: exact to rounding if f and its derivatives vanish at both ends. */
  function integral(f, a, b, n = 4001) {
    return (sum(linspace(a, b, n).map(f)) - (f(a) + f(b)) / 2) * ((b - a) / (n - 1));
  }

  const logNormal = (z, mu, logvar) => -(LN_2_PI + logvar + (z - mu) ** 2 * Math.exp(-logvar)) / 2;

  /* q over p: the target with two modes near -a and a, ln p̃(z) = -(z² - a²)² / 4 + z / 8, and q = N(mu, exp(logvar)). */

  const FAR = 8; // p is below 1e-100 there

  /** The target: ln p, the derivative of ln p, mean and variance. */
  function target(a) {
    const logUnnormalized = (z) => -((z * z - a * a) ** 2) / 4 + z / 8;
    const logZ = Math.log(integral((z) => Math.exp(logUnnormalized(z)), -FAR, FAR));
    const logDensity = (z) => logUnnormalized(z) - logZ;
    const m = integral((z) => z * Math.exp(logDensity(z)), -FAR, FAR);
    const variance = integral((z) => (z - m) ** 2 * Math.exp(logDensity(z)), -FAR, FAR);
    return { logDensity, slope: (z) => -z * (z * z - a * a) + 1 / 8, mean: m, variance, logZ };
  }

  /** The mean of f(z, eps) at z = mu + sigma eps, over the standard normal eps. */
  function meanUnderQ(f, mu, logvar) {
    const sigma = Math.exp(logvar / 2);
    return integral((eps) => Math.exp(logNormal(eps, 0, 0)) * f(mu + sigma * eps, eps), -10, 10, 2001);
  }

  /** KL(q || p) and KL(p || q), in nats. */
  function divergences(p, mu, logvar) {
    const ofQ = meanUnderQ((z) => logNormal(z, mu, logvar) - p.logDensity(z), mu, logvar);
    const ofP = integral((z) => {
      const log = p.logDensity(z);
      return Math.exp(log) * (log - logNormal(z, mu, logvar));
    }, -FAR, FAR);
    return { qp: ofQ, pq: ofP };
  }

  /** The gradient of one divergence, "qp" or "pq", with respect to mu and logvar. */
  function gradient(p, which, mu, logvar) {
    const variance = Math.exp(logvar);
    if (which === "pq") {
      const spread = p.variance + (p.mean - mu) ** 2;
      return { dmu: (mu - p.mean) / variance, dlogvar: (1 - spread / variance) / 2 }; // 0 at (variational_method.6), (variational_method.7)
    }
    const dmu = -meanUnderQ((z) => p.slope(z), mu, logvar); // (variational_method.3), with the sign of the divergence
    const dlogvar = (-Math.sqrt(variance) / 2) * meanUnderQ((z, eps) => p.slope(z) * eps, mu, logvar) - 1 / 2; // (variational_method.4)
    return { dmu, dlogvar };
  }

  /** One divergence; KL(p || q) only up to a constant, which does not depend on q. */
  function height(p, which, mu, logvar) {
    if (which === "qp") return meanUnderQ((z) => logNormal(z, mu, logvar) - p.logDensity(z), mu, logvar);
    return (logvar + (p.variance + (p.mean - mu) ** 2) * Math.exp(-logvar)) / 2;
  }

  /** The way of q downhill to a minimum of one divergence, in steps of the natural gradient, halved if they lead up: an array of { mu, logvar }. */
  function seek(p, which, mu, logvar) {
    const clip = (value, most) => Math.max(-most, Math.min(most, value));
    const path = [{ mu, logvar }];
    let [rate, here] = [0.3, height(p, which, mu, logvar)];
    while (path.length < 600 && rate > 1e-3) {
      const { dmu, dlogvar } = gradient(p, which, mu, logvar);
      const step = [rate * Math.exp(logvar) * dmu, 2 * rate * dlogvar];
      const next = { mu: mu - clip(step[0], 0.3 * Math.exp(logvar / 2)), logvar: logvar - clip(step[1], 0.2) };
      const there = height(p, which, next.mu, next.logvar);
      if (there > here + 1e-12) {
        rate /= 2;
        continue;
      }
      ({ mu, logvar } = next);
      here = there;
      path.push(next);
      if (Math.max(...step.map(Math.abs)) < 1e-9) break;
    }
    return path;
  }

  /* The draw z = mu + sigma eps. The loss is the mean of (z - a)² / 2 over the draws, plus the KL divergence from N(0, 1) if wanted. */

  const EPS = [-1.53, -0.98, -0.62, -0.31, -0.09, 0.17, 0.38, 0.66, 1.04, 1.81];

  function draw(mu, logvar, eps, a, withKl) {
    const sigma = Math.exp(logvar / 2); // (reparameterize.1)
    const z = eps.map((e) => mu + sigma * e); // (reparameterize.2)
    const kl = (mu * mu + sigma * sigma - logvar - 1) / 2; // (gaussian_kl.1)
    const dz = z.map((value) => (value - a) / z.length);
    const dmu = sum(dz) + (withKl ? mu : 0); // (reparameterize.3)
    const dlogvar = (sum(dz.map((value, l) => value * eps[l])) * sigma) / 2 + (withKl ? (sigma * sigma - 1) / 2 : 0); // (reparameterize.4)
    const loss = mean(z.map((value) => (value - a) ** 2)) / 2 + (withKl ? kl : 0);
    const m = mean(z);
    return { sigma, z, dz, dmu, dlogvar, loss, kl, mean: m, deviation: Math.sqrt(mean(z.map((value) => (value - m) ** 2))) };
  }

  /* Bound and gap of the linear Gaussian model with two latent variables. Matrices of order 2 are [[a, b], [c, d]]. */

  const LINEAR = {
    W: [[1.0, 0.8, 0.3], [0.9, 0.5, 0.4]],
    variance: 0.25,
    x: [1.9, 0.9, 0.2],
  };
  const determinant = ([[a, b], [c, d]]) => a * d - b * c;
  const inverse = (M) => {
    const [[a, b], [c, d]] = M;
    const size = determinant(M);
    return [[d / size, -b / size], [-c / size, a / size]];
  };
  const dot = (a, b) => sum(a.map((value, i) => value * b[i]));

  /** The covariance with the given log variances along two axes, of which the first has the given angle in radians. */
  function covariance(logvars, angle) {
    const [u, v] = logvars.map(Math.exp);
    const [c, s] = [Math.cos(angle), Math.sin(angle)];
    return [[c * c * u + s * s * v, c * s * (u - v)], [c * s * (u - v), s * s * u + c * c * v]];
  }

  /** The posterior p(z|x): mean and covariance (linear_gaussian.4), (linear_gaussian.5), and log p(x) (linear_gaussian.3). */
  function posterior({ W, variance, x }) {
    const precision = W.map((row, i) => W.map((other, j) => (i === j ? 1 : 0) + dot(row, other) / variance));
    const S = inverse(precision);
    const projected = W.map((row) => dot(row, x) / variance);
    const mu = S.map((row) => dot(row, projected));
    // By Bayes' theorem at the z where the posterior is highest: no matrix of order D is needed.
    const e = x.map((value, d) => value - mu[0] * W[0][d] - mu[1] * W[1][d]);
    const logJoint = -(x.length * (LN_2_PI + Math.log(variance)) + dot(e, e) / variance + 2 * LN_2_PI + dot(mu, mu)) / 2;
    const logP = logJoint + (2 * LN_2_PI + Math.log(determinant(S))) / 2;
    return { mu, covariance: S, precision, logP };
  }

  /** KL divergence between two normal distributions: q = N(mu, S) from N(m, M). */
  function normalKl(mu, S, m, M) {
    const P = inverse(M);
    const e = [mu[0] - m[0], mu[1] - m[1]];
    const trace = P[0][0] * S[0][0] + P[0][1] * S[1][0] + P[1][0] * S[0][1] + P[1][1] * S[1][1];
    return (trace + dot(e, [dot(P[0], e), dot(P[1], e)]) - 2 + Math.log(determinant(M) / determinant(S))) / 2;
  }

  /** The bound of q = N(mu, S) with its two terms (linear_gaussian.6), and the gap (linear_gaussian.7); gap and bound are computed apart. */
  function bound(model, mu, S) {
    const { W, variance, x } = model;
    const e = x.map((value, d) => value - mu[0] * W[0][d] - mu[1] * W[1][d]);
    const spread = sum(W.map((row, i) => sum(W.map((other, j) => S[i][j] * dot(row, other)))));
    const reconstruction = -(x.length * (LN_2_PI + Math.log(variance)) + (dot(e, e) + spread) / variance) / 2;
    const kl = normalKl(mu, S, [0, 0], [[1, 0], [0, 1]]);
    const exact = posterior(model);
    return { reconstruction, kl, bound: reconstruction - kl, gap: normalKl(mu, S, exact.mu, exact.covariance), logP: exact.logP };
  }

  /** Log variances along the axes of a covariance, and the angle of the first. */
  function axes([[a, b], [, d]]) {
    const angle = Math.atan2(2 * b, a - d) / 2;
    const root = Math.hypot((a - d) / 2, b);
    return { logvars: [Math.log((a + d) / 2 + root), Math.log((a + d) / 2 - root)], angle };
  }

  /* Digits: from strokes to pixels, through a model's code and back to pixels. */

  const SIDE = 32; // of the bitmap; a pixel of the data is a block of 4 × 4
  const BLOCK = 4;
  const WIDEST = 24; // the digits of the data are as high as the bitmap, and seldom wider than this
  const PEN = 2.3; // radius, which gives about as much ink as the data have

  /** Move and scale strokes, arrays of [x, y], so that the pen's trace fits the bitmap in the way of the data. */
  function fitted(strokes) {
    const points = strokes.flat();
    const [left, top] = [0, 1].map((k) => Math.min(...points.map((point) => point[k])));
    const [right, bottom] = [0, 1].map((k) => Math.max(...points.map((point) => point[k])));
    const scale = Math.min((SIDE - 2 * PEN) / Math.max(bottom - top, 1e-9), (WIDEST - 2 * PEN) / Math.max(right - left, 1e-9));
    const used = Number.isFinite(scale) && scale < 1e6 ? scale : 1; // a single point stays one
    return strokes.map((stroke) => stroke.map(([x, y]) => [(x - (left + right) / 2) * used + SIDE / 2, (y - (top + bottom) / 2) * used + SIDE / 2]));
  }

  function distance(x, y, [ax, ay], [bx, by]) {
    const [dx, dy] = [bx - ax, by - ay];
    const length = dx * dx + dy * dy;
    const t = length === 0 ? 0 : Math.max(0, Math.min(1, ((x - ax) * dx + (y - ay) * dy) / length));
    return Math.hypot(x - ax - t * dx, y - ay - t * dy);
  }

  /** The bitmap of strokes: 1 where the centre of a pixel is within the pen's radius of a stroke. */
  function bitmap(strokes) {
    const ink = new Uint8Array(SIDE * SIDE);
    const drawn = strokes.filter((stroke) => stroke.length > 0);
    if (drawn.length === 0) return ink;
    for (const stroke of fitted(drawn)) {
      for (let i = 0; i < Math.max(stroke.length - 1, 1); i++) {
        const [from, to] = [stroke[i], stroke[Math.min(i + 1, stroke.length - 1)]];
        for (let row = 0; row < SIDE; row++) {
          for (let column = 0; column < SIDE; column++) {
            if (distance(column + 0.5, row + 0.5, from, to) <= PEN) ink[row * SIDE + column] = 1;
          }
        }
      }
    }
    return ink;
  }

  /** The 64 pixels of a bitmap: the fraction of ink in each block, as in the data. */
  function pixels(ink) {
    const n = SIDE / BLOCK;
    const x = new Array(n * n).fill(0);
    ink.forEach((value, i) => {
      x[Math.floor(i / SIDE / BLOCK) * n + Math.floor((i % SIDE) / BLOCK)] += value / BLOCK ** 2;
    });
    return x;
  }

  /** x with the given fraction of the pixels set to 0: more of them include those of fewer. */
  function masked(x, fraction) {
    const lost = Math.round(fraction * x.length);
    return x.map((value, i) => ((37 * i + 22 * i * i) % x.length < lost ? 0 : value));
  }

  /** A model of digits_models.js, with its parameters as numbers. */
  function unpacked(model) {
    const parameters = {};
    for (const [name, { shape, scale, data }] of Object.entries(model.parameters)) {
      const bytes = Uint8Array.from(atob(data), (character) => character.charCodeAt(0));
      parameters[name] = { shape, values: Float64Array.from(new Int16Array(bytes.buffer), (value) => value * scale) };
    }
    return { ...model, parameters };
  }

  /** y = x W + b (dense.1). */
  function dense(x, W, b) {
    const y = Array.from(b.values);
    const width = W.shape[1];
    x.forEach((value, i) => {
      for (let j = 0; j < width; j++) y[j] += value * W.values[i * width + j];
    });
    return y;
  }

  function network(x, parameters, part) {
    const layer = (h, i) => dense(h, parameters[`${part}.${i}.W`], parameters[`${part}.${i}.b`]);
    return layer(layer(x, 0).map((value) => Math.max(value, 0)), 1); // (layer.1), (relu.1)
  }

  /** The code of an image; for a variational model the mean of q(z|x), and its log variance. */
  function encode(model, x) {
    const code = network(x, model.parameters, "encoder");
    const J = model.centre.length;
    return { code: code.slice(0, J), logvar: model.variational ? code.slice(J) : null };
  }

  /** The image of a code: the probability of ink in each pixel. */
  function decode(model, z) {
    return network(z, model.parameters, "decoder").map((value) => 1 / (1 + Math.exp(-value))); // (sigmoid.1)
  }

  const squaredError = (a, b) => sum(a.map((value, i) => (value - b[i]) ** 2));

  return {
    linspace, logNormal,
    kl: { target, divergences, gradient, seek },
    draw: { EPS, draw },
    gap: { LINEAR, covariance, posterior, bound, axes },
    digits: { SIDE, bitmap, pixels, masked, unpacked, encode, decode, squaredError },
  };
})();
