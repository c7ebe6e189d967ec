"use strict";
/* The draw z = mu + sigma eps: the noise is fixed, so that the draws, and a loss at the draws, are functions of mu and ln sigma². */
SaeWidgets.register("draw", (root) => {
  const { element, written, slider, button, checkbox, numbers, Plot } = SaeWidgets;
  const state = { mu: 1.5, logvar: 0.5, a: -2, withKl: true, eps: SaeNumbers.draw.EPS };
  const start = { ...state };
  const values = () => SaeNumbers.draw.draw(state.mu, state.logvar, state.eps, state.a, state.withKl);
  const [TOP, BOTTOM] = [2.6, 0.9]; // the lines of eps and of z

  const plot = new Plot(
    { label: "Draws of the noise ε, above, and of z, below, each joined to its noise; arrows show where each draw, the mean and the deviation move downhill", height: 300, x: [-5, 5], y: [-0.75, 3.6], margin: [8, 14, 34, 14] },
    (p) => {
      const { z, dz, dmu, dlogvar, sigma } = values();
      const bell = (middle, logvar, base, high) =>
        SaeNumbers.linspace(-5, 5, 241).map((value) => [value, base + high * Math.exp(SaeNumbers.logNormal(value, middle, logvar))]);
      p.area(bell(0, 0, TOP, 1.8), "", TOP);
      p.area(bell(state.mu, state.logvar, BOTTOM, 1.8).map(([x, y]) => [x, Math.min(y, TOP - 0.1)]), "blue", BOTTOM);
      for (const y of [TOP, BOTTOM]) p.line([[-5, y], [5, y]], "axis thin");
      state.eps.forEach((eps, l) => p.line([[eps, TOP], [z[l], BOTTOM]], "grey thin"));
      p.line([[state.a, BOTTOM + 1.1], [state.a, -0.75]], "green dashed thin");
      state.eps.forEach((eps) => p.dot(eps, TOP, "grey"));
      z.forEach((value, l) => {
        p.arrow([value, BOTTOM - 0.16], [value - 3 * dz[l], BOTTOM - 0.16], "red thin");
        p.dot(value, BOTTOM, "blue");
      });
      p.line([[state.mu - sigma, 0.2], [state.mu + sigma, 0.2]], "blue");
      p.dot(state.mu, 0.2, "blue", 6);
      p.arrow([state.mu, 0.2], [state.mu - dmu, 0.2], "red");
      for (const side of [-1, 1]) p.arrow([state.mu + side * sigma, -0.2], [state.mu + side * (sigma - (sigma / 2) * dlogvar), -0.2], "red");
      p.text(-5, TOP, "ε", { anchor: "start", dy: -6 });
      p.text(-5, BOTTOM, "z = μ + σε", { anchor: "start", dy: -6, style: "blue" });
      p.text(state.a, BOTTOM + 1.1, "a", { dy: -3, style: "green" });
      p.axis([-4, -2, 0, 2, 4]);
    },
  );
  const shown = numbers([
    ["mean", "mean of the draws", "blue"], ["deviation", "their deviation", "blue"], ["loss", "loss", ""],
    ["dmu", "dμ", "red"], ["dlogvar", "d ln σ²", "red"], ["sigma", "σ", ""],
  ]);
  const update = () => {
    sliders.forEach(([name, made]) => made.set(state[name]));
    const now = values();
    for (const name of ["mean", "deviation", "loss", "dmu", "dlogvar", "sigma"]) shown.set(name, written(now[name], 3));
    plot.update();
  };
  const move = (change) => {
    Object.assign(state, change);
    update();
  };
  const sliders = [
    ["mu", slider({ label: "mean μ", low: -4, high: 4, value: state.mu, onInput: (mu) => move({ mu }) })],
    ["logvar", slider({ label: "ln σ²", low: -5, high: 2, value: state.logvar, onInput: (logvar) => move({ logvar }) })],
    ["a", slider({ label: "place a", low: -4, high: 4, value: state.a, onInput: (a) => move({ a }) })],
  ];
  const step = () => {
    const { dmu, dlogvar } = values();
    move({ mu: state.mu - 0.3 * dmu, logvar: state.logvar - 0.3 * dlogvar });
  };
  const normal = () => Math.sqrt(-2 * Math.log(1 - Math.random())) * Math.cos(2 * Math.PI * Math.random());
  const kl = checkbox("with the KL divergence", state.withKl, (withKl) => move({ withKl }));

  root.append(
    element("p", { className: "sae-title" }, "A draw as a function of μ and ln σ²"),
    element("p", { className: "sae-note" }, "Ten draws of ε are fixed; their z follow μ and σ. The loss is the mean of ½ (z − a)². Red arrows lead downhill: of each z (enlarged), of μ, and of σ."),
    plot.svg,
    shown.element,
    element("div", { className: "sae-sliders" }, ...sliders.map(([, made]) => made.element)),
    element("div", { className: "sae-buttons" },
      button("One gradient step", step), button("Other draws of ε", () => move({ eps: state.eps.map(normal) })),
      button("Start again", () => {
        kl.firstChild.checked = start.withKl;
        move(start);
      }), kl),
    element("p", { className: "sae-note" }, "Without the divergence, repeated steps shrink σ towards 0: every z comes to a. With it they end near μ = a/2 and σ² = ½, the exact posterior."),
  );
  return { state, update, move };
});
