"use strict";
/* q over p: a normal q, moved by hand over a p with two modes, with both KL divergences. */
SaeWidgets.register("kl", (root) => {
  const { element, written, slider, button, numbers, Plot, play } = SaeWidgets;
  const { target, divergences, seek } = SaeNumbers.kl;
  const state = { a: 2, mu: 0.5, logvar: 0 };
  const start = { ...state };
  let p = target(state.a);
  let stop = () => {};
  const z = SaeNumbers.linspace(-6, 6, 361);

  const logQ = (value) => SaeNumbers.logNormal(value, state.mu, state.logvar);
  const densities = new Plot(
    { label: "Densities of p, grey, with two modes, and of q, a red normal curve", height: 210, x: [-6, 6], y: [0, 1.15] },
    (plot) => {
      plot.area(z.map((value) => [value, Math.exp(p.logDensity(value))]));
      plot.line(z.map((value) => [value, Math.min(Math.exp(logQ(value)), 1.15)]), "red");
      plot.dot(state.mu, 0, "red", 5);
      plot.axis([-6, -4, -2, 0, 2, 4, 6], "z");
    },
  );
  // The integrands of both divergences: their areas are the divergences.
  const integrands = new Plot(
    { label: "What each z adds to the divergences: the integrands of KL(q ‖ p), red, and of KL(p ‖ q), blue", height: 190, x: [-6, 6], y: [-0.7, 2.2] },
    (plot) => {
      const clip = (value) => Math.max(-0.7, Math.min(2.2, value));
      const of = (log, other) => z.map((value) => [value, clip(Math.exp(log(value)) * (log(value) - other(value)))]);
      for (const [points, colour] of [[of(logQ, p.logDensity), "red"], [of(p.logDensity, logQ), "blue"]]) {
        plot.area(points, colour);
        plot.line(points, `${colour} thin`);
      }
      plot.line([[-6, 0], [6, 0]], "axis thin");
      plot.axis([-6, -4, -2, 0, 2, 4, 6], "z");
    },
  );
  const shown = numbers([["qp", "KL(q ‖ p)", "red"], ["pq", "KL(p ‖ q)", "blue"]]);

  const update = () => {
    sliders.forEach(([name, made]) => made.set(state[name]));
    const values = divergences(p, state.mu, state.logvar);
    for (const which of ["qp", "pq"]) shown.set(which, values[which] >= 1e4 ? "above 10,000 nats" : `${written(values[which], 3)} nats`);
    densities.update();
    integrands.update();
  };
  const move = (change) => {
    stop();
    Object.assign(state, change);
    if ("a" in change) p = target(state.a);
    update();
  };
  const sliders = [
    ["mu", slider({ label: "mean μ", low: -5, high: 5, value: state.mu, onInput: (mu) => move({ mu }) })],
    ["logvar", slider({ label: "ln σ²", low: -4, high: 3, value: state.logvar, onInput: (logvar) => move({ logvar }) })],
    ["a", slider({ label: "modes at ±", low: 0.5, high: 2.5, step: 0.05, value: state.a, onInput: (a) => move({ a }) })],
  ];
  const seeking = (which) => () => {
    stop();
    stop = play(seek(p, which, state.mu, state.logvar), ({ mu, logvar }) => {
      Object.assign(state, { mu, logvar });
      update();
    });
  };

  root.append(
    element("p", { className: "sae-title" }, "q over p, by hand"),
    element("p", { className: "sae-note" }, "Grey: p. Red line: the normal q. Below: what each z adds to each divergence; the area is the divergence, and high peaks are cut off."),
    densities.svg,
    integrands.svg,
    shown.element,
    element("div", { className: "sae-sliders" }, ...sliders.map(([, made]) => made.element)),
    element("div", { className: "sae-buttons" },
      button("Seek the minimum of KL(q ‖ p)", seeking("qp")), button("Seek the minimum of KL(p ‖ q)", seeking("pq")), button("Start again", () => move(start))),
    element("p", { className: "sae-note" }, "Seek from several places. With the modes at ±2, KL(q ‖ p) has a minimum at each mode, and a worse one across both; KL(p ‖ q) has one only. Then move the modes together."),
  );
  return { state, update, move };
});
