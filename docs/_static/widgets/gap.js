"use strict";
/* Bound and gap of the linear Gaussian model: q is moved by hand, and both are computed by separate formulas. */
SaeWidgets.register("gap", (root) => {
  const { element, written, slider, button, numbers, Plot } = SaeWidgets;
  const { LINEAR, covariance, posterior, bound, axes } = SaeNumbers.gap;
  const exact = posterior(LINEAR);
  const state = { mu1: -0.8, mu2: 1.2, logvar1: -0.5, logvar2: -1.5, angle: 20 };
  const start = { ...state };
  const q = () => ({ mu: [state.mu1, state.mu2], S: covariance([state.logvar1, state.logvar2], (state.angle * Math.PI) / 180) });
  const values = () => bound(LINEAR, q().mu, q().S);

  /** Points of the ellipse of a normal distribution at r standard deviations. */
  function ellipse(mu, S, r) {
    const { logvars, angle } = axes(S);
    const [u, v] = logvars.map((logvar) => r * Math.exp(logvar / 2));
    const [c, s] = [Math.cos(angle), Math.sin(angle)];
    return SaeNumbers.linspace(0, 2 * Math.PI, 73).map((t) => {
      const [a, b] = [u * Math.cos(t), v * Math.sin(t)];
      return [mu[0] + a * c - b * s, mu[1] + a * s + b * c];
    });
  }

  const plane = new Plot(
    { label: "The latent plane: ellipses of the posterior, filled grey, of the prior, dashed, and of q, red", height: (width) => Math.min(width, 330), x: [-3, 3], y: [-3, 3], margin: [8, 8, 34, 8] },
    (plot) => {
      const room = Math.min(plot.width, 330);
      const side = Math.max(0, (plot.width - room) / 2) + 8;
      plot.margin = [8, side + 13, 34, side + 13]; // equal units on both axes
      plot.line(ellipse([0, 0], [[1, 0], [0, 1]], 1), "grey thin dashed");
      plot.line(ellipse([0, 0], [[1, 0], [0, 1]], 2), "grey thin dashed");
      for (const r of [1, 2]) plot.polygon(ellipse(exact.mu, exact.covariance, r), "fill");
      for (const r of [1, 2]) plot.line(ellipse(q().mu, q().S, r), r === 1 ? "red" : "red thin");
      plot.dot(state.mu1, state.mu2, "red", 5);
      plot.axis([-3, -2, -1, 0, 1, 2, 3], "z₁; z₂ upwards");
    },
  );
  const FROM = -16;
  const bar = new Plot(
    { label: "A bar from the left to the bound, blue, and on to log p(x), red: the gap", height: 92, x: [FROM, 0], y: [0, 1], margin: [22, 10, 34, 10] },
    (plot) => {
      const { bound: elbo, logP } = values();
      const end = Math.max(elbo, FROM);
      plot.rectangle(FROM, end, 0.15, 0.85, "blue solid");
      plot.rectangle(end, logP, 0.15, 0.85, "red solid");
      plot.line([[logP, 0], [logP, 1.05]], "grey dashed");
      plot.text(logP, 1.05, "ln p(x)", { dy: -4 });
      plot.axis([-15, -10, -5, 0], "nats");
    },
  );
  const shown = numbers([
    ["bound", "bound (ELBO)", "blue"], ["gap", "KL(q ‖ p(z|x))", "red"], ["logP", "ln p(x)", ""],
    ["reconstruction", "E[ln p(x|z)]", ""], ["kl", "KL(q ‖ p(z))", ""],
  ]);
  const identity = element("p", { className: "sae-identity" });

  const update = () => {
    sliders.forEach(([name, made]) => made.set(state[name]));
    const now = values();
    for (const name of ["bound", "gap", "logP", "reconstruction", "kl"]) shown.set(name, written(now[name], 3));
    identity.textContent = `${written(now.bound, 6)} + ${written(now.gap, 6)} = ${written(now.bound + now.gap, 6)}`;
    plane.update();
    bar.update();
  };
  const move = (change) => {
    Object.assign(state, change);
    update();
  };
  const made = (name, label, low, high, step = 0.01, text = undefined) => [
    name, slider({ label, low, high, step, value: state[name], ...(text ? { text } : {}), onInput: (value) => move({ [name]: value }) }),
  ];
  const degrees = (value) => `${written(value, 0)}°`;
  const sliders = [
    made("mu1", "mean μ₁", -3, 3), made("mu2", "mean μ₂", -3, 3),
    made("logvar1", "ln variance 1", -4, 1.5), made("logvar2", "ln variance 2", -4, 1.5),
    made("angle", "angle", -90, 90, 1, degrees),
  ];
  const own = axes(exact.covariance);
  const [mu1, mu2] = exact.mu;
  const toPrior = () => move({ mu1: 0, mu2: 0, logvar1: 0, logvar2: 0, angle: 0 });
  // The best variances under independence are the inverse diagonal of the posterior's precision.
  const toIndependent = () => move({ mu1, mu2, logvar1: -Math.log(exact.precision[0][0]), logvar2: -Math.log(exact.precision[1][1]), angle: 0 });
  const toPosterior = () => move({ mu1, mu2, logvar1: own.logvars[0], logvar2: own.logvars[1], angle: (own.angle * 180) / Math.PI });

  root.append(
    element("p", { className: "sae-title" }, "Bound and gap, by hand"),
    element("p", { className: "sae-note" }, "A linear Gaussian model with two latent variables, and one x. Grey: the posterior p(z|x). Red: q(z|x). Dashed: the prior. Ellipses at 1 and 2 standard deviations."),
    element("div", { className: "sae-grid two" },
      element("div", {}, plane.svg),
      element("div", {}, bar.svg, element("p", { className: "sae-note" }, "bound + gap = ln p(x), the two by separate formulas:"), identity, shown.element)),
    element("div", { className: "sae-sliders" }, ...sliders.map(([, part]) => part.element)),
    element("div", { className: "sae-buttons" },
      button("q = prior", toPrior), button("Best q with independent z₁, z₂", toIndependent), button("q = posterior", toPosterior), button("Start again", () => move(start))),
  );
  return { state, update, move };
});
